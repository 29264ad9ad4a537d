// SPDX-License-Identifier: Apache-2.0
#include "dataset/run_columns.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "catalog/described.h"
#include "dataset/mix_rows.h"
#include "dataset/runs.h"

const char *sw__column_type_name(enum sw__column_type type)
{
	static const char *const names[] = {"text", "integer", "double", "boolean"};

	return names[type];
}

static const struct sw_tenant *tenant_of(const struct sw__run_row *r)
{
	return &r->run->mix->tenants[r->tenant];
}

static struct sw__cell text_cell(const char *text)
{
	return (struct sw__cell){.known = text && *text, .text = text};
}

static struct sw__cell real_cell(double x)
{
	return (struct sw__cell){.known = sw_known(x), .number = x};
}

static struct sw__cell whole_cell(uint64_t x)
{
	return (struct sw__cell){.known = true, .whole = x};
}

/* The text of what is described in full goes to the scratch, `object` is released. */
static struct sw__cell described_cell(json_t *object, bool ok, struct sw_text *scratch)
{
	char *text = ok ? json_dumps(object, JSON_COMPACT) : NULL;

	json_decref(object);
	if (text)
		sw_text_puts(scratch, text);
	else
		scratch->failed = true;
	free(text);
	return text_cell(sw_text_string(scratch));
}

/* Hosts are in no catalogue and have nothing to describe. */
static struct sw__cell get_gpu(const struct sw__run_row *r, size_t index, struct sw_text *scratch)
{
	const struct sw_gpu *gpu = &r->run->mix->gpu;
	bool ok = true;
	json_t *object;

	(void)index;
	if (!r->catalog || sw__is_host(gpu) || sw__gpu_is_listed(r->catalog, gpu, &ok))
		return text_cell(gpu->id);
	object = sw__gpu_described(gpu, &ok);
	return described_cell(object, ok, scratch);
}

static struct sw__cell get_model(const struct sw__run_row *r, size_t index, struct sw_text *scratch)
{
	const struct sw_model *model = &tenant_of(r)->model;
	bool ok = true;
	json_t *object;

	(void)index;
	if (!r->catalog || sw__model_is_listed(r->catalog, model, &ok))
		return text_cell(model->id);
	object = sw__model_described(model, &ok);
	return described_cell(object, ok, scratch);
}

static struct sw__cell get_trace(const struct sw__run_row *r, size_t index, struct sw_text *scratch)
{
	const struct sw_trace *trace = tenant_of(r)->load.trace;
	char *path = trace ? realpath(trace->path, NULL) : NULL;

	(void)index;
	if (!trace)
		return text_cell(NULL);
	scratch->failed |= !path && errno == ENOMEM;
	sw_text_puts(scratch, path ? path : trace->path);
	free(path);
	return text_cell(sw_text_string(scratch));
}

/* "vllm 0.10; slicewise 0.1.0": read back at the last blank of each. */
static struct sw__cell get_software(const struct sw__run_row *r, size_t index,
				    struct sw_text *scratch)
{
	(void)index;
	for (size_t i = 0; i < r->run->n_software; i++)
		sw_text_addf(scratch, "%s%s %s", i ? "; " : "", r->run->software[i].name,
			     r->run->software[i].version);
	return text_cell(sw_text_string(scratch));
}

/* A rate that a trace has of itself is not one that was asked for. */
static struct sw__cell get_rate(const struct sw__run_row *r, size_t index, struct sw_text *scratch)
{
	const struct sw_load *load = &tenant_of(r)->load;

	(void)index, (void)scratch;
	return real_cell(load->trace_once && !r->resolved ? (double)NAN : load->rate);
}

static struct sw__cell get_measured(const struct sw__run_row *r, size_t index,
				    struct sw_text *scratch)
{
	(void)scratch;
	return real_cell(*sw__measured_at(&r->run->measured[r->tenant], index));
}

static struct sw__cell field_cell(const struct sw_field *field, const void *from)
{
	const void *member = (const char *)from + field->offset;

	switch (field->type) {
	case SW_FIELD_UINT:
		return whole_cell(*(const unsigned *)member);
	case SW_FIELD_BOOL:
		return real_cell(*(const bool *)member);
	case SW_FIELD_CHOICE:
		return text_cell(field->choices[*(const int *)member]);
	case SW_FIELD_NAME:
		return text_cell(member);
	default:
		return real_cell(*(const double *)member);
	}
}

static struct sw__cell get_engine(const struct sw__run_row *r, size_t index,
				  struct sw_text *scratch)
{
	const struct sw_engine *engine = &tenant_of(r)->engine;
	const struct sw_field *field = &sw__engine_fields[index];

	(void)scratch;
	if (!r->resolved && !(engine->given & field->given_bit))
		return text_cell(NULL);
	return field_cell(field, engine);
}

static struct sw__cell get_slo(const struct sw__run_row *r, size_t index, struct sw_text *scratch)
{
	(void)scratch;
	return field_cell(&sw__slo_fields[index], &tenant_of(r)->slo);
}

/* Lengths of a trace are its own, and are not read back. */
#define GETTER(name, expression)                                                     \
	static struct sw__cell get_##name(const struct sw__run_row *r, size_t index, \
					  struct sw_text *scratch)                   \
	{                                                                            \
		(void)index, (void)scratch;                                          \
		return expression;                                                   \
	}

GETTER(experiment, text_cell(r->run->experiment))
GETTER(repeat, whole_cell(r->run->repeat))
GETTER(mechanism, text_cell(sw_mechanism_name(r->run->mix->mechanism)))
GETTER(tenant, text_cell(tenant_of(r)->name))
GETTER(share, real_cell(tenant_of(r)->slice.share))
GETTER(memory, real_cell(tenant_of(r)->slice.memory_gib))
GETTER(concurrency, real_cell(tenant_of(r)->load.concurrency))
GETTER(prompt, real_cell(tenant_of(r)->load.prompt_tokens.mean))
GETTER(output, real_cell(tenant_of(r)->load.output_tokens.mean))
GETTER(prompt_p95, real_cell(tenant_of(r)->load.prompt_tokens.p95))
GETTER(output_p95, real_cell(tenant_of(r)->load.output_tokens.p95))
GETTER(hit_ratio, real_cell(tenant_of(r)->load.prefix_hit_ratio))
GETTER(burstiness, real_cell(tenant_of(r)->load.burstiness))
GETTER(start, real_cell(tenant_of(r)->start_s))
GETTER(source, text_cell(sw_source_id(r->run->source)))
GETTER(seed, whole_cell(r->run->seed))
GETTER(duration, real_cell(r->run->duration_s))
GETTER(started, real_cell(r->run->started_s))
GETTER(failure, text_cell(r->run->failed))
GETTER(origin, text_cell(r->run->origin))
GETTER(driver, text_cell(r->run->machine.driver))
GETTER(cpu, text_cell(r->run->machine.cpu))
GETTER(cpu_cores, (r->run->machine.cores ? whole_cell(r->run->machine.cores) : text_cell(NULL)))

#define MEASURED(i, name, unit, meaning)                       \
	{                                                      \
		name, SW__REAL, unit, meaning, get_measured, i \
	}
#define ENGINE(i, name, type, unit, meaning)             \
	{                                                \
		name, type, unit, meaning, get_engine, i \
	}
#define LIMIT(i, name, meaning)                           \
	{                                                 \
		name, SW__REAL, "ms", meaning, get_slo, i \
	}

/* The first 26 as everybody writes them, then the others. ENGINE and LIMIT count along tenant_read.c, MEASURED along runs.c. */
const struct sw__run_column sw__run_columns[] = {
	{"experiment", SW__TEXT, "", "engines that ran together have the same", get_experiment, 0},
	{"repeat", SW__WHOLE, "", "which time it was run, from 1", get_repeat, 0},
	{"gpu", SW__TEXT, "", "catalogue id; under cpu-quota a host", get_gpu, 0},
	{"mechanism", SW__TEXT, "", "who enforced the slices", get_mechanism, 0},
	{"tenant", SW__TEXT, "", "name of the engine in its mix", get_tenant, 0},
	{"model", SW__TEXT, "", "catalogue id", get_model, 0},
	{"share", SW__REAL, "fraction", "of the compute of the GPU", get_share, 0},
	{"memory_gib", SW__REAL, "GiB", "what the engine may see", get_memory, 0},
	ENGINE(3, "max_num_seqs", SW__WHOLE, "sequences", "batch limit"),
	ENGINE(4, "max_num_batched_tokens", SW__WHOLE, "tokens", "in one step"),
	ENGINE(5, "cuda_graphs", SW__TRUTH, "", "whether steps are launched as graphs"),
	{"rate", SW__REAL, "1/s", "requests that arrive, open loop", get_rate, 0},
	{"concurrency", SW__REAL, "requests", "in flight, closed loop", get_concurrency, 0},
	{"prompt_tokens", SW__REAL, "tokens", "mean length of prompts", get_prompt, 0},
	{"output_tokens", SW__REAL, "tokens", "mean length of answers", get_output, 0},
	MEASURED(0, "ttft_mean_ms", "ms", "time to first token, mean"),
	MEASURED(1, "ttft_p50_ms", "ms", "the same, median"),
	MEASURED(2, "ttft_p95_ms", "ms", "the same, 95th percentile"),
	MEASURED(3, "ttft_p99_ms", "ms", "the same, 99th percentile"),
	MEASURED(4, "tpot_mean_ms", "ms",
		 "time per output token after the first, mean over requests"),
	MEASURED(5, "tpot_p50_ms", "ms", "the same, median"),
	MEASURED(6, "tpot_p95_ms", "ms", "the same, 95th percentile"),
	MEASURED(7, "tpot_p99_ms", "ms", "the same, 99th percentile"),
	MEASURED(8, "output_tok_s", "1/s", "output tokens of this engine"),
	MEASURED(9, "requests_per_s", "1/s", "requests that were answered"),
	MEASURED(10, "requests", "requests", "answered and counted"),
	MEASURED(11, "failed", "requests", "of all that were sent"),
	MEASURED(12, "running", "sequences", "mean over time"),
	MEASURED(13, "kv_used", "fraction", "of the KV cache, mean over time"),
	MEASURED(14, "preemptions", "1", "per request"),
	ENGINE(0, "engine", SW__TEXT, "", "inference server"),
	ENGINE(1, "engine_version", SW__TEXT, "", "of the inference server"),
	ENGINE(2, "max_model_len", SW__WHOLE, "tokens", "longest context"),
	ENGINE(6, "dtype", SW__TEXT, "", "of weights and activations"),
	ENGINE(7, "quantization", SW__TEXT, "", "of the weights of linear layers"),
	ENGINE(8, "kv_cache_dtype", SW__TEXT, "", "of the KV cache"),
	ENGINE(9, "prefix_caching", SW__TRUTH, "", "whether prompts are looked for in the cache"),
	ENGINE(10, "gpu_memory_utilization", SW__REAL, "fraction", "of what the engine sees"),
	ENGINE(11, "kv_cache_tokens", SW__REAL, "tokens", "instead of what memory gives"),
	ENGINE(12, "cores", SW__REAL, "cores", "of the host, for this engine"),
	{"prompt_tokens_p95", SW__REAL, "tokens", "95th percentile; unknown: each has the mean",
	 get_prompt_p95, 0},
	{"output_tokens_p95", SW__REAL, "tokens", "95th percentile; unknown: each has the mean",
	 get_output_p95, 0},
	{"prefix_hit_ratio", SW__REAL, "fraction", "of prompt tokens found in the cache",
	 get_hit_ratio, 0},
	{"burstiness", SW__REAL, "1", "coefficient of variation of the gaps between arrivals",
	 get_burstiness, 0},
	{"trace", SW__TEXT, "", "path of the trace that was played", get_trace, 0},
	{"start_s", SW__REAL, "s", "when the engine was started", get_start, 0},
	LIMIT(0, "slo_ttft_mean_ms", "limit"),
	LIMIT(1, "slo_ttft_p50_ms", "limit"),
	LIMIT(2, "slo_ttft_p95_ms", "limit"),
	LIMIT(3, "slo_ttft_p99_ms", "limit"),
	LIMIT(4, "slo_tpot_mean_ms", "limit"),
	LIMIT(5, "slo_tpot_p50_ms", "limit"),
	LIMIT(6, "slo_tpot_p95_ms", "limit"),
	LIMIT(7, "slo_tpot_p99_ms", "limit"),
	{"source", SW__TEXT, "", "simulator, endpoints, processes, replay or import", get_source,
	 0},
	{"seed", SW__WHOLE, "", "of arrivals and lengths", get_seed, 0},
	{"duration_s", SW__REAL, "s", "that was measured", get_duration, 0},
	{"started_s", SW__REAL, "s", "since 1970", get_started, 0},
	{"failure", SW__TEXT, "", "why the run has no, or not all, numbers", get_failure, 0},
	{"origin", SW__TEXT, "", "where the run comes from", get_origin, 0},
	{"driver", SW__TEXT, "", "of the GPU", get_driver, 0},
	{"cpu", SW__TEXT, "", "of the host", get_cpu, 0},
	{"cpu_cores", SW__WHOLE, "cores", "of the host", get_cpu_cores, 0},
	{"software", SW__TEXT, "", "names and versions, between semicolons", get_software, 0},
};

const size_t sw__run_columns_n = sizeof(sw__run_columns) / sizeof(sw__run_columns[0]);
