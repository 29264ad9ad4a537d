// SPDX-License-Identifier: Apache-2.0
/* What goes into a data set. */
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "catalog/described.h"
#include "dataset/runs.h"
#include "dataset/store.h"

/* FNV-1a, 64 bits: finds the few texts that may be the same, which are then compared. */
static uint64_t hash_of(const char *text)
{
	uint64_t hash = 0xcbf29ce484222325;

	for (; *text; text++)
		hash = (hash ^ (unsigned char)*text) * 0x100000001b3;
	return hash;
}

static enum sw_status find_campaign(sw_dataset *dataset, const char *hash, const char *text,
				    int64_t *id, struct sw_error *err)
{
	struct sw__sql sql = sw__store_sql(
		dataset, "SELECT id FROM campaigns WHERE hash = ? AND text = ? ORDER BY id");

	sw__sql_text(&sql, hash);
	sw__sql_text(&sql, text);
	*id = sw__sql_next(&sql) ? sw__sql_whole_at(&sql, 0) : SW_NO_CAMPAIGN;
	return sw__sql_end(&sql, err);
}

enum sw_status sw_dataset_campaign(sw_dataset *dataset, const char *name, const char *text,
				   int64_t *id, struct sw_error *err)
{
	char hash[17];
	struct sw__sql sql;
	enum sw_status st;

	(void)snprintf(hash, sizeof(hash), "%016" PRIx64, hash_of(text));
	st = find_campaign(dataset, hash, text, id, err);
	if (st != SW_OK || *id != SW_NO_CAMPAIGN)
		return st;
	sql = sw__store_sql(dataset, "INSERT INTO campaigns (name, hash, text) VALUES (?, ?, ?)");
	sw__sql_text(&sql, name);
	sw__sql_text(&sql, hash);
	sw__sql_text(&sql, text);
	(void)sw__sql_next(&sql);
	st = sw__sql_end(&sql, err);
	if (st == SW_OK)
		*id = sqlite3_last_insert_rowid(dataset->db);
	return st;
}

/* A run on its way in. */
struct adding {
	sw_dataset *dataset;
	const struct sw_run *run;
	int64_t campaign, id, hardware;
};

static void bind_campaign(struct sw__sql *sql, int64_t campaign)
{
	if (campaign == SW_NO_CAMPAIGN)
		sw__sql_null(sql);
	else
		sw__sql_whole(sql, campaign);
}

/* The text of what a GPU is: ids change their meaning with the catalogue, a measurement does not. */
static enum sw_status describe(const struct sw_gpu *gpu, char **out, struct sw_error *err)
{
	bool ok = true;
	json_t *object = sw__gpu_described(gpu, &ok);

	*out = ok ? json_dumps(object, JSON_COMPACT) : NULL;
	json_decref(object);
	return *out ? SW_OK : sw_fail(err, SW_NO_MEMORY, "%s: out of memory", gpu->id);
}

static void bind_machine(struct sw__sql *sql, const char *description,
			 const struct sw_machine *machine)
{
	sw__sql_text(sql, description);
	sw__sql_text(sql, machine->driver);
	sw__sql_text(sql, machine->cpu);
	sw__sql_whole(sql, machine->cores);
}

static enum sw_status insert_hardware(struct adding *a, const char *description,
				      struct sw_error *err)
{
	struct sw__sql sql = sw__store_sql(
		a->dataset, "INSERT INTO hardware (description, driver, cpu, cores, gpu)"
			    " VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING");
	enum sw_status st;

	bind_machine(&sql, description, &a->run->machine);
	sw__sql_text(&sql, a->run->mix->gpu.id);
	(void)sw__sql_next(&sql);
	st = sw__sql_end(&sql, err);
	if (st != SW_OK)
		return st;
	sql = sw__store_sql(a->dataset, "SELECT id FROM hardware WHERE description = ?"
					" AND driver = ? AND cpu = ? AND cores = ?");
	bind_machine(&sql, description, &a->run->machine);
	if (sw__sql_next(&sql))
		a->hardware = sw__sql_whole_at(&sql, 0);
	return sw__sql_end(&sql, err);
}

static enum sw_status add_hardware(struct adding *a, struct sw_error *err)
{
	char *description = NULL;
	enum sw_status st = describe(&a->run->mix->gpu, &description, err);

	if (st == SW_OK)
		st = insert_hardware(a, description, err);
	free(description);
	return st;
}

static enum sw_status insert_run(struct adding *a, const char *mix, struct sw_error *err)
{
	const struct sw_run *run = a->run;
	struct sw__sql sql = sw__store_sql(
		a->dataset,
		"INSERT INTO runs (campaign, experiment, repeat, gpu, mechanism, engines, source,"
		" seed, started_s, duration_s, failed, origin, hardware, mix)"
		" VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");

	bind_campaign(&sql, a->campaign);
	sw__sql_text(&sql, run->experiment);
	sw__sql_whole(&sql, run->repeat);
	sw__sql_text(&sql, run->mix->gpu.id);
	sw__sql_text(&sql, sw_mechanism_name(run->mix->mechanism));
	sw__sql_whole(&sql, (int64_t)run->mix->n);
	sw__sql_text(&sql, sw_source_id(run->source));
	sw__sql_whole(&sql, (int64_t)run->seed);
	sw__sql_number(&sql, run->started_s);
	sw__sql_number(&sql, run->duration_s);
	sw__sql_text(&sql, run->failed);
	sw__sql_text(&sql, run->origin);
	sw__sql_whole(&sql, a->hardware);
	sw__sql_text(&sql, mix);
	(void)sw__sql_next(&sql);
	a->id = sqlite3_last_insert_rowid(a->dataset->db);
	return sw__sql_end(&sql, err);
}

static enum sw_status add_the_run(struct adding *a, struct sw_error *err)
{
	char *mix = NULL;
	enum sw_status st = sw_mix_to_json(a->dataset->catalog, a->run->mix, &mix, err);

	if (st == SW_OK)
		st = insert_run(a, mix, err);
	free(mix);
	return st;
}

static void bind_engine(struct sw__sql *sql, const struct sw_engine *engine)
{
	sw__sql_text(sql, sw_engine_name(engine->kind));
	sw__sql_text(sql, *engine->version ? engine->version : NULL);
	sw__sql_whole(sql, engine->max_model_len);
	sw__sql_whole(sql, engine->max_num_seqs);
	sw__sql_whole(sql, engine->max_num_batched_tokens);
	sw__sql_bool(sql, engine->cuda_graphs);
	sw__sql_text(sql, sw_dtype_name(engine->dtype));
	sw__sql_text(sql, sw_quantization_name(engine->quantization));
	sw__sql_text(sql, sw_dtype_name(engine->kv_cache_dtype));
	sw__sql_bool(sql, engine->prefix_caching);
	sw__sql_number(sql, engine->gpu_memory_utilization);
	sw__sql_number(sql, engine->kv_cache_tokens);
	sw__sql_number(sql, engine->cores);
}

static void bind_load(struct sw__sql *sql, const struct sw_load *load)
{
	sw__sql_number(sql, load->rate);
	sw__sql_number(sql, load->concurrency);
	sw__sql_text(sql, load->trace ? load->trace->path : NULL);
	sw__sql_number(sql, load->prompt_tokens.mean);
	sw__sql_number(sql, load->prompt_tokens.p95);
	sw__sql_number(sql, load->output_tokens.mean);
	sw__sql_number(sql, load->output_tokens.p95);
	sw__sql_number(sql, load->prefix_hit_ratio);
	sw__sql_number(sql, load->burstiness);
}

static void bind_tenant(struct sw__sql *sql, const struct sw_tenant *tenant,
			const struct sw_measured *measured)
{
	struct sw_measured copy = *measured;

	sw__sql_text(sql, tenant->name);
	sw__sql_text(sql, tenant->model.id);
	sw__sql_number(sql, tenant->slice.share);
	sw__sql_number(sql, tenant->slice.memory_gib);
	bind_engine(sql, &tenant->engine);
	bind_load(sql, &tenant->load);
	for (size_t i = 0; i < SW__MEASURED; i++)
		sw__sql_number(sql, *sw__measured_at(&copy, i));
}

static enum sw_status add_engines(struct adding *a, struct sw_error *err)
{
	/* Every column of the table, in its order. */
	struct sw__sql sql = sw__store_sql(
		a->dataset,
		"INSERT INTO engines VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, "
		"?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, "
		"?, ?)");

	for (size_t i = 0; i < a->run->mix->n; i++) {
		sw__sql_whole(&sql, a->id);
		sw__sql_whole(&sql, (int64_t)i);
		bind_tenant(&sql, &a->run->mix->tenants[i], &a->run->measured[i]);
		(void)sw__sql_next(&sql);
		sw__sql_again(&sql);
	}
	return sw__sql_end(&sql, err);
}

static enum sw_status add_software(struct adding *a, struct sw_error *err)
{
	struct sw__sql made = sw__store_sql(
		a->dataset,
		"INSERT INTO software (name, version) VALUES (?, ?) ON CONFLICT DO NOTHING");
	struct sw__sql used =
		sw__store_sql(a->dataset, "INSERT INTO run_software SELECT ?, id FROM software"
					  " WHERE name = ? AND version = ? ON CONFLICT DO NOTHING");
	enum sw_status st, st_used;

	for (size_t i = 0; i < a->run->n_software; i++) {
		const struct sw_software *software = &a->run->software[i];

		sw__sql_text(&made, software->name);
		sw__sql_text(&made, software->version);
		(void)sw__sql_next(&made);
		sw__sql_again(&made);
		sw__sql_whole(&used, a->id);
		sw__sql_text(&used, software->name);
		sw__sql_text(&used, software->version);
		(void)sw__sql_next(&used);
		sw__sql_again(&used);
	}
	st = sw__sql_end(&made, err);
	st_used = sw__sql_end(&used, st == SW_OK ? err : NULL);
	return st == SW_OK ? st_used : st;
}

static enum sw_status add_samples(struct adding *a, const struct sw_run_sample *samples, size_t n,
				  struct sw_error *err)
{
	struct sw__sql sql = sw__store_sql(a->dataset, "INSERT INTO samples (run, time_s, source,"
						       " entity, metric, value)"
						       " VALUES (?, ?, ?, ?, ?, ?)");

	for (size_t i = 0; i < n; i++) {
		if (!sw_known(samples[i].value) || !sw_known(samples[i].time_s))
			continue;
		sw__sql_whole(&sql, a->id);
		sw__sql_number(&sql, samples[i].time_s);
		sw__sql_text(&sql, samples[i].source);
		sw__sql_text(&sql, samples[i].entity ? samples[i].entity : "");
		sw__sql_text(&sql, samples[i].metric);
		sw__sql_number(&sql, samples[i].value);
		(void)sw__sql_next(&sql);
		sw__sql_again(&sql);
	}
	return sw__sql_end(&sql, err);
}

static enum sw_status check_run(const sw_dataset *dataset, const struct sw_run *run,
				struct sw_error *err)
{
	if (!*run->experiment || !sw_is_plain(run->experiment))
		return sw_fail(err, SW_BAD_INPUT,
			       "%s: experiment: found \"%s\", expected a name without control "
			       "characters",
			       dataset->name, run->experiment);
	if (run->repeat == 0)
		return sw_fail(err, SW_BAD_INPUT, "%s: %s: repeat: found 0, expected 1 or more",
			       dataset->name, run->experiment);
	if (run->mix->n == 0)
		return sw_fail(err, SW_BAD_INPUT, "%s: %s: found no engine, expected at least one",
			       dataset->name, run->experiment);
	return SW_OK;
}

static enum sw_status make_room(struct adding *a, struct sw_error *err)
{
	const struct sw_run *run = a->run;
	enum sw_held held = SW_HELD_NOT;
	enum sw_status st =
		sw_dataset_has(a->dataset, a->campaign, run->experiment, run->repeat, &held, err);
	struct sw__sql sql;

	if (st != SW_OK || held == SW_HELD_NOT)
		return st;
	if (held == SW_HELD_WELL)
		return sw_fail(
			err, SW_BAD_INPUT,
			"%s: found experiment %s, repeat %u already there, expected a new one",
			a->dataset->name, run->experiment, run->repeat);
	sql = sw__store_sql(a->dataset, "DELETE FROM runs WHERE ifnull(campaign, 0) = ?"
					" AND experiment = ? AND repeat = ?");
	sw__sql_whole(&sql, a->campaign);
	sw__sql_text(&sql, run->experiment);
	sw__sql_whole(&sql, run->repeat);
	(void)sw__sql_next(&sql);
	return sw__sql_end(&sql, err);
}

static enum sw_status add_all(struct adding *a, const struct sw_run_sample *samples, size_t n,
			      struct sw_error *err)
{
	enum sw_status st = make_room(a, err);

	if (st == SW_OK)
		st = add_hardware(a, err);
	if (st == SW_OK)
		st = add_the_run(a, err);
	if (st == SW_OK)
		st = add_engines(a, err);
	if (st == SW_OK)
		st = add_software(a, err);
	return st == SW_OK ? add_samples(a, samples, n, err) : st;
}

enum sw_status sw_dataset_add_run(sw_dataset *dataset, int64_t campaign, const struct sw_run *run,
				  const struct sw_run_sample *samples, size_t n,
				  struct sw_error *err)
{
	struct adding a = {.dataset = dataset, .run = run, .campaign = campaign};
	enum sw_status st = check_run(dataset, run, err);

	if (st == SW_OK)
		st = sw__sql_run(dataset->db, dataset->name, "BEGIN IMMEDIATE", err);
	if (st != SW_OK)
		return st;
	st = add_all(&a, samples, n, err);
	if (st == SW_OK)
		st = sw__sql_run(dataset->db, dataset->name, "COMMIT", err);
	if (st != SW_OK)
		(void)sqlite3_exec(dataset->db, "ROLLBACK", NULL, NULL, NULL);
	return st;
}
