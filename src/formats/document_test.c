// SPDX-License-Identifier: Apache-2.0
#include "formats/document.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "check.h"

static struct sw_error err;

static struct sw_document *parse(const char *text, const char *name)
{
	struct sw_document *document;

	err.message[0] = '\0';
	(void)sw_document_parse(text, strlen(text), name, SW_FORMAT_GUESS, &document, &err);
	return document;
}

static const struct sw_node *root_of(const struct sw_document *document)
{
	return sw_document_root(document);
}

TEST(yaml_values_have_the_kinds_of_the_core_schema)
{
	static const char *const text = "a: 1.5\nb: -3e2\nc: true\nd: yes\ne: '7'\nf:\ng: ~\n"
					"h: [1, two]\ni: {j: .nan}\nk: 7b\nl: 1-2\n";
	struct sw_document *document = parse(text, "x.yaml");
	const struct sw_node *root = root_of(document);

	CHECK_NEAR(sw_node_get(root, "a")->number, 1.5, 0);
	CHECK_NEAR(sw_node_get(root, "b")->number, -300, 0);
	CHECK_INT(sw_node_get(root, "c")->kind, SW_NODE_BOOL);
	CHECK_INT(sw_node_get(root, "d")->kind, SW_NODE_STRING);
	CHECK_INT(sw_node_get(root, "e")->kind, SW_NODE_STRING);
	CHECK_INT(sw_node_get(root, "f")->kind, SW_NODE_NULL);
	CHECK_INT(sw_node_get(root, "g")->kind, SW_NODE_NULL);
	CHECK_INT(sw_node_get(root, "h")->count, 2);
	CHECK_INT(sw_node_get(root, "h")->line, 8);
	CHECK(isnan(sw_node_get(sw_node_get(root, "i"), "j")->number));
	CHECK_INT(sw_node_get(root, "k")->kind, SW_NODE_STRING);
	CHECK_INT(sw_node_get(root, "l")->kind, SW_NODE_STRING);
	CHECK(!sw_node_get(root, "z"));
	sw_document_free(document);
}

TEST(json_values_know_their_lines)
{
	static const char *const text = "{\n \"a\\\"]\": [1,\n  2,\n {\"b\": \"x\\n{\"}],\n\n"
					" \"c\": -1.5e3,\n\t\"d\": {\"e\": [\n[]\n, null]} }";
	struct sw_document *document = parse(text, "x.json");
	const struct sw_node *root = root_of(document);
	const struct sw_node *list = sw_node_get(root, "a\"]");

	CHECK_INT(list->line, 2);
	CHECK_INT(list->children[1]->line, 3);
	CHECK_INT(sw_node_get(list->children[2], "b")->line, 4);
	CHECK_STR(sw_node_get(list->children[2], "b")->text, "x\n{");
	CHECK_INT(sw_node_get(root, "c")->line, 6);
	CHECK_NEAR(sw_node_get(root, "c")->number, -1500, 0);
	CHECK_INT(sw_node_get(sw_node_get(root, "d"), "e")->children[0]->line, 8);
	CHECK_INT(sw_node_get(sw_node_get(root, "d"), "e")->children[1]->line, 9);
	sw_document_free(document);
}

TEST(json_and_yaml_readers_agree_on_json)
{
	static const char *const text = "{\"a\": [1, 2.5, {\"b\": null}],\n \"c\": \"d\"}";
	struct sw_document *json, *yaml;

	CHECK_INT(sw_document_parse(text, strlen(text), "j", SW_FORMAT_JSON, &json, &err), SW_OK);
	CHECK_INT(sw_document_parse(text, strlen(text), "y", SW_FORMAT_YAML, &yaml, &err), SW_OK);
	CHECK_NEAR(sw_node_get(root_of(json), "a")->children[1]->number, 2.5, 0);
	CHECK_NEAR(sw_node_get(root_of(yaml), "a")->children[1]->number, 2.5, 0);
	CHECK_INT(sw_node_get(root_of(json), "c")->line, sw_node_get(root_of(yaml), "c")->line);
	sw_document_free(json);
	sw_document_free(yaml);
}

TEST(broken_files_are_refused_with_their_line)
{
	static const struct {
		const char *name, *text, *says;
	} cases[] = {
		{"a.yaml", "a: 1\na: 2\n", "a.yaml:2: a: found a second time (first on line 1)"},
		{"a.yaml", "a: [1\nb: 2\n", "a.yaml:2: not valid YAML"},
		{"a.yaml", "a: 1\n---\nb: 1\n", "a.yaml:2: found a second document"},
		{"a.yaml", "", "found an empty file"},
		{"a.yaml", "a: &x 1\nb: *x\n", "a.yaml:2: found an alias"},
		{"a.yaml", "[1]: 2\n", "not valid JSON"},
		{"a.yaml", "? [1]\n: 2\n", "found a map or list as a key"},
		{"a.yaml", "a: \"\\0\"\n", "NUL"},
		{"a.yaml", "a: \xff\xfe\n", "a.yaml:"},
		{"a.json", "{\"a\": 1,\n}", "a.json:2: not valid JSON"},
		{"a.json", "{\"a\": 1, \"a\": 2}", "duplicate"},
		{"a.json", "{\"a\": NaN}", "not valid JSON"},
		{"a.json", "{\"a\": 1e999}", "not valid JSON"},
		{"a.json", "", "not valid JSON"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		CHECK(!parse(cases[i].text, cases[i].name));
		if (!CHECK(strstr(err.message, cases[i].says)))
			printf("    %zu: %s\n", i, err.message);
	}
}

TEST(a_byte_order_mark_is_passed_over)
{
	static const char *const files[][2] = {
		{"a.yaml", "\xef\xbb\xbf# comment\na: 1\n"},
		{"a.json", "\xef\xbb\xbf{\"a\": 1}"},
		{"guess", "\xef\xbb\xbf\n{\"a\": 1}"},
	};

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		struct sw_document *document = parse(files[i][1], files[i][0]);

		CHECK_STR(err.message, "");
		CHECK(document && sw_node_get(root_of(document), "a"));
		sw_document_free(document);
	}
	CHECK(!parse("\xef\xbb\xbf", "a.yaml"));
	CHECK(strstr(err.message, "found an empty file"));
}

/* With a comparison of every pair of keys this takes minutes. */
TEST(a_map_of_very_many_keys_is_read_in_time)
{
	enum { KEYS = 200000 };
	struct sw_text text = {0};
	struct sw_document *document;

	for (int i = 0; i < KEYS; i++)
		sw_text_addf(&text, "%d: 1\n", i);
	document = parse(sw_text_string(&text), "a.yaml");
	CHECK(document && root_of(document)->count == KEYS);
	sw_document_free(document);
	sw_text_addf(&text, "%d: 1\n", KEYS / 2);
	CHECK(!parse(sw_text_string(&text), "a.yaml"));
	CHECK_STR(
		err.message,
		"a.yaml:200001: 100000: found a second time (first on line 100001), expected once");
	sw_text_free(&text);
}

TEST(lists_have_something_in_them_and_not_too_much)
{
	struct sw_document *d = parse("a: [1, 2, 3]\nb: []\nc: 5\n", "l.yaml");
	const struct sw_node *root = sw_document_root(d);

	CHECK_INT(sw_node_check_list(sw_node_get(root, "a"), 3, "number", &err), SW_OK);
	CHECK_INT(sw_node_check_list(sw_node_get(root, "a"), 2, "number", &err), SW_BAD_INPUT);
	CHECK_STR(err.message, "l.yaml:1: a: found 3 elements, expected at most 2");
	CHECK_INT(sw_node_check_list(sw_node_get(root, "b"), 2, "number", &err), SW_BAD_INPUT);
	CHECK_INT(sw_node_check_list(sw_node_get(root, "c"), 2, "number", &err), SW_BAD_INPUT);
	CHECK_STR(err.message, "l.yaml:3: c: found 5, expected a list of at least one number");
	sw_document_free(d);
}

TEST(nesting_is_limited)
{
	char text[4000];

	for (int depth = 60; depth < 1500; depth += 1400) {
		memset(text, '[', (size_t)depth);
		memset(text + depth, ']', (size_t)depth);
		text[2 * depth] = '\0';
		for (int format = SW_FORMAT_JSON; format <= SW_FORMAT_YAML; format++) {
			struct sw_document *document;
			enum sw_status st =
				sw_document_parse(text, strlen(text), "deep",
						  (enum sw_document_format)format, &document, &err);

			CHECK_INT(st, depth < SW_DOCUMENT_DEPTH_MAX ? SW_OK : SW_BAD_INPUT);
			sw_document_free(document);
		}
	}
}

struct sample {
	double rate;
	unsigned batch;
	bool graphs;
	char name[8];
	int colour;
};

static const char *const colours[] = {"red", "green", NULL};

static const struct sw_field sample_fields[] = {
	{.key = "rate",
	 .type = SW_FIELD_NUMBER,
	 .offset = offsetof(struct sample, rate),
	 .min = 0,
	 .min_open = true,
	 .max = 1e6,
	 .unit = "requests per second",
	 .required = true,
	 .given_bit = 1},
	{.key = "batch",
	 .type = SW_FIELD_UINT,
	 .offset = offsetof(struct sample, batch),
	 .min = 1,
	 .max = 100,
	 .given_bit = 2,
	 .null_is_absent = true},
	{.key = "graphs", .type = SW_FIELD_BOOL, .offset = offsetof(struct sample, graphs)},
	{.key = "name",
	 .type = SW_FIELD_NAME,
	 .offset = offsetof(struct sample, name),
	 .capacity = 8},
	{.key = "colour",
	 .type = SW_FIELD_CHOICE,
	 .offset = offsetof(struct sample, colour),
	 .choices = colours},
};

static enum sw_status read_sample(const char *text, struct sample *sample, unsigned *given)
{
	struct sw_document *document = parse(text, "s.yaml");
	enum sw_status st = sw_node_read(root_of(document), sample_fields,
					 sizeof(sample_fields) / sizeof(sample_fields[0]), false,
					 sample, NULL, given, &err);

	sw_document_free(document);
	return st;
}

TEST(a_table_fills_a_structure)
{
	struct sample sample = {.batch = 9};
	unsigned given = 0;

	CHECK_INT(read_sample("rate: 2.5\nbatch: null\ngraphs: true\nname: 7b\ncolour: green\n",
			      &sample, &given),
		  SW_OK);
	CHECK_NEAR(sample.rate, 2.5, 0);
	CHECK_INT(sample.batch, 9);
	CHECK(sample.graphs);
	CHECK_STR(sample.name, "7b");
	CHECK_INT(sample.colour, 1);
	CHECK_INT(given, 1);
}

TEST(a_table_refuses_what_it_does_not_allow)
{
	static const char *const cases[][2] = {
		{"rate: -1", "s.yaml:1: rate: found -1, expected a number (requests per second) "
			     "above 0 and at most 1000000"},
		{"rate: 0", "found 0"},
		{"rate: .nan", "found .nan"},
		{"rate: 5s", "found \"5s\""},
		{"rate: []", "found an empty list"},
		{"rate: [1]", "found a list"},
		{"rate: 1\nname: \"a\\nb\"", "s.yaml:2: name: found a control character"},
		{"rate: '5'", "found \"5\""},
		{"rate: [1]", "found a list"},
		{"rate:", "found nothing"},
		{"rate: 1\nbatch: 1.5",
		 "s.yaml:2: batch: found 1.5, expected a whole number from 1"},
		{"rate: 1\nbatch: 101", "found 101"},
		{"rate: 1\ngraphs: 1", "found 1, expected true or false"},
		{"rate: 1\nname: abcdefgh", "a name of at most 7 characters"},
		{"rate: 1\ncolour: blue", "expected one of red, green"},
		{"rate: 1\nbacth: 1", "s.yaml:2: bacth: unknown key; did you mean batch?"},
		{"rate: 1\nzzzzzz: 1", "expected one of rate, batch"},
		{"batch: 1", "s.yaml:1: key rate is missing"},
		{"7", "expected a map of keys"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct sample sample = {0};

		CHECK_INT(read_sample(cases[i][0], &sample, NULL), SW_BAD_INPUT);
		if (!CHECK(strstr(err.message, cases[i][1])))
			printf("    %s\n", err.message);
	}
}

TEST_MAIN()
