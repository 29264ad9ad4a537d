// SPDX-License-Identifier: Apache-2.0
#include "dataset/pair_rows.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "catalog/names.h"
#include "formats/trace.h"
#include "predict/tenant_read.h"
#include "sharing/mechanism.h"

static const char *const names[SW__PAIR_COLUMNS] = {
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

static void find_columns(const struct sw_csv *csv, size_t *at)
{
	for (int i = 0; i < SW__PAIR_COLUMNS; i++) {
		at[i] = SIZE_MAX;
		(void)sw_csv_find(csv, names[i], &at[i]);
	}
}

struct sw__pair_rows sw__pair_rows(struct sw__row_context *context, const struct sw_csv *csv)
{
	struct sw__pair_rows rows = {.context = context, .csv = csv};

	find_columns(csv, rows.at);
	return rows;
}

const char *sw__pair_cell(const struct sw__pair_rows *r, size_t row, enum sw__pair_column column)
{
	return r->at[column] == SIZE_MAX ? "" : sw_csv_cell(r->csv, row, r->at[column]);
}

enum sw_status sw__pair_rows_check(const struct sw_csv *csv, const struct sw_rows_given *given,
				   struct sw_error *err)
{
	const struct {
		enum sw__pair_column column;
		bool given;
		const char *what, *option;
	} needs[] = {
		{SW__PAIR_GPU, given->gpu != NULL, "GPU", "--gpu ID"},
		{SW__PAIR_MODEL, given->model != NULL, "model", "--model ID"},
		{SW__PAIR_PROMPT, given->prompt_tokens > 0, "prompt length", "--prompt-tokens N"},
		{SW__PAIR_OUTPUT, given->output_tokens > 0, "output length", "--output-tokens N"},
	};
	struct sw_text what = {0}, options = {0};
	enum sw_status st = SW_OK;
	size_t at[SW__PAIR_COLUMNS];

	find_columns(csv, at);
	for (size_t i = 0; i < sizeof(needs) / sizeof(needs[0]); i++) {
		if (needs[i].given || at[needs[i].column] != SIZE_MAX)
			continue;
		sw_text_addf(&what, "%s%s", what.size ? ", " : "", needs[i].what);
		sw_text_addf(&options, "%s%s", options.size ? ", " : "", needs[i].option);
	}
	if (!sw_text_ok(&what) || !sw_text_ok(&options))
		st = sw_fail(err, SW_NO_MEMORY, "rows: out of memory");
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

static enum sw_status read_mechanism(const struct sw__pair_rows *r, size_t row,
				     enum sw_mechanism *out, struct sw_error *err)
{
	const char *text = sw__pair_cell(r, row, SW__PAIR_MECHANISM);

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strcasestr(text, words[i].word)) {
			*out = words[i].mechanism;
			return SW_OK;
		}
	}
	return sw_csv_refuse(r->csv, row, r->at[SW__PAIR_MECHANISM], err,
			     "words with none, exclusive, MPS, time-slicing, HAMi or MIG in them");
}

/* Per cent of the SMs; "none" and nothing where the mechanism knows no share. */
static enum sw_status read_share(const struct sw__pair_rows *r, size_t row, struct sw_slice *slice,
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
	if (r->at[SW__PAIR_SHARE] == SIZE_MAX)
		return sw_fail(err, SW_BAD_INPUT, "%s:%d: found no %s, expected a share under %s",
			       r->csv->name, sw_csv_line(r->csv, row), names[SW__PAIR_SHARE],
			       mechanism->id);
	st = sw_csv_required(r->csv, row, r->at[SW__PAIR_SHARE], &range, &percent, err);
	slice->share = percent / PERCENT;
	return st;
}

/*
 * "0.85", or a number with what it is a part of behind it. "(of physical ...)": the cap is one on allocations, and the engine sees the
 * whole GPU; else it sees the cap alone.
 */
static enum sw_status read_memory(const struct sw__pair_rows *r, size_t row,
				  const struct sw_gpu *gpu, struct sw_tenant *tenant,
				  struct sw_error *err)
{
	const struct sw_csv_range range = {.min = 0,
					   .max = ceil(gpu->dram_gib * MIB_PER_GIB),
					   .min_open = true,
					   .unit = "MiB"};
	const char *text = sw__pair_cell(r, row, SW__PAIR_UTILIZATION);
	char *end;
	double mib = NAN, fraction = strtod(text, &end);
	enum sw_status st = SW_OK;

	if (*text && (end == text || !(fraction > 0 && fraction <= 1) ||
		      (*end && strncmp(end, " (", 2) != 0)))
		return sw_csv_refuse(r->csv, row, r->at[SW__PAIR_UTILIZATION], err,
				     "a fraction above 0 up to 1, words in brackets behind it");
	if (*text) {
		tenant->engine.gpu_memory_utilization = fraction;
		tenant->engine.given |= SW_KEY_GPU_MEMORY_UTILIZATION;
	}
	if (r->at[SW__PAIR_MEMORY] != SIZE_MAX)
		st = sw_csv_number(r->csv, row, r->at[SW__PAIR_MEMORY], &range, &mib, err);
	if (st == SW_OK && mib < sw_gpu_visible_gib(gpu) * MIB_PER_GIB &&
	    !strstr(text, "of physical"))
		tenant->slice.memory_gib = mib / MIB_PER_GIB;
	return st;
}

static enum sw_status read_length(const struct sw__pair_rows *r, size_t row,
				  enum sw__pair_column column, double given, double *out,
				  struct sw_error *err)
{
	static const struct sw_csv_range range = {
		.min = 1, .max = SW__TOKENS_MAX, .unit = "tokens"};

	*out = given;
	return r->at[column] == SIZE_MAX
		       ? SW_OK
		       : sw_csv_required(r->csv, row, r->at[column], &range, out, err);
}

static enum sw_status read_load(const struct sw__pair_rows *r, size_t row, struct sw_load *load,
				struct sw_error *err)
{
	static const struct sw_csv_range flight = {.min = 1, .max = 1e6, .unit = "in flight"};
	const struct sw_rows_given *given = &r->context->given;
	enum sw_status st;

	*load = (struct sw_load){.rate = NAN, .burstiness = 1};
	load->prompt_tokens.p95 = load->output_tokens.p95 = NAN;
	st = sw__row_whole(r->csv, row, r->at[SW__PAIR_CLIENTS], &flight, &load->concurrency, err);
	if (st == SW_OK)
		st = read_length(r, row, SW__PAIR_PROMPT, given->prompt_tokens,
				 &load->prompt_tokens.mean, err);
	if (st == SW_OK)
		st = read_length(r, row, SW__PAIR_OUTPUT, given->output_tokens,
				 &load->output_tokens.mean, err);
	return st;
}

static enum sw_status read_seqs(const struct sw__pair_rows *r, size_t row, struct sw_engine *engine,
				struct sw_error *err)
{
	static const struct sw_csv_range range = {.min = 1, .max = 1 << 24};
	enum sw_status st;
	double x;

	if (!*sw__pair_cell(r, row, SW__PAIR_SEQS))
		return SW_OK;
	st = sw__row_whole(r->csv, row, r->at[SW__PAIR_SEQS], &range, &x, err);
	if (st != SW_OK)
		return st;
	engine->max_num_seqs = (unsigned)x;
	engine->given |= SW_KEY_MAX_NUM_SEQS;
	return SW_OK;
}

static enum sw_status read_gpu(const struct sw__pair_rows *r, size_t row, struct sw__row_gpu **gpu,
			       struct sw_error *err)
{
	return r->at[SW__PAIR_GPU] == SIZE_MAX
		       ? sw__given_gpu(r->context, gpu, err)
		       : sw__row_gpu(r->context, r->csv, row, r->at[SW__PAIR_GPU], gpu, err);
}

static enum sw_status read_model(const struct sw__pair_rows *r, size_t row, struct sw_error *err)
{
	return r->at[SW__PAIR_MODEL] == SIZE_MAX
		       ? sw__given_model(r->context, err)
		       : sw__row_model(r->context, r->csv, row, r->at[SW__PAIR_MODEL], err);
}

static enum sw_status read_tenant(const struct sw__pair_rows *r, size_t row,
				  const struct sw_gpu *gpu, struct sw_tenant *tenant,
				  struct sw_error *err)
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
static enum sw_status read_models(const struct sw__pair_rows *r, size_t row,
				  enum sw_mechanism mechanism, size_t *n, struct sw_error *err)
{
	static const struct sw_csv_range range = {.min = 1, .max = SW_TENANTS_MAX};
	double x = 0;
	enum sw_status st = sw__row_whole(r->csv, row, r->at[SW__PAIR_MODELS], &range, &x, err);

	*n = (size_t)x;
	if (st == SW_OK && mechanism == SW_EXCLUSIVE && x > 1)
		return sw_csv_refuse(r->csv, row, r->at[SW__PAIR_MODELS], err,
				     "1 where no mechanism shares the GPU");
	return st;
}

enum sw_status sw__pair_row(const struct sw__pair_rows *rows, size_t row, struct sw__pair *out,
			    struct sw_error *err)
{
	enum sw_status st = read_gpu(rows, row, &out->gpu, err);

	if (st == SW_OK)
		st = read_tenant(rows, row, &out->gpu->gpu, &out->tenant, err);
	return st == SW_OK ? read_models(rows, row, out->tenant.slice.mechanism, &out->n, err) : st;
}
