// SPDX-License-Identifier: Apache-2.0
#include "validate/pair_rows.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "catalog/names.h"
#include "formats/trace.h"
#include "predict/tenant_read.h"
#include "sharing/mechanism.h"
#include "validate/skipped_rows.h"

/* Columns; those from FIRST_OPTIONAL on may be missing. */
enum column {
	CONFIG,
	MECHANISM,
	MODELS,
	CLIENTS,
	FIRST_OPTIONAL,
	SHARE = FIRST_OPTIONAL,
	MEMORY,
	UTILIZATION,
	SEQS,
	GPU,
	MODEL,
	PROMPT,
	OUTPUT,
	COLUMNS
};

static const char *const names[COLUMNS] = {
	"config",
	"mechanism",
	"models_per_gpu",
	"concurrency_per_model",
	"sm_share_pct",
	"memory_visible_or_cap_mib",
	"gpu_memory_utilization",
	"max_num_seqs",
	"gpu",
	"model",
	"prompt_tokens",
	"output_tokens",
};

static const double MIB_PER_GIB = 1024, PERCENT = 100;

static const struct sw__row_metric metrics[] = {
	SW__LATENCY_METRIC(SW_TTFT, SW_P50, "ttft_p50_ms"),
	/* Of requests, not of tokens: the study's clients report means of requests. */
	SW__LATENCY_METRIC(SW_TPOT, SW_P50, "itl_p50_ms"),
	{"output_tok_s_per_gpu", offsetof(struct sw_prediction, output_tokens_per_s), true},
};

/* Rows while they are predicted. */
struct reading {
	struct sw__row_context *context;
	const struct sw_csv *csv;
	size_t at[COLUMNS]; /* SIZE_MAX: no such column */
};

static void find_columns(const struct sw_csv *csv, size_t *at)
{
	for (int i = 0; i < COLUMNS; i++) {
		at[i] = SIZE_MAX;
		(void)sw_csv_find(csv, names[i], &at[i]);
	}
}

static const char *cell(const struct reading *r, size_t row, enum column column)
{
	return r->at[column] == SIZE_MAX ? "" : sw_csv_cell(r->csv, row, r->at[column]);
}

enum sw_status sw__pair_rows_check(const struct sw_csv *csv,
				   const struct sw_validate_settings *given, struct sw_error *err)
{
	const struct {
		enum column column;
		bool given;
		const char *what, *option;
	} needs[] = {
		{GPU, given->gpu != NULL, "GPU", "--gpu ID"},
		{MODEL, given->model != NULL, "model", "--model ID"},
		{PROMPT, given->prompt_tokens > 0, "prompt length", "--prompt-tokens N"},
		{OUTPUT, given->output_tokens > 0, "output length", "--output-tokens N"},
	};
	struct sw_text what = {0}, options = {0};
	enum sw_status st = SW_OK;
	size_t at[COLUMNS];

	find_columns(csv, at);
	for (size_t i = 0; i < sizeof(needs) / sizeof(needs[0]); i++) {
		if (needs[i].given || at[needs[i].column] != SIZE_MAX)
			continue;
		sw_text_addf(&what, "%s%s", what.size ? ", " : "", needs[i].what);
		sw_text_addf(&options, "%s%s", options.size ? ", " : "", needs[i].option);
	}
	if (!sw_text_ok(&what) || !sw_text_ok(&options))
		st = sw_fail(err, SW_NO_MEMORY, "validate: out of memory");
	else if (what.size)
		st = sw_fail(err, SW_USAGE, "%s: rows of pairs do not say their %s, expected %s",
			     csv->name, what.data, options.data);
	sw_text_free(&what);
	sw_text_free(&options);
	return st;
}

/* Published files describe a mechanism in words: the first of these that is in them. */
static const struct {
	const char *word;
	enum sw_mechanism mechanism;
} words[] = {
	{"time-slic", SW_TIMESLICE}, /* also where a layer above the driver caps memory alone */
	{"timeslice", SW_TIMESLICE}, {"mps", SW_MPS},        {"mig", SW_MIG},
	{"hami", SW_HAMI},           {"none", SW_EXCLUSIVE}, {"exclusive", SW_EXCLUSIVE},
	{"dedicated", SW_EXCLUSIVE},
};

static enum sw_status read_mechanism(const struct reading *r, size_t row, enum sw_mechanism *out,
				     struct sw_error *err)
{
	const char *text = cell(r, row, MECHANISM);

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strcasestr(text, words[i].word)) {
			*out = words[i].mechanism;
			return SW_OK;
		}
	}
	return sw_csv_refuse(r->csv, row, r->at[MECHANISM], err,
			     "words with none, exclusive, MPS, time-slicing, HAMi or MIG in them");
}

/* Per cent of the SMs; "none" and nothing where the mechanism knows no share. */
static enum sw_status read_share(const struct reading *r, size_t row, struct sw_slice *slice,
				 struct sw_error *err)
{
	static const struct sw_csv_range range = {
		.min = 0, .max = 100, .min_open = true, .unit = "per cent"};
	const struct sw__mechanism *mechanism = sw__mechanism(slice->mechanism);
	double percent;
	enum sw_status st;

	slice->share = 1;
	if (!mechanism->share_has_effect)
		return SW_OK;
	if (r->at[SHARE] == SIZE_MAX)
		return sw_fail(err, SW_BAD_INPUT, "%s:%d: found no %s, expected a share under %s",
			       r->csv->name, sw_csv_line(r->csv, row), names[SHARE], mechanism->id);
	st = sw_csv_required(r->csv, row, r->at[SHARE], &range, &percent, err);
	slice->share = percent / PERCENT;
	return st;
}

/*
 * "0.85", or a number with what it is a part of behind it. "(of physical ...)": the cap is one on allocations, and the engine sees the
 * whole GPU; else it sees the cap alone.
 */
static enum sw_status read_memory(const struct reading *r, size_t row, const struct sw_gpu *gpu,
				  struct sw_tenant *tenant, struct sw_error *err)
{
	const struct sw_csv_range range = {.min = 0,
					   .max = ceil(gpu->dram_gib * MIB_PER_GIB),
					   .min_open = true,
					   .unit = "MiB"};
	const char *text = cell(r, row, UTILIZATION);
	char *end;
	double mib = NAN, fraction = strtod(text, &end);
	enum sw_status st = SW_OK;

	if (*text && (end == text || !(fraction > 0 && fraction <= 1) ||
		      (*end && strncmp(end, " (", 2) != 0)))
		return sw_csv_refuse(r->csv, row, r->at[UTILIZATION], err,
				     "a fraction above 0 up to 1, words in brackets behind it");
	if (*text) {
		tenant->engine.gpu_memory_utilization = fraction;
		tenant->engine.given |= SW_KEY_GPU_MEMORY_UTILIZATION;
	}
	if (r->at[MEMORY] != SIZE_MAX)
		st = sw_csv_number(r->csv, row, r->at[MEMORY], &range, &mib, err);
	if (st == SW_OK && mib < sw_gpu_visible_gib(gpu) * MIB_PER_GIB &&
	    !strstr(text, "of physical"))
		tenant->slice.memory_gib = mib / MIB_PER_GIB;
	return st;
}

static enum sw_status read_length(const struct reading *r, size_t row, enum column column,
				  double given, double *out, struct sw_error *err)
{
	static const struct sw_csv_range range = {
		.min = 1, .max = SW__TOKENS_MAX, .unit = "tokens"};

	*out = given;
	return r->at[column] == SIZE_MAX
		       ? SW_OK
		       : sw_csv_required(r->csv, row, r->at[column], &range, out, err);
}

static enum sw_status read_load(const struct reading *r, size_t row, struct sw_load *load,
				struct sw_error *err)
{
	static const struct sw_csv_range flight = {.min = 1, .max = 1e6, .unit = "in flight"};
	const struct sw_validate_settings *given = &r->context->given;
	enum sw_status st;

	*load = (struct sw_load){.rate = NAN, .burstiness = 1};
	load->prompt_tokens.p95 = load->output_tokens.p95 = NAN;
	st = sw__row_whole(r->csv, row, r->at[CLIENTS], &flight, &load->concurrency, err);
	if (st == SW_OK)
		st = read_length(r, row, PROMPT, given->prompt_tokens, &load->prompt_tokens.mean,
				 err);
	if (st == SW_OK)
		st = read_length(r, row, OUTPUT, given->output_tokens, &load->output_tokens.mean,
				 err);
	return st;
}

static enum sw_status read_seqs(const struct reading *r, size_t row, struct sw_engine *engine,
				struct sw_error *err)
{
	static const struct sw_csv_range range = {.min = 1, .max = 1 << 24};
	enum sw_status st;
	double x;

	if (!*cell(r, row, SEQS))
		return SW_OK;
	st = sw__row_whole(r->csv, row, r->at[SEQS], &range, &x, err);
	if (st != SW_OK)
		return st;
	engine->max_num_seqs = (unsigned)x;
	engine->given |= SW_KEY_MAX_NUM_SEQS;
	return SW_OK;
}

static enum sw_status read_gpu(const struct reading *r, size_t row, struct sw__row_gpu **gpu,
			       struct sw_error *err)
{
	enum sw_status st;

	if (r->at[GPU] == SIZE_MAX)
		return sw__given_gpu(r->context, gpu, err);
	st = sw__row_gpu(r->context, r->csv, row, r->at[GPU], gpu, err);
	return st == SW_OK ? sw__calibrate(r->context, *gpu, err) : st;
}

static enum sw_status read_model(const struct reading *r, size_t row, struct sw_error *err)
{
	return r->at[MODEL] == SIZE_MAX ? sw__given_model(r->context, err)
					: sw__row_model(r->context, r->csv, row, r->at[MODEL], err);
}

static enum sw_status read_tenant(const struct reading *r, size_t row, const struct sw_gpu *gpu,
				  struct sw_tenant *tenant, struct sw_error *err)
{
	enum sw_status st = read_model(r, row, err);

	*tenant = (struct sw_tenant){.engine = sw__engine_nothing_given(),
				     .slo = sw__slo_none(),
				     .model = r->context->model,
				     .slice = {.memory_gib = NAN}};
	if (st == SW_OK)
		st = read_mechanism(r, row, &tenant->slice.mechanism, err);
	if (st == SW_OK)
		st = read_share(r, row, &tenant->slice, err);
	if (st == SW_OK)
		st = read_memory(r, row, gpu, tenant, err);
	if (st == SW_OK)
		st = read_seqs(r, row, &tenant->engine, err);
	return st == SW_OK ? read_load(r, row, &tenant->load, err) : st;
}

/* One under exclusive; more than there may be on a GPU is a slip. */
static enum sw_status read_models(const struct reading *r, size_t row, enum sw_mechanism mechanism,
				  size_t *n, struct sw_error *err)
{
	static const struct sw_csv_range range = {.min = 1, .max = SW_TENANTS_MAX};
	double x = 0;
	enum sw_status st = sw__row_whole(r->csv, row, r->at[MODELS], &range, &x, err);

	*n = (size_t)x;
	if (st == SW_OK && mechanism == SW_EXCLUSIVE && x > 1)
		return sw_csv_refuse(r->csv, row, r->at[MODELS], err,
				     "1 where no mechanism shares the GPU");
	return st;
}

static enum sw_status put(struct sw_validation *v, size_t row,
			  const struct sw_prediction *predictions, size_t n, struct sw_error *err)
{
	for (size_t m = 0; m < v->n_metrics; m++)
		v->predicted[row * v->n_metrics + m] =
			sw__row_metric_of(metrics, v->metrics[m], predictions, n, 0);
	return sw__skip_rows(v, predictions[0].binds == SW_BINDS_OVERLOAD,
			     "overload: no prediction of latencies", err);
}

static enum sw_status put_nothing(struct sw_validation *v, size_t row, const char *why,
				  struct sw_error *err)
{
	for (size_t m = 0; m < v->n_metrics; m++)
		v->predicted[row * v->n_metrics + m] = NAN;
	return sw__skip_rows(v, 1, why, err);
}

static enum sw_status predict_engines(const struct reading *r, struct sw_validation *v, size_t row,
				      const struct sw__row_gpu *gpu, const struct sw_tenant *tenant,
				      size_t n, struct sw_error *err)
{
	struct sw_prediction predictions[SW_TENANTS_MAX];
	struct sw_tenant tenants[SW_TENANTS_MAX];
	struct sw_error inner;
	enum sw_status st;

	for (size_t i = 0; i < n; i++)
		tenants[i] = *tenant;
	st = sw__predict_engines(gpu, tenant->slice.mechanism, tenants, n, predictions, &inner);
	if (st == SW_OK)
		return put(v, row, predictions, n, err);
	if (st == SW_INFEASIBLE)
		return put_nothing(v, row, inner.message, err);
	return sw_fail(err, st, "%s:%d: %s", r->csv->name, sw_csv_line(r->csv, row), inner.message);
}

static enum sw_status predict_row(const struct reading *r, struct sw_validation *v, size_t row,
				  struct sw_error *err)
{
	struct sw__row_gpu *gpu;
	struct sw_tenant tenant;
	size_t n = 0;
	enum sw_status st = read_gpu(r, row, &gpu, err);

	if (st == SW_OK)
		st = read_tenant(r, row, &gpu->gpu, &tenant, err);
	if (st == SW_OK)
		st = read_models(r, row, tenant.slice.mechanism, &n, err);
	return st == SW_OK ? predict_engines(r, v, row, gpu, &tenant, n, err) : st;
}

static enum sw_status predict(struct sw__row_context *context, struct sw_validation *v,
			      struct sw_error *err)
{
	struct reading r = {.context = context, .csv = v->table};
	enum sw_status st = SW_OK;

	find_columns(v->table, r.at);
	for (size_t row = 0; st == SW_OK && row < v->n_rows; row++)
		st = predict_row(&r, v, row, err);
	return st;
}

const struct sw__row_family sw__pair_rows = {metrics, sizeof(metrics) / sizeof(metrics[0]), predict,
					     "config"};
