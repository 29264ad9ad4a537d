// SPDX-License-Identifier: Apache-2.0
#include "plan/strategies.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "plan/exact.h"
#include "plan/filling.h"
#include "plan/greedy.h"
#include "plan/improve.h"
#include "plan/parvagpu.h"
#include "plan/peer.h"
#include "plan/peers.h"

/*
 * With many engines one start is nearly as good as ten and costs a tenth; the constants keep 1000 workloads within seconds.
 */
enum { MANY_ENGINES = 60, ALL_ORDERS = SW__ORDER_COUNT };

/* Beyond a few times a limit or a slowdown nothing is meant. */
static const double parameter_max = 10;

void sw__planning_close(struct sw__planning *planning)
{
	sw__groups_close(&planning->groups);
	sw__groups_close(&planning->unmindful);
	sw__groups_close(&planning->alone);
	free(planning->parts);
	planning->parts = NULL;
	sw__made_free(&planning->made);
	sw__peer_close(planning->peer);
	planning->peer = NULL;
}

struct sw__sizing *sw__planning_seen(const struct sw__planning *planning)
{
	return planning->peer ? &planning->peer->sizing : planning->sizing;
}

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

static bool counts_are_finite(const struct sw_problem *problem)
{
	for (size_t f = 0; f < problem->n_fleet; f++) {
		if (isfinite(problem->fleet[f].count))
			return true;
	}
	return false;
}

/* A GPU for each, all of one kind. */
static enum sw_status try_each_kind(struct sw__groups *groups, bool first, struct sw__state *best,
				    struct sw_error *err)
{
	struct sw__rule rule = {.joining = SW__JOIN_NONE, .opening = SW__OPEN_CHEAPEST};
	enum sw_status st = SW_OK;

	for (; rule.only_fleet < (long)best->problem->n_fleet && st == SW_OK; rule.only_fleet++)
		st = try_rule(groups, &rule, first && rule.only_fleet == 0, best, err);
	return st;
}

/* A GPU for each, the cheapest that does: of any kind, or where the fleet may run out of one, all of the same. */
static enum sw_status try_one_gpu_each(struct sw__groups *groups, bool first,
				       struct sw__state *best, struct sw_error *err)
{
	static const struct sw__rule any = {.joining = SW__JOIN_NONE,
					    .opening = SW__OPEN_CHEAPEST,
					    .only_fleet = SW__ANY_FLEET};
	enum sw_status st = try_rule(groups, &any, first, best, err);

	return st == SW_OK && counts_are_finite(best->problem)
		       ? try_each_kind(groups, false, best, err)
		       : st;
}

enum sw_status sw__strategy_best_kind(struct sw__groups *groups, const struct sw__rule *rule,
				      struct sw__state *out, struct sw_error *err)
{
	struct sw__rule one = *rule;
	bool first = true;
	enum sw_status st = SW_OK;

	groups->sizing->economical = false; /* every kind for itself has to serve all */
	one.only_fleet = SW__ANY_FLEET;
	for (int opening = 0; opening < SW__OPEN_COUNT && st == SW_OK; opening++, first = false) {
		one.opening = (enum sw__opening)opening;
		st = try_rule(groups, &one, first, out, err);
	}
	for (one.only_fleet = 0; one.only_fleet < (long)out->problem->n_fleet && st == SW_OK;
	     one.only_fleet++)
		st = try_rule(groups, &one, false, out, err);
	return st;
}

/* Greedy from several sides: README.md says why one side is not enough. */
static enum sw_status start_from_all_sides(struct sw__groups *groups, struct sw__state *out,
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
					st = try_rule(groups, &rule, first, out, err);
				first = false;
			}
		}
	}
	return st;
}

/* The kind of which most GPUs are used. */
static long most_used(const struct sw__state *state)
{
	size_t most = 0;

	for (size_t f = 1; f < state->problem->n_fleet; f++)
		most = state->used[f] > state->used[most] ? f : most;
	return (long)most;
}

/* What cannot be on the kind that is preferred, divided as in the plan `like`. */
static enum sw_status place_others(struct sw__groups *groups, struct sw__state *state,
				   const struct sw__state *like, struct sw_error *err)
{
	const struct sw__rule rule = {.joining = SW__JOIN_LEAST_EXTRA,
				      .opening = SW__OPEN_EFFICIENT,
				      .only_fleet = SW__ANY_FLEET};
	enum sw_status st = SW_OK;

	for (size_t w = 0; w < state->problem->n_workloads; w++) {
		unsigned missing = state->unplaced[w];

		if (missing > 0 && missing == state->replicas[w])
			missing = state->replicas[w] = like->replicas[w];
		state->unplaced[w] = 0;
		for (; missing > 0 && st == SW_OK; missing--)
			st = sw__place(groups, state, w, &rule, err);
	}
	return st;
}

/* With many engines GPUs are filled one by one, and by the orderly rule on the kind that this prefers. */
static enum sw_status plan_many(struct sw__groups *groups, struct sw__state *out,
				struct sw_error *err)
{
	struct sw__rule rule = {.joining = SW__JOIN_LEAST_EXTRA};
	struct sw__state orderly = {0};
	struct sw__cost one, other;
	enum sw_status st = sw__fill(groups, out, err);

	rule.only_fleet = most_used(out);
	if (st == SW_OK && !groups->sizing->economical)
		st = sw__improve(groups, out, err);
	if (st == SW_OK)
		st = sw__state_new(out->problem, &orderly, err);
	if (st == SW_OK)
		st = sw__build(groups, &orderly, &rule, err);
	if (st == SW_OK && groups->sizing->economical)
		st = place_others(groups, &orderly, out, err);
	else if (st == SW_OK)
		st = sw__improve(groups, &orderly, err);
	if (st == SW_OK) {
		one = sw__state_cost(out);
		other = sw__state_cost(&orderly);
		if (sw__cost_less(&other, &one))
			st = sw__state_copy(out, &orderly, err);
	}
	if (orderly.gpu)
		sw__state_free(&orderly);
	return st;
}

static enum sw_status plan_few(struct sw__groups *groups, struct sw__state *out,
			       struct sw_error *err)
{
	struct sw__state filled = {0};
	struct sw__cost one, other;
	enum sw_status st = start_from_all_sides(groups, out, err);

	if (st == SW_OK)
		st = sw__state_new(out->problem, &filled, err);
	if (st == SW_OK)
		st = sw__fill(groups, &filled, err);
	if (st == SW_OK) {
		one = sw__state_cost(out);
		other = sw__state_cost(&filled);
		if (sw__cost_less(&other, &one))
			st = sw__state_copy(out, &filled, err);
	}
	if (filled.gpu)
		sw__state_free(&filled);
	return st == SW_OK ? sw__improve(groups, out, err) : st;
}

/* Starts, and local search from the best of them. */
enum sw_status sw__strategy_slicewise(struct sw__planning *planning, struct sw__state *out,
				      struct sw_error *err)
{
	enum sw_status st = out->problem->n_workloads > MANY_ENGINES
				    ? plan_many(&planning->groups, out, err)
				    : plan_few(&planning->groups, out, err);

	/* Nothing may be dearer than not to share at all. */
	return st == SW_OK ? try_one_gpu_each(&planning->groups, false, out, err) : st;
}

/* What the exact search may look at: seconds of it, up to some dozens of workloads. */
static const struct sw__effort effort = {
	.rounds = 60, .looks = 600, .last_looks = 2500, .visits = 1000000, .nodes = 1000};

static enum sw_status plan_exact(struct sw__planning *planning, struct sw__state *out,
				 struct sw_error *err)
{
	enum sw_status st = sw__strategy_slicewise(planning, out, err);

	planning->sizing->prove = true;
	return st == SW_OK && !planning->sizing->economical
		       ? sw__exact(&planning->groups, out, &effort, &planning->proved_per_hour, err)
		       : st;
}

static struct sw__groups *groups_alone(struct sw__planning *planning)
{
	if (!planning->alone.sizing)
		sw__groups_open(planning->sizing, SW__NEIGHBOURS_NONE, &planning->alone);
	return &planning->alone;
}

/* What a practitioner tries first: the cheapest GPU that holds each engine's limits alone; all of it is the engine's. */
enum sw_status sw__strategy_cheapest_exclusive(struct sw__planning *planning, struct sw__state *out,
					       struct sw_error *err)
{
	return try_one_gpu_each(groups_alone(planning), true, out, err);
}

/*
 * A cluster as most are: GPUs of one kind, one per engine; of the kinds of the fleet the one that is cheapest for all. Where
 * none serves all, each engine gets the cheapest that does.
 */
static enum sw_status plan_exclusive(struct sw__planning *planning, struct sw__state *out,
				     struct sw_error *err)
{
	struct sw__state mixed;
	enum sw_status st = sw__state_new(out->problem, &mixed, err);

	if (st != SW_OK)
		return st;
	planning->sizing->economical = false;
	st = try_each_kind(groups_alone(planning), true, out, err);
	if (st == SW_OK)
		st = sw__strategy_cheapest_exclusive(planning, &mixed, err);
	if (st == SW_OK && sw__state_cost(out).unplaced > sw__state_cost(&mixed).unplaced)
		st = sw__state_copy(out, &mixed, err);
	sw__state_free(&mixed);
	return st;
}

/* Slices sized alone, larger ones first, each into the first GPU with room. */
static enum sw_status plan_ffd(struct sw__planning *planning, struct sw__state *out,
			       struct sw_error *err)
{
	const struct sw__rule first_fit = {.joining = SW__JOIN_FIRST};

	sw__groups_open(planning->sizing, SW__NEIGHBOURS_IGNORE, &planning->unmindful);
	return sw__strategy_best_kind(&planning->unmindful, &first_fit, out, err);
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

/* Equal slices, as many as belong to the kind of GPU. */
static enum sw_status plan_even_split(struct sw__planning *planning, struct sw__state *out,
				      struct sw_error *err)
{
	const struct sw__rule first_fit = {.joining = SW__JOIN_FIRST};
	size_t n_fleet = out->problem->n_fleet;
	enum sw_status st = SW_OK;

	planning->parts = calloc(n_fleet + 1, sizeof(*planning->parts));
	if (!planning->parts)
		return sw_fail(err, SW_NO_MEMORY, "%zu kinds of GPU", n_fleet);
	sw__groups_open(planning->sizing, SW__NEIGHBOURS_EVEN, &planning->unmindful);
	planning->unmindful.parts = planning->parts;
	for (size_t f = 0; f < n_fleet && st == SW_OK; f++)
		st = most_parts(planning, f, &planning->parts[f], err);
	return st == SW_OK ? sw__strategy_best_kind(&planning->unmindful, &first_fit, out, err)
			   : st;
}

/* By name. X(name, whether it takes a number, whether it minds neighbours, function). */
#define STRATEGY_LIST(X)                                                       \
	X("cheapest-exclusive", false, false, sw__strategy_cheapest_exclusive) \
	X("constant-slowdown", true, false, sw__peer_constant_slowdown)        \
	X("even-split", false, false, plan_even_split)                         \
	X("exact", false, true, plan_exact)                                    \
	X("exclusive", false, false, plan_exclusive)                           \
	X("ffd", false, false, plan_ffd)                                       \
	X("ffd-predicted", false, false, sw__peer_ffd_predicted)               \
	X("gpu-lets", false, false, sw__peer_gpu_lets)                         \
	X("gslice", false, false, sw__peer_gslice)                             \
	X("igniter", true, false, sw__peer_igniter)                            \
	X("muxserve", false, false, sw__peer_muxserve)                         \
	X("no-bounds", false, false, sw__peer_no_bounds)                       \
	X("packed", true, false, sw__peer_packed)                              \
	X("paper", false, false, sw__peer_paper)                               \
	X("parvagpu", false, false, sw__strategy_parvagpu)                     \
	X("slicewise", false, true, sw__strategy_slicewise)

static const struct sw__strategy strategies[] = {
#define STRATEGY(name, takes_number, minds, plan) {name, takes_number, plan, minds},
	STRATEGY_LIST(STRATEGY)
#undef STRATEGY
};

enum { STRATEGIES = sizeof(strategies) / sizeof(strategies[0]) };

const char *const *sw_strategies(void)
{
	static const char *const names[] = {
#define NAME(name, takes_number, minds, plan) name,
		STRATEGY_LIST(NAME)
#undef NAME
			NULL,
	};

	return names;
}

/* The number after "NAME:". */
static enum sw_status read_parameter(const struct sw__strategy *strategy, const char *name,
				     double *out, struct sw_error *err)
{
	const char *colon = strchr(name, ':');
	char *end;

	*out = NAN;
	if (!colon)
		return SW_OK;
	if (!strategy->takes_number)
		return sw_fail(err, SW_USAGE, "strategy %s: found %s, but it takes no number",
			       strategy->name, colon);
	*out = strtod(colon + 1, &end);
	if (end == colon + 1 || *end || !(*out > 0 && *out <= parameter_max))
		return sw_fail(err, SW_USAGE,
			       "strategy %s: found %s, expected a number above 0 and at most %g",
			       strategy->name, colon + 1, parameter_max);
	return SW_OK;
}

enum sw_status sw__strategy_find(const char *name, const struct sw__strategy **out,
				 double *parameter, struct sw_error *err)
{
	struct sw_text names = {0};
	size_t length;
	enum sw_status st;

	name = name ? name : "slicewise";
	length = strcspn(name, ":");
	for (size_t i = 0; i < STRATEGIES; i++) {
		if (strlen(strategies[i].name) == length &&
		    strncmp(strategies[i].name, name, length) == 0) {
			*out = &strategies[i];
			return read_parameter(*out, name, parameter, err);
		}
	}
	for (size_t i = 0; i < STRATEGIES; i++)
		sw_text_addf(&names, "%s%s", i ? ", " : "", strategies[i].name);
	st = sw_fail(err, SW_BAD_INPUT, "unknown strategy %s; expected one of %s", name,
		     sw_text_string(&names));
	sw_text_free(&names);
	return st;
}
