// SPDX-License-Identifier: Apache-2.0
#include "plan/strategies.h"

#include <string.h>

#include "base/text.h"
#include "plan/exact.h"
#include "plan/greedy.h"
#include "plan/improve.h"

/*
 * With many engines one start is nearly as good as ten and costs a tenth; the constants keep 1000 workloads within seconds.
 */
enum { MANY_ENGINES = 60, ALL_ORDERS = SW__ORDER_COUNT };

static const struct sw__rule one_gpu_each = {
	.joining = SW__JOIN_NONE, .opening = SW__OPEN_CHEAPEST, .only_fleet = SW__ANY_FLEET};

static size_t count_engines(const struct sw__state *state)
{
	size_t n = 0;

	for (size_t w = 0; w < state->problem->n_workloads; w++)
		n += state->replicas[w];
	return n;
}

/* Build by a rule; keep the result where it is better than the best so far (`first`: there is none yet). */
static enum sw_status try_rule(struct sw__groups *groups, const struct sw__rule *rule, bool first,
			       struct sw__state *best, struct sw_error *err)
{
	struct sw__cost was, now;
	struct sw__state state;
	enum sw_status st = sw__state_new(best->problem, &state, err);

	if (st != SW_OK)
		return st;
	st = sw__build(groups, &state, rule, err);
	if (st == SW_OK) {
		was = sw__state_cost(best);
		now = sw__state_cost(&state);
		if (first || sw__cost_less(&now, &was))
			st = sw__state_copy(best, &state, err);
	}
	sw__state_free(&state);
	return st;
}

/* Greedy from several sides, then local search from the best: README.md says why one side is not enough. */
static enum sw_status plan_slicewise(struct sw__planning *planning, struct sw__state *out,
				     struct sw_error *err)
{
	struct sw__rule rule = {.joining = SW__JOIN_LEAST_EXTRA};
	long n_fleet = (long)out->problem->n_fleet;
	bool first = true;
	enum sw_status st = SW_OK;

	for (rule.only_fleet = SW__ANY_FLEET; rule.only_fleet < n_fleet; rule.only_fleet++) {
		for (int opening = 0; opening < SW__OPEN_COUNT; opening++) {
			for (int order = 0; order < ALL_ORDERS && st == SW_OK; order++) {
				bool few = first || count_engines(out) <= MANY_ENGINES;

				rule.opening = (enum sw__opening)opening;
				rule.order = (enum sw__order)order;
				if ((rule.only_fleet == SW__ANY_FLEET || opening == 0) &&
				    (few || order == 0))
					st = try_rule(&planning->groups, &rule, first, out, err);
				first = false;
			}
		}
	}
	/* No start may be dearer than not to share at all. */
	if (st == SW_OK)
		st = try_rule(&planning->groups, &one_gpu_each, false, out, err);
	return st == SW_OK ? sw__improve(&planning->groups, out, err) : st;
}

/* What the exact search may look at: seconds of it, up to some dozens of workloads. */
static const struct sw__effort effort = {.rounds = 60, .looks = 20000, .nodes = 5000};

static enum sw_status plan_exact(struct sw__planning *planning, struct sw__state *out,
				 struct sw_error *err)
{
	enum sw_status st = plan_slicewise(planning, out, err);

	return st == SW_OK
		       ? sw__exact(&planning->groups, out, &effort, &planning->proved_per_hour, err)
		       : st;
}

/* The cheapest GPU that holds each engine's limits alone; all of it is the engine's. */
enum sw_status sw__strategy_exclusive(struct sw__planning *planning, struct sw__state *out,
				      struct sw_error *err)
{
	if (!planning->alone.sizing)
		sw__groups_open(planning->sizing, SW__NEIGHBOURS_NONE, &planning->alone);
	return sw__build(&planning->alone, out, &one_gpu_each, err);
}

/* Slices sized alone, larger ones first, each into the first GPU with room. */
static enum sw_status plan_ffd(struct sw__planning *planning, struct sw__state *out,
			       struct sw_error *err)
{
	const struct sw__rule rule = {.joining = SW__JOIN_FIRST, .only_fleet = SW__ANY_FLEET};

	sw__groups_open(planning->sizing, SW__NEIGHBOURS_IGNORE, &planning->unmindful);
	return sw__build(&planning->unmindful, out, &rule, err);
}

/* The largest number of equal parts of a GPU on each of which every workload that can run there holds its limits alone. */
static enum sw_status most_parts(struct sw__planning *planning, size_t fleet, unsigned *out,
				 struct sw_error *err)
{
	struct sw__sizing *sizing = planning->sizing;
	const struct sw_fleet_entry *entry = &sizing->problem->fleet[fleet];
	double gpu_gib = sw_gpu_visible_gib(&entry->gpu);

	*out = entry->max_tenants;
	for (size_t w = 0; w < sizing->problem->n_workloads; w++) {
		struct sw__size *size;
		double share, memory;
		enum sw_status st = sw__size_fewest(sizing, w, fleet, &size, err);

		if (st != SW_OK)
			return st;
		if (!size->possible)
			continue;
		share = size->share_matters ? sw__size_share(sizing, size, size->alone) : 0;
		memory = sw__size_memory_gib(sizing, size, size->alone);
		while (*out > 1 && (share * *out > 1 || memory * *out > gpu_gib))
			(*out)--;
	}
	return SW_OK;
}

/* Equal slices. The number of parts belongs to a kind of GPU, so a plan has one kind: the cheapest that serves all. */
static enum sw_status plan_even_split(struct sw__planning *planning, struct sw__state *out,
				      struct sw_error *err)
{
	struct sw__rule rule = {.joining = SW__JOIN_FIRST};
	bool first = true;
	enum sw_status st = SW_OK;

	sw__groups_open(planning->sizing, SW__NEIGHBOURS_EVEN, &planning->unmindful);
	for (size_t f = 0; f < out->problem->n_fleet && st == SW_OK; f++) {
		rule.only_fleet = (long)f;
		st = most_parts(planning, f, &planning->unmindful.parts, err);
		if (st == SW_OK)
			st = try_rule(&planning->unmindful, &rule, first, out, err);
		first = false;
	}
	return st;
}

static const struct sw__strategy strategies[] = {
	{"even-split", plan_even_split, false},       {"exact", plan_exact, true},
	{"exclusive", sw__strategy_exclusive, false}, {"ffd", plan_ffd, false},
	{"slicewise", plan_slicewise, true},
};

enum { STRATEGIES = sizeof(strategies) / sizeof(strategies[0]) };

const char *const *sw_strategies(void)
{
	/* The names of the table above; a test holds the two together. */
	static const char *const names[STRATEGIES + 1] = {"even-split", "exact",     "exclusive",
							  "ffd",        "slicewise", NULL};

	return names;
}

enum sw_status sw__strategy_find(const char *name, const struct sw__strategy **out,
				 struct sw_error *err)
{
	struct sw_text names = {0};
	enum sw_status st;

	for (size_t i = 0; i < STRATEGIES; i++) {
		if (strcmp(strategies[i].name, name ? name : "slicewise") == 0) {
			*out = &strategies[i];
			return SW_OK;
		}
	}
	for (size_t i = 0; i < STRATEGIES; i++)
		sw_text_addf(&names, "%s%s", i ? ", " : "", strategies[i].name);
	st = sw_fail(err, SW_BAD_INPUT, "unknown strategy %s; expected one of %s", name,
		     sw_text_string(&names));
	sw_text_free(&names);
	return st;
}
