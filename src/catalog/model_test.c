// SPDX-License-Identifier: Apache-2.0
#include <string.h>

#include "catalog/readers.h"
#include "check.h"

static struct sw_error err;
static struct sw_model m;

static enum sw_status read_text(const char *text)
{
	struct sw_document *document;
	enum sw_status st =
		sw_document_parse(text, strlen(text), "c.json", SW_FORMAT_JSON, &document, &err);

	if (st == SW_OK)
		st = sw__model_from_node(sw_document_root(document), "m", &m, &err);
	sw_document_free(document);
	return st;
}

static char text[4096];

/* A small configuration of `type` with more keys. */
static const char *config(const char *type, const char *more)
{
	(void)snprintf(
		text, sizeof(text),
		"{\"model_type\": \"%s\", \"hidden_size\": 64, \"intermediate_size\": 256,\n"
		"\"num_hidden_layers\": 4, \"num_attention_heads\": 8, \"vocab_size\": 1000,\n"
		"\"max_position_embeddings\": 2048, \"torch_dtype\": \"bfloat16\"%s%s}",
		type, *more ? ",\n" : "", more);
	return text;
}

TEST(what_is_left_out_takes_the_familys_default)
{
	CHECK_INT(read_text(config("llama", "")), SW_OK);
	CHECK_STR(m.id, "m");
	CHECK_INT(m.kv_heads, 8);
	CHECK_INT(m.head_dim, 8);
	CHECK(!m.tied_embeddings && m.gated_mlp && !m.qkv_bias && !m.o_bias && !m.mlp_bias);
	CHECK(!m.norm_bias && !m.qk_norm && !m.parallel_block && !m.lm_head_bias);
	CHECK_INT(m.dtype, SW_BF16);
	CHECK_INT(m.sliding_window, 0);
	CHECK_INT(m.quantization, SW_QUANT_NONE);
	CHECK_NEAR(m.weight_bits, 16, 0);
	CHECK_INT(read_text(config("qwen2", "")), SW_OK);
	CHECK(m.qkv_bias && !m.o_bias && !m.mlp_bias && !m.qk_norm);
	CHECK_INT(read_text(config("qwen3", "")), SW_OK);
	CHECK(!m.qkv_bias && m.qk_norm);
	CHECK_INT(read_text(config("phi", "")), SW_OK);
	CHECK(m.qkv_bias && m.o_bias && m.mlp_bias && m.lm_head_bias && m.norm_bias);
	CHECK(m.parallel_block && !m.gated_mlp && !m.qk_norm);
	CHECK_INT(read_text(config("phi3", "")), SW_OK);
	CHECK(m.gated_mlp && !m.qkv_bias && !m.norm_bias && m.sliding_window == 0);
}

TEST(nulls_and_explicit_values_are_understood)
{
	CHECK_INT(read_text(config("llama", "\"head_dim\": null, \"num_key_value_heads\": null, "
					    "\"tie_word_embeddings\": null")),
		  SW_OK);
	CHECK_INT(m.head_dim, 8);
	CHECK_INT(m.kv_heads, 8);
	CHECK_INT(read_text(config("llama",
				   "\"head_dim\": 32, \"num_key_value_heads\": 2, "
				   "\"tie_word_embeddings\": true, \"attention_bias\": true, "
				   "\"mlp_bias\": true")),
		  SW_OK);
	CHECK_INT(m.head_dim, 32);
	CHECK_INT(m.kv_heads, 2);
	CHECK(m.tied_embeddings && m.qkv_bias && m.o_bias && m.mlp_bias);
	CHECK_INT(read_text(config("phi", "\"qk_layernorm\": true")), SW_OK);
	CHECK(m.qk_norm);
}

TEST(the_newer_spelling_of_dtype_is_read)
{
	CHECK_INT(read_text("{\"model_type\": \"qwen3\", \"hidden_size\": 64, "
			    "\"intermediate_size\": 256, \"num_hidden_layers\": 4, "
			    "\"num_attention_heads\": 8, \"vocab_size\": 10, "
			    "\"max_position_embeddings\": 20, \"dtype\": \"float16\"}"),
		  SW_OK);
	CHECK_INT(m.dtype, SW_FP16);
}

TEST(unknown_keys_of_any_shape_are_passed_over)
{
	CHECK_INT(read_text(config("llama", "\"bos_token_id\": [1, 2], \"rope_theta\": 1e6, "
					    "\"auto_map\": {\"a\": {\"b\": null}}, \"x\": \"y\"")),
		  SW_OK);
}

TEST(sliding_windows_follow_each_familys_rule)
{
	/* mistral: every layer; absent means 4096, which never binds below it */
	CHECK_INT(read_text(config("mistral", "\"sliding_window\": 512")), SW_OK);
	CHECK_INT(m.sliding_window, 512);
	CHECK_INT(m.window_layers, 4);
	CHECK_INT(read_text(config("mistral", "\"sliding_window\": null")), SW_OK);
	CHECK_INT(m.sliding_window, 0);
	CHECK_INT(m.window_layers, 0);
	CHECK_INT(read_text(config("mistral", "")), SW_OK);
	CHECK_INT(m.sliding_window, 0);
	CHECK_INT(read_text(config("mistral", "\"sliding_window\": 2048")), SW_OK);
	CHECK_INT(m.sliding_window, 0);
	/* qwen2: a switch, and only the layers from max_window_layers on */
	CHECK_INT(read_text(config("qwen2", "\"sliding_window\": 512")), SW_OK);
	CHECK_INT(m.sliding_window, 0);
	CHECK_INT(
		read_text(config("qwen2", "\"sliding_window\": 512, \"use_sliding_window\": true, "
					  "\"max_window_layers\": 3")),
		SW_OK);
	CHECK_INT(m.sliding_window, 512);
	CHECK_INT(m.window_layers, 1);
	CHECK_INT(
		read_text(config("qwen2", "\"sliding_window\": 512, \"use_sliding_window\": true")),
		SW_OK);
	CHECK_INT(m.sliding_window, 0);
	/* layer_types says it layer by layer */
	CHECK_INT(read_text(config("qwen3",
				   "\"sliding_window\": 512, \"use_sliding_window\": true, "
				   "\"layer_types\": [\"full_attention\", \"sliding_attention\", "
				   "\"full_attention\", \"sliding_attention\"]")),
		  SW_OK);
	CHECK_INT(m.window_layers, 2);
	/* llama has none, whatever the key says */
	CHECK_INT(read_text(config("llama", "\"sliding_window\": 512")), SW_OK);
	CHECK_INT(m.sliding_window, 0);
}

TEST(rope_scaling_extends_the_context_unless_it_already_did)
{
	CHECK_INT(
		read_text(config("qwen2", "\"rope_scaling\": {\"type\": \"yarn\", \"factor\": 4.0, "
					  "\"original_max_position_embeddings\": 1024}")),
		SW_OK);
	CHECK_INT(m.max_position, 4096);
	CHECK_INT(read_text(config("llama",
				   "\"rope_scaling\": {\"type\": \"linear\", \"factor\": 2}")),
		  SW_OK);
	CHECK_INT(m.max_position, 4096);
	CHECK_INT(read_text(config("llama", "\"rope_scaling\": {\"rope_type\": \"llama3\", "
					    "\"factor\": 8.0}")),
		  SW_OK);
	CHECK_INT(m.max_position, 2048);
	CHECK_INT(read_text(config("phi3", "\"rope_scaling\": {\"type\": \"longrope\", "
					   "\"short_factor\": [1, 2]}")),
		  SW_OK);
	CHECK_INT(m.max_position, 2048);
	CHECK_INT(read_text(config("qwen3", "\"rope_parameters\": {\"rope_type\": \"default\"}")),
		  SW_OK);
	CHECK_INT(m.max_position, 2048);
}

TEST(what_is_wrong_or_unsupported_is_refused_by_file_line_and_key)
{
	static const struct {
		const char *type, *more, *expected;
	} wrong[] = {
		{"gpt2", "", "supported: llama, qwen2, qwen3, mistral, phi, phi3"},
		{"mixtral", "", "mixture-of-experts"},
		{"qwen3_moe", "", "mixture-of-experts"},
		{"llama", "\"num_local_experts\": 8", "c.json:4: num_local_experts: found 8"},
		{"qwen2", "\"num_experts\": 60", "mixture-of-experts"},
		{"llama", "\"n_routed_experts\": 64", "mixture-of-experts"},
		{"llava", "\"text_config\": {\"model_type\": \"llama\"}", "multimodal"},
		{"llama", "\"num_key_value_heads\": 3", "divisor of num_attention_heads = 8"},
		{"llama", "\"num_key_value_heads\": 0", "c.json:4: num_key_value_heads: found 0"},
		{"llama", "\"num_key_value_heads\": 16", "divisor"},
		{"llama", "\"head_dim\": -8", "head_dim"},
		{"llama", "\"head_dim\": 1e6", "at most"},
		{"llama", "\"head_dim\": \"64\"", "c.json:4: head_dim"},
		{"llama", "\"head_dim\": [64]", "head_dim"},
		{"llama", "\"tie_word_embeddings\": \"yes\"", "true or false"},
		{"llama", "\"tie_word_embeddings\": 1", "true or false"},
		{"llama", "\"attention_bias\": 0.5", "true or false"},
		{"llama", "\"dtype\": \"float8\"", "one of float32, float16, bfloat16"},
		{"mistral", "\"sliding_window\": -1", "sliding_window"},
		{"mistral", "\"sliding_window\": 1.5", "sliding_window"},
		{"mistral", "\"sliding_window\": \"4096\"", "sliding_window"},
		{"mistral", "\"sliding_window\": 9, \"layer_types\": [\"full_attention\"]",
		 "expected num_hidden_layers = 4"},
		{"mistral",
		 "\"sliding_window\": 9, \"layer_types\": [\"full_attention\", 1, \"a\", \"b\"]",
		 "layer_types[1]"},
		{"mistral", "\"sliding_window\": 9, \"layer_types\": {}", "layer_types"},
		{"llama", "\"rope_scaling\": {\"type\": \"linear\", \"factor\": 0}", "factor"},
		{"llama", "\"rope_scaling\": {\"type\": \"linear\", \"factor\": \"x\"}", "factor"},
		{"llama",
		 "\"rope_scaling\": {\"type\": \"yarn\", \"factor\": 1000, "
		 "\"original_max_position_embeddings\": 1e9}",
		 "context of"},
		{"llama",
		 "\"rope_scaling\": {\"type\": \"yarn\", \"factor\": 2, "
		 "\"original_max_position_embeddings\": -5}",
		 "context of"},
	};

	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		err.message[0] = '\0';
		CHECK_INT(read_text(config(wrong[i].type, wrong[i].more)), SW_BAD_INPUT);
		if (!CHECK(strstr(err.message, wrong[i].expected) != NULL))
			printf("    %s %s: %s\n", wrong[i].type, wrong[i].more, err.message);
		CHECK(strncmp(err.message, "c.json:", 7) == 0);
	}
}

TEST(every_needed_key_is_missed_and_ranged)
{
	static const char *const keys[] = {"hidden_size",       "intermediate_size",
					   "num_hidden_layers", "num_attention_heads",
					   "vocab_size",        "max_position_embeddings"};
	static const char *const values[] = {NULL,    "0",    "-4",  "2.5",  "1e300",
					     "\"8\"", "true", "[8]", "null", "{}"};
	char file[1024];

	for (size_t k = 0; k < sizeof(keys) / sizeof(*keys); k++) {
		for (size_t v = 0; v < sizeof(values) / sizeof(*values); v++) {
			size_t used =
				(size_t)snprintf(file, sizeof(file), "{\"model_type\": \"llama\"");

			for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++) {
				if (i == k && !values[v])
					continue;
				used += (size_t)snprintf(file + used, sizeof(file) - used,
							 ", \"%s\": %s", keys[i],
							 i == k ? values[v] : "64");
			}
			(void)snprintf(file + used, sizeof(file) - used, "}");
			err.message[0] = '\0';
			if (!CHECK(read_text(file) == SW_BAD_INPUT &&
				   strstr(err.message, keys[k]) != NULL))
				printf("    %s: %s\n", file, err.message);
		}
	}
}

TEST(what_is_no_configuration_is_refused)
{
	static const char *const files[] = {"[]",
					    "3",
					    "\"llama\"",
					    "{}",
					    "{\"model_type\": 7}",
					    "{\"model_type\": null}",
					    "{\"a\": 1",
					    "",
					    "null",
					    "{\"architectures\": [\"LlamaForCausalLM\"]}"};

	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++)
		CHECK_INT(read_text(files[i]), SW_BAD_INPUT);
	CHECK_INT(read_text("{\"architectures\": 1}"), SW_BAD_INPUT);
	CHECK(strstr(err.message, "model_type is missing") != NULL);
}

/*
 * No input may crash the reader: a right file with every byte in turn cut off, and with every byte
 * in turn changed.
 */
TEST(mutilated_files_are_refused_or_read_but_never_crash)
{
	char right[2048], wrong[2048];
	static const char replacements[] = {'"', '{', '}', ',', '-', '9', '\0', '\n', (char)0xff};
	size_t size;

	(void)snprintf(right, sizeof(right), "%s",
		       config("qwen2", "\"sliding_window\": 512, \"use_sliding_window\": true, "
				       "\"rope_scaling\": {\"type\": \"yarn\", \"factor\": 4.0}, "
				       "\"quantization_config\": {\"quant_method\": \"gptq\", "
				       "\"bits\": 4, \"group_size\": 128}"));
	size = strlen(right);
	for (size_t i = 0; i < size; i++) {
		memcpy(wrong, right, size + 1);
		wrong[i] = '\0';
		CHECK_INT(read_text(wrong), SW_BAD_INPUT);
		for (size_t r = 0; r < sizeof(replacements); r++) {
			memcpy(wrong, right, size + 1);
			wrong[i] = replacements[r];
			(void)read_text(wrong);
		}
	}
	CHECK_INT(read_text(right), SW_OK);
}

TEST(the_id_is_the_file_or_its_folder)
{
	static const struct {
		const char *path, *id;
	} cases[] = {{"a/b/qwen.json", "qwen"},      {"a/Llama-3/config.json", "Llama-3"},
		     {"/m/config.json", "m"},        {"config.json", "config"},
		     {"/config.json", "config"},     {"./config.json", "config"},
		     {"a/../config.json", "config"}, {"x.json", "x"},
		     {"a/.json", ".json"},           {"dir/model", "model"}};
	char id[SW_NAME_MAX], path[256];

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		CHECK_INT(sw__id_from_path(cases[i].path, id, &err), SW_OK);
		CHECK_STR(id, cases[i].id);
	}
	CHECK_INT(sw__id_from_path("a/b\nc.json", id, &err), SW_BAD_INPUT);
	memset(path, 'a', sizeof(path));
	path[sizeof(path) - 1] = '\0';
	CHECK_INT(sw__id_from_path(path, id, &err), SW_BAD_INPUT);
}

TEST(a_missing_file_is_the_worlds_failure)
{
	CHECK_INT(sw_model_read("/nonexistent/config.json", &m, &err), SW_IO);
}

TEST_MAIN()
