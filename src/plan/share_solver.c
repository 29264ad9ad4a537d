// SPDX-License-Identifier: Apache-2.0
/*
 * The least levels at which all limits hold. Bigger slices of its neighbours never help an engine, so from levels that are too
 * small for everybody, raising whoever misses ends at the least ones that hold. To begin near them: a few leaps by the power law
 * that latency follows, then a little back.
 */
#include "plan/share_solver.h"

#include "base/error.h"
#include "plan/miss.h"
#include "plan/running.h"
#include "sharing/mechanism.h"

enum {
	LEAPS = 3, /* looks that come near; further ones hardly come nearer */
	STEP_BACK = 2, /* levels */
	LOOKS_MAX =
		400 /* of a solve; levels are a hundred, and only near overload is every one walked through */
};

static const double usual_power = -0.8; /* of the latency in the share, as in trials.c */
static const double overload_growth = 1.5;
static const double ratio_most = 8; /* of a leap: near overload latencies say little of shares */
static const double rounding = 1e-9;

/* A solve on its way. */
struct solving {
	struct sw__shares_gpu *gpu;
	const double *load;
	size_t level[SW_TENANTS_MAX];
	struct sw_prediction predicted[SW_TENANTS_MAX];
	size_t looks_left;
	struct sw_error *err;
};

static size_t top_of(const struct sw__shares_gpu *gpu, const struct sw__shares_engine *e)
{
	return e->share_matters ? gpu->levels.n - 1 : e->least;
}

void sw__shares_start(struct sw__shares_gpu *gpu)
{
	sw__levels_of(gpu->entry, &gpu->levels);
	for (size_t k = 0; k < gpu->n; k++) {
		struct sw__shares_engine *e = &gpu->engine[k];
		const struct sw_slice *slice = &e->tenant.slice;

		e->share_matters = sw__share_binds(gpu->entry->mechanism, &e->tenant.engine);
		while (e->share_matters && e->least + 1 < gpu->levels.n &&
		       gpu->levels.level[e->least].memory_gib < slice->memory_gib - rounding)
			e->least++;
		e->level = e->share_matters ? sw__level_for(&gpu->levels, slice->share) : 0;
		if (e->level < e->least)
			e->level = e->least;
	}
}

static void forget(const struct sw__shares_gpu *gpu, struct sw__shares_engine *e)
{
	for (size_t i = 0; i < SW__LEVELS_MAX; i++) {
		if (e->prepared[i])
			gpu->oracle->release(e->prepared[i]);
		e->prepared[i] = NULL;
	}
}

void sw__shares_stop(struct sw__shares_gpu *gpu)
{
	for (size_t k = 0; k < gpu->n; k++)
		forget(gpu, &gpu->engine[k]);
}

/* An engine at its level with the load asked for. */
static enum sw_status ready(struct solving *s, size_t k, const sw_prepared **out)
{
	struct sw__shares_gpu *gpu = s->gpu;
	struct sw__shares_engine *e = &gpu->engine[k];
	size_t level = s->level[k];
	enum sw_status st = SW_OK;

	if (!e->prepared[level]) {
		struct sw_tenant tenant = e->tenant;
		const struct sw__level *at = &gpu->levels.level[level];

		if (e->share_matters)
			tenant.slice.share = at->share;
		if (sw_known(at->memory_gib))
			tenant.slice.memory_gib = at->memory_gib;
		st = gpu->oracle->prepare(gpu->oracle->context, k, 0, &tenant, &e->prepared[level],
					  s->err);
		e->prepared_for[level] = e->tenant.load.rate;
	}
	if (st == SW_OK && sw_known(e->tenant.load.rate) &&
	    e->prepared_for[level] != e->tenant.load.rate) {
		gpu->oracle->set_rate(e->prepared[level], e->tenant.load.rate);
		e->prepared_for[level] = e->tenant.load.rate;
	}
	*out = e->prepared[level];
	return st;
}

static enum sw_status look(struct solving *s)
{
	const sw_prepared *prepared[SW_TENANTS_MAX];
	enum sw_status st = SW_OK;

	s->looks_left -= s->looks_left > 0;
	s->gpu->looks++;
	for (size_t k = 0; st == SW_OK && k < s->gpu->n; k++)
		st = ready(s, k, &prepared[k]);
	if (st == SW_OK)
		s->gpu->oracle->predict(s->gpu->entry->mechanism, prepared, s->gpu->n,
					s->predicted);
	return st;
}

static bool holds(const struct solving *s, size_t k)
{
	return sw_prediction_meets(&s->predicted[k], &s->gpu->engine[k].tenant.slo);
}

/* Where the power law says that an engine's limit just holds. */
static size_t guess(const struct solving *s, size_t k)
{
	const struct sw__shares_engine *e = &s->gpu->engine[k];
	const struct sw__levels *levels = &s->gpu->levels;
	double ratio = sw__miss_of(&s->predicted[k], &e->tenant.slo).ratio;
	double share = levels->level[s->level[k]].share;
	double growth =
		isfinite(ratio) ? pow(fmin(ratio, ratio_most), -1 / usual_power) : overload_growth;
	size_t at;

	if (!e->share_matters)
		return s->level[k];
	at = sw__level_for(levels, share * growth);
	return at < e->least ? e->least : at;
}

/* Leaps until they no longer lead anywhere. */
static enum sw_status come_near(struct solving *s)
{
	enum sw_status st = SW_OK;

	for (int i = 0; st == SW_OK && i < LEAPS; i++) {
		bool moved = false;

		st = look(s);
		for (size_t k = 0; st == SW_OK && k < s->gpu->n; k++) {
			size_t next = guess(s, k);

			moved |= next > s->level[k] + 1 || next + 1 < s->level[k];
			s->level[k] = next;
		}
		if (!moved)
			break;
	}
	return st;
}

static void step_back(struct solving *s, size_t k, size_t levels)
{
	size_t least = s->gpu->engine[k].least;

	s->level[k] = s->level[k] > least + levels ? s->level[k] - levels : least;
}

/* Back until everybody misses, or has the least there is. */
static enum sw_status go_below(struct solving *s)
{
	enum sw_status st = SW_OK;
	size_t by = STEP_BACK;

	for (size_t k = 0; k < s->gpu->n; k++)
		step_back(s, k, s->gpu->engine[k].share_matters ? by : 0);
	for (bool again = true; st == SW_OK && again && s->looks_left; by *= 2) {
		again = false;
		st = look(s);
		for (size_t k = 0; st == SW_OK && k < s->gpu->n; k++) {
			const struct sw__shares_engine *e = &s->gpu->engine[k];

			if (!e->share_matters || s->level[k] == e->least || !holds(s, k))
				continue;
			step_back(s, k, by);
			again = true;
		}
	}
	return st;
}

/* Of the shares that have an effect, so far. */
static double sum_of(const struct solving *s)
{
	double sum = 0;

	for (size_t k = 0; k < s->gpu->n; k++) {
		if (s->gpu->engine[k].share_matters)
			sum += s->gpu->levels.level[s->level[k]].share;
	}
	return sum;
}

/* One level up for whoever misses; false where nobody does, or somebody has no larger one. */
static bool raise_missing(struct solving *s)
{
	bool raised = false;

	for (size_t k = 0; k < s->gpu->n; k++) {
		if (holds(s, k))
			continue;
		if (s->level[k] >= top_of(s->gpu, &s->gpu->engine[k]))
			return false;
		s->level[k]++;
		raised = true;
	}
	return raised;
}

/*
 * From the last look: whoever misses one level up, until nobody does. Everybody has no more than is needed all the way, so once the
 * sum is more than there is, or somebody misses with all of it, nothing would hold.
 */
static enum sw_status rise(struct solving *s)
{
	bool cut = s->gpu->entry->mechanism != SW_MIG;
	enum sw_status st = SW_OK;

	while (st == SW_OK && s->looks_left && !(cut && sum_of(s) > 1 + rounding) &&
	       raise_missing(s))
		st = look(s);
	return st;
}

static enum sw_status check_mig(const struct solving *s)
{
	const struct sw_gpu *gpu = &s->gpu->entry->gpu;
	unsigned compute = 0, memory = 0;

	for (size_t k = 0; k < s->gpu->n; k++) {
		const struct sw_mig_profile *profile = s->gpu->levels.level[s->level[k]].profile;

		compute += profile->compute_slices;
		memory += profile->memory_slices;
	}
	if (compute > gpu->mig_compute_slices || memory > gpu->mig_memory_slices)
		return sw_fail(s->err, SW_INFEASIBLE,
			       "the engines need instances of %u compute and %u memory slices, "
			       "%s has %u and %u",
			       compute, memory, gpu->id, gpu->mig_compute_slices,
			       gpu->mig_memory_slices);
	return SW_OK;
}

static enum sw_status judge(const struct solving *s)
{
	enum { MISS_TEXT = 96 };
	char text[MISS_TEXT];

	if (s->gpu->entry->mechanism != SW_MIG && sum_of(s) > 1 + rounding)
		return sw_fail(s->err, SW_INFEASIBLE,
			       "the engines need shares of %.2f of the GPU or more", sum_of(s));
	for (size_t k = 0; k < s->gpu->n; k++) {
		const struct sw__shares_engine *e = &s->gpu->engine[k];
		struct sw__miss miss = sw__miss_of(&s->predicted[k], &e->tenant.slo);

		if (holds(s, k))
			continue;
		sw__miss_say(&miss, text, sizeof(text));
		return sw_fail(s->err, SW_INFEASIBLE, "%s: with a share of %.2f %s", e->tenant.name,
			       e->share_matters ? s->gpu->levels.level[s->level[k]].share
						: e->tenant.slice.share,
			       text);
	}
	return s->gpu->entry->mechanism == SW_MIG ? check_mig(s) : SW_OK;
}

/* Rates are set where engines are prepared; another number of requests in flight is another engine to the predictor. */
static enum sw_status take_loads(struct solving *s)
{
	for (size_t k = 0; k < s->gpu->n; k++) {
		struct sw__shares_engine *e = &s->gpu->engine[k];

		if (!sw_known(s->load[k]) || s->load[k] <= 0)
			return sw_fail(s->err, SW_USAGE,
				       "%s: found a load of %g, expected more than 0",
				       e->tenant.name, s->load[k]);
		if (sw_known(e->tenant.load.rate)) {
			e->tenant.load.rate = s->load[k];
		} else if (e->tenant.load.concurrency != s->load[k]) {
			e->tenant.load.concurrency = s->load[k];
			forget(s->gpu, e);
		}
		s->level[k] = e->level;
	}
	return SW_OK;
}

static void hand_over(const struct solving *s, double *share, struct sw_prediction *predicted)
{
	for (size_t k = 0; k < s->gpu->n; k++) {
		const struct sw__shares_engine *e = &s->gpu->engine[k];

		share[k] = e->share_matters ? s->gpu->levels.level[s->level[k]].share
					    : e->tenant.slice.share;
		if (predicted)
			predicted[k] = s->predicted[k];
	}
}

enum sw_status sw__shares_solve(struct sw__shares_gpu *gpu, const double *load, double *share,
				struct sw_prediction *predicted, struct sw_error *err)
{
	struct solving s = {.gpu = gpu, .load = load, .looks_left = LOOKS_MAX, .err = err};
	enum sw_status st = take_loads(&s);

	if (st == SW_OK)
		st = come_near(&s);
	if (st == SW_OK)
		st = go_below(&s);
	if (st == SW_OK)
		st = rise(&s);
	if (st != SW_OK)
		return st;
	hand_over(&s, share, predicted);
	st = judge(&s);
	for (size_t k = 0; st == SW_OK && k < gpu->n; k++)
		gpu->engine[k].level = s.level[k];
	return st;
}
