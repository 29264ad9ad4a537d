// SPDX-License-Identifier: Apache-2.0
#include "plan/verify_figures.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"

/* Sums of decimal fractions, and predictions made in another order, agree to this. */
static const double rounding = 1e-9;

#define REFUSE(...) sw_fail(err, SW_INTERNAL, "plan refused: " __VA_ARGS__)

bool sw__same_figure(double a, double b)
{
	if (!isfinite(a) || !isfinite(b))
		return a == b || (isnan(a) && isnan(b));
	return fabs(a - b) <= rounding * fmax(1, fmax(fabs(a), fabs(b)));
}

static bool same_latency(const struct sw_latency *a, const struct sw_latency *b)
{
	for (int s = 0; s < SW_STATISTIC_COUNT; s++) {
		if (!sw__same_figure(a->at[s], b->at[s]) || !sw__same_figure(a->hi[s], b->hi[s]))
			return false;
	}
	return sw__same_figure(a->lo, b->lo);
}

bool sw__same_prediction(const struct sw_prediction *a, const struct sw_prediction *b)
{
	for (int m = 0; m < SW_METRIC_COUNT; m++) {
		if (!same_latency(&a->latency[m], &b->latency[m]))
			return false;
	}
	return sw__same_figure(a->requests_per_s, b->requests_per_s) &&
	       sw__same_figure(a->output_tokens_per_s, b->output_tokens_per_s) &&
	       sw__same_figure(a->slowdown, b->slowdown) &&
	       sw__same_figure(a->max_rate_per_s, b->max_rate_per_s) &&
	       sw__same_figure(a->running, b->running) && sw__same_figure(a->busy, b->busy) &&
	       sw__same_figure(a->gpu_busy, b->gpu_busy) &&
	       sw__same_figure(a->kv_cache_tokens, b->kv_cache_tokens) && a->binds == b->binds &&
	       a->extrapolated == b->extrapolated;
}

/* The kind (the end of a very long one is left out), a slash, a number. */
static bool is_called_so(const char *id, const char *kind)
{
	enum { ROOM_FOR_A_NUMBER = 24 };
	size_t n = strlen(kind);
	const char *digits;

	n = n < SW_NAME_MAX - ROOM_FOR_A_NUMBER ? n : SW_NAME_MAX - ROOM_FOR_A_NUMBER;
	if (!memchr(id, '\0', SW_NAME_MAX) || strncmp(id, kind, n) != 0 || id[n] != '/')
		return false;
	for (digits = id + n + 1; isdigit((unsigned char)*digits); digits++)
		;
	return digits > id + n + 1 && *digits == '\0';
}

enum sw_status sw__verify_names(const struct sw_problem *problem, const struct sw_plan *plan,
				struct sw_error *err)
{
	for (size_t i = 0; i < plan->n_gpus; i++) {
		const struct sw_plan_gpu *gpu = &plan->gpus[i];
		const char *kind = problem->fleet[gpu->fleet].gpu.id;

		if (!is_called_so(gpu->id, kind))
			return REFUSE("a %s is called %.*s", kind, SW_NAME_MAX, gpu->id);
	}
	return SW_OK;
}

/* What a workload has got, over all its engines. */
struct got {
	double load;
	unsigned engines;
	bool broken;
};

static void count_engines(const struct sw_problem *problem, const struct sw_plan *plan,
			  struct got *got)
{
	for (size_t i = 0; i < plan->n_gpus; i++) {
		for (size_t k = 0; k < plan->gpus[i].n; k++) {
			const struct sw_placement *p = &plan->gpus[i].tenants[k];
			struct got *g = &got[p->workload];

			g->engines++;
			g->load += p->rate_or_concurrency;
			g->broken = g->broken ||
				    !sw_prediction_meets(&p->predicted,
							 &problem->workloads[p->workload].slo);
		}
	}
}

enum sw_status sw__verify_met(const struct sw_problem *problem, const struct sw_plan *plan,
			      struct sw_error *err)
{
	struct got *got = calloc(problem->n_workloads + 1, sizeof(*got));
	enum sw_status st =
		got ? SW_OK : sw_fail(err, SW_NO_MEMORY, "%zu workloads", problem->n_workloads);

	if (got)
		count_engines(problem, plan, got);
	for (size_t w = 0; w < problem->n_workloads && st == SW_OK; w++) {
		const struct sw_workload *asked = &problem->workloads[w];
		double wanted =
			sw_known(asked->load.rate) ? asked->load.rate : asked->load.concurrency;
		bool all = got[w].engines > 0 && got[w].load >= wanted * (1 - rounding) &&
			   (!asked->replicas || asked->replicas == got[w].engines);

		if (all && !got[w].broken && !plan->workloads[w].met)
			st = REFUSE("%s holds its limits, and is said not to", asked->name);
	}
	free(got);
	return st;
}

static enum sw_status verify_bounds(const struct sw_plan *plan, double cost, struct sw_error *err)
{
	double bound = plan->bound_cost_per_hour, gpus = plan->bound_gpus;
	double gap = bound > 0 ? (cost - bound) / bound : (double)NAN;

	if (!(bound >= 0 && gpus >= 0))
		return REFUSE("lower bounds of %.9g per hour and %.9g GPUs", bound, gpus);
	if (bound > cost * (1 + rounding) || gpus > (double)plan->n_gpus * (1 + rounding))
		return REFUSE("it costs less than its lower bound");
	if (!sw__same_figure(gap, plan->gap))
		return REFUSE("a gap of %.9g, %.9g said", gap, plan->gap);
	return SW_OK;
}

/* One engine a workload at least, each on a GPU at a price of the fleet; or not known. */
static enum sw_status verify_exclusive(const struct sw_problem *problem, const struct sw_plan *plan,
				       struct sw_error *err)
{
	double gpus = plan->exclusive_gpus, cost = plan->exclusive_cost_per_hour;
	double least = INFINITY, most = 0;

	for (size_t f = 0; f < problem->n_fleet; f++) {
		least = fmin(least, problem->fleet[f].price_per_hour);
		most = fmax(most, problem->fleet[f].price_per_hour);
	}
	if (isnan(gpus) && isnan(cost))
		return SW_OK;
	if (!(gpus >= (double)problem->n_workloads && gpus == floor(gpus) &&
	      cost >= gpus * least * (1 - rounding) && cost <= gpus * most * (1 + rounding)))
		return REFUSE("%.9g GPUs at %.9g per hour where none is shared", gpus, cost);
	return SW_OK;
}

enum sw_status sw__verify_totals(const struct sw_problem *problem, const struct sw_plan *plan,
				 struct sw_error *err)
{
	double cost = 0, share = 0;
	enum sw_status st;

	for (size_t i = 0; i < plan->n_gpus; i++) {
		double taken = 0;

		cost += problem->fleet[plan->gpus[i].fleet].price_per_hour;
		for (size_t k = 0; k < plan->gpus[i].n; k++)
			taken += plan->gpus[i].tenants[k].share;
		share += fmin(taken, 1);
	}
	if (!sw__same_figure(cost, plan->cost_per_hour) ||
	    !sw__same_figure(share, plan->total_share))
		return REFUSE("totals of %.9g per hour and share %.9g, %.9g and %.9g said", cost,
			      share, plan->cost_per_hour, plan->total_share);
	st = verify_bounds(plan, cost, err);
	return st == SW_OK ? verify_exclusive(problem, plan, err) : st;
}

/* Settings by their bit: where they are in the struct, and whether two hold the same. */
struct setting {
	unsigned bit;
	size_t offset, size;
	bool is_double;
};

#define SETTING(bit, member, is_double)                                       \
	{                                                                     \
		bit, offsetof(struct sw_engine, member),                      \
			sizeof(((struct sw_engine *)NULL)->member), is_double \
	}

static const struct setting settings[] = {
	SETTING(SW_KEY_NAME, kind, false),
	SETTING(SW_KEY_VERSION, version, false),
	SETTING(SW_KEY_MAX_MODEL_LEN, max_model_len, false),
	SETTING(SW_KEY_MAX_NUM_SEQS, max_num_seqs, false),
	SETTING(SW_KEY_MAX_NUM_BATCHED_TOKENS, max_num_batched_tokens, false),
	SETTING(SW_KEY_CUDA_GRAPHS, cuda_graphs, false),
	SETTING(SW_KEY_DTYPE, dtype, false),
	SETTING(SW_KEY_QUANTIZATION, quantization, false),
	SETTING(SW_KEY_KV_CACHE_DTYPE, kv_cache_dtype, false),
	SETTING(SW_KEY_PREFIX_CACHING, prefix_caching, false),
	SETTING(SW_KEY_GPU_MEMORY_UTILIZATION, gpu_memory_utilization, true),
	SETTING(SW_KEY_KV_CACHE_TOKENS, kv_cache_tokens, true),
	SETTING(SW_KEY_CORES, cores, true),
};

enum { SETTINGS = sizeof(settings) / sizeof(settings[0]) };

static bool same_setting(const struct setting *s, const struct sw_engine *a,
			 const struct sw_engine *b)
{
	const char *x = (const char *)a + s->offset, *y = (const char *)b + s->offset;
	double p, q;

	if (s->bit == SW_KEY_VERSION)
		return strncmp(x, y, s->size) == 0;
	if (!s->is_double)
		return memcmp(x, y, s->size) == 0;
	(void)memcpy(&p, x, sizeof(p));
	(void)memcpy(&q, y, sizeof(q));
	return sw__same_figure(p, q);
}

static bool same_where(unsigned bits, const struct sw_engine *a, const struct sw_engine *b)
{
	for (size_t i = 0; i < SETTINGS; i++) {
		if ((bits & settings[i].bit) && !same_setting(&settings[i], a, b))
			return false;
	}
	return true;
}

/* As the user gave it, with what the plan says that it chose. */
static struct sw_engine as_chosen(const struct sw_engine *given, const struct sw_engine *planned)
{
	struct sw_engine engine = *given;

	for (size_t i = 0; i < SETTINGS; i++) {
		const struct setting *s = &settings[i];

		if (planned->given & s->bit)
			(void)memcpy((char *)&engine + s->offset, (const char *)planned + s->offset,
				     s->size);
	}
	engine.given |= planned->given;
	return engine;
}

enum sw_status sw__verify_settings(const struct sw_problem *problem,
				   const struct sw__oracle *oracle, const struct sw_plan_gpu *gpu,
				   const struct sw_placement *p, struct sw_error *err)
{
	const struct sw_workload *w = &problem->workloads[p->workload];
	struct sw_tenant tenant = {
		.model = w->model,
		.engine = as_chosen(&w->engine, &p->engine),
		.slice = {problem->fleet[gpu->fleet].mechanism, p->share, p->memory_gib},
		.load = w->load,
		.slo = w->slo,
	};
	enum sw_status st;

	if ((w->engine.given & ~p->engine.given) ||
	    !same_where(w->engine.given, &w->engine, &p->engine))
		return REFUSE("%s: a setting that was given is another in the plan", w->name);
	(void)memcpy(tenant.name, w->name, sizeof(tenant.name));
	st = oracle->settle(oracle->context, p->workload, gpu->fleet, &tenant, err);
	if (st != SW_OK)
		return sw_fail_in(err, st == SW_NO_MEMORY ? st : SW_INTERNAL, "plan refused: %s",
				  gpu->id);
	if (!same_where(~0U, &tenant.engine, &p->engine))
		return REFUSE("%s on %s: a setting is neither chosen nor the engine's default",
			      w->name, gpu->id);
	return SW_OK;
}
