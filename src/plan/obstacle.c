// SPDX-License-Identifier: Apache-2.0
#include "plan/obstacle.h"

#include <string.h>

#include "plan/miss.h"
#include "plan/places.h"
#include "plan/rules.h"
#include "sharing/mechanism.h"

/* Slices are given to the engine that misses most, each time by half of what it misses: so many times at most. */
enum { RAISES_MAX = 40, SAID_MAX = 96 };
static const double eagerness = 0.5;
static const double overload_growth = 1.25;

static struct sw_obstacle obstacle(enum sw_obstacle_kind kind, size_t workload, double found,
				   double allowed)
{
	return (struct sw_obstacle){
		.kind = kind, .workload = workload, .found = found, .allowed = allowed};
}

static struct sw_obstacle of_miss(const struct sw__miss *miss, size_t workload)
{
	struct sw_obstacle out = obstacle(SW_OBSTACLE_NONE, workload, NAN, NAN);

	if (isinf(miss->ratio)) {
		out.kind = SW_OBSTACLE_OVERLOAD;
	} else if (miss->ratio > 1) {
		out = obstacle(SW_OBSTACLE_LIMIT, workload, miss->found_ms, miss->limit_ms);
		out.metric = miss->metric;
		out.statistic = miss->statistic;
	}
	return out;
}

struct sw_obstacle sw__obstacle_of_prediction(const struct sw_prediction *predicted,
					      const struct sw_slo *slo, size_t workload)
{
	const struct sw__miss miss = sw__miss_of(predicted, slo);

	return of_miss(&miss, workload);
}

/* An engine that cannot be there even alone. */
static struct sw_obstacle of_size(const struct sw__sizing *sizing, const struct sw__size *size)
{
	const struct sw_workload *w = &sizing->problem->workloads[size->workload];
	struct sw_obstacle out = sw__obstacle_of_prediction(&size->miss, &w->slo, size->workload);

	if (!sw__may_run(sizing->problem, size->workload, size->fleet))
		out.kind = SW_OBSTACLE_GPUS;
	else if (out.kind == SW_OBSTACLE_NONE)
		out.kind = SW_OBSTACLE_ENGINE;
	out.idle = out.kind == SW_OBSTACLE_LIMIT && size->hopeless;
	return out;
}

static bool wants_isolation(const struct sw_workload *w, enum sw_mechanism mechanism)
{
	return (w->isolation == SW_ISOLATION_HARDWARE && mechanism != SW_MIG) ||
	       (w->isolation == SW_ISOLATION_PROCESS && mechanism == SW_MPS);
}

/* Who wants not to be there with the others; SW_OBSTACLE_NONE where nobody minds. */
static struct sw_obstacle of_wishes(const struct sw__sizing *sizing, size_t fleet,
				    struct sw__size *const *engines, size_t n)
{
	enum sw_mechanism mechanism = sizing->problem->fleet[fleet].mechanism;

	for (size_t i = 0; n > 1 && i < n; i++) {
		size_t w = engines[i]->workload;
		const struct sw_workload *asked = &sizing->problem->workloads[w];

		if (wants_isolation(asked, mechanism))
			return obstacle(SW_OBSTACLE_ISOLATION, w, NAN, NAN);
		for (size_t j = 0; j < i; j++) {
			if (!sw__may_meet(sizing->problem, w, engines[j]->workload))
				return obstacle(engines[j]->workload == w ? SW_OBSTACLE_SPREAD
									  : SW_OBSTACLE_NOT_WITH,
						w, NAN, NAN);
		}
	}
	if (!sw__pins_agree(sizing->problem, fleet, engines, n))
		return obstacle(SW_OBSTACLE_GPUS, SW_NONE, NAN, NAN);
	return obstacle(SW_OBSTACLE_NONE, SW_NONE, NAN, NAN);
}

/* What engines take of a GPU at the least. */
struct sums {
	double share, memory_gib, cores;
};

static struct sums sum_up(const struct sw__sizing *sizing, struct sw__size *const *engines,
			  size_t n)
{
	struct sums sums = {0};

	for (size_t i = 0; i < n; i++) {
		double cores = engines[i]->tenant.engine.cores;

		if (engines[i]->share_matters)
			sums.share += sw__size_share(sizing, engines[i], engines[i]->alone);
		sums.memory_gib += sw__size_memory_gib(sizing, engines[i], engines[i]->alone);
		sums.cores += sw_known(cores) ? cores : SW__CORES_PER_ENGINE;
	}
	return sums;
}

/* A set that rules forbid: which of them, with its numbers. */
static struct sw_obstacle of_rules(const struct sw__sizing *sizing, size_t fleet,
				   struct sw__size *const *engines, size_t n)
{
	const struct sw_fleet_entry *entry = &sizing->problem->fleet[fleet];
	struct sums sums = sum_up(sizing, engines, n);
	double gib = sw_gpu_visible_gib(&entry->gpu);
	/* With a count whole nodes are looked at, else a GPU has its part of one. */
	double cores = entry->cores_per_node / (isfinite(entry->count) ? 1 : entry->gpus_per_node);
	unsigned tenants = entry->max_tenants < SW__TOGETHER_MAX ? entry->max_tenants
								 : (unsigned)SW__TOGETHER_MAX;
	struct sw_obstacle wish = of_wishes(sizing, fleet, engines, n);

	if (wish.kind != SW_OBSTACLE_NONE)
		return wish;
	if (n > tenants)
		return obstacle(SW_OBSTACLE_TENANTS, SW_NONE, (double)n, tenants);
	if (sums.memory_gib > gib + SW__SUM_ROUNDING)
		return obstacle(SW_OBSTACLE_MEMORY, SW_NONE, sums.memory_gib, gib);
	if (sums.share > 1 + SW__SUM_ROUNDING)
		return obstacle(SW_OBSTACLE_SHARE, SW_NONE, sums.share, 1);
	if (n > 1 && sw_known(cores) && sums.cores > cores + SW__SUM_ROUNDING)
		return obstacle(SW_OBSTACLE_CORES, SW_NONE, sums.cores, cores);
	return obstacle(SW_OBSTACLE_RULE, SW_NONE, NAN, NAN);
}

/* Engines that may be together and break limits there: the way to the slices at which they break them least. */
struct attempt {
	struct sw__groups *groups;
	size_t fleet, n;
	struct sw__size *engines[SW__TOGETHER_MAX];
	unsigned char level[SW__TOGETHER_MAX];
	struct sw_prediction predicted[SW__TOGETHER_MAX];
	struct sw__miss worst; /* at these levels */
	size_t who; /* misses most */
};

static enum sw_status look(struct attempt *a, struct sw_error *err)
{
	enum sw_status st = sw__together_predict(a->groups->sizing, a->fleet, a->engines, a->level,
						 a->n, a->predicted, err);

	a->worst = (struct sw__miss){.ratio = -1};
	for (size_t i = 0; st == SW_OK && i < a->n; i++) {
		struct sw__miss miss = sw__miss_of(&a->predicted[i], &a->engines[i]->tenant.slo);

		if (miss.ratio > a->worst.ratio) {
			a->worst = miss;
			a->who = i;
		}
	}
	return st;
}

static bool allowed(const struct attempt *a)
{
	return sw__rules_allow_levels(a->groups->sizing, a->fleet, a->engines, a->level, a->n);
}

/* A larger slice for who misses most, as large as there is room for; false where there is none. */
static bool raise(struct attempt *a)
{
	const struct sw__levels *levels = &a->groups->sizing->levels[a->fleet];
	size_t from = a->level[a->who], to;
	double growth =
		isfinite(a->worst.ratio) ? 1 + eagerness * (a->worst.ratio - 1) : overload_growth;

	if (!a->engines[a->who]->share_matters || from + 1 >= levels->n)
		return false;
	to = sw__level_for(levels, levels->level[from].share * growth);
	for (to = to > from ? to : from + 1; to > from; to--) {
		a->level[a->who] = (unsigned char)to;
		if (allowed(a))
			return true;
	}
	a->level[a->who] = (unsigned char)from;
	return false;
}

static enum sw_status of_limits(struct attempt *a, struct sw_obstacle *out, struct sw_error *err)
{
	double best = INFINITY;
	enum sw_status st = look(a, err);

	if (st != SW_OK)
		return st;
	*out = of_miss(&a->worst, a->engines[a->who]->workload);
	for (int i = 0; st == SW_OK && i < RAISES_MAX; i++) {
		if (a->worst.ratio < best) {
			best = a->worst.ratio;
			*out = of_miss(&a->worst, a->engines[a->who]->workload);
		}
		if (!raise(a))
			break;
		st = look(a, err);
	}
	return st;
}

static void sort_by_workload(struct sw__size **engines, size_t n)
{
	for (size_t i = 1; i < n; i++) {
		struct sw__size *moved = engines[i];
		size_t at = i;

		for (; at > 0 && moved->workload < engines[at - 1]->workload; at--)
			engines[at] = engines[at - 1];
		engines[at] = moved;
	}
}

enum sw_status sw__obstacle_of_set(struct sw__groups *groups, size_t fleet,
				   struct sw__size *const *engines, size_t n,
				   struct sw_obstacle *out, const struct sw__together **set,
				   struct sw_error *err)
{
	struct attempt a = {.groups = groups, .fleet = fleet, .n = n};
	enum sw_status st;

	*set = NULL;
	*out = obstacle(SW_OBSTACLE_TENANTS, SW_NONE, (double)n, SW__TOGETHER_MAX);
	if (n == 0 || n > SW__TOGETHER_MAX)
		return SW_OK;
	for (size_t i = 0; i < n; i++) {
		if (!engines[i]->possible) {
			*out = of_size(groups->sizing, engines[i]);
			return SW_OK;
		}
		a.engines[i] = engines[i];
		a.level[i] = (unsigned char)engines[i]->alone;
	}
	st = sw__together_get(groups, fleet, engines, n, set, err);
	if (st != SW_OK)
		return st;
	*out = obstacle(SW_OBSTACLE_NONE, SW_NONE, NAN, NAN);
	if (*set && (*set)->fits)
		return SW_OK;
	if (!*set) {
		*out = of_rules(groups->sizing, fleet, engines, n);
		return SW_OK;
	}
	*set = NULL;
	sort_by_workload(a.engines, n);
	return of_limits(&a, out, err);
}

double sw__obstacle_ratio(const struct sw_obstacle *o)
{
	double ratio = o->found / o->allowed;

	if (o->kind == SW_OBSTACLE_NONE)
		return 0;
	return isnan(ratio) ? (double)INFINITY : ratio;
}

static void say_limit(const struct sw_obstacle *o, struct sw_text *text)
{
	const struct sw__miss miss = {.ratio = o->found / o->allowed,
				      .metric = o->metric,
				      .statistic = o->statistic,
				      .found_ms = o->found,
				      .limit_ms = o->allowed};
	char said[SAID_MAX];

	sw__miss_say(&miss, said, sizeof(said));
	sw_text_addf(text, "%s%s", said, o->idle ? ", nearly idle" : "");
}

/* With two %g: what was found and what is allowed. Without: there are no numbers. */
static const char *const wordings[SW_OBSTACLE_COUNT] = {
	[SW_OBSTACLE_NONE] = "nothing stands against it",
	[SW_OBSTACLE_OVERLOAD] = "overload",
	[SW_OBSTACLE_ISOLATION] = "isolation was asked for",
	[SW_OBSTACLE_SPREAD] = "its engines are to be on different GPUs",
	[SW_OBSTACLE_NOT_WITH] = "it is not to be with one that is there",
	[SW_OBSTACLE_GPUS] = "not among the GPUs it may use",
	[SW_OBSTACLE_RULE] = "the rules of placement forbid it",
	[SW_OBSTACLE_ENGINE] = "it does not start there, or not with its memory",
};

static void say_numbers(const struct sw_obstacle *o, struct sw_text *text)
{
	switch (o->kind) {
	case SW_OBSTACLE_MEMORY:
		sw_text_addf(text, "%.1f of %.1f GiB of memory", o->found, o->allowed);
		break;
	case SW_OBSTACLE_SHARE:
		sw_text_addf(text, "their least shares add up to %.2f", o->found);
		break;
	case SW_OBSTACLE_TENANTS:
		sw_text_addf(text, "%.0f engines, at most %.0f", o->found, o->allowed);
		break;
	case SW_OBSTACLE_CORES:
		sw_text_addf(text, "%.4g of %.4g host cores", o->found, o->allowed);
		break;
	case SW_OBSTACLE_FLEET:
		sw_text_addf(text, "the fleet has %.0f, and %.0f would be used", o->allowed,
			     o->found);
		break;
	case SW_OBSTACLE_PRICE:
		sw_text_addf(text, "%.4g instead of %.4g per hour", o->found, o->allowed);
		break;
	default:
		sw_text_puts(text, wordings[o->kind]);
	}
}

void sw__obstacle_say(const struct sw_problem *problem, const struct sw_obstacle *o, size_t self,
		      struct sw_text *text)
{
	if (o->workload != SW_NONE && o->workload != self)
		sw_text_addf(text, "%s: ", problem->workloads[o->workload].name);
	if (o->kind == SW_OBSTACLE_LIMIT)
		say_limit(o, text);
	else
		say_numbers(o, text);
}
