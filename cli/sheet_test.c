// SPDX-License-Identifier: Apache-2.0
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "options.h"
#include "sheet.h"

static const struct column columns[] = {
	{"name", "name", TEXT_COLUMN},
	{"ms", "ms", 2},
	{NULL, "exact", 0},
	{"note", NULL, TEXT_COLUMN},
};

static struct sheet *filled(void)
{
	struct sheet *sheet = sheet_new(columns, COUNT(columns));

	sheet_text(sheet, "a \"quoted\", one");
	sheet_number(sheet, 12.345);
	sheet_bool(sheet, true);
	sheet_text(sheet, "");
	sheet_text(sheet, "\xc3\xa9t\xc3\xa9"); /* three characters in five bytes */
	sheet_number(sheet, NAN);
	sheet_bool(sheet, false);
	sheet_format(sheet, "n%d", 1);
	return sheet;
}

typedef void print_fn(const struct sheet *sheet, FILE *out);

static char *printed(print_fn *print)
{
	struct sheet *sheet = filled();
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	print(sheet, out);
	(void)fclose(out);
	sheet_free(sheet);
	return text;
}

static void print_table(const struct sheet *sheet, FILE *out)
{
	const struct style plain = {false, false};

	sheet_print(sheet, &plain, 1, out);
}

static void print_html(const struct sheet *sheet, FILE *out)
{
	sheet_html(sheet, "a < b & c", out);
}

/* What has no title is left out; the first of a row is its heading, where it says anything. */
TEST(a_table_of_html_is_escaped_and_has_headings)
{
	char *text = printed(print_html);

	CHECK(strstr(text, "<caption>a &lt; b &amp; c</caption>"));
	CHECK(strstr(text, "<th scope=\"col\" class=\"number\">ms</th>"));
	CHECK(!strstr(text, "exact"));
	CHECK(strstr(text, "<th scope=\"row\" class=\"text\">a \"quoted\", one</th>"
			   "<td class=\"number\">12.35</td><td class=\"text\"></td></tr>"));
	free(text);
}

TEST(a_table_is_aligned_and_no_line_ends_in_blanks)
{
	char *text = printed(print_table);

	CHECK_STR(text, " name                ms  note\n"
			" ---------------  -----  ----\n"
			" a \"quoted\", one  12.35\n"
			" \xc3\xa9t\xc3\xa9                  -  n1\n");
	free(text);
}

TEST(csv_quotes_what_must_be_and_leaves_the_unknown_empty)
{
	char *text = printed(sheet_csv);

	CHECK_STR(text,
		  "name,ms,exact\n\"a \"\"quoted\"\", one\",12.345,1\n\xc3\xa9t\xc3\xa9,,0\n");
	free(text);
}

TEST(json_has_kinds)
{
	struct sheet *sheet = filled();
	json_t *list = sheet_json(sheet);
	char *text = json_dumps(list, JSON_COMPACT | JSON_REAL_PRECISION(9));

	CHECK_STR(text, "[{\"name\":\"a \\\"quoted\\\", one\",\"ms\":12.345,\"exact\":true},"
			"{\"name\":\"\xc3\xa9t\xc3\xa9\",\"ms\":null,\"exact\":false}]");
	free(text);
	json_decref(list);
	sheet_free(sheet);
}

static char *wrapped(const char *words, size_t at, size_t indent, size_t width)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	text_wrap(words, at, indent, width, out);
	(void)fclose(out);
	return text;
}

TEST(text_is_filled_to_the_width)
{
	char *text = wrapped("one two three", 0, 2, 8);

	CHECK_STR(text, "one two\n  three\n");
	free(text);
	text = wrapped("one two", 5, 2, 8);
	CHECK_STR(text, "one\n  two\n");
	free(text);
	text = wrapped("  unbreakable word", 0, 0, 4);
	CHECK_STR(text, "unbreakable\nword\n");
	free(text);
}

TEST_MAIN()
