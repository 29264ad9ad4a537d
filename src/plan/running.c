// SPDX-License-Identifier: Apache-2.0
#include "plan/running.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "sharing/mechanism.h"

/* Numbers of plan files end at the ninth digit. */
static const double digits_kept = 1e-7;

bool sw__same_number(double a, double b)
{
	if (isnan(a) || isnan(b))
		return isnan(a) && isnan(b);
	return a == b || fabs(a - b) <= digits_kept * fmax(fabs(a), fabs(b));
}

/* Settings as words, so that a person can be told which one is another. */
static const char *first_difference(const struct sw_engine *a, const struct sw_engine *b,
				    unsigned keys)
{
	const struct {
		unsigned key;
		bool same;
		const char *name;
	} settings[] = {
		{SW_KEY_NAME, a->kind == b->kind, "name"},
		{SW_KEY_VERSION, strcmp(a->version, b->version) == 0, "version"},
		{SW_KEY_MAX_MODEL_LEN, a->max_model_len == b->max_model_len, "max_model_len"},
		{SW_KEY_MAX_NUM_SEQS, a->max_num_seqs == b->max_num_seqs, "max_num_seqs"},
		{SW_KEY_MAX_NUM_BATCHED_TOKENS,
		 a->max_num_batched_tokens == b->max_num_batched_tokens, "max_num_batched_tokens"},
		{SW_KEY_CUDA_GRAPHS, a->cuda_graphs == b->cuda_graphs, "cuda_graphs"},
		{SW_KEY_DTYPE, a->dtype == b->dtype, "dtype"},
		{SW_KEY_QUANTIZATION, a->quantization == b->quantization, "quantization"},
		{SW_KEY_KV_CACHE_DTYPE, a->kv_cache_dtype == b->kv_cache_dtype, "kv_cache_dtype"},
		{SW_KEY_PREFIX_CACHING, a->prefix_caching == b->prefix_caching, "prefix_caching"},
		{SW_KEY_GPU_MEMORY_UTILIZATION,
		 sw__same_number(a->gpu_memory_utilization, b->gpu_memory_utilization),
		 "gpu_memory_utilization"},
		{SW_KEY_KV_CACHE_TOKENS, sw__same_number(a->kv_cache_tokens, b->kv_cache_tokens),
		 "kv_cache_tokens"},
		{SW_KEY_CORES, sw__same_number(a->cores, b->cores), "cores"},
	};

	for (size_t i = 0; i < sizeof(settings) / sizeof(settings[0]); i++) {
		if ((keys & settings[i].key) && !settings[i].same)
			return settings[i].name;
	}
	return NULL;
}

bool sw__same_settings(const struct sw_engine *a, const struct sw_engine *b)
{
	return !first_difference(a, b, ~0u);
}

bool sw__share_binds(enum sw_mechanism mechanism, const struct sw_engine *engine)
{
	const struct sw__mechanism *row = sw__mechanism(mechanism);

	return row->share_is_sms || (row->share_is_duty && !engine->cuda_graphs);
}

size_t sw__running_fleet(const struct sw_problem *problem, const struct sw_planned_gpu *gpu)
{
	size_t found = SW__NONE;

	for (size_t f = 0; f < problem->n_fleet; f++) {
		const struct sw_fleet_entry *entry = &problem->fleet[f];

		if (strcmp(entry->gpu.id, gpu->mix->gpu.id) != 0 ||
		    entry->mechanism != gpu->mix->mechanism)
			continue;
		if (sw__same_number(entry->price_per_hour, gpu->price_per_hour))
			return f;
		if (found == SW__NONE)
			found = f;
	}
	return found;
}

size_t sw__workload_called(const struct sw_problem *problem, const char *name)
{
	for (size_t w = 0; w < problem->n_workloads; w++) {
		if (strcmp(problem->workloads[w].name, name) == 0)
			return w;
	}
	return SW__NONE;
}

/* "chat/2": names may have slashes, so the last one counts. */
static unsigned replica_of(const struct sw_tenant *tenant)
{
	const char *slash = strrchr(tenant->name, '/');

	return slash ? (unsigned)strtoul(slash + 1, NULL, 10) : 0;
}

static size_t level_of(const struct sw__sizing *sizing, size_t fleet, bool share_matters,
		       const struct sw_slice *slice)
{
	const struct sw__levels *levels = &sizing->levels[fleet];

	if (!share_matters)
		return 0;
	for (size_t i = 0; i < levels->n; i++) {
		if (sw__same_number(levels->level[i].share, slice->share) &&
		    (!sw_known(levels->level[i].memory_gib) ||
		     sw__same_number(levels->level[i].memory_gib, slice->memory_gib)))
			return i;
	}
	return SW__NONE;
}

/* The context that the load needs by now; what was given stands. */
static unsigned needed_model_len(const struct sw__sizing *sizing,
				 const struct sw__running_engine *engine, size_t fleet)
{
	struct sw_tenant tenant = sw__tenant_of(sizing->problem, engine->workload, fleet, 1);

	tenant.engine = engine->tenant->engine;
	tenant.engine.given &= ~(unsigned)SW_KEY_MAX_MODEL_LEN;
	if (sizing->oracle->settle(sizing->oracle->context, engine->workload, fleet, &tenant,
				   NULL) != SW_OK)
		return 0;
	return tenant.engine.max_model_len;
}

/* Whether the engine may go on as it is, whatever its latencies. */
static void judge(const struct sw__sizing *sizing, struct sw__running_engine *engine, size_t fleet)
{
	const struct sw_workload *w = &sizing->problem->workloads[engine->workload];
	const struct sw_engine *is = &engine->tenant->engine;
	const char *other = first_difference(is, &w->engine, w->engine.given);
	unsigned needed;

	if (strcmp(engine->tenant->model.id, w->model.id) != 0) {
		(void)snprintf(engine->why_not, sizeof(engine->why_not),
			       "the model is %.60s now, not %.60s", w->model.id,
			       engine->tenant->model.id);
		return;
	}
	if (other) {
		(void)snprintf(engine->why_not, sizeof(engine->why_not),
			       "the workloads file says another %s", other);
		return;
	}
	needed = w->engine.given & SW_KEY_MAX_MODEL_LEN ? 0
							: needed_model_len(sizing, engine, fleet);
	if (needed > is->max_model_len) {
		(void)snprintf(engine->why_not, sizeof(engine->why_not),
			       "requests need a max_model_len of %u, it has %u", needed,
			       is->max_model_len);
		return;
	}
	engine->may_stay = true;
}

static void fill_engine(const struct sw__sizing *sizing, const struct sw_plan_mixes *plan,
			const struct sw__running_gpu *gpu, size_t k,
			struct sw__running_engine *engine)
{
	const struct sw_planned_workload *planned = &plan->workloads[gpu->planned->workload[k]];

	engine->tenant = &gpu->planned->mix->tenants[k];
	engine->replica = replica_of(engine->tenant);
	engine->workload = sw__workload_called(sizing->problem, planned->name);
	engine->level = SW__NONE;
	if (engine->workload == SW__NONE) {
		(void)snprintf(engine->why_not, sizeof(engine->why_not),
			       "no longer among the workloads");
	} else if (gpu->fleet == SW__NONE) {
		(void)sw_copy_name(engine->why_not, sizeof(engine->why_not), gpu->why_not);
	} else {
		judge(sizing, engine, gpu->fleet);
	}
}

static void fill_gpu(const struct sw_problem *problem, const struct sw_planned_gpu *planned,
		     struct sw__running_gpu *gpu)
{
	gpu->planned = planned;
	gpu->fleet = sw__running_fleet(problem, planned);
	gpu->n = planned->mix->n;
	if (gpu->fleet == SW__NONE)
		(void)snprintf(gpu->why_not, sizeof(gpu->why_not),
			       "no %.80s under %s is in the fleet any more", planned->mix->gpu.id,
			       sw_mechanism_name(planned->mix->mechanism));
}

/* What is lost with a GPU: the shares of its engines. */
static double used_share(const struct sw__running_gpu *gpu)
{
	double share = 0;

	for (size_t k = 0; k < gpu->n; k++)
		share += gpu->planned->mix->tenants[k].slice.share;
	return share;
}

/* Where the fleet has fewer of a kind than run, those with the least on them are not there any more. */
static void respect_counts(struct sw__running *running)
{
	for (size_t f = 0; f < running->problem->n_fleet; f++) {
		const struct sw_fleet_entry *entry = &running->problem->fleet[f];
		double used = 0, all;

		for (size_t i = 0; i < running->n_gpus; i++)
			used += running->gpus[i].fleet == f;
		for (all = used; used > entry->count; used--) {
			struct sw__running_gpu *least = NULL;

			for (size_t i = 0; i < running->n_gpus; i++) {
				struct sw__running_gpu *gpu = &running->gpus[i];

				if (gpu->fleet == f &&
				    (!least || used_share(gpu) <= used_share(least)))
					least = gpu;
			}
			if (!least)
				break;
			least->fleet = SW__NONE;
			(void)snprintf(least->why_not, sizeof(least->why_not),
				       "the fleet has %.0f %.80s, %.0f run", entry->count,
				       entry->gpu.id, all);
		}
	}
}

static enum sw_status allocate(const struct sw_problem *problem, const struct sw_plan_mixes *plan,
			       struct sw__running *out, struct sw_error *err)
{
	for (size_t i = 0; i < plan->n_gpus; i++)
		out->n_engines += plan->gpus[i].mix->n;
	out->gpus = calloc(plan->n_gpus + 1, sizeof(*out->gpus));
	out->engines = calloc(out->n_engines + 1, sizeof(*out->engines));
	out->replicas = calloc(problem->n_workloads + 1, sizeof(*out->replicas));
	return out->gpus && out->engines && out->replicas
		       ? SW_OK
		       : sw_fail(err, SW_NO_MEMORY, "%zu engines", out->n_engines);
}

static void set_levels(const struct sw__sizing *sizing, struct sw__running *running)
{
	for (size_t i = 0; i < running->n_engines; i++) {
		struct sw__running_engine *engine = &running->engines[i];
		size_t fleet = running->gpus[engine->gpu].fleet;

		if (engine->may_stay)
			engine->level =
				level_of(sizing, fleet,
					 sw__share_binds(sizing->problem->fleet[fleet].mechanism,
							 &engine->tenant->engine),
					 &engine->tenant->slice);
		if (engine->workload != SW__NONE)
			running->replicas[engine->workload]++;
	}
}

enum sw_status sw__runs_open(const struct sw__sizing *sizing, const struct sw_plan_mixes *plan,
			     struct sw__running *out, struct sw_error *err)
{
	size_t n = 0;
	enum sw_status st;

	*out = (struct sw__running){.problem = sizing->problem, .n_gpus = plan->n_gpus};
	if (!plan->is_plan)
		return sw_fail(err, SW_BAD_INPUT, "a mix, not a plan");
	st = allocate(sizing->problem, plan, out, err);
	if (st != SW_OK)
		return st;
	for (size_t i = 0; i < plan->n_gpus; i++)
		fill_gpu(sizing->problem, &plan->gpus[i], &out->gpus[i]);
	respect_counts(out);
	for (size_t i = 0; i < plan->n_gpus; i++) {
		struct sw__running_gpu *gpu = &out->gpus[i];

		gpu->first = n;
		for (size_t k = 0; k < gpu->n; k++, n++) {
			out->engines[n].gpu = i;
			fill_engine(sizing, plan, gpu, k, &out->engines[n]);
		}
	}
	set_levels(sizing, out);
	return SW_OK;
}

void sw__runs_close(struct sw__running *running)
{
	free(running->gpus);
	free(running->engines);
	free(running->replicas);
	*running = (struct sw__running){0};
}
