// SPDX-License-Identifier: Apache-2.0
/*
 * quantization_config of a config.json: how many bits an element of a linear layer takes. Each tool
 * writes its own keys, so one small reader per quant_method. Group scales count: 4-bit weights in
 * groups of 128 take 4.16 bits.
 */
#include <string.h>

#include "base/text.h"
#include "catalog/names.h"
#include "catalog/readers.h"

enum { SCALE_BITS = 16, GROUP_MAX = 1 << 20 };

/*
 * bitsandbytes nf4: one fp32 maximum per 64 weights; quantised to 8 bits again in groups of 256
 * where asked (Dettmers et al., QLoRA, 2023, section 3).
 */
static const double nf4_scale_bits = 32.0 / 64,
		    nf4_double_scale_bits = 8.0 / 64 + 32.0 / (64 * 256);

/* NVFP4: one 8-bit scale per 16 weights (NVIDIA ModelOpt documentation). */
static const double nvfp4_scale_bits = 8.0 / 16;

/*
 * What a method's keys say. `group` 0 or below: one scale per column or tensor, too few to count.
 */
struct found {
	unsigned bits;
	double group;
	double scale_bits; /* beside the group's; per element */
	bool is_float, has_zeros;
};

static const struct sw_field bits_field = {.key = "bits",
					   .type = SW_FIELD_UINT,
					   .offset = offsetof(struct found, bits),
					   .min = 2,
					   .max = 8};
static const struct sw_field group_field = {.key = "group_size",
					    .type = SW_FIELD_NUMBER,
					    .offset = offsetof(struct found, group),
					    .min = -1,
					    .max = GROUP_MAX};

/* The first of two keys (the second an older spelling) by `field`. */
static enum sw_status read_either(const struct sw_node *map, const char *key, const char *older,
				  const struct sw_field *field, bool required, struct found *found,
				  struct sw_error *err)
{
	const struct sw_node *node = sw__get(map, key);

	if (!node)
		node = sw__get(map, older);
	if (node && node->kind != SW_NODE_NULL)
		return sw_node_read_field(node, field, found, NULL, err);
	return required ? sw_node_complain(map, err, "key %s is missing", key) : SW_OK;
}

static enum sw_status read_grouped(const struct sw_node *map, struct found *found,
				   struct sw_error *err)
{
	enum sw_status st = read_either(map, "bits", "w_bit", &bits_field, true, found, err);

	if (st == SW_OK)
		st = read_either(map, "group_size", "q_group_size", &group_field, false, found,
				 err);
	found->has_zeros = true;
	return st;
}

static enum sw_status read_fp8(const struct sw_node *map, struct found *found, struct sw_error *err)
{
	(void)map;
	(void)err;
	found->bits = 8;
	found->is_float = true;
	return SW_OK;
}

static bool is_true(const struct sw_node *map, const char *key)
{
	const struct sw_node *node = sw__get(map, key);

	return node && node->kind == SW_NODE_BOOL && node->number != 0;
}

static enum sw_status read_bitsandbytes(const struct sw_node *map, struct found *found,
					struct sw_error *err)
{
	if (is_true(map, "load_in_4bit")) {
		found->bits = 4;
		found->scale_bits = is_true(map, "bnb_4bit_use_double_quant")
					    ? nf4_double_scale_bits
					    : nf4_scale_bits;
	} else if (is_true(map, "load_in_8bit")) {
		found->bits = 8;
	} else {
		return sw_node_complain(map, err, "neither load_in_4bit nor load_in_8bit is true");
	}
	return SW_OK;
}

static enum sw_status read_modelopt(const struct sw_node *map, struct found *found,
				    struct sw_error *err)
{
	const struct sw_node *algo = sw__get(map, "quant_algo");

	if (!algo)
		return sw_node_complain(map, err, "key quant_algo is missing");
	if (algo->kind == SW_NODE_STRING && strcmp(algo->text, "FP8") == 0)
		return read_fp8(map, found, err);
	if (algo->kind != SW_NODE_STRING || strcmp(algo->text, "NVFP4") != 0)
		return sw_node_refuse(algo, err, "FP8 or NVFP4");
	found->bits = 4;
	found->scale_bits = nvfp4_scale_bits;
	return SW_OK;
}

static enum sw_status read_tensor_group(const struct sw_node *group, struct found *found,
					struct sw_error *err)
{
	const struct sw_node *weights = sw__get(group, "weights");
	const struct sw_node *type = sw__get(weights, "type");
	enum sw_status st;

	if (!weights)
		return sw_node_complain(group, err, "key weights is missing");
	st = sw_node_expect(weights, SW_NODE_MAP, err);
	if (st == SW_OK)
		st = read_either(weights, "num_bits", "bits", &bits_field, true, found, err);
	if (st == SW_OK)
		st = read_either(weights, "group_size", "group_size", &group_field, false, found,
				 err);
	found->is_float = type && type->kind == SW_NODE_STRING && strcmp(type->text, "float") == 0;
	return st;
}

static enum sw_status read_compressed_tensors(const struct sw_node *map, struct found *found,
					      struct sw_error *err)
{
	const struct sw_node *groups = sw__get(map, "config_groups");
	enum sw_status st;

	if (!groups || groups->kind != SW_NODE_MAP || groups->count == 0)
		return sw_node_complain(map, err, "config_groups is missing or empty");
	st = read_tensor_group(groups->children[0], found, err);
	for (size_t i = 1; st == SW_OK && i < groups->count; i++) {
		struct found other = {0};

		st = read_tensor_group(groups->children[i], &other, err);
		if (st == SW_OK && other.bits != found->bits)
			return sw_node_complain(groups->children[i], err,
						"%u bits beside %u bits, expected one width for "
						"all linear layers",
						other.bits, found->bits);
	}
	return st;
}

static const struct method {
	const char *name;
	enum sw_status (*read)(const struct sw_node *map, struct found *found,
			       struct sw_error *err);
} methods[] = {
	{"gptq", read_grouped},
	{"awq", read_grouped},
	{"fp8", read_fp8},
	{"fbgemm_fp8", read_fp8},
	{"compressed-tensors", read_compressed_tensors},
	{"bitsandbytes", read_bitsandbytes},
	{"modelopt", read_modelopt},
};

static enum sw_status refuse_method(const struct sw_node *map, const struct sw_node *method,
				    struct sw_error *err)
{
	struct sw_text known = {0};
	enum sw_status st;

	for (size_t i = 0; i < sizeof(methods) / sizeof(*methods); i++)
		sw_text_addf(&known, "%s%s", i ? ", " : "", methods[i].name);
	st = method ? sw_node_refuse(method, err, "a quantisation that is supported: %s",
				     sw_text_string(&known))
		    : sw_node_complain(map, err, "key quant_method is missing, expected one of %s",
				       sw_text_string(&known));
	sw_text_free(&known);
	return st;
}

static void apply(const struct found *found, struct sw_model *model)
{
	double group_bits = 0;

	if (found->group > 0)
		group_bits = (SCALE_BITS + (found->has_zeros ? found->bits : 0)) / found->group;
	model->weight_bits = found->bits + group_bits + found->scale_bits;
	model->quantization = found->bits <= 4  ? SW_QUANT_INT4
			      : found->is_float ? SW_QUANT_FP8
						: SW_QUANT_INT8;
}

enum sw_status sw__quantization_from_node(const struct sw_node *root, struct sw_model *model,
					  struct sw_error *err)
{
	const struct sw_node *map = sw__get(root, "quantization_config");
	const struct sw_node *method = sw__get(map, "quant_method");
	struct found found = {0};
	enum sw_status st;

	if (!map || map->kind == SW_NODE_NULL)
		return SW_OK;
	st = sw_node_expect(map, SW_NODE_MAP, err);
	if (st != SW_OK)
		return st;
	for (size_t i = 0; method && i < sizeof(methods) / sizeof(*methods); i++) {
		if (method->kind != SW_NODE_STRING || strcmp(method->text, methods[i].name) != 0)
			continue;
		st = methods[i].read(map, &found, err);
		if (st == SW_OK)
			apply(&found, model);
		return st;
	}
	return refuse_method(map, method, err);
}
