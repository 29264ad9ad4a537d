// SPDX-License-Identifier: Apache-2.0
#include "catalog/described.h"

#include <float.h>
#include <limits.h>
#include <string.h>

#include "base/text.h"
#include "catalog/names.h"
#include "catalog/readers.h"
#include "formats/fields_write.h"

#define COUNT(fields) (sizeof(fields) / sizeof((fields)[0]))

#define NAME(struct_, member, ...)                                                          \
	{                                                                                   \
		.key = #member, .type = SW_FIELD_NAME, .offset = offsetof(struct_, member), \
		.capacity = sizeof(((struct_ *)0)->member), __VA_ARGS__                     \
	}
#define UINT(struct_, member, min_, max_)                                                   \
	{                                                                                   \
		.key = #member, .type = SW_FIELD_UINT, .offset = offsetof(struct_, member), \
		.min = (min_), .max = (max_), .required = true                              \
	}
#define BOOL(struct_, member)                                                              \
	{                                                                                  \
		.key = #member, .type = SW_FIELD_BOOL, .offset = offsetof(struct_, member) \
	}
#define CHOICE(struct_, member, choices_)                                                     \
	{                                                                                     \
		.key = #member, .type = SW_FIELD_CHOICE, .offset = offsetof(struct_, member), \
		.choices = (choices_)                                                         \
	}
#define NUMBER(struct_, member)                                                               \
	{                                                                                     \
		.key = #member, .type = SW_FIELD_NUMBER, .offset = offsetof(struct_, member), \
		.min = 0, .max = DBL_MAX, .min_open = true                                    \
	}
#define PEAK(dtype, id, bytes)                                                              \
	{.key = "peak_" id "_tflops",                                                       \
	 .type = SW_FIELD_NUMBER,                                                           \
	 .offset = offsetof(struct sw_gpu, peak_tflops) + (size_t)(dtype) * sizeof(double), \
	 .min = 0,                                                                          \
	 .max = DBL_MAX,                                                                    \
	 .min_open = true},

/* Only what division and arrays need is checked: these are our own words coming back. */
enum { FIGURE_MAX = 1 << 28 };

static enum sw_status read_profiles(const struct sw_node *node, void *into, void *context,
				    struct sw_error *err);

static const struct sw_field gpu_fields[] = {
	NAME(struct sw_gpu, id, .required = true),
	NAME(struct sw_gpu, name, .required = true),
	CHOICE(struct sw_gpu, architecture, sw__architecture_names),
	UINT(struct sw_gpu, compute_major, 0, FIGURE_MAX),
	UINT(struct sw_gpu, compute_minor, 0, FIGURE_MAX),
	UINT(struct sw_gpu, sms, 1, FIGURE_MAX),
	UINT(struct sw_gpu, max_threads_per_sm, 0, FIGURE_MAX),
	NUMBER(struct sw_gpu, shared_kib_per_sm),
	NUMBER(struct sw_gpu, base_clock_mhz),
	NUMBER(struct sw_gpu, boost_clock_mhz),
	SW_DTYPE_LIST(PEAK) NUMBER(struct sw_gpu, dram_gib),
	NUMBER(struct sw_gpu, visible_gib),
	NUMBER(struct sw_gpu, dram_gb_s),
	NUMBER(struct sw_gpu, l2_mib),
	NUMBER(struct sw_gpu, power_w),
	NUMBER(struct sw_gpu, pcie_gb_s),
	UINT(struct sw_gpu, mig_compute_slices, 0, FIGURE_MAX),
	UINT(struct sw_gpu, mig_memory_slices, 0, FIGURE_MAX),
	{.key = "mig", .type = SW_FIELD_CALL, .read = read_profiles},
};

/* Of a place that is no GPU. */
enum { HOST_FIELDS = 2 };

static const struct sw_field profile_fields[] = {
	NAME(struct sw_mig_profile, name, .required = true),
	UINT(struct sw_mig_profile, compute_slices, 1, FIGURE_MAX),
	UINT(struct sw_mig_profile, memory_slices, 1, FIGURE_MAX),
	NUMBER(struct sw_mig_profile, memory_gib),
	UINT(struct sw_mig_profile, sms, 1, FIGURE_MAX),
	UINT(struct sw_mig_profile, max_instances, 1, FIGURE_MAX),
	{.key = "starts", /* bits, as in memory; files from before it had one say nothing of places */
	 .type = SW_FIELD_UINT,
	 .offset = offsetof(struct sw_mig_profile, starts),
	 .max = UINT_MAX},
};

static const struct sw_field model_fields[] = {
	NAME(struct sw_model, id, .required = true),
	CHOICE(struct sw_model, family, sw__family_names),
	UINT(struct sw_model, layers, 1, SW__LAYERS_MAX),
	UINT(struct sw_model, hidden, 1, SW__WIDTH_MAX),
	UINT(struct sw_model, intermediate, 1, SW__WIDTH_MAX),
	UINT(struct sw_model, heads, 1, SW__HEADS_MAX),
	UINT(struct sw_model, kv_heads, 1, SW__HEADS_MAX),
	UINT(struct sw_model, head_dim, 1, SW__HEAD_DIM_MAX),
	UINT(struct sw_model, vocab, 1, SW__VOCAB_MAX),
	UINT(struct sw_model, max_position, 1, SW__POSITION_MAX),
	UINT(struct sw_model, sliding_window, 0, SW__POSITION_MAX),
	UINT(struct sw_model, window_layers, 0, SW__LAYERS_MAX),
	BOOL(struct sw_model, tied_embeddings),
	BOOL(struct sw_model, gated_mlp),
	BOOL(struct sw_model, qkv_bias),
	BOOL(struct sw_model, o_bias),
	BOOL(struct sw_model, mlp_bias),
	BOOL(struct sw_model, lm_head_bias),
	BOOL(struct sw_model, qk_norm),
	BOOL(struct sw_model, norm_bias),
	BOOL(struct sw_model, parallel_block),
	CHOICE(struct sw_model, dtype, sw__dtype_names),
	CHOICE(struct sw_model, quantization, sw__quantization_names),
	NUMBER(struct sw_model, weight_bits),
};

struct sw_gpu sw__host(const char *id)
{
	struct sw_gpu host = {
		.shared_kib_per_sm = NAN,
		.base_clock_mhz = NAN,
		.boost_clock_mhz = NAN,
		.dram_gib = NAN,
		.visible_gib = NAN,
		.dram_gb_s = NAN,
		.l2_mib = NAN,
		.power_w = NAN,
		.pcie_gb_s = NAN,
	};

	for (int i = 0; i < SW_DTYPE_COUNT; i++)
		host.peak_tflops[i] = NAN;
	(void)sw_copy_name(host.id, sizeof(host.id), id);
	(void)sw_copy_name(host.name, sizeof(host.name), id);
	return host;
}

bool sw__is_host(const struct sw_gpu *gpu)
{
	return gpu->sms == 0;
}

static json_t *profiles_json(const struct sw_gpu *gpu, bool *ok)
{
	json_t *list = json_array();

	for (size_t i = 0; i < gpu->n_mig; i++) {
		json_t *profile =
			sw__fields_json(profile_fields, COUNT(profile_fields), &gpu->mig[i], 0, ok);

		if (json_array_append_new(list, profile) != 0)
			*ok = false;
	}
	return list;
}

json_t *sw__gpu_described(const struct sw_gpu *gpu, bool *ok)
{
	json_t *object;

	if (sw__is_host(gpu))
		return sw__fields_json(gpu_fields, HOST_FIELDS, gpu, 0, ok);
	object = sw__fields_json(gpu_fields, COUNT(gpu_fields), gpu, 0, ok);
	if (gpu->n_mig)
		sw__put_json(object, "mig", profiles_json(gpu, ok), ok);
	return object;
}

json_t *sw__model_described(const struct sw_model *model, bool *ok)
{
	return sw__fields_json(model_fields, COUNT(model_fields), model, 0, ok);
}

static enum sw_status read_profiles(const struct sw_node *node, void *into, void *context,
				    struct sw_error *err)
{
	struct sw_gpu *gpu = into;
	enum sw_status st = sw_node_check_list(node, SW_MIG_PROFILES_MAX, "profile", err);

	for (size_t i = 0; st == SW_OK && i < node->count; i++, gpu->n_mig++)
		st = sw_node_read(node->children[i], profile_fields, COUNT(profile_fields), false,
				  &gpu->mig[i], context, NULL, err);
	return st;
}

enum sw_status sw__gpu_from_described(const struct sw_node *node, struct sw_gpu *out,
				      struct sw_error *err)
{
	size_t fields = sw__get(node, "sms") ? COUNT(gpu_fields) : HOST_FIELDS;

	*out = sw__host("");
	return sw_node_read(node, gpu_fields, fields, false, out, NULL, NULL, err);
}

enum sw_status sw__model_from_described(const struct sw_node *node, struct sw_model *out,
					struct sw_error *err)
{
	*out = (struct sw_model){.weight_bits = 16};
	return sw_node_read(node, model_fields, COUNT(model_fields), false, out, NULL, NULL, err);
}

/* Structures have padding; what they say has none. Releases both. */
static bool same(json_t *a, json_t *b, const bool *ok)
{
	bool equal = *ok && json_equal(a, b);

	json_decref(a);
	json_decref(b);
	return equal;
}

bool sw__gpu_is_listed(const sw_catalog *catalog, const struct sw_gpu *gpu, bool *ok)
{
	struct sw_gpu listed;
	enum sw_status st;

	if (!sw_catalog_gpu_text(catalog, gpu->id))
		return false;
	st = sw_catalog_gpu(catalog, gpu->id, &listed, NULL);
	if (st == SW_NO_MEMORY)
		*ok = false;
	return st == SW_OK && same(sw__gpu_described(gpu, ok), sw__gpu_described(&listed, ok), ok);
}

bool sw__model_is_listed(const sw_catalog *catalog, const struct sw_model *model, bool *ok)
{
	struct sw_model listed;
	enum sw_status st;

	if (!sw_catalog_model_text(catalog, model->id))
		return false;
	st = sw_catalog_model(catalog, model->id, &listed, NULL);
	if (st == SW_NO_MEMORY)
		*ok = false;
	return st == SW_OK &&
	       same(sw__model_described(model, ok), sw__model_described(&listed, ok), ok);
}
