// SPDX-License-Identifier: Apache-2.0
/* A plan as JSON: docs/formats/plan.md. Every key in a fixed order; what is not known is null. */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/relative_path.h"
#include "plan/plan_json_why.h"
#include "slicewise/replan.h"

static const char format_name[] = "slicewise-plan-1";

/* Far beyond every model's accuracy, short enough to read. */
enum { NUMBER_DIGITS = 9 };

/* Beyond 2^53 a double no longer tells one whole number from the next. */
static const double whole_max = 9007199254740992.0;

#define NAME_OF(constant, id) id,
static const char *const metrics[] = {SW_METRIC_LIST(NAME_OF)};
static const char *const statistics[] = {SW_STATISTIC_LIST(NAME_OF)};
static const char *const upper_keys[] = {"hi", "p50_hi", "p95_hi", "p99_hi"};

static json_t *number(double x)
{
	if (!isfinite(x))
		return json_null();
	if (x == floor(x) && fabs(x) < whole_max)
		return json_integer((json_int_t)x);
	return json_real(x);
}

/* Failed allocations are NULL references, which every jansson call passes on; the end looks once. */
static void put(json_t *object, const char *key, json_t *value, bool *ok)
{
	if (json_object_set_new(object, key, value) != 0)
		*ok = false;
}

static void append(json_t *array, json_t *value, bool *ok)
{
	if (json_array_append_new(array, value) != 0)
		*ok = false;
}

/* A plan on its way out. */
struct writing {
	const struct sw_problem *problem;
	const char *into; /* the file that paths are relative to; NULL: what we see is fine */
};

/* `path` as it is to be read from the file. Where an id could stand in its place a slash tells that it is none. */
static void put_path(json_t *object, const char *key, const struct writing *w, const char *path,
		     bool id_could_stand, bool *ok)
{
	static const char here[] = "./";
	struct sw_text text = {0};
	const char *shown = NULL;

	sw_text_puts(&text, here);
	if (w->into)
		(void)sw_file_path_for(w->into, path, &text, NULL);
	else
		sw_text_puts(&text, path);
	if (sw_text_ok(&text)) {
		shown = text.data + strlen(here);
		if (id_could_stand && !strchr(shown, '/'))
			shown = text.data;
	}
	put(object, key, json_string(shown), ok);
	sw_text_free(&text);
}

static json_t *latency_json(const struct sw_latency *latency, bool *ok)
{
	json_t *object = json_object();

	for (int s = 0; s < SW_STATISTIC_COUNT; s++)
		put(object, statistics[s], number(latency->at[s]), ok);
	put(object, "lo", number(latency->lo), ok);
	for (int s = 0; s < SW_STATISTIC_COUNT; s++)
		put(object, upper_keys[s], number(latency->hi[s]), ok);
	return object;
}

static json_t *prediction_json(const struct sw_prediction *p, bool *ok)
{
	json_t *object = json_object();

	put(object, "ttft_ms", latency_json(&p->latency[SW_TTFT], ok), ok);
	put(object, "tpot_ms", latency_json(&p->latency[SW_TPOT], ok), ok);
	put(object, "requests_per_s", number(p->requests_per_s), ok);
	put(object, "output_tokens_per_s", number(p->output_tokens_per_s), ok);
	put(object, "slowdown", number(p->slowdown), ok);
	put(object, "max_rate_per_s", number(p->max_rate_per_s), ok);
	put(object, "kv_cache_tokens", number(p->kv_cache_tokens), ok);
	put(object, "binds", json_string(sw_binds_id(p->binds)), ok);
	put(object, "extrapolated", json_boolean(p->extrapolated), ok);
	return object;
}

/* Settings by their key, with the bit that tells whether the user gave them. */
struct setting {
	const char *key;
	unsigned bit;
	json_t *(*value)(const struct sw_engine *engine);
};

#define VALUE(key, expression)                                \
	static json_t *value_##key(const struct sw_engine *e) \
	{                                                     \
		return expression;                            \
	}
VALUE(name, json_string(sw_engine_name(e->kind)))
VALUE(version, *e->version ? json_string(e->version) : json_null())
VALUE(max_model_len, json_integer(e->max_model_len))
VALUE(max_num_seqs, json_integer(e->max_num_seqs))
VALUE(max_num_batched_tokens, json_integer(e->max_num_batched_tokens))
VALUE(cuda_graphs, json_boolean(e->cuda_graphs))
VALUE(dtype, json_string(sw_dtype_name(e->dtype)))
VALUE(quantization, json_string(sw_quantization_name(e->quantization)))
VALUE(kv_cache_dtype, json_string(sw_dtype_name(e->kv_cache_dtype)))
VALUE(prefix_caching, json_boolean(e->prefix_caching))
VALUE(gpu_memory_utilization, number(e->gpu_memory_utilization))
VALUE(kv_cache_tokens, number(e->kv_cache_tokens))
VALUE(cores, number(e->cores))

static const struct setting settings[] = {
	{"name", SW_KEY_NAME, value_name},
	{"version", SW_KEY_VERSION, value_version},
	{"max_model_len", SW_KEY_MAX_MODEL_LEN, value_max_model_len},
	{"max_num_seqs", SW_KEY_MAX_NUM_SEQS, value_max_num_seqs},
	{"max_num_batched_tokens", SW_KEY_MAX_NUM_BATCHED_TOKENS, value_max_num_batched_tokens},
	{"cuda_graphs", SW_KEY_CUDA_GRAPHS, value_cuda_graphs},
	{"dtype", SW_KEY_DTYPE, value_dtype},
	{"quantization", SW_KEY_QUANTIZATION, value_quantization},
	{"kv_cache_dtype", SW_KEY_KV_CACHE_DTYPE, value_kv_cache_dtype},
	{"prefix_caching", SW_KEY_PREFIX_CACHING, value_prefix_caching},
	{"gpu_memory_utilization", SW_KEY_GPU_MEMORY_UTILIZATION, value_gpu_memory_utilization},
	{"kv_cache_tokens", SW_KEY_KV_CACHE_TOKENS, value_kv_cache_tokens},
	{"cores", SW_KEY_CORES, value_cores},
};

enum { SETTINGS = sizeof(settings) / sizeof(settings[0]) };

/* What the user gave, what the plan chose; the rest are the engine's own defaults on that GPU. */
static json_t *keys_json(unsigned bits, bool *ok)
{
	json_t *array = json_array();

	for (size_t i = 0; i < SETTINGS; i++) {
		if (bits & settings[i].bit)
			append(array, json_string(settings[i].key), ok);
	}
	return array;
}

static json_t *engine_json(const struct sw_engine *engine, unsigned given, bool *ok)
{
	json_t *object = json_object();

	for (size_t i = 0; i < SETTINGS; i++)
		put(object, settings[i].key, settings[i].value(engine), ok);
	put(object, "given", keys_json(given, ok), ok);
	put(object, "chosen", keys_json(engine->given & ~given, ok), ok);
	return object;
}

static json_t *mig_json(const struct sw_fleet_entry *entry, const struct sw_placement *p, bool *ok)
{
	const struct sw_mig_profile *profile =
		sw_gpu_mig_profile(&entry->gpu, p->share, p->memory_gib);
	json_t *object = json_object();

	put(object, "profile", profile ? json_string(profile->name) : json_null(), ok);
	put(object, "start", json_integer(p->mig_start), ok);
	return object;
}

/* What a measured table says in place of an engine's settings and a prediction. */
static void put_row(json_t *object, const struct sw_placement *p, bool *ok)
{
	json_t *predicted = json_object(), *latency = json_object();

	put(latency, "batch", number(p->row->latency_ms), ok);
	put(latency, "hi", number(p->predicted.latency[SW_TTFT].hi[SW_P99]), ok);
	put(predicted, "latency_ms", latency, ok);
	put(predicted, "requests_per_s", number(p->predicted.requests_per_s), ok);
	put(predicted, "max_rate_per_s", number(p->predicted.max_rate_per_s), ok);
	put(object, "batch", json_integer(p->row->batch), ok);
	put(object, "processes", json_integer(p->row->processes), ok);
	put(object, "rate", number(p->rate_or_concurrency), ok);
	put(object, "predicted", predicted, ok);
	put(object, "binds", json_string(p->binds), ok);
}

static bool was_played(const struct sw_placement *p)
{
	for (int i = 0; i < SW_METRIC_COUNT * SW_STATISTIC_COUNT; i++)
		if (p->played_over_closed[i / SW_STATISTIC_COUNT][i % SW_STATISTIC_COUNT] > 0)
			return true;
	return false;
}

/* Bounds of a play over those of the closed form. */
static json_t *played_json(const struct sw_placement *p, bool *ok)
{
	json_t *object = json_object();

	for (int m = 0; m < SW_METRIC_COUNT; m++) {
		json_t *one = json_object();

		for (int s = 0; s < SW_STATISTIC_COUNT; s++)
			put(one, statistics[s], number(p->played_over_closed[m][s]), ok);
		put(object, metrics[m], one, ok);
	}
	return object;
}

static json_t *tenant_json(const struct sw_problem *problem, const struct sw_fleet_entry *entry,
			   const struct sw_placement *p, bool *ok)
{
	const struct sw_workload *w = &problem->workloads[p->workload];
	json_t *object = json_object();

	put(object, "workload", json_string(w->name), ok);
	put(object, "replica", json_integer(p->replica), ok);
	put(object, "model", json_string(w->model.id), ok);
	put(object, "share", number(p->share), ok);
	put(object, "memory_gib", number(p->memory_gib), ok);
	if (entry->mechanism == SW_MIG)
		put(object, "mig", mig_json(entry, p, ok), ok);
	if (p->row) {
		put_row(object, p, ok);
		return object;
	}
	put(object, "max_num_seqs", json_integer(p->engine.max_num_seqs), ok);
	if (p->max_in_flight)
		put(object, "max_in_flight", json_integer(p->max_in_flight), ok);
	put(object, sw_known(w->load.rate) ? "rate" : "concurrency", number(p->rate_or_concurrency),
	    ok);
	if (p->sized_for != p->rate_or_concurrency)
		put(object, "sized_for", number(p->sized_for), ok);
	put(object, "engine", engine_json(&p->engine, w->engine.given, ok), ok);
	put(object, "predicted", prediction_json(&p->predicted, ok), ok);
	if (was_played(p))
		put(object, "played_over_closed", played_json(p, ok), ok);
	put(object, "binds", json_string(p->binds), ok);
	return object;
}

static json_t *gpu_json(const struct writing *w, const struct sw_plan_gpu *gpu, bool *ok)
{
	const struct sw_fleet_entry *entry = &w->problem->fleet[gpu->fleet];
	json_t *object = json_object(), *tenants = json_array();

	put(object, "id", json_string(gpu->id), ok);
	put(object, "gpu", json_string(entry->gpu.id), ok);
	if (entry->gpu_file)
		put_path(object, "gpu_file", w, entry->gpu_file, true, ok);
	put(object, "mechanism", json_string(sw_mechanism_name(entry->mechanism)), ok);
	put(object, "price_per_hour", number(entry->price_per_hour), ok);
	if (gpu->node >= 0)
		put(object, "node", json_integer(gpu->node), ok);
	for (size_t k = 0; k < gpu->n; k++)
		append(tenants, tenant_json(w->problem, entry, &gpu->tenants[k], ok), ok);
	put(object, "tenants", tenants, ok);
	return object;
}

static json_t *length_json(const struct sw_length *length, bool *ok)
{
	json_t *object;

	if (!sw_known(length->p95))
		return number(length->mean);
	object = json_object();
	put(object, "mean", number(length->mean), ok);
	put(object, "p95", number(length->p95), ok);
	return object;
}

/* As in a workloads file; of a trace also what was read from it. */
static json_t *load_json(const struct writing *w, const struct sw_load *load, bool *ok)
{
	json_t *object = json_object();

	if (load->trace) {
		put_path(object, "trace", w, load->trace->path, false, ok);
		put(object, "trace_once", json_boolean(load->trace_once), ok);
	}
	if (sw_known(load->rate))
		put(object, "rate", number(load->rate), ok);
	else
		put(object, "concurrency", number(load->concurrency), ok);
	put(object, "prompt_tokens", length_json(&load->prompt_tokens, ok), ok);
	put(object, "output_tokens", length_json(&load->output_tokens, ok), ok);
	put(object, "prefix_hit_ratio", number(load->prefix_hit_ratio), ok);
	put(object, "burstiness", number(load->burstiness), ok);
	return object;
}

static json_t *slo_json(const struct sw_slo *slo, bool *ok)
{
	json_t *object = json_object();
	char key[32];

	for (int m = 0; m < SW_METRIC_COUNT; m++) {
		for (int s = 0; s < SW_STATISTIC_COUNT; s++) {
			(void)snprintf(key, sizeof(key), "%s_%s_ms", metrics[m], statistics[s]);
			if (sw_known(slo->bound_ms[m][s]))
				put(object, key, number(slo->bound_ms[m][s]), ok);
		}
	}
	return object;
}

static void put_table_wishes(json_t *object, const struct sw_workload *workload, bool *ok)
{
	json_t *load = json_object(), *slo = json_object();

	put(load, "rate", number(workload->load.rate), ok);
	if (sw_known(workload->latency_ms))
		put(slo, "latency_ms", number(workload->latency_ms), ok);
	put(object, "load", load, ok);
	put(object, "slo", slo, ok);
}

static json_t *workload_json(const struct writing *w, const struct sw_workload *workload,
			     const struct sw_plan_workload *planned, bool *ok)
{
	json_t *object = json_object();

	put(object, "name", json_string(workload->name), ok);
	if (workload->model_file)
		put_path(object, "model_file", w, workload->model_file, true, ok);
	if (workload->table)
		put_path(object, "table", w, workload->table->path, false, ok);
	put(object, "replicas", json_integer(planned->replicas), ok);
	put(object, "met", json_boolean(planned->met), ok);
	put(object, "why", json_string(planned->why), ok);
	if (workload->table) {
		put_table_wishes(object, workload, ok);
		return object;
	}
	put(object, "load", load_json(w, &workload->load, ok), ok);
	put(object, "slo", slo_json(&workload->slo, ok), ok);
	return object;
}

static json_t *totals_json(const struct sw_plan *plan, bool *ok)
{
	json_t *object = json_object();

	put(object, "gpus", json_integer((json_int_t)plan->n_gpus), ok);
	put(object, "share", number(plan->total_share), ok);
	put(object, "cost_per_hour", number(plan->cost_per_hour), ok);
	return object;
}

static json_t *bound_json(const struct sw_plan *plan, bool *ok)
{
	json_t *object = json_object();

	put(object, "gpus", number(plan->bound_gpus), ok);
	put(object, "cost_per_hour", number(plan->bound_cost_per_hour), ok);
	put(object, "gap", number(plan->gap), ok);
	if (plan->bound_is_of_sizes)
		put(object, "of", json_string("engines as sized, at most two more than needed"),
		    ok);
	return object;
}

static json_t *exclusive_json(const struct sw_plan *plan, bool *ok)
{
	json_t *object = json_object();

	put(object, "gpus", number(plan->exclusive_gpus), ok);
	put(object, "cost_per_hour", number(plan->exclusive_cost_per_hour), ok);
	return object;
}

/* What its predictions and bounds stand on. */
static json_t *fit_json(const sw_fit *fit, bool *ok)
{
	struct sw_fit_id id;
	json_t *object;

	if (!fit)
		return json_null();
	sw_fit_identify(fit, &id);
	object = json_object();
	put(object, "hash", json_string(id.hash), ok);
	put(object, "origin", *id.origin ? json_string(id.origin) : json_null(), ok);
	return object;
}

static json_t *place_json(const struct sw_engine_place *place, bool *ok)
{
	json_t *object;

	if (!*place->gpu)
		return json_null();
	object = json_object();
	put(object, "gpu", json_string(place->gpu), ok);
	if (!sw_known(place->share))
		return object;
	put(object, "share", number(place->share), ok);
	put(object, "memory_gib", number(place->memory_gib), ok);
	if (place->batch) {
		put(object, "batch", json_integer(place->batch), ok);
		put(object, "processes", json_integer(place->processes), ok);
		return object;
	}
	put(object, "max_num_seqs", json_integer(place->max_num_seqs), ok);
	if (place->max_in_flight)
		put(object, "max_in_flight", json_integer(place->max_in_flight), ok);
	put(object, "max_num_batched_tokens", json_integer(place->max_num_batched_tokens), ok);
	put(object, "max_model_len", json_integer(place->max_model_len), ok);
	return object;
}

static json_t *change_json(const struct sw_change *change, bool *ok)
{
	json_t *object = json_object();
	bool engine = *change->workload;

	put(object, "kind", json_string(sw_change_id(change->kind)), ok);
	put(object, "workload", engine ? json_string(change->workload) : json_null(), ok);
	put(object, "replica", engine ? json_integer(change->replica) : json_null(), ok);
	put(object, "from", place_json(&change->from, ok), ok);
	put(object, "to", place_json(&change->to, ok), ok);
	put(object, "price", number(change->price), ok);
	put(object, "why", json_string(change->why), ok);
	return object;
}

static void put_replanned(json_t *object, const struct sw_replanned *r, bool *ok)
{
	json_t *running = json_object(), *changes = json_array(), *notes = json_array();

	put(running, "cost_per_hour", number(r->running_per_hour), ok);
	put(running, "changes_price", number(r->changes_price), ok);
	put(running, "horizon_hours", number(r->horizon_hours), ok);
	put(object, "running", running, ok);
	for (size_t i = 0; i < r->n_changes; i++)
		append(changes, change_json(&r->changes[i], ok), ok);
	put(object, "changes", changes, ok);
	for (size_t i = 0; i < r->n_notes; i++)
		append(notes, json_string(r->notes[i]), ok);
	put(object, "notes", notes, ok);
}

static json_t *plan_json(const struct writing *w, const struct sw_plan *plan, bool *ok)
{
	json_t *object = json_object(), *gpus = json_array(), *workloads = json_array();

	for (size_t i = 0; i < plan->n_gpus; i++)
		append(gpus, gpu_json(w, &plan->gpus[i], ok), ok);
	for (size_t i = 0; i < plan->n_workloads; i++)
		append(workloads,
		       workload_json(w, &w->problem->workloads[i], &plan->workloads[i], ok), ok);
	put(object, "format", json_string(format_name), ok);
	put(object, "fit", fit_json(w->problem->fit, ok), ok);
	put(object, "bounds", json_string(plan->played ? "played" : "closed-form"), ok);
	put(object, "gpus", gpus, ok);
	put(object, "totals", totals_json(plan, ok), ok);
	put(object, "bound", bound_json(plan, ok), ok);
	put(object, "exclusive", exclusive_json(plan, ok), ok);
	put(object, "workloads", workloads, ok);
	put(object, "reasons", sw__reasons_json(w->problem, plan, ok), ok);
	put(object, "relaxations", sw__relaxations_json(w->problem, plan, ok), ok);
	if (plan->replanned)
		put_replanned(object, plan->replanned, ok);
	return object;
}

/* jansson's own allocator may be another one: what callers free() is made by ours. */
static char *dump(const json_t *document)
{
	size_t flags = JSON_INDENT(2) | JSON_REAL_PRECISION(NUMBER_DIGITS);
	size_t size = json_dumpb(document, NULL, 0, flags);
	char *text = size ? malloc(size + 2) : NULL;

	if (!text)
		return NULL;
	(void)json_dumpb(document, text, size, flags);
	text[size] = '\n';
	text[size + 1] = '\0';
	return text;
}

static enum sw_status to_json(const struct sw_problem *problem, const struct sw_plan *plan,
			      const char *into, char **out, struct sw_error *err)
{
	const struct writing w = {problem, into};
	bool ok = true;
	json_t *document = plan_json(&w, plan, &ok);

	*out = ok ? dump(document) : NULL;
	json_decref(document);
	return *out ? SW_OK : sw_fail(err, SW_NO_MEMORY, "a plan of %zu GPUs", plan->n_gpus);
}

enum sw_status sw_plan_to_json(const struct sw_problem *problem, const struct sw_plan *plan,
			       char **out, struct sw_error *err)
{
	return to_json(problem, plan, NULL, out, err);
}

enum sw_status sw_plan_save(const struct sw_problem *problem, const struct sw_plan *plan,
			    const char *path, struct sw_error *err)
{
	char *text;
	enum sw_status st = to_json(problem, plan, path, &text, err);

	if (st == SW_OK)
		st = sw_file_write(path, text, strlen(text), err);
	free(text);
	return st;
}
