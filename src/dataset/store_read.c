// SPDX-License-Identifier: Apache-2.0
/* What a data set has. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "dataset/runs.h"
#include "dataset/store.h"
#include "predict/mix_read.h"

enum sw_status sw_dataset_has(sw_dataset *dataset, int64_t campaign, const char *experiment,
			      unsigned repeat, enum sw_held *held, struct sw_error *err)
{
	struct sw__sql sql = sw__store_sql(
		dataset, "SELECT failed IS NULL FROM runs WHERE ifnull(campaign, 0) = ?"
			 " AND experiment = ? AND repeat = ?");

	sw__sql_whole(&sql, campaign);
	sw__sql_text(&sql, experiment);
	sw__sql_whole(&sql, repeat);
	*held = SW_HELD_NOT;
	if (sw__sql_next(&sql))
		*held = sw__sql_whole_at(&sql, 0) ? SW_HELD_WELL : SW_HELD_FAILED;
	return sw__sql_end(&sql, err);
}

/* Runs on their way out. */
struct reading {
	sw_dataset *dataset;
	const sw_catalog *catalog;
	struct sw__sql runs, engines, software;
};

/* In the order of the SELECT below. */
enum run_column {
	RUN_ID,
	RUN_EXPERIMENT,
	RUN_REPEAT,
	RUN_SOURCE,
	RUN_SEED,
	RUN_STARTED,
	RUN_DURATION,
	RUN_FAILED,
	RUN_ORIGIN,
	RUN_MIX,
	RUN_DRIVER,
	RUN_CPU,
	RUN_CORES
};

static const char select_runs[] =
	"SELECT runs.id, experiment, repeat, source, seed, started_s, duration_s, failed, origin,"
	" mix, driver, cpu, cores FROM runs JOIN hardware ON hardware.id = runs.hardware"
	" WHERE " SW__STORE_PICKED " ORDER BY experiment, repeat, runs.id";

static const char select_engines[] =
	"SELECT ttft_mean_ms, ttft_p50_ms, ttft_p95_ms, ttft_p99_ms, tpot_mean_ms, tpot_p50_ms,"
	" tpot_p95_ms, tpot_p99_ms, output_tok_s, requests_per_s, requests, failed, running,"
	" kv_used, preemptions FROM engines WHERE run = ? ORDER BY place";

static const char select_software[] =
	"SELECT name, version FROM run_software JOIN software ON id = software WHERE run = ?"
	" ORDER BY name, version";

static enum sw_status no_memory(const struct reading *r, struct sw_error *err)
{
	return sw_fail(err, SW_NO_MEMORY, "%s: out of memory", r->dataset->name);
}

static enum sw_status refuse(const struct reading *r, const struct sw_run *run, const char *column,
			     const char *found, const char *expected, struct sw_error *err)
{
	return sw_fail(err, SW_BAD_INPUT, "%s: experiment %s, repeat %u: %s: found %s, expected %s",
		       r->dataset->name, run->experiment, run->repeat, column, found, expected);
}

static enum sw_status copy_text(struct reading *r, int column, char **out, struct sw_error *err)
{
	const char *text = sw__sql_text_at(&r->runs, column);

	*out = text ? strdup(text) : NULL;
	return text && !*out ? no_memory(r, err) : SW_OK;
}

/* Not every text that SQLite holds is one of ours. */
static const char *text_or_empty(struct sw__sql *sql, int column)
{
	const char *text = sw__sql_text_at(sql, column);

	return text ? text : "";
}

static enum sw_status read_key(struct reading *r, struct sw_run *run, struct sw_error *err)
{
	int64_t repeat = sw__sql_whole_at(&r->runs, RUN_REPEAT);
	const char *source;

	if (!sw_copy_name(run->experiment, sizeof(run->experiment),
			  text_or_empty(&r->runs, RUN_EXPERIMENT)))
		return refuse(r, run, "experiment", "a longer name", "one that no run can have",
			      err);
	if (repeat < 1 || repeat > UINT_MAX)
		return refuse(r, run, "repeat", "another number", "1 or more", err);
	run->repeat = (unsigned)repeat;
	source = text_or_empty(&r->runs, RUN_SOURCE);
	if (!sw__source_of(source, &run->source))
		return refuse(r, run, "source", source,
			      "simulator, endpoints, processes, replay or "
			      "import",
			      err);
	return SW_OK;
}

static enum sw_status read_provenance(struct reading *r, struct sw_run *run, struct sw_error *err)
{
	enum sw_status st = copy_text(r, RUN_FAILED, &run->failed, err);

	run->seed = (uint64_t)sw__sql_whole_at(&r->runs, RUN_SEED);
	run->started_s = sw__sql_number_at(&r->runs, RUN_STARTED);
	run->duration_s = sw__sql_number_at(&r->runs, RUN_DURATION);
	run->machine.cores = (unsigned)sw__sql_whole_at(&r->runs, RUN_CORES);
	(void)sw_copy_name(run->machine.driver, sizeof(run->machine.driver),
			   text_or_empty(&r->runs, RUN_DRIVER));
	(void)sw_copy_name(run->machine.cpu, sizeof(run->machine.cpu),
			   text_or_empty(&r->runs, RUN_CPU));
	return st == SW_OK ? copy_text(r, RUN_ORIGIN, &run->origin, err) : st;
}

/* Messages of the mix name the run. */
static enum sw_status read_mix(struct reading *r, struct sw_run *run, struct sw_error *err)
{
	struct sw_text name = {0};
	enum sw_status st;

	sw_text_addf(&name, "%s: experiment %s, repeat %u: mix", r->dataset->name, run->experiment,
		     run->repeat);
	st = sw_text_ok(&name) ? sw__mix_parse(r->catalog, text_or_empty(&r->runs, RUN_MIX),
					       name.data, &run->mix, err)
			       : no_memory(r, err);
	sw_text_free(&name);
	return st;
}

static enum sw_status read_measured(struct reading *r, struct sw_run *run, struct sw_error *err)
{
	size_t n = 0;

	run->measured = calloc(run->mix->n, sizeof(*run->measured));
	if (!run->measured)
		return no_memory(r, err);
	sw__sql_again(&r->engines);
	sw__sql_whole(&r->engines, sw__sql_whole_at(&r->runs, RUN_ID));
	while (sw__sql_next(&r->engines)) {
		for (size_t i = 0; n < run->mix->n && i < SW__MEASURED; i++)
			*sw__measured_at(&run->measured[n], i) =
				sw__sql_number_at(&r->engines, (int)i);
		n++;
	}
	if (r->engines.code == SQLITE_OK && n != run->mix->n)
		return refuse(r, run, "engines", "another number", "as many as in its mix", err);
	return SW_OK;
}

static enum sw_status read_software(struct reading *r, struct sw_run *run, struct sw_error *err)
{
	sw__sql_again(&r->software);
	sw__sql_whole(&r->software, sw__sql_whole_at(&r->runs, RUN_ID));
	while (sw__sql_next(&r->software)) {
		struct sw_software *grown =
			realloc(run->software, (run->n_software + 1) * sizeof(*grown));

		if (!grown)
			return no_memory(r, err);
		run->software = grown;
		grown += run->n_software++;
		(void)sw_copy_name(grown->name, sizeof(grown->name),
				   text_or_empty(&r->software, 0));
		(void)sw_copy_name(grown->version, sizeof(grown->version),
				   text_or_empty(&r->software, 1));
	}
	return SW_OK;
}

static enum sw_status read_run(struct reading *r, struct sw_run *run, struct sw_error *err)
{
	enum sw_status st = read_key(r, run, err);

	if (st == SW_OK)
		st = read_provenance(r, run, err);
	if (st == SW_OK)
		st = read_mix(r, run, err);
	if (st == SW_OK)
		st = read_measured(r, run, err);
	return st == SW_OK ? read_software(r, run, err) : st;
}

static enum sw_status read_runs(struct reading *r, struct sw_runs *out, struct sw_error *err)
{
	enum sw_status st = SW_OK;

	while (st == SW_OK && sw__sql_next(&r->runs)) {
		struct sw_run run = {0};

		st = read_run(r, &run, err);
		if (st == SW_OK)
			st = sw__runs_add(out, &run, err);
		else
			sw__dataset_run_clear(&run);
	}
	return st;
}

void sw__store_bind_filter(struct sw__sql *sql, const struct sw_run_filter *filter)
{
	static const struct sw_run_filter all = {0};

	if (!filter)
		filter = &all;
	sw__sql_text(sql, filter->experiment);
	sw__sql_text(sql, filter->gpu);
	sw__sql_text(sql, filter->mechanism);
	sw__sql_text(sql, filter->source);
	sw__sql_whole(sql, filter->campaign);
	sw__sql_bool(sql, filter->without_failed);
}

/* The first failure of any of them counts. */
static enum sw_status end(struct reading *r, enum sw_status st, struct sw_error *err)
{
	struct sw__sql *const all[] = {&r->runs, &r->engines, &r->software};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		enum sw_status ended = sw__sql_end(all[i], st == SW_OK ? err : NULL);

		if (st == SW_OK)
			st = ended;
	}
	return st;
}

enum sw_status sw_dataset_runs(sw_dataset *dataset, const sw_catalog *catalog,
			       const struct sw_run_filter *filter, struct sw_runs *out,
			       struct sw_error *err)
{
	struct reading r = {
		.dataset = dataset,
		.catalog = catalog,
		.runs = sw__store_sql(dataset, select_runs),
		.engines = sw__store_sql(dataset, select_engines),
		.software = sw__store_sql(dataset, select_software),
	};
	enum sw_status st;

	*out = (struct sw_runs){0};
	sw__store_bind_filter(&r.runs, filter);
	st = end(&r, read_runs(&r, out, err), err);
	if (st != SW_OK)
		sw_runs_clear(out);
	return st;
}
