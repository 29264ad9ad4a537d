// SPDX-License-Identifier: Apache-2.0
#include "plan/replan_notes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"

enum { NOTES_MAX = 3, PERCENT = 100 };

/* Bounds that differ by more than this part come from other coefficients, not from digits. */
static const double same_prediction = 0.005;

static bool is_near(double now, double was, double noise)
{
	if (isnan(now) || isnan(was))
		return isnan(now) && isnan(was);
	return fabs(now - was) <= noise * was;
}

/* Nothing about it is further from what was planned for than noise is. */
static bool is_same_load(const struct sw_load *now, const struct sw_load *was, double noise)
{
	return is_near(now->rate, was->rate, noise) &&
	       is_near(now->concurrency, was->concurrency, noise) &&
	       is_near(now->prompt_tokens.mean, was->prompt_tokens.mean, noise) &&
	       is_near(now->prompt_tokens.p95, was->prompt_tokens.p95, noise) &&
	       is_near(now->output_tokens.mean, was->output_tokens.mean, noise) &&
	       is_near(now->output_tokens.p95, was->output_tokens.p95, noise) &&
	       is_near(now->burstiness, was->burstiness, noise) &&
	       fabs(now->prefix_hit_ratio - was->prefix_hit_ratio) <= noise;
}

static const struct sw_planned_workload *find_planned(const struct sw_plan_mixes *running,
						      const char *name)
{
	for (size_t i = 0; i < running->n_workloads; i++) {
		if (strcmp(running->workloads[i].name, name) == 0)
			return &running->workloads[i];
	}
	return NULL;
}

static bool is_equal(double a, double b)
{
	return a == b || (isnan(a) && isnan(b));
}

static bool is_equal_load(const struct sw_load *a, const struct sw_load *b)
{
	return is_equal(a->rate, b->rate) && is_equal(a->concurrency, b->concurrency) &&
	       is_equal(a->prompt_tokens.mean, b->prompt_tokens.mean) &&
	       is_equal(a->prompt_tokens.p95, b->prompt_tokens.p95) &&
	       is_equal(a->output_tokens.mean, b->output_tokens.mean) &&
	       is_equal(a->output_tokens.p95, b->output_tokens.p95) &&
	       is_equal(a->burstiness, b->burstiness) &&
	       is_equal(a->prefix_hit_ratio, b->prefix_hit_ratio);
}

void sw__quiet_loads(struct sw_problem *problem, const struct sw_plan_mixes *running, double noise,
		     size_t *quieted)
{
	*quieted = 0;
	for (size_t w = 0; w < problem->n_workloads; w++) {
		struct sw_load *now = &problem->workloads[w].load;
		const struct sw_planned_workload *planned =
			find_planned(running, problem->workloads[w].name);
		const struct sw_trace *trace = now->trace;

		if (!planned || !is_same_load(now, &planned->load, noise) ||
		    !trace != !planned->load.trace)
			continue;
		*quieted += !is_equal_load(now, &planned->load);
		now->rate = planned->load.rate;
		now->concurrency = planned->load.concurrency;
		now->prompt_tokens = planned->load.prompt_tokens;
		now->output_tokens = planned->load.output_tokens;
		now->burstiness = planned->load.burstiness;
		now->prefix_hit_ratio = planned->load.prefix_hit_ratio;
	}
}

static char *next_note(struct sw_replanned *into)
{
	return into->notes[into->n_notes++];
}

static void note_noise(size_t quieted, double noise, struct sw_replanned *into)
{
	if (quieted)
		(void)snprintf(next_note(into), sizeof(*into->notes),
			       "%zu load%s within %.3g %% of what the running plan was made for: "
			       "planned as that",
			       quieted, quieted == 1 ? "" : "s", PERCENT * noise);
}

static void note_fit(const struct sw_plan_mixes *running, const sw_fit *fit,
		     struct sw_replanned *into)
{
	struct sw_fit_id now = {.hash = ""};

	if (fit)
		sw_fit_identify(fit, &now);
	if (*running->fit.hash && strcmp(running->fit.hash, now.hash) != 0)
		(void)snprintf(next_note(into), sizeof(*into->notes),
			       "the running plan was made with the fit %.80s, this one with %.80s",
			       running->fit.hash, *now.hash ? now.hash : "none");
}

/* Engines whose bounds are others by now, and the one that is furthest off. */
struct drift {
	size_t engines, differ;
	double most, was_ms, is_ms;
	char who[SW_NAME_MAX];
	enum sw_metric metric;
};

static void compare_engine(const struct sw_tenant *tenant, const double *was_ms,
			   const struct sw_prediction *is, struct drift *drift)
{
	bool differs = false;

	for (int m = 0; m < SW_METRIC_COUNT; m++) {
		double is_ms = is->latency[m].hi[SW_P95];
		double off = fabs(is_ms / was_ms[m] - 1);

		if (!(off > same_prediction))
			continue;
		differs = true;
		if (!(off > drift->most))
			continue;
		drift->most = off;
		drift->was_ms = was_ms[m];
		drift->is_ms = is_ms;
		drift->metric = (enum sw_metric)m;
		(void)memcpy(drift->who, tenant->name, sizeof(drift->who));
	}
	drift->engines++;
	drift->differ += differs;
}

/* With the loads that the plan's own predictions were made for: those of busy windows, and of what may be lost. */
static enum sw_status predict_as_planned(const struct sw_planned_gpu *gpu, const sw_fit *fit,
					 struct sw_prediction *out, struct sw_error *err)
{
	struct sw_tenant tenants[SW_TENANTS_MAX];
	struct sw_mix mix = *gpu->mix;

	for (size_t k = 0; k < mix.n; k++) {
		struct sw_load *load = &tenants[k].load;

		tenants[k] = gpu->mix->tenants[k];
		*(sw_known(load->rate) ? &load->rate : &load->concurrency) = gpu->sized_for[k];
	}
	mix.tenants = tenants;
	return sw_predict_quick(&mix, fit, out, err);
}

/* A plan's bounds that were played stand to the closed form's as they did then. */
static void correct(double factor[][SW_STATISTIC_COUNT], struct sw_prediction *predicted)
{
	for (int m = 0; m < SW_METRIC_COUNT; m++)
		if (sw_known(factor[m][SW_P95]))
			predicted->latency[m].hi[SW_P95] *= factor[m][SW_P95];
}

static enum sw_status find_drift(const struct sw_problem *problem,
				 const struct sw_plan_mixes *running, struct drift *drift,
				 struct sw_error *err)
{
	enum sw_status st = SW_OK;

	for (size_t i = 0; st == SW_OK && i < running->n_gpus; i++) {
		const struct sw_planned_gpu *gpu = &running->gpus[i];
		struct sw_prediction predicted[SW_TENANTS_MAX];

		if (gpu->mix->n == 0)
			continue;
		st = predict_as_planned(gpu, problem->fit, predicted, err);
		for (size_t k = 0; st == SW_OK && k < gpu->mix->n; k++) {
			correct(gpu->played_over_closed[k], &predicted[k]);
			compare_engine(&gpu->mix->tenants[k], gpu->p95_bound_ms[k], &predicted[k],
				       drift);
		}
	}
	return st;
}

static void note_drift(const struct drift *drift, struct sw_replanned *into)
{
	static const char *const metrics[SW_METRIC_COUNT] = {"ttft", "tpot"};

	if (drift->differ)
		(void)snprintf(next_note(into), sizeof(*into->notes),
			       "of the running plan's %zu engines %zu have other bounds by today's "
			       "fit, %s a %s_p95 bound of %.4g ms, not %.4g",
			       drift->engines, drift->differ, drift->who, metrics[drift->metric],
			       drift->is_ms, drift->was_ms);
}

enum sw_status sw__add_notes(const struct sw_problem *problem, const struct sw_plan_mixes *running,
			     size_t quieted, double noise, struct sw_plan *plan,
			     struct sw_error *err)
{
	struct drift drift = {.engines = 0};
	enum sw_status st = find_drift(problem, running, &drift, err);

	if (st != SW_OK)
		return st;
	plan->replanned->notes = calloc(NOTES_MAX, sizeof(*plan->replanned->notes));
	if (!plan->replanned->notes)
		return sw_fail(err, SW_NO_MEMORY, "out of memory");
	note_noise(quieted, noise, plan->replanned);
	note_fit(running, problem->fit, plan->replanned);
	note_drift(&drift, plan->replanned);
	return SW_OK;
}
