// SPDX-License-Identifier: Apache-2.0
#include "formats/csv.h"

#include <stdlib.h>
#include <string.h>

#include "check.h"

static struct sw_error err;

static struct sw_csv *parse(const char *text)
{
	struct sw_csv *table;

	err.message[0] = '\0';
	(void)sw_csv_parse(text, strlen(text), "t.csv", &table, &err);
	return table;
}

TEST(cells_are_trimmed_unless_quoted)
{
	struct sw_csv *table = parse("a, b ,\"c,\"\"d\"\" \"\n 1 ,, \" x \" \n");

	CHECK_INT(table->n_columns, 3);
	CHECK_INT(table->n_rows, 1);
	CHECK_STR(sw_csv_header(table, 1), "b");
	CHECK_STR(sw_csv_header(table, 2), "c,\"d\" ");
	CHECK_STR(sw_csv_cell(table, 0, 0), "1");
	CHECK_STR(sw_csv_cell(table, 0, 1), "");
	CHECK_STR(sw_csv_cell(table, 0, 2), " x ");
	sw_csv_free(table);
}

TEST(line_ends_blank_lines_and_byte_order_mark)
{
	static const char *const texts[] = {
		"a,b\n1,2\n3,4\n",
		"a,b\r\n1,2\r\n3,4",
		"a,b\r1,2\r3,4\r",
		"\n a,b\n1,2\n3,4\n ",
		"\xef\xbb\xbf\x61,b\n1,2\n3,4",
		"a,b\n1,2\n\n \n3,4\n\n\n",
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct sw_csv *table = parse(texts[i]);

		if (!CHECK(table))
			continue;
		CHECK_STR(sw_csv_header(table, 0), "a");
		CHECK_INT(table->n_rows, 2);
		CHECK_STR(sw_csv_cell(table, 1, 1), "4");
		sw_csv_free(table);
	}
}

TEST(lines_are_those_of_the_file)
{
	struct sw_csv *table = parse("a,b\r\n\"1\n2\",3\n\n4,5\n");

	CHECK_STR(sw_csv_cell(table, 0, 0), "1\n2");
	CHECK_INT(sw_csv_line(table, 0), 2);
	CHECK_INT(sw_csv_line(table, 1), 5);
	sw_csv_free(table);
}

TEST(a_single_column_and_no_rows)
{
	struct sw_csv *table = parse("a\n1\n\"\"\n3");

	CHECK_INT(table->n_rows, 3);
	CHECK_STR(sw_csv_cell(table, 1, 0), "");
	sw_csv_free(table);
	table = parse("a,b");
	CHECK_INT(table->n_rows, 0);
	sw_csv_free(table);
}

TEST(columns_are_found_by_name)
{
	struct sw_csv *table = parse("a,b,,\n1,2,3,4\n");
	size_t column = 9;

	CHECK(sw_csv_find(table, "b", &column));
	CHECK_INT(column, 1);
	CHECK(!sw_csv_find(table, "c", &column));
	CHECK_INT(sw_csv_column(table, "c", &column, &err), SW_BAD_INPUT);
	CHECK_STR(err.message, "t.csv:1: found no column c, only a,b,,");
	CHECK(sw_csv_header_is(table, "a,b,,"));
	CHECK(!sw_csv_header_is(table, "a,b,"));
	CHECK(!sw_csv_header_is(table, "a,b,,,"));
	CHECK(!sw_csv_header_is(table, "a"));
	sw_csv_free(table);
}

TEST(numbers_are_decimal_finite_and_in_range)
{
	static const struct {
		const char *cell;
		double expected; /* NAN: refused */
	} cases[] = {
		{"1.5", 1.5}, {"-2e3", -2000}, {"0", 0},     {"+7", 7},      {"nan", NAN},
		{"inf", NAN}, {"0x10", NAN},   {"1,5", NAN}, {"1e999", NAN}, {"12ms", NAN},
		{"1 2", NAN}, {"e", NAN},      {"-", NAN},   {"", NAN},      {"--1", NAN},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char text[64];
		struct sw_csv *table;
		double x = 0;
		enum sw_status st;

		(void)snprintf(text, sizeof(text), "a\n\"%s\"\n", cases[i].cell);
		table = parse(text);
		st = sw_csv_required(table, 0, 0, NULL, &x, &err);
		CHECK_INT(st, isnan(cases[i].expected) ? SW_BAD_INPUT : SW_OK);
		if (st == SW_OK)
			CHECK_NEAR(x, cases[i].expected, 0);
		sw_csv_free(table);
	}
}

TEST(a_refusal_names_file_line_and_column)
{
	static const struct sw_csv_range range = {0, 100, true, "ms"};
	struct sw_csv *table = parse("a,b\n1,\n\n0,101\n");
	double x = 0;

	CHECK_INT(sw_csv_number(table, 0, 1, &range, &x, &err), SW_OK);
	CHECK(isnan(x));
	CHECK_INT(sw_csv_required(table, 0, 1, &range, &x, &err), SW_BAD_INPUT);
	CHECK_STR(err.message,
		  "t.csv:2: b: found nothing, expected a number (ms) above 0 up to 100");
	CHECK_INT(sw_csv_number(table, 1, 0, &range, &x, &err), SW_BAD_INPUT);
	CHECK_STR(err.message, "t.csv:4: a: found \"0\", expected a number (ms) above 0 up to 100");
	CHECK_INT(sw_csv_number(table, 1, 1, &range, &x, &err), SW_BAD_INPUT);
	sw_csv_free(table);
}

TEST(broken_tables_are_refused_with_their_line)
{
	static const char *const cases[][2] = {
		{"", "t.csv:1: found an empty file"},
		{"\n \n", "t.csv:3: found an empty file"},
		{"a,b\n1\n", "t.csv:2: found 1 cells, expected 2"},
		{"a,b\n1,2\n1,2,3\n", "t.csv:3: found 3 cells, expected 2"},
		{"a,a\n", "t.csv:1: column a: found a second time"},
		{"a,b\n\"1,2\n", "t.csv:2: a quote that is never closed"},
		{"a,b\n1\"2,3\n", "t.csv:2: a quote inside"},
		{"a,b\n\"1\"2,3\n", "t.csv:2: text behind a closing quote"},
	};
	struct sw_csv *table;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		CHECK(!parse(cases[i][0]));
		if (!CHECK(strstr(err.message, cases[i][1])))
			printf("    %s\n", err.message);
	}
	CHECK_INT(sw_csv_parse("a\n1\0", 4, "t.csv", &table, &err), SW_BAD_INPUT);
	CHECK(strstr(err.message, "t.csv:2: found a NUL byte"));
	CHECK_INT(sw_csv_load("/nonexistent/t.csv", &table, &err), SW_IO);
}

/* Every prefix and every single changed byte of a tricky table either parses or is refused, without reading astray. */
TEST(damaged_tables_never_hurt)
{
	static const char text[] = "a,\"b\"\"x\",c\r\n1,\"2\n,\",3\r\n\r\n 4 , ,\"\"\n";
	static const char changes[] = "\",\n\r a";
	char damaged[sizeof(text)];
	struct sw_csv *table;

	for (size_t i = 0; i < sizeof(text); i++) {
		(void)sw_csv_parse(text, i, "t.csv", &table, &err);
		sw_csv_free(table);
		for (size_t c = 0; i + 1 < sizeof(text) && c + 1 < sizeof(changes); c++) {
			memcpy(damaged, text, sizeof(text));
			damaged[i] = changes[c];
			if (sw_csv_parse(damaged, sizeof(text) - 1, "t.csv", &table, &err) == SW_OK)
				CHECK(strlen(sw_csv_cell(table, table->n_rows - 1,
							 table->n_columns - 1)) < sizeof(text));
			sw_csv_free(table);
		}
	}
}

TEST(a_measured_file_reads_whole_packed_or_not)
{
	struct sw_csv *table;

	if (sw_csv_load(SW_MEASURED_DIR "/ops/l40s-gemm.csv.gz", &table, &err) != SW_OK)
		SKIP("no measured data beside the repository");
	CHECK(table->n_rows > 9000);
	for (size_t row = 0; row < table->n_rows; row++) {
		double ms = 0;

		if (!CHECK(sw_csv_required(table, row, table->n_columns - 1, NULL, &ms, &err) ==
			   SW_OK))
			break;
	}
	sw_csv_free(table);
}

TEST_MAIN()
