// SPDX-License-Identifier: Apache-2.0
#include "validate/mix_rows.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "catalog/names.h"
#include "formats/trace.h"
#include "predict/tenant_read.h"
#include "sharing/mechanism.h"
#include "validate/row_engines.h"
#include "validate/skipped_rows.h"

/* Columns; those from FIRST_OPTIONAL on may be missing. */
enum column {
	EXPERIMENT,
	GPU,
	MECHANISM,
	MODEL,
	SHARE,
	PROMPT,
	OUTPUT,
	FIRST_OPTIONAL,
	REPEAT = FIRST_OPTIONAL,
	MEMORY,
	SEQS,
	BATCHED_TOKENS,
	GRAPHS,
	RATE,
	CONCURRENCY,
	COLUMNS
};

static const char *const needed[FIRST_OPTIONAL] = SW__MIX_COLUMNS;
static const char *const optional[COLUMNS - FIRST_OPTIONAL] = {
	"repeat",      "memory_gib", "max_num_seqs", "max_num_batched_tokens",
	"cuda_graphs", "rate",       "concurrency",
};

/* What of a prediction can be held against a measured column. */
static const struct sw__row_metric metrics[] = {
	SW__LATENCY_METRIC(SW_TTFT, SW_MEAN, "ttft_mean_ms"),
	SW__LATENCY_METRIC(SW_TTFT, SW_P50, "ttft_p50_ms"),
	SW__LATENCY_METRIC(SW_TTFT, SW_P95, "ttft_p95_ms"),
	SW__LATENCY_METRIC(SW_TTFT, SW_P99, "ttft_p99_ms"),
	SW__LATENCY_METRIC(SW_TPOT, SW_MEAN, "tpot_mean_ms"),
	SW__LATENCY_METRIC(SW_TPOT, SW_P50, "tpot_p50_ms"),
	SW__LATENCY_METRIC(SW_TPOT, SW_P95, "tpot_p95_ms"),
	SW__LATENCY_METRIC(SW_TPOT, SW_P99, "tpot_p99_ms"),
	{"output_tok_s", offsetof(struct sw_prediction, output_tokens_per_s), false},
};

/* Rows while they are predicted. */
struct reading {
	struct sw__row_context *context;
	struct sw_validation *v;
	const struct sw_csv *csv;
	size_t at[COLUMNS]; /* SIZE_MAX: no such column */
};

static const char *cell(const struct reading *r, size_t row, enum column column)
{
	return r->at[column] == SIZE_MAX ? "" : sw_csv_cell(r->csv, row, r->at[column]);
}

/* NAN where the column or the cell is missing. */
static enum sw_status number(const struct reading *r, size_t row, enum column column,
			     const struct sw_csv_range *range, double *out, struct sw_error *err)
{
	*out = NAN;
	if (r->at[column] == SIZE_MAX)
		return SW_OK;
	return sw_csv_number(r->csv, row, r->at[column], range, out, err);
}

static enum sw_status complain(const struct reading *r, size_t row, const char *what,
			       struct sw_error *err)
{
	return sw_fail(err, SW_BAD_INPUT, "%s:%d: %s", r->csv->name, sw_csv_line(r->csv, row),
		       what);
}

static enum sw_status read_slice(const struct reading *r, size_t row, const struct sw_gpu *gpu,
				 enum sw_mechanism mechanism, struct sw_slice *slice,
				 struct sw_error *err)
{
	static const struct sw_csv_range share = {.min = 0, .max = 1, .min_open = true};
	const struct sw_csv_range memory = {
		.min = 0, .max = gpu->dram_gib, .min_open = true, .unit = "GiB"};
	struct sw_error inner;
	enum sw_status st = number(r, row, SHARE, &share, &slice->share, err);

	slice->mechanism = mechanism;
	if (st == SW_OK && isnan(slice->share)) {
		if (sw__mechanism(mechanism)->share_has_effect)
			return sw_csv_refuse(r->csv, row, r->at[SHARE], err, "a share under %s",
					     sw__mechanism(mechanism)->id);
		slice->share = 1;
	}
	if (st == SW_OK)
		st = number(r, row, MEMORY, &memory, &slice->memory_gib, err);
	if (st != SW_OK)
		return st;
	st = sw__mechanism_check(mechanism, gpu, slice->share, &inner);
	return st == SW_OK ? SW_OK : complain(r, row, inner.message, err);
}

/* A setting in an optional column; *given gets `bit` where there is one. */
static enum sw_status read_count(const struct reading *r, size_t row, enum column column,
				 unsigned bit, unsigned *into, unsigned *given,
				 struct sw_error *err)
{
	static const struct sw_csv_range range = {.min = 1, .max = 1 << 24};
	enum sw_status st;
	double x;

	if (!*cell(r, row, column))
		return SW_OK;
	st = sw__row_whole(r->csv, row, r->at[column], &range, &x, err);
	if (st != SW_OK)
		return st;
	*into = (unsigned)x;
	*given |= bit;
	return SW_OK;
}

static enum sw_status read_engine(const struct reading *r, size_t row, struct sw_engine *engine,
				  struct sw_error *err)
{
	static const char *const switches[] = {"false", "true", "0", "1", NULL};
	enum sw_status st = read_count(r, row, SEQS, SW_KEY_MAX_NUM_SEQS, &engine->max_num_seqs,
				       &engine->given, err);
	int graphs = 0;

	if (st == SW_OK)
		st = read_count(r, row, BATCHED_TOKENS, SW_KEY_MAX_NUM_BATCHED_TOKENS,
				&engine->max_num_batched_tokens, &engine->given, err);
	if (st != SW_OK || !*cell(r, row, GRAPHS))
		return st;
	st = sw__row_choice(r->csv, row, r->at[GRAPHS], switches, &graphs, err);
	engine->cuda_graphs = graphs % 2;
	engine->given |= SW_KEY_CUDA_GRAPHS;
	return st;
}

static enum sw_status read_load(const struct reading *r, size_t row, struct sw_load *load,
				struct sw_error *err)
{
	static const struct sw_csv_range rate = {
		.min = 0, .max = 1e6, .min_open = true, .unit = "requests per second"};
	static const struct sw_csv_range flight = {.min = 1, .max = 1e6, .unit = "in flight"};
	static const struct sw_csv_range tokens = {
		.min = 1, .max = SW__TOKENS_MAX, .unit = "tokens"};
	enum sw_status st = number(r, row, RATE, &rate, &load->rate, err);

	load->burstiness = 1;
	load->prompt_tokens.p95 = load->output_tokens.p95 = NAN;
	if (st == SW_OK)
		st = number(r, row, CONCURRENCY, &flight, &load->concurrency, err);
	if (st == SW_OK && isnan(load->rate) == isnan(load->concurrency))
		return complain(r, row, "expected a rate or a concurrency", err);
	if (st == SW_OK)
		st = sw_csv_required(r->csv, row, r->at[PROMPT], &tokens, &load->prompt_tokens.mean,
				     err);
	if (st == SW_OK)
		st = sw_csv_required(r->csv, row, r->at[OUTPUT], &tokens, &load->output_tokens.mean,
				     err);
	return st;
}

static enum sw_status read_tenant(const struct reading *r, size_t row, const struct sw_gpu *gpu,
				  enum sw_mechanism mechanism, struct sw_tenant *tenant,
				  struct sw_error *err)
{
	enum sw_status st = sw__row_model(r->context, r->csv, row, r->at[MODEL], err);

	*tenant = (struct sw_tenant){.engine = sw__engine_nothing_given(),
				     .slo = sw__slo_none(),
				     .model = r->context->model};
	if (st == SW_OK)
		st = read_slice(r, row, gpu, mechanism, &tenant->slice, err);
	if (st == SW_OK)
		st = read_engine(r, row, &tenant->engine, err);
	return st == SW_OK ? read_load(r, row, &tenant->load, err) : st;
}

/* The rows of an experiment that has no predictions. */
static enum sw_status put_nothing(struct sw_validation *v, const size_t *rows, size_t n,
				  const char *why, struct sw_error *err)
{
	for (size_t i = 0; i < n; i++)
		for (size_t m = 0; m < v->n_metrics; m++)
			v->predicted[rows[i] * v->n_metrics + m] = NAN;
	return sw__skip_rows(v, n, why, err);
}

static enum sw_status put(struct sw_validation *v, const size_t *rows, size_t n,
			  const struct sw_prediction *predictions, struct sw_error *err)
{
	size_t overloaded = 0;

	for (size_t i = 0; i < n; i++) {
		for (size_t m = 0; m < v->n_metrics; m++)
			v->predicted[rows[i] * v->n_metrics + m] =
				sw__row_metric_of(metrics, v->metrics[m], predictions, n, i);
		overloaded += predictions[i].binds == SW_BINDS_OVERLOAD;
	}
	return sw__skip_rows(v, overloaded, "overload: no prediction of latencies", err);
}

/* Data sets know mechanisms that a mix cannot have. */
static bool is_predicted(enum sw_mechanism mechanism)
{
	const char *id = sw__mechanism(mechanism)->id;
	size_t i = 0;

	while (sw__usable_mechanisms[i] && strcmp(sw__usable_mechanisms[i], id) != 0)
		i++;
	return sw__usable_mechanisms[i] != NULL;
}

static enum sw_status put_unpredicted(struct sw_validation *v, const size_t *rows, size_t n,
				      enum sw_mechanism mechanism, struct sw_error *err)
{
	char why[64];

	(void)snprintf(why, sizeof(why), "%s: no prediction", sw__mechanism(mechanism)->id);
	return put_nothing(v, rows, n, why, err);
}

static enum sw_status put_predicted(const struct reading *r, const size_t *rows, size_t n,
				    const struct sw__row_gpu *gpu, enum sw_mechanism mechanism,
				    struct sw_tenant *tenants, struct sw_error *err)
{
	struct sw_prediction predictions[SW_TENANTS_MAX];
	struct sw_error inner;
	enum sw_status st = sw__predict_engines(gpu, mechanism, tenants, n, predictions, &inner);

	if (st == SW_OK)
		return put(r->v, rows, n, predictions, err);
	if (st == SW_INFEASIBLE)
		return put_nothing(r->v, rows, n, inner.message, err);
	if (st == SW_BAD_INPUT)
		return complain(r, rows[0], inner.message, err);
	return sw_fail(err, st, "%s", inner.message);
}

static enum sw_status predict_experiment(struct reading *r, const size_t *rows, size_t n,
					 struct sw_error *err)
{
	struct sw_tenant tenants[SW_TENANTS_MAX];
	struct sw__row_gpu *gpu;
	enum sw_mechanism mechanism;
	int choice = 0;
	enum sw_status st = sw__row_choice(r->csv, rows[0], r->at[MECHANISM], sw__mechanism_names,
					   &choice, err);

	mechanism = (enum sw_mechanism)choice;
	if (st == SW_OK)
		st = sw__row_gpu(r->context, r->csv, rows[0], r->at[GPU], &gpu, err);
	if (st == SW_OK)
		st = sw__calibrate(r->context, gpu, err);
	for (size_t i = 0; st == SW_OK && i < n; i++)
		st = read_tenant(r, rows[i], &gpu->gpu, mechanism, &tenants[i], err);
	if (st != SW_OK)
		return st;
	return is_predicted(mechanism) ? put_predicted(r, rows, n, gpu, mechanism, tenants, err)
				       : put_unpredicted(r->v, rows, n, mechanism, err);
}

/* Rows by experiment and repeat, otherwise as in the file. qsort() has no context, so each knows its reading. */
struct place {
	const struct reading *reading;
	size_t row;
};

static int compare_experiments(const struct reading *r, size_t a, size_t b)
{
	int order = strcmp(cell(r, a, EXPERIMENT), cell(r, b, EXPERIMENT));

	return order ? order : strcmp(cell(r, a, REPEAT), cell(r, b, REPEAT));
}

static int by_experiment(const void *a, const void *b)
{
	const struct place *x = a, *y = b;
	int order = compare_experiments(x->reading, x->row, y->row);

	return order ? order : (x->row > y->row) - (x->row < y->row);
}

/* Engines with a GPU of their own each are experiments of their own. */
static bool is_alone(const struct reading *r, size_t row)
{
	return strcmp(cell(r, row, MECHANISM), "exclusive") == 0;
}

static enum sw_status check_same(const struct reading *r, size_t first, size_t row,
				 enum column column, struct sw_error *err)
{
	if (strcmp(cell(r, first, column), cell(r, row, column)) == 0)
		return SW_OK;
	return sw_csv_refuse(r->csv, row, r->at[column], err,
			     "%.60s as on line %d, which is of the same experiment",
			     cell(r, first, column), sw_csv_line(r->csv, first));
}

/* The rows from sorted[0] on that are one experiment, into rows[SW_TENANTS_MAX]. */
static enum sw_status gather(const struct reading *r, const struct place *sorted, size_t n,
			     size_t *rows, size_t *found, struct sw_error *err)
{
	size_t first = sorted[0].row;
	enum sw_status st = SW_OK;

	rows[0] = first;
	*found = 1;
	while (st == SW_OK && *found < n && !is_alone(r, first) &&
	       compare_experiments(r, first, sorted[*found].row) == 0) {
		size_t row = sorted[*found].row;

		st = check_same(r, first, row, GPU, err);
		if (st == SW_OK)
			st = check_same(r, first, row, MECHANISM, err);
		if (st == SW_OK && *found == SW_TENANTS_MAX)
			st = sw_csv_refuse(r->csv, row, r->at[EXPERIMENT], err,
					   "at most %d engines on one GPU", SW_TENANTS_MAX);
		if (st == SW_OK)
			rows[(*found)++] = row;
	}
	return st;
}

static enum sw_status mix_predict(struct sw__row_context *context, struct sw_validation *v,
				  struct sw_error *err)
{
	struct reading r = {.context = context, .v = v, .csv = v->table};
	struct place *sorted = calloc(v->n_rows + 1, sizeof(*sorted));
	size_t rows[SW_TENANTS_MAX], n = 0;
	enum sw_status st = SW_OK;

	if (!sorted)
		return sw_fail(err, SW_NO_MEMORY, "validate: out of memory");
	for (int i = 0; i < COLUMNS; i++) {
		r.at[i] = SIZE_MAX;
		(void)sw_csv_find(v->table,
				  i < FIRST_OPTIONAL ? needed[i] : optional[i - FIRST_OPTIONAL],
				  &r.at[i]);
	}
	for (size_t i = 0; i < v->n_rows; i++)
		sorted[i] = (struct place){&r, i};
	qsort(sorted, v->n_rows, sizeof(*sorted), by_experiment);
	for (size_t i = 0; st == SW_OK && i < v->n_rows; i += n) {
		st = gather(&r, &sorted[i], v->n_rows - i, rows, &n, err);
		if (st == SW_OK)
			st = predict_experiment(&r, rows, n, err);
	}
	free(sorted);
	return st;
}

const struct sw__row_family sw__mix_rows = {metrics, sizeof(metrics) / sizeof(metrics[0]),
					    mix_predict, "mechanism"};
