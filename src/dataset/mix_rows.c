// SPDX-License-Identifier: Apache-2.0
#include "dataset/mix_rows.h"

#include <float.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "catalog/described.h"
#include "catalog/names.h"
#include "formats/distribution.h"
#include "formats/trace.h"
#include "sharing/mechanism.h"

static const char *const needed[SW__MIX_NEEDED] = SW__MIX_COLUMNS;
static const char *const optional[SW__MIX_COLUMNS_READ - SW__MIX_NEEDED] = {
	"repeat",
	"tenant",
	"memory_gib",
	"rate",
	"concurrency",
	"prompt_tokens_p95",
	"output_tokens_p95",
	"prefix_hit_ratio",
	"burstiness",
	"trace",
	"start_s",
};

const char *sw__mix_cell(const struct sw__mix_rows *r, size_t row, enum sw__mix_column column)
{
	return r->at[column] == SIZE_MAX ? "" : sw_csv_cell(r->csv, row, r->at[column]);
}

const char *sw__engine_column(size_t i)
{
	const char *key = sw__engine_fields[i].key;

	if (strcmp(key, "name") == 0)
		return "engine";
	return strcmp(key, "version") == 0 ? "engine_version" : key;
}

void sw__slo_column(size_t i, char name[SW_NAME_MAX])
{
	(void)snprintf(name, SW_NAME_MAX, "slo_%s", sw__slo_fields[i].key);
}

/* `otherwise` where the column or the cell is missing. */
static enum sw_status number(const struct sw__mix_rows *r, size_t row, enum sw__mix_column column,
			     const struct sw_csv_range *range, double otherwise, double *out,
			     struct sw_error *err)
{
	*out = otherwise;
	if (!*sw__mix_cell(r, row, column))
		return SW_OK;
	return sw_csv_number(r->csv, row, r->at[column], range, out, err);
}

static enum sw_status complain(const struct sw__mix_rows *r, size_t row, const char *what,
			       struct sw_error *err)
{
	return sw_fail(err, SW_BAD_INPUT, "%s:%d: %s", r->csv->name, sw_csv_line(r->csv, row),
		       what);
}

static enum sw_status read_slice(const struct sw__mix_rows *r, size_t row, const struct sw_gpu *gpu,
				 enum sw_mechanism mechanism, struct sw_slice *slice,
				 struct sw_error *err)
{
	static const struct sw_csv_range share = {.min = 0, .max = 1, .min_open = true};
	const struct sw_csv_range memory = {
		.min = 0,
		.max = sw__is_host(gpu) ? DBL_MAX : gpu->dram_gib,
		.min_open = true,
		.unit = "GiB",
	};
	struct sw_error inner;
	enum sw_status st = number(r, row, SW__SHARE, &share, NAN, &slice->share, err);

	slice->mechanism = mechanism;
	if (st == SW_OK && isnan(slice->share)) {
		if (sw__mechanism(mechanism)->share_has_effect)
			return sw_csv_refuse(r->csv, row, r->at[SW__SHARE], err, "a share under %s",
					     sw__mechanism(mechanism)->id);
		slice->share = 1;
	}
	if (st == SW_OK)
		st = number(r, row, SW__MEMORY, &memory, NAN, &slice->memory_gib, err);
	if (st != SW_OK)
		return st;
	st = sw__mechanism_check(mechanism, gpu, slice->share, &inner);
	return st == SW_OK ? SW_OK : complain(r, row, inner.message, err);
}

static enum sw_status read_bool(const struct sw_csv *csv, size_t row, size_t column, bool *into,
				struct sw_error *err)
{
	static const char *const words[] = {"false", "true", "0", "1", NULL};
	int word = 0;
	enum sw_status st = sw__row_choice(csv, row, column, words, &word, err);

	*into = word % 2;
	return st;
}

static enum sw_status read_name(const struct sw_csv *csv, size_t row, size_t column,
				size_t capacity, char *into, struct sw_error *err)
{
	const char *text = sw_csv_cell(csv, row, column);

	if (sw_is_plain(text) && sw_copy_name(into, capacity, text))
		return SW_OK;
	return sw_csv_refuse(csv, row, column, err,
			     "at most %zu characters, none of them a control character",
			     capacity - 1);
}

/* A cell that is not empty, by the table that reads the same key of a mix file. */
static enum sw_status read_field(const struct sw__mix_rows *r, size_t row, size_t column,
				 const struct sw_field *field, void *into, struct sw_error *err)
{
	const struct sw_csv_range range = {field->min, field->max, field->min_open, field->unit};
	void *member = (char *)into + field->offset;
	enum sw_status st;
	double x = 0;

	switch (field->type) {
	case SW_FIELD_UINT:
		st = sw__row_whole(r->csv, row, column, &range, &x, err);
		*(unsigned *)member = (unsigned)x;
		return st;
	case SW_FIELD_BOOL:
		return read_bool(r->csv, row, column, member, err);
	case SW_FIELD_CHOICE:
		return sw__row_choice(r->csv, row, column, field->choices, member, err);
	case SW_FIELD_NAME:
		return read_name(r->csv, row, column, field->capacity, member, err);
	default:
		return sw_csv_number(r->csv, row, column, &range, member, err);
	}
}

/* What of `n` fields has a column with something in it; its bits go to *given. */
static enum sw_status read_fields(const struct sw__mix_rows *r, size_t row, const size_t *at,
				  const struct sw_field *fields, size_t n, void *into,
				  unsigned *given, struct sw_error *err)
{
	enum sw_status st = SW_OK;

	for (size_t i = 0; st == SW_OK && i < n; i++) {
		if (at[i] == SIZE_MAX || !*sw_csv_cell(r->csv, row, at[i]))
			continue;
		st = read_field(r, row, at[i], &fields[i], into, err);
		*given |= fields[i].given_bit;
	}
	return st;
}

static enum sw_status read_length(const struct sw__mix_rows *r, size_t row,
				  enum sw__mix_column mean, enum sw__mix_column p95,
				  struct sw_length *length, struct sw_error *err)
{
	static const struct sw_csv_range tokens = {
		.min = 1, .max = SW__TOKENS_MAX, .unit = "tokens"};
	struct sw__lengths lengths;
	struct sw_error inner;
	enum sw_status st = sw_csv_required(r->csv, row, r->at[mean], &tokens, &length->mean, err);

	if (st == SW_OK)
		st = number(r, row, p95, &tokens, NAN, &length->p95, err);
	if (st != SW_OK || !sw_known(length->p95))
		return st;
	if (sw__lengths_lognormal(length->mean, length->p95, &lengths, &inner) != SW_OK)
		return complain(r, row, inner.message, err);
	return SW_OK;
}

static enum sw_status read_lengths(const struct sw__mix_rows *r, size_t row, struct sw_load *load,
				   struct sw_error *err)
{
	static const struct sw_csv_range burstiness = {.min = 0, .max = SW__BURSTINESS_MAX};
	enum sw_status st =
		read_length(r, row, SW__PROMPT, SW__PROMPT_P95, &load->prompt_tokens, err);

	if (st == SW_OK)
		st = read_length(r, row, SW__OUTPUT, SW__OUTPUT_P95, &load->output_tokens, err);
	return st == SW_OK ? number(r, row, SW__BURSTINESS, &burstiness, 1, &load->burstiness, err)
			   : st;
}

/* Arrivals and lengths are the trace's, whatever else the row says of them. */
static enum sw_status read_trace(const struct sw__mix_rows *r, size_t row,
				 struct sw__source *source, struct sw_load *load,
				 struct sw_error *err)
{
	struct sw_text path = {0};
	struct sw_error inner;
	enum sw_status st = sw__row_path(r->csv, row, r->at[SW__TRACE], &path, err);

	if (st == SW_OK) {
		st = sw__load_trace(source, path.data, load, &inner);
		if (st != SW_OK)
			st = sw_fail(err, st == SW_IO ? SW_BAD_INPUT : st, "%s:%d: trace: %s",
				     r->csv->name, sw_csv_line(r->csv, row), inner.message);
	}
	sw_text_free(&path);
	return st;
}

static enum sw_status read_load(const struct sw__mix_rows *r, size_t row, struct sw__source *source,
				struct sw_load *load, struct sw_error *err)
{
	static const struct sw_csv_range rate = {
		.min = 0, .max = 1e6, .min_open = true, .unit = "requests per second"};
	static const struct sw_csv_range flight = {.min = 1, .max = 1e6, .unit = "in flight"};
	static const struct sw_csv_range ratio = {.min = 0, .max = SW__HIT_RATIO_MAX};
	bool traced = *sw__mix_cell(r, row, SW__TRACE);
	enum sw_status st = number(r, row, SW__RATE, &rate, NAN, &load->rate, err);

	if (st == SW_OK)
		st = number(r, row, SW__CONCURRENCY, &flight, NAN, &load->concurrency, err);
	if (st == SW_OK && !traced && isnan(load->rate) == isnan(load->concurrency))
		return complain(r, row, "expected a rate or a concurrency", err);
	if (st == SW_OK && traced && !isnan(load->concurrency))
		return complain(r, row, "found a trace and a concurrency, expected one", err);
	if (st == SW_OK)
		st = number(r, row, SW__HIT_RATIO, &ratio, 0, &load->prefix_hit_ratio, err);
	if (st != SW_OK)
		return st;
	return traced ? read_trace(r, row, source, load, err) : read_lengths(r, row, load, err);
}

static enum sw_status read_tenant(const struct sw__mix_rows *r, size_t row,
				  struct sw__experiment *e, struct sw_tenant *tenant,
				  struct sw_error *err)
{
	static const struct sw_csv_range start = {.min = 0, .max = SW__START_MAX_S, .unit = "s"};
	const struct sw_gpu *gpu = &e->gpu->gpu;
	unsigned limits = 0;
	enum sw_status st = sw__row_model(r->context, r->csv, row, r->at[SW__MODEL], err);

	*tenant = (struct sw_tenant){.engine = sw__engine_nothing_given(),
				     .slo = sw__slo_none(),
				     .model = r->context->model};
	/* A name that is no name is no reason to refuse what was measured: whoever needs one looks. */
	(void)sw_copy_name(tenant->name, sizeof(tenant->name), sw__mix_cell(r, row, SW__TENANT));
	if (st == SW_OK)
		st = read_slice(r, row, gpu, e->mechanism, &tenant->slice, err);
	if (st == SW_OK)
		st = read_fields(r, row, r->engine_at, sw__engine_fields, SW__ENGINE_FIELDS,
				 &tenant->engine, &tenant->engine.given, err);
	if (st == SW_OK)
		st = read_fields(r, row, r->slo_at, sw__slo_fields, SW__SLO_FIELDS, &tenant->slo,
				 &limits, err);
	if (st == SW_OK)
		st = number(r, row, SW__START, &start, 0, &tenant->start_s, err);
	return st == SW_OK ? read_load(r, row, &e->source, &tenant->load, err) : st;
}

static enum sw_status read_experiment(const struct sw__mix_rows *r, struct sw__experiment *e,
				      struct sw_error *err)
{
	int choice = 0;
	enum sw_status st = sw__row_choice(r->csv, e->rows[0], r->at[SW__MECHANISM],
					   sw__mechanism_names, &choice, err);

	e->mechanism = (enum sw_mechanism)choice;
	if (st == SW_OK)
		st = e->mechanism == SW_CPU_QUOTA ? sw__row_place(r->context, r->csv, e->rows[0],
								  r->at[SW__GPU], &e->gpu, err)
						  : sw__row_gpu(r->context, r->csv, e->rows[0],
								r->at[SW__GPU], &e->gpu, err);
	for (size_t i = 0; st == SW_OK && i < e->n; i++)
		st = read_tenant(r, e->rows[i], e, &e->tenants[i], err);
	return st;
}

/* Rows by experiment and repeat, otherwise as in the file. qsort() has no context, so each knows its reading. */
struct sw__mix_place {
	const struct sw__mix_rows *reading;
	size_t row;
};

static int compare_experiments(const struct sw__mix_rows *r, size_t a, size_t b)
{
	int order = strcmp(sw__mix_cell(r, a, SW__EXPERIMENT), sw__mix_cell(r, b, SW__EXPERIMENT));

	return order ? order
		     : strcmp(sw__mix_cell(r, a, SW__REPEAT), sw__mix_cell(r, b, SW__REPEAT));
}

static int by_experiment(const void *a, const void *b)
{
	const struct sw__mix_place *x = a, *y = b;
	int order = compare_experiments(x->reading, x->row, y->row);

	return order ? order : (x->row > y->row) - (x->row < y->row);
}

/* Engines with a GPU of their own each are experiments of their own. */
static bool is_alone(const struct sw__mix_rows *r, size_t row)
{
	return strcmp(sw__mix_cell(r, row, SW__MECHANISM), "exclusive") == 0;
}

static enum sw_status check_same(const struct sw__mix_rows *r, size_t first, size_t row,
				 enum sw__mix_column column, struct sw_error *err)
{
	if (strcmp(sw__mix_cell(r, first, column), sw__mix_cell(r, row, column)) == 0)
		return SW_OK;
	return sw_csv_refuse(r->csv, row, r->at[column], err,
			     "%.60s as on line %d, which is of the same experiment",
			     sw__mix_cell(r, first, column), sw_csv_line(r->csv, first));
}

/* The rows from sorted[0] on that are one experiment, into rows[SW_TENANTS_MAX]. */
static enum sw_status gather(const struct sw__mix_rows *r, const struct sw__mix_place *sorted,
			     size_t n, size_t *rows, size_t *found, struct sw_error *err)
{
	size_t first = sorted[0].row;
	enum sw_status st = SW_OK;

	rows[0] = first;
	*found = 1;
	while (st == SW_OK && *found < n && !is_alone(r, first) &&
	       compare_experiments(r, first, sorted[*found].row) == 0) {
		size_t row = sorted[*found].row;

		st = check_same(r, first, row, SW__GPU, err);
		if (st == SW_OK)
			st = check_same(r, first, row, SW__MECHANISM, err);
		if (st == SW_OK && *found == SW_TENANTS_MAX)
			st = sw_csv_refuse(r->csv, row, r->at[SW__EXPERIMENT], err,
					   "at most %d engines on one GPU", SW_TENANTS_MAX);
		if (st == SW_OK)
			rows[(*found)++] = row;
	}
	return st;
}

static size_t column_at(const struct sw_csv *csv, const char *name)
{
	size_t column = SIZE_MAX;

	(void)sw_csv_find(csv, name, &column);
	return column;
}

static void find_columns(struct sw__mix_rows *r)
{
	for (size_t i = 0; i < SW__MIX_COLUMNS_READ; i++)
		r->at[i] = column_at(r->csv,
				     i < SW__MIX_NEEDED ? needed[i] : optional[i - SW__MIX_NEEDED]);
	for (size_t i = 0; i < SW__ENGINE_FIELDS; i++)
		r->engine_at[i] = column_at(r->csv, sw__engine_column(i));
	for (size_t i = 0; i < SW__SLO_FIELDS; i++) {
		char name[SW_NAME_MAX];

		sw__slo_column(i, name);
		r->slo_at[i] = column_at(r->csv, name);
	}
}

enum sw_status sw__mix_rows_begin(struct sw__row_context *context, const struct sw_csv *csv,
				  struct sw__mix_rows *out, struct sw_error *err)
{
	*out = (struct sw__mix_rows){.context = context, .csv = csv};
	find_columns(out);
	out->sorted = calloc(csv->n_rows + 1, sizeof(*out->sorted));
	if (!out->sorted)
		return sw_fail(err, SW_NO_MEMORY, "%s: out of memory", csv->name);
	for (size_t i = 0; i < csv->n_rows; i++)
		out->sorted[i] = (struct sw__mix_place){out, i};
	qsort(out->sorted, csv->n_rows, sizeof(*out->sorted), by_experiment);
	return SW_OK;
}

bool sw__mix_rows_left(const struct sw__mix_rows *rows)
{
	return rows->next < rows->csv->n_rows;
}

enum sw_status sw__mix_rows_next(struct sw__mix_rows *rows, struct sw__experiment *out,
				 struct sw_error *err)
{
	enum sw_status st;

	out->n = 0;
	out->source =
		(struct sw__source){.catalog = rows->context->catalog, .path = rows->csv->name};
	st = gather(rows, &rows->sorted[rows->next], rows->csv->n_rows - rows->next, out->rows,
		    &out->n, err);
	rows->next += out->n;
	return st == SW_OK ? read_experiment(rows, out, err) : st;
}

void sw__mix_rows_end(struct sw__mix_rows *rows)
{
	free(rows->sorted);
	rows->sorted = NULL;
}

void sw__experiment_clear(struct sw__experiment *experiment)
{
	sw__source_free(&experiment->source);
}
