// SPDX-License-Identifier: Apache-2.0
#include "predict/tenant_read.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/text.h"
#include "catalog/described.h"
#include "catalog/names.h"
#include "formats/trace.h"
#include "sharing/mechanism.h"

#define FIELD_COUNT(fields) (sizeof(fields) / sizeof((fields)[0]))

const char *const sw__usable_mechanisms[] = {"exclusive", "mps", "timeslice", "hami", "mig", NULL};

/* Weights are computed in these; the narrower types of enum sw_dtype come by `quantization` and `kv_cache_dtype`. */
static const char *const compute_dtypes[] = {"float32", "float16", "bfloat16", NULL};

/* What is believed of a setting; beyond it a number is a slip. */
enum {
	MODEL_LEN_MAX = 1 << 28,
	SEQS_MAX = 1 << 16,
	BATCHED_TOKENS_MAX = 1 << 24,
	KV_TOKENS_MAX = 1 << 30,
	CORES_MAX = 4096
};
enum { VERSION_MAX = sizeof(((struct sw_engine *)NULL)->version) };
#define LIMIT_MAX_MS 1e7

#define ENGINE(type_, member, bit, ...)                                                      \
	{                                                                                    \
		.key = #member, .type = type_, .offset = offsetof(struct sw_engine, member), \
		.given_bit = bit, __VA_ARGS__                                                \
	}
#define RANGE(min_, max_, unit_) .min = min_, .max = max_, .unit = unit_

const struct sw_field sw__engine_fields[SW__ENGINE_FIELDS] = {
	{.key = "name",
	 .type = SW_FIELD_CHOICE,
	 .offset = offsetof(struct sw_engine, kind),
	 .choices = sw__engine_names,
	 .given_bit = SW_KEY_NAME},
	ENGINE(SW_FIELD_NAME, version, SW_KEY_VERSION, .capacity = VERSION_MAX),
	ENGINE(SW_FIELD_UINT, max_model_len, SW_KEY_MAX_MODEL_LEN,
	       RANGE(2, MODEL_LEN_MAX, "tokens")),
	ENGINE(SW_FIELD_UINT, max_num_seqs, SW_KEY_MAX_NUM_SEQS, RANGE(1, SEQS_MAX, "sequences")),
	ENGINE(SW_FIELD_UINT, max_num_batched_tokens, SW_KEY_MAX_NUM_BATCHED_TOKENS,
	       RANGE(1, BATCHED_TOKENS_MAX, "tokens")),
	ENGINE(SW_FIELD_BOOL, cuda_graphs, SW_KEY_CUDA_GRAPHS, .unit = NULL),
	ENGINE(SW_FIELD_CHOICE, dtype, SW_KEY_DTYPE, .choices = compute_dtypes),
	ENGINE(SW_FIELD_CHOICE, quantization, SW_KEY_QUANTIZATION,
	       .choices = sw__quantization_names),
	ENGINE(SW_FIELD_CHOICE, kv_cache_dtype, SW_KEY_KV_CACHE_DTYPE, .choices = sw__dtype_names),
	ENGINE(SW_FIELD_BOOL, prefix_caching, SW_KEY_PREFIX_CACHING, .unit = NULL),
	ENGINE(SW_FIELD_NUMBER, gpu_memory_utilization, SW_KEY_GPU_MEMORY_UTILIZATION,
	       RANGE(0, 1, "fraction"), .min_open = true),
	ENGINE(SW_FIELD_NUMBER, kv_cache_tokens, SW_KEY_KV_CACHE_TOKENS,
	       RANGE(1, KV_TOKENS_MAX, "tokens")),
	ENGINE(SW_FIELD_NUMBER, cores, SW_KEY_CORES, RANGE(0, CORES_MAX, "host cores"),
	       .min_open = true),
};

#define SLO(metric, statistic, id)                                                      \
	{                                                                               \
		.key = id, .type = SW_FIELD_NUMBER,                                     \
		.offset = offsetof(struct sw_slo, bound_ms) +                           \
			  ((metric)*SW_STATISTIC_COUNT + (statistic)) * sizeof(double), \
		.min = 0, .min_open = true, .max = LIMIT_MAX_MS, .unit = "ms"           \
	}

const struct sw_field sw__slo_fields[SW__SLO_FIELDS] = {
	SLO(SW_TTFT, SW_MEAN, "ttft_mean_ms"), SLO(SW_TTFT, SW_P50, "ttft_p50_ms"),
	SLO(SW_TTFT, SW_P95, "ttft_p95_ms"),   SLO(SW_TTFT, SW_P99, "ttft_p99_ms"),
	SLO(SW_TPOT, SW_MEAN, "tpot_mean_ms"), SLO(SW_TPOT, SW_P50, "tpot_p50_ms"),
	SLO(SW_TPOT, SW_P95, "tpot_p95_ms"),   SLO(SW_TPOT, SW_P99, "tpot_p99_ms"),
};

enum sw_status sw__relay(const struct sw_node *node, enum sw_status status,
			 const struct sw_error *inner, struct sw_error *err)
{
	if (status == SW_OK)
		return SW_OK;
	if (status == SW_IO)
		status = SW_BAD_INPUT;
	(void)sw_node_complain(node, err, "%s", inner->message);
	if (err)
		err->status = status;
	return status;
}

enum sw_status sw__check_unique(const struct sw_node *list, const char *names, size_t stride,
				size_t n, struct sw_error *err)
{
	for (size_t i = 0; i < n; i++) {
		for (size_t j = 0; j < i; j++) {
			const struct sw_node *name = sw_node_get(list->children[i], "name");

			if (strcmp(names + i * stride, names + j * stride) == 0)
				return sw_node_refuse(
					name ? name : list->children[i], err,
					"a name that no other has (the one on line %d "
					"has it too)",
					list->children[j]->line);
		}
	}
	return SW_OK;
}

void sw__traces_free(struct sw_trace **traces, size_t n)
{
	for (size_t i = 0; i < n; i++)
		sw__trace_free(traces[i]);
	free((void *)traces);
}

void sw__source_free(struct sw__source *source)
{
	sw__traces_free(source->traces, source->n_traces);
	source->traces = NULL;
	source->n_traces = 0;
}

struct sw_engine sw__engine_nothing_given(void)
{
	return (struct sw_engine){.kv_cache_tokens = NAN, .cores = NAN};
}

struct sw_slo sw__slo_none(void)
{
	struct sw_slo slo;

	for (int metric = 0; metric < SW_METRIC_COUNT; metric++) {
		for (int statistic = 0; statistic < SW_STATISTIC_COUNT; statistic++)
			slo.bound_ms[metric][statistic] = NAN;
	}
	return slo;
}

static bool is_path(const char *text)
{
	size_t n = strlen(text);

	return strchr(text, '/') || (n > 5 && strcmp(text + n - 5, ".json") == 0);
}

/* What a gpu or model key names: an id as it stands, a path beside the file that names it. */
static enum sw_status resolve_name(const struct sw_node *node, const struct sw__source *source,
				   struct sw_text *name, struct sw_error *err)
{
	if ((node->kind != SW_NODE_STRING && node->kind != SW_NODE_NUMBER) || !*node->text)
		return sw_node_refuse(node, err,
				      "an id of the catalogue or the path of a JSON file");
	if (is_path(node->text))
		return sw_file_beside(source->path, node->text, name, err);
	sw_text_puts(name, node->text);
	return sw_text_ok(name) ? SW_OK
				: sw_fail(err, SW_NO_MEMORY, "%s: out of memory", source->path);
}

enum sw_status sw__read_path(const struct sw_node *node, const struct sw__source *source,
			     char **out, struct sw_error *err)
{
	struct sw_text path = {0};
	enum sw_status st = SW_OK;

	*out = NULL;
	if (node->kind == SW_NODE_STRING && is_path(node->text))
		st = sw_file_beside(source->path, node->text, &path, err);
	if (st == SW_OK)
		*out = path.data;
	else
		sw_text_free(&path);
	return st;
}

enum sw_status sw__read_gpu(const struct sw_node *node, void *gpu, void *source,
			    struct sw_error *err)
{
	const struct sw__source *from = source;
	struct sw_text name = {0};
	struct sw_error inner;
	enum sw_status st;

	if (from->measured && node->kind == SW_NODE_MAP)
		return sw__gpu_from_described(node, gpu, err);
	st = resolve_name(node, from, &name, err);
	if (st == SW_OK)
		st = sw__relay(node, sw_catalog_gpu(from->catalog, name.data, gpu, &inner), &inner,
			       err);
	sw_text_free(&name);
	return st;
}

/* Every CPU computes in what its engine is told to: as a GPU with bfloat16 does. */
static enum sw_status read_host(const struct sw_node *node, struct sw_gpu *host,
				struct sw_error *err)
{
	if (node->kind != SW_NODE_STRING || !*node->text || !sw_is_plain(node->text) ||
	    strlen(node->text) >= SW_NAME_MAX)
		return sw_node_refuse(node, err, "the host's name, under cpu-quota");
	*host = sw__host(node->text);
	host->compute_major = 8;
	return SW_OK;
}

enum sw_status sw__read_place(const struct sw_node *node, enum sw_mechanism mechanism,
			      struct sw_gpu *out, struct sw__source *source, struct sw_error *err)
{
	if (!sw__mechanism(mechanism)->share_is_quota || node->kind == SW_NODE_MAP)
		return sw__read_gpu(node, out, source, err);
	return read_host(node, out, err);
}

enum sw_status sw__read_model(const struct sw_node *node, void *model, void *source,
			      struct sw_error *err)
{
	const struct sw__source *from = source;
	struct sw_text name = {0};
	struct sw_error inner;
	enum sw_status st;

	if (from->measured && node->kind == SW_NODE_MAP)
		return sw__model_from_described(node, model, err);
	if (sw_node_get(node, "table"))
		return sw_node_complain(node, err,
					"measured tables are not supported yet; expected an "
					"id of the catalogue or the path of a config.json");
	st = resolve_name(node, from, &name, err);
	if (st == SW_OK)
		st = sw__relay(node, sw_catalog_model(from->catalog, name.data, model, &inner),
			       &inner, err);
	sw_text_free(&name);
	return st;
}

enum sw_status sw__read_engine(const struct sw_node *node, void *engine, void *source,
			       struct sw_error *err)
{
	struct sw_engine *into = engine;

	return sw_node_read(node, sw__engine_fields, SW__ENGINE_FIELDS, false, into, source,
			    &into->given, err);
}

/* A setting as sw__engine_fields knows it; NULL: there is none such. */
static const struct sw_field *setting(const struct sw_node *name)
{
	for (size_t i = 0; name->kind == SW_NODE_STRING && i < SW__ENGINE_FIELDS; i++) {
		if (strcmp(sw__engine_fields[i].key, name->text) == 0)
			return &sw__engine_fields[i];
	}
	return NULL;
}

/* `given` and `chosen`: lists of settings, into the bits of a mask. */
static enum sw_status read_settings(const struct sw_node *node, void *mask, void *source,
				    struct sw_error *err)
{
	unsigned *into = mask;

	(void)source;
	if (node->kind != SW_NODE_LIST)
		return sw_node_refuse(node, err, "a list of settings");
	for (size_t i = 0; i < node->count; i++) {
		const struct sw_field *field = setting(node->children[i]);

		if (!field)
			return sw_node_refuse(node->children[i], err, "a setting of an engine");
		*into |= field->given_bit;
	}
	return SW_OK;
}

#define DECIDED(name)                                                                    \
	{                                                                                \
		.key = name, .type = SW_FIELD_CALL, .read = read_settings,               \
		.offset = offsetof(struct sw__planned_engine, decided), .required = true \
	}

enum sw_status sw__read_planned_engine(const struct sw_node *node, void *engine, void *source,
				       struct sw_error *err)
{
	static const struct sw_field lists[] = {DECIDED("given"), DECIDED("chosen")};
	struct sw_field fields[SW__ENGINE_FIELDS + FIELD_COUNT(lists)];
	struct sw__planned_engine *into = engine;

	/* The engine stands first, so that its settings are where their table says. */
	(void)memcpy(fields, sw__engine_fields, sizeof(sw__engine_fields));
	(void)memcpy(fields + SW__ENGINE_FIELDS, lists, sizeof(lists));
	for (size_t i = 0; i < SW__ENGINE_FIELDS; i++)
		fields[i].null_is_absent = true;
	return sw_node_read(node, fields, FIELD_COUNT(fields), false, into, source,
			    &into->engine.given, err);
}

enum sw_status sw__read_slo(const struct sw_node *node, void *slo, void *source,
			    struct sw_error *err)
{
	return sw_node_read(node, sw__slo_fields, SW__SLO_FIELDS, false, slo, source, NULL, err);
}

enum sw_status sw__check_lengths(const struct sw_node *node, const struct sw_load *load,
				 unsigned max_model_len, struct sw_error *err)
{
	double mean = load->prompt_tokens.mean + load->output_tokens.mean;

	if (mean <= max_model_len)
		return SW_OK;
	return sw_node_complain(node, err,
				"the mean request has %.15g tokens, expected at most the engine's "
				"max_model_len of %u",
				mean, max_model_len);
}
