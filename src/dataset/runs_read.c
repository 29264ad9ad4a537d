// SPDX-License-Identifier: Apache-2.0
/* Rows of mixes and of pairs as runs. */
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dataset/mix_rows.h"
#include "dataset/pair_rows.h"
#include "dataset/runs.h"
#include "dataset/runs_made.h"
#include "formats/csv.h"

/* Runs while they are read. */
struct reading {
	struct sw__row_context context;
	const struct sw_csv *csv;
	struct sw_runs runs;
	bool pairs; /* which have no column for repeats: the same again is one */
};

static const char *text_at(const struct reading *r, size_t row, const char *column)
{
	size_t at;

	return sw_csv_find(r->csv, column, &at) ? sw_csv_cell(r->csv, row, at) : "";
}

/* NAN where there is no such column. */
static enum sw_status number_at(const struct reading *r, size_t row, const char *column,
				const struct sw_csv_range *range, double *out, struct sw_error *err)
{
	size_t at;

	*out = NAN;
	return sw_csv_find(r->csv, column, &at) ? sw_csv_number(r->csv, row, at, range, out, err)
						: SW_OK;
}

static enum sw_status whole_at(const struct reading *r, size_t row, const char *column,
			       const struct sw_csv_range *range, double *out, struct sw_error *err)
{
	size_t at;

	if (!*text_at(r, row, column) || !sw_csv_find(r->csv, column, &at))
		return SW_OK;
	return sw__row_whole(r->csv, row, at, range, out, err);
}

static enum sw_status read_measured(const struct reading *r, size_t row,
				    struct sw_measured *measured, struct sw_error *err)
{
	enum { LATENCIES = SW_METRIC_COUNT * SW_STATISTIC_COUNT };
	enum sw_status st = SW_OK;

	for (size_t i = 0; st == SW_OK && i < SW__MEASURED; i++) {
		const struct sw_csv_range range = {.min = 0,
						   .max = 1e12,
						   .min_open = i < LATENCIES,
						   .unit = i < LATENCIES ? "ms" : NULL};

		st = number_at(r, row, sw__measured_names[i], &range, sw__measured_at(measured, i),
			       err);
	}
	return st;
}

/* A column of 64 bits, which a double does not hold. */
static enum sw_status read_seed(const struct reading *r, size_t row, uint64_t *seed,
				struct sw_error *err)
{
	const char *text = text_at(r, row, "seed");
	size_t at = 0;
	char *end;

	if (!*text)
		return SW_OK;
	*seed = strtoull(text, &end, 10);
	if (!*end && strspn(text, "0123456789") == strlen(text) && strlen(text) <= 20)
		return SW_OK;
	(void)sw_csv_find(r->csv, "seed", &at);
	return sw_csv_refuse(r->csv, row, at, err, "a whole number of 64 bits");
}

static enum sw_status read_source(const struct reading *r, size_t row, enum sw_source *source,
				  struct sw_error *err)
{
	const char *text = text_at(r, row, "source");
	size_t at = 0;

	*source = SW_SOURCE_IMPORT;
	if (!*text || sw__source_of(text, source))
		return SW_OK;
	(void)sw_csv_find(r->csv, "source", &at);
	return sw_csv_refuse(r->csv, row, at, err,
			     "one of simulator, endpoints, processes, replay, import");
}

static enum sw_status no_memory(const struct reading *r, struct sw_error *err)
{
	return sw_fail(err, SW_NO_MEMORY, "%s: out of memory", r->csv->name);
}

/* "NAME VERSION; NAME VERSION": a version has no blanks. */
static enum sw_status read_software(const struct reading *r, size_t row, struct sw_run *run,
				    struct sw_error *err)
{
	char *list = strdup(text_at(r, row, "software")), *rest = list, *entry;

	if (!list)
		return no_memory(r, err);
	while ((entry = strsep(&rest, ";"))) {
		struct sw_software *grown;
		char *version;

		entry += strspn(entry, " ");
		if (!*entry)
			continue;
		grown = realloc(run->software, (run->n_software + 1) * sizeof(*grown));
		if (!grown) {
			free(list);
			return no_memory(r, err);
		}
		run->software = grown;
		grown += run->n_software++;
		version = strrchr(entry, ' ');
		if (version)
			*version++ = '\0';
		(void)sw_copy_name(grown->name, sizeof(grown->name), entry);
		(void)sw_copy_name(grown->version, sizeof(grown->version), version ? version : "");
	}
	free(list);
	return SW_OK;
}

static enum sw_status read_texts(const struct reading *r, size_t row, struct sw_run *run,
				 struct sw_error *err)
{
	const char *failure = text_at(r, row, "failure"), *origin = text_at(r, row, "origin");

	if (*failure)
		run->failed = strdup(failure);
	if (!run->origin)
		run->origin = strdup(*origin ? origin : r->csv->name);
	if ((*failure && !run->failed) || !run->origin)
		return no_memory(r, err);
	(void)sw_copy_name(run->machine.driver, SW_NAME_MAX, text_at(r, row, "driver"));
	(void)sw_copy_name(run->machine.cpu, SW_NAME_MAX, text_at(r, row, "cpu"));
	return read_software(r, row, run, err);
}

/* What the first row of a run says of the whole of it. */
static enum sw_status read_provenance(const struct reading *r, size_t row, struct sw_run *run,
				      struct sw_error *err)
{
	static const struct sw_csv_range seconds = {.min = 0, .max = 1e12, .unit = "s"};
	static const struct sw_csv_range counts = {.min = 0, .max = 1e6};
	double cores = 0;
	enum sw_status st = read_source(r, row, &run->source, err);

	if (st == SW_OK)
		st = read_seed(r, row, &run->seed, err);
	if (st == SW_OK)
		st = number_at(r, row, "duration_s", &seconds, &run->duration_s, err);
	if (st == SW_OK)
		st = number_at(r, row, "started_s", &seconds, &run->started_s, err);
	if (st == SW_OK)
		st = whole_at(r, row, "cpu_cores", &counts, &cores, err);
	run->machine.cores = (unsigned)cores;
	return st == SW_OK ? read_texts(r, row, run, err) : st;
}

/* Experiment and repeat of a row of a mix. Engines with a GPU each are experiments of their own. */
static enum sw_status read_key(const struct reading *r, const struct sw__experiment *e,
			       struct sw_run *run, struct sw_error *err)
{
	static const struct sw_csv_range repeats = {.min = 1, .max = UINT_MAX};
	const char *name = text_at(r, e->rows[0], "experiment");
	double repeat = 1;
	size_t at = 0;
	enum sw_status st;

	if (!*name || !sw_is_plain(name) || !sw_copy_name(run->experiment, SW_NAME_MAX, name)) {
		(void)sw_csv_find(r->csv, "experiment", &at);
		return sw_csv_refuse(r->csv, e->rows[0], at, err,
				     "a name of at most %d characters, none of them a control "
				     "character",
				     SW_NAME_MAX - 1);
	}
	st = whole_at(r, e->rows[0], "repeat", &repeats, &repeat, err);
	run->repeat = (unsigned)repeat;
	return st;
}

static enum sw_status settle_run(const struct reading *r, size_t row, struct sw_run *run,
				 struct sw_error *err)
{
	struct sw_error inner;
	enum sw_status st = sw__run_settle(run, &inner);

	return st == SW_OK ? SW_OK
			   : sw_fail(err, st, "%s:%d: %s", r->csv->name, sw_csv_line(r->csv, row),
				     inner.message);
}

static enum sw_status fill_mix_run(const struct reading *r, struct sw__experiment *e,
				   struct sw_run *run, struct sw_error *err)
{
	enum sw_status st = sw__run_make(&e->gpu->gpu, e->mechanism, e->tenants, e->n, run, err);

	if (st != SW_OK)
		return st;
	run->mix->traces = e->source.traces;
	run->mix->n_traces = e->source.n_traces;
	e->source.traces = NULL;
	e->source.n_traces = 0;
	st = read_key(r, e, run, err);
	for (size_t i = 0; st == SW_OK && i < e->n; i++)
		st = read_measured(r, e->rows[i], &run->measured[i], err);
	if (st == SW_OK)
		st = read_provenance(r, e->rows[0], run, err);
	return st == SW_OK ? settle_run(r, e->rows[0], run, err) : st;
}

static enum sw_status add_mix_run(struct reading *r, struct sw__experiment *e, struct sw_error *err)
{
	struct sw_run run = {0};
	enum sw_status st = fill_mix_run(r, e, &run, err);

	if (st == SW_OK)
		return sw__runs_add(&r->runs, &run, err);
	sw__dataset_run_clear(&run);
	return st;
}

static enum sw_status read_mixes(struct reading *r, struct sw_error *err)
{
	struct sw__mix_rows rows;
	enum sw_status st = sw__mix_rows_begin(&r->context, r->csv, &rows, err);

	while (st == SW_OK && sw__mix_rows_left(&rows)) {
		struct sw__experiment e;

		st = sw__mix_rows_next(&rows, &e, err);
		if (st == SW_OK)
			st = add_mix_run(r, &e, err);
		sw__experiment_clear(&e);
	}
	sw__mix_rows_end(&rows);
	return st;
}

/* The columns of the study; what it counts for the whole GPU is every engine's equal part. */
static enum sw_status read_pair_measured(const struct reading *r, size_t row, size_t n,
					 struct sw_measured *measured, struct sw_error *err)
{
	static const struct sw_csv_range ms = {
		.min = 0, .max = 1e12, .min_open = true, .unit = "ms"};
	static const struct sw_csv_range tokens = {
		.min = 0, .max = 1e12, .min_open = true, .unit = "tokens per second"};
	double all = NAN;
	enum sw_status st =
		number_at(r, row, "ttft_p50_ms", &ms, &measured->ms[SW_TTFT][SW_P50], err);

	/* Of requests, not of tokens: the study's clients report means of requests. */
	if (st == SW_OK)
		st = number_at(r, row, "itl_p50_ms", &ms, &measured->ms[SW_TPOT][SW_P50], err);
	if (st == SW_OK)
		st = number_at(r, row, "output_tok_s_per_gpu", &tokens, &all, err);
	measured->output_tok_s = all / (double)n;
	return st;
}

static enum sw_status fill_pair_run(const struct reading *r, size_t row,
				    const struct sw__pair *pair, struct sw_run *run,
				    struct sw_error *err)
{
	struct sw_tenant tenants[SW_TENANTS_MAX];
	enum sw_status st;

	for (size_t i = 0; i < pair->n; i++)
		tenants[i] = pair->tenant;
	st = sw__run_make(&pair->gpu->gpu, pair->tenant.slice.mechanism, tenants, pair->n, run,
			  err);
	for (size_t i = 0; st == SW_OK && i < pair->n; i++)
		st = read_pair_measured(r, row, pair->n, &run->measured[i], err);
	if (st == SW_OK)
		st = read_provenance(r, row, run, err);
	if (st != SW_OK)
		return st;
	/* A configuration is measured at several loads. */
	(void)snprintf(run->experiment, sizeof(run->experiment), "%.60s/%zux%.12g",
		       text_at(r, row, "config"), pair->n, pair->tenant.load.concurrency);
	run->repeat = 1;
	return settle_run(r, row, run, err);
}

static enum sw_status add_pair_run(struct reading *r, size_t row, const struct sw__pair *pair,
				   struct sw_error *err)
{
	struct sw_run run = {0};
	enum sw_status st = fill_pair_run(r, row, pair, &run, err);

	if (st == SW_OK)
		return sw__runs_add(&r->runs, &run, err);
	sw__dataset_run_clear(&run);
	return st;
}

static enum sw_status read_pairs(struct reading *r, struct sw_error *err)
{
	struct sw__pair_rows rows = sw__pair_rows(&r->context, r->csv);
	enum sw_status st = sw__pair_rows_check(r->csv, &r->context.given, err);

	for (size_t row = 0; st == SW_OK && row < r->csv->n_rows; row++) {
		struct sw__pair pair;

		st = sw__pair_row(&rows, row, &pair, err);
		if (st == SW_OK)
			st = add_pair_run(r, row, &pair, err);
	}
	return st;
}

static bool has_all(const struct sw_csv *csv, const char *const *columns, size_t n)
{
	size_t at;

	for (size_t i = 0; i < n; i++) {
		if (!sw_csv_find(csv, columns[i], &at))
			return false;
	}
	return true;
}

static enum sw_status read_rows(struct reading *r, struct sw_error *err)
{
	static const char *const mixes[] = SW__MIX_COLUMNS, *const pairs[] =
								    SW__PAIR_COLUMNS_NEEDED;

	if (has_all(r->csv, mixes, sizeof(mixes) / sizeof(mixes[0])))
		return read_mixes(r, err);
	r->pairs = has_all(r->csv, pairs, sizeof(pairs) / sizeof(pairs[0]));
	if (r->pairs)
		return read_pairs(r, err);
	return sw_fail(
		err, SW_BAD_INPUT,
		"%s:%d: found a header of no known rows, expected experiment, gpu, mechanism, "
		"model, share, prompt_tokens, output_tokens (mixes), or config, mechanism, "
		"models_per_gpu, concurrency_per_model (pairs)",
		r->csv->name, r->csv->lines[0]);
}

static void count_repeats(struct sw_runs *runs)
{
	for (size_t i = 1; i < runs->n; i++) {
		if (strcmp(runs->run[i].experiment, runs->run[i - 1].experiment) == 0)
			runs->run[i].repeat = runs->run[i - 1].repeat + 1;
	}
}

/* Runs were read: into their order, each with a key of its own. */
static enum sw_status order_runs(struct reading *r, struct sw_error *err)
{
	enum sw_status st = sw__runs_sort(&r->runs, err);

	if (st == SW_OK && r->pairs)
		count_repeats(&r->runs);
	return st == SW_OK ? sw__runs_tell_apart(&r->runs, r->csv->name, err) : st;
}

enum sw_status sw_runs_read_given(const sw_catalog *catalog, const char *path,
				  const struct sw_rows_given *given, struct sw_runs *out,
				  struct sw_error *err)
{
	struct reading r = {.context = {.catalog = catalog}};
	struct sw_csv *csv = NULL;
	enum sw_status st = sw_csv_load(path, &csv, err);

	*out = (struct sw_runs){0};
	if (st != SW_OK)
		return st;
	r.csv = csv;
	if (given)
		r.context.given = *given;
	st = read_rows(&r, err);
	if (st == SW_OK)
		st = order_runs(&r, err);
	sw__row_context_free(&r.context);
	sw_csv_free(csv);
	if (st == SW_OK)
		*out = r.runs;
	else
		sw_runs_clear(&r.runs);
	return st;
}

enum sw_status sw_runs_read(const sw_catalog *catalog, const char *path, struct sw_runs *out,
			    struct sw_error *err)
{
	return sw_runs_read_given(catalog, path, NULL, out, err);
}
