// SPDX-License-Identifier: Apache-2.0
#include "step/coefficients.h"

#include <string.h>

#include "check.h"

struct sample {
	double slope_us;
	double other;
};

#define SAMPLE_LIST(X)            X(slope_us, "us", "a slope") X(other, "1", "something else")
#define ROW(field, unit, meaning) SW__COEFFICIENT(struct sample, field, unit, meaning)
static const struct sw__coefficient table[] = {SAMPLE_LIST(ROW)};

static enum sw_status read_sample(const char *text, struct sample *sample, struct sw_error *err)
{
	struct sw_document *document;
	enum sw_status st =
		sw_document_parse(text, strlen(text), "c.json", SW_FORMAT_JSON, &document, err);

	if (st == SW_OK)
		st = sw__coefficients_read(sw_document_root(document), table, 2, sample, err);
	sw_document_free(document);
	return st;
}

TEST(what_is_written_reads_back_the_same)
{
	struct sample in = {0.1 + 0.2, 1.0 / 3.0}, out = {0};
	struct sw_text text = {0};

	sw_text_puts(&text, "{");
	sw__coefficients_write(&text, table, 2, &in, 1);
	sw_text_puts(&text, "}");
	CHECK_INT(read_sample(text.data, &out, NULL), SW_OK);
	CHECK(out.slope_us == in.slope_us && out.other == in.other);
	sw_text_free(&text);
}

struct listed {
	double first;
	double list[12];
};

static const struct sw__coefficient listed_table[] = {
	SW__COEFFICIENT(struct listed, first, "1", "a number")
		SW__COEFFICIENT_ARRAY(struct listed, list, "us", "twelve")};

static enum sw_status read_listed(const char *text, struct listed *out, struct sw_error *err)
{
	struct sw_document *document;
	enum sw_status st =
		sw_document_parse(text, strlen(text), "c.json", SW_FORMAT_JSON, &document, err);

	if (st == SW_OK)
		st = sw__coefficients_read(sw_document_root(document), listed_table, 2, out, err);
	sw_document_free(document);
	return st;
}

TEST(an_array_is_a_list_of_all_its_numbers)
{
	struct listed in = {.first = 0.5}, out = {0};
	struct sw_text text = {0};
	struct sw_error err;

	for (int i = 0; i < 12; i++)
		in.list[i] = i / 3.0;
	sw_text_puts(&text, "{");
	sw__coefficients_write(&text, listed_table, 2, &in, 1);
	sw_text_puts(&text, "}");
	CHECK_INT(read_listed(text.data, &out, NULL), SW_OK);
	CHECK(memcmp(&in, &out, sizeof(in)) == 0);
	sw_text_free(&text);
	CHECK_INT(read_listed("{\"first\": 1, \"list\": [1, 2]}", &out, &err), SW_BAD_INPUT);
	CHECK(strstr(err.message, "12 numbers"));
	CHECK_INT(read_listed("{\"first\": 1, \"list\": 2}", &out, &err), SW_BAD_INPUT);
}

TEST(numbers_take_as_few_digits_as_they_need)
{
	struct sw_text text = {0};

	sw__number_write(&text, 0.25);
	sw_text_puts(&text, " ");
	sw__number_write(&text, 1e-9);
	sw_text_puts(&text, " ");
	sw__number_write(&text, NAN);
	CHECK_STR(text.data, "0.25 1e-09 null");
	sw_text_free(&text);
}

TEST(a_foreign_or_incomplete_map_is_refused)
{
	struct sample sample;
	struct sw_error err;

	CHECK_INT(read_sample("{\"slope_us\": 1}", &sample, &err), SW_BAD_INPUT);
	CHECK(strstr(err.message, "other is missing"));
	CHECK_INT(read_sample("{\"slope_us\": 1, \"other\": 2, \"x\": 3}", &sample, &err),
		  SW_BAD_INPUT);
	CHECK(strstr(err.message, "x: unknown coefficient"));
	CHECK_INT(read_sample("{\"slope_us\": \"1\", \"other\": 2}", &sample, &err), SW_BAD_INPUT);
	CHECK(strstr(err.message, "a number (us)"));
}

TEST_MAIN()
