// SPDX-License-Identifier: Apache-2.0
#include <string.h>

#include "catalog/readers.h"
#include "check.h"

static struct sw_error err;

static enum sw_status read_text(const char *quantization, struct sw_model *model)
{
	struct sw_document *document;
	char text[2048];
	enum sw_status st;

	*model = (struct sw_model){.weight_bits = 16};
	(void)snprintf(text, sizeof(text), "{\"quantization_config\": %s}", quantization);
	st = sw_document_parse(text, strlen(text), "q.json", SW_FORMAT_JSON, &document, &err);
	if (st == SW_OK)
		st = sw__quantization_from_node(sw_document_root(document), model, &err);
	sw_document_free(document);
	return st;
}

TEST(each_tools_keys_give_bits_and_kind)
{
	static const struct {
		const char *text;
		enum sw_quantization kind;
		double bits;
	} cases[] = {
		{"null", SW_QUANT_NONE, 16},
		/* 16-bit scale and 4-bit zero per 128 weights: 4 + 20 / 128 */
		{"{\"quant_method\": \"gptq\", \"bits\": 4, \"group_size\": 128}", SW_QUANT_INT4,
		 4.15625},
		{"{\"quant_method\": \"gptq\", \"bits\": 8, \"group_size\": -1}", SW_QUANT_INT8, 8},
		{"{\"quant_method\": \"gptq\", \"bits\": 3, \"group_size\": 64}", SW_QUANT_INT4,
		 3 + 19.0 / 64},
		{"{\"quant_method\": \"awq\", \"bits\": 4, \"group_size\": 64, \"zero_point\": "
		 "true}",
		 SW_QUANT_INT4, 4.3125},
		{"{\"quant_method\": \"awq\", \"w_bit\": 4, \"q_group_size\": 128}", SW_QUANT_INT4,
		 4.15625},
		{"{\"quant_method\": \"fp8\", \"weight_block_size\": [128, 128]}", SW_QUANT_FP8, 8},
		{"{\"quant_method\": \"fbgemm_fp8\"}", SW_QUANT_FP8, 8},
		{"{\"quant_method\": \"bitsandbytes\", \"load_in_4bit\": true}", SW_QUANT_INT4,
		 4.5},
		{"{\"quant_method\": \"bitsandbytes\", \"load_in_8bit\": true}", SW_QUANT_INT8, 8},
		{"{\"quant_method\": \"modelopt\", \"quant_algo\": \"FP8\"}", SW_QUANT_FP8, 8},
		{"{\"quant_method\": \"modelopt\", \"quant_algo\": \"NVFP4\"}", SW_QUANT_INT4, 4.5},
		{"{\"quant_method\": \"compressed-tensors\", \"config_groups\": {\"group_0\": "
		 "{\"weights\": {\"num_bits\": 8, \"type\": \"float\"}}}}",
		 SW_QUANT_FP8, 8},
		{"{\"quant_method\": \"compressed-tensors\", \"config_groups\": {\"group_0\": "
		 "{\"weights\": {\"num_bits\": 8, \"type\": \"int\"}}}}",
		 SW_QUANT_INT8, 8},
		{"{\"quant_method\": \"compressed-tensors\", \"config_groups\": {\"group_0\": "
		 "{\"weights\": {\"num_bits\": 4, \"type\": \"int\", \"group_size\": 128}}}}",
		 SW_QUANT_INT4, 4.125},
	};
	struct sw_model model;

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		CHECK_INT(read_text(cases[i].text, &model), SW_OK);
		CHECK_INT(model.quantization, cases[i].kind);
		CHECK_NEAR(model.weight_bits, cases[i].bits, 1e-12);
	}
}

TEST(what_is_not_understood_is_refused)
{
	static const struct {
		const char *text, *expected;
	} wrong[] = {
		{"7", "quantization_config"},
		{"[]", "quantization_config"},
		{"{}", "quant_method is missing"},
		{"{\"quant_method\": \"aqlm\"}", "supported: gptq, awq, fp8"},
		{"{\"quant_method\": 3}", "supported"},
		{"{\"quant_method\": \"gptq\"}", "bits is missing"},
		{"{\"quant_method\": \"gptq\", \"bits\": 1}", "quantization_config.bits"},
		{"{\"quant_method\": \"gptq\", \"bits\": 16}", "at most 8"},
		{"{\"quant_method\": \"gptq\", \"bits\": \"4\"}", "bits"},
		{"{\"quant_method\": \"gptq\", \"bits\": 4, \"group_size\": -128}", "group_size"},
		{"{\"quant_method\": \"bitsandbytes\"}", "neither load_in_4bit nor load_in_8bit"},
		{"{\"quant_method\": \"modelopt\"}", "quant_algo is missing"},
		{"{\"quant_method\": \"modelopt\", \"quant_algo\": \"W4A8\"}", "FP8 or NVFP4"},
		{"{\"quant_method\": \"compressed-tensors\"}", "config_groups"},
		{"{\"quant_method\": \"compressed-tensors\", \"config_groups\": {}}",
		 "config_groups"},
		{"{\"quant_method\": \"compressed-tensors\", \"config_groups\": {\"a\": 1}}",
		 "weights is missing"},
		{"{\"quant_method\": \"compressed-tensors\", \"config_groups\": {\"a\": "
		 "{\"weights\": null}}}",
		 "weights"},
		{"{\"quant_method\": \"compressed-tensors\", \"config_groups\": {\"a\": "
		 "{\"weights\": {\"num_bits\": 8}}, \"b\": {\"weights\": {\"num_bits\": 4}}}}",
		 "one width"},
	};
	struct sw_model model;

	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		err.message[0] = '\0';
		CHECK_INT(read_text(wrong[i].text, &model), SW_BAD_INPUT);
		if (!CHECK(strstr(err.message, wrong[i].expected) != NULL))
			printf("    %s: %s\n", wrong[i].text, err.message);
	}
}

TEST_MAIN()
