// SPDX-License-Identifier: Apache-2.0
#include "apply/yaml_out.h"

#include <yaml.h>

#include "base/random.h"
#include "check.h"

static struct sw_text text;

static const char *written(const char *json)
{
	json_t *tree = json_loads(json, JSON_DECODE_ANY, NULL);

	sw_text_free(&text);
	text = (struct sw_text){0};
	sw__yaml_write(tree, &text);
	json_decref(tree);
	return sw_text_string(&text);
}

TEST(block_style_as_kubectl_writes_it)
{
	CHECK_STR(written("{\"kind\":\"Deployment\",\"spec\":{\"replicas\":1,\"containers\":"
			  "[{\"name\":\"engine\",\"args\":[\"--port\",\"8000\"]},{\"name\":\"b\"}],"
			  "\"empty\":{},\"none\":[],\"nothing\":null,\"ok\":true,\"part\":0.25}}"),
		  "---\nkind: Deployment\nspec:\n  replicas: 1\n  containers:\n"
		  "  - name: engine\n    args:\n    - \"--port\"\n    - \"8000\"\n  - name: b\n"
		  "  empty: {}\n  none: []\n  nothing: null\n  ok: true\n  part: 0.25\n");
	sw_text_free(&text);
}

TEST(strings_that_would_be_read_as_something_else_are_quoted)
{
	CHECK_STR(written("[\"no\",\"1.5\",\"a: b\",\"\",\"x\\ny\",\"-a\",\"Qwen/Qwen3-0.6B\"]"),
		  "---\n- \"no\"\n- \"1.5\"\n- \"a: b\"\n- \"\"\n- \"x\\ny\"\n- \"-a\"\n"
		  "- Qwen/Qwen3-0.6B\n");
	sw_text_free(&text);
}

/* What libyaml reads of it, as JSON again: all scalars as text. */
static json_t *read_node(yaml_document_t *document, yaml_node_t *node)
{
	json_t *out;

	if (node->type == YAML_SCALAR_NODE)
		return json_string((const char *)node->data.scalar.value);
	out = node->type == YAML_SEQUENCE_NODE ? json_array() : json_object();
	if (node->type == YAML_SEQUENCE_NODE) {
		for (yaml_node_item_t *i = node->data.sequence.items.start;
		     i < node->data.sequence.items.top; i++)
			json_array_append_new(
				out, read_node(document, yaml_document_get_node(document, *i)));
		return out;
	}
	for (yaml_node_pair_t *p = node->data.mapping.pairs.start; p < node->data.mapping.pairs.top;
	     p++)
		json_object_set_new(
			out,
			(const char *)yaml_document_get_node(document, p->key)->data.scalar.value,
			read_node(document, yaml_document_get_node(document, p->value)));
	return out;
}

static json_t *read_back(void)
{
	yaml_parser_t parser;
	yaml_document_t document;
	json_t *out = NULL;

	CHECK(yaml_parser_initialize(&parser));
	yaml_parser_set_input_string(&parser, (const unsigned char *)text.data, text.size);
	if (yaml_parser_load(&parser, &document)) {
		out = read_node(&document, yaml_document_get_root_node(&document));
		yaml_document_delete(&document);
	}
	yaml_parser_delete(&parser);
	return out;
}

static struct sw__random by_chance;

static json_t *random_string(void)
{
	static const char letters[] = "ab01:#-'\"\\\n\t {}[]&*!|>%@`,?/.~";
	char out[12];
	size_t n = sw__random_below(&by_chance, sizeof(out) - 1);

	for (size_t i = 0; i < n; i++)
		out[i] = letters[sw__random_below(&by_chance, sizeof(letters) - 1)];
	out[n] = '\0';
	return json_string(out);
}

static json_t *random_tree(int depth)
{
	uint64_t kind = sw__random_below(&by_chance, depth > 0 ? 4 : 2);
	json_t *out = kind == 2 ? json_array() : json_object();
	size_t n = sw__random_below(&by_chance, 4);

	if (kind < 2) {
		json_decref(out);
		return random_string();
	}
	for (size_t i = 0; i < n; i++) {
		json_t *key = random_string();

		if (kind == 2)
			json_array_append_new(out, random_tree(depth - 1));
		else
			json_object_set_new(out, json_string_value(key), random_tree(depth - 1));
		json_decref(key);
	}
	return out;
}

/* Strings of all the signs that YAML gives a meaning, in trees of any shape. */
TEST(libyaml_reads_what_was_written)
{
	by_chance = sw__random_make(1, 0);
	for (int i = 0; i < 2000; i++) {
		json_t *tree = random_tree(4), *back;

		text = (struct sw_text){0};
		sw__yaml_write(tree, &text);
		back = read_back();
		CHECK(back && json_equal(tree, back));
		json_decref(back);
		json_decref(tree);
		sw_text_free(&text);
	}
}

TEST_MAIN()
