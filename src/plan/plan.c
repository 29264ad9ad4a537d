// SPDX-License-Identifier: Apache-2.0
#include "slicewise/plan.h"

#include <stdlib.h>

#include "base/error.h"
#include "plan/assemble.h"
#include "plan/by_play.h"
#include "plan/partial.h"
#include "plan/planner.h"
#include "plan/relax.h"
#include "plan/strategies.h"
#include "plan/table_split.h"
#include "plan/verify.h"
#include "plan/weigh.h"

void sw_plan_free(struct sw_plan *plan)
{
	if (!plan)
		return;
	for (size_t i = 0; plan->gpus && i < plan->n_gpus; i++)
		free(plan->gpus[i].tenants);
	free(plan->gpus);
	free(plan->workloads);
	free(plan->reasons);
	free(plan->relaxations);
	if (plan->replanned) {
		free(plan->replanned->changes);
		free(plan->replanned->notes);
	}
	free(plan->replanned);
	free(plan);
}

static enum sw_status bound_of_placed(struct sw__planning *planning, const struct sw__state *state,
				      struct sw__bound *bound, struct sw_error *err)
{
	size_t n = state->problem->n_workloads;
	struct sw__cost cost = sw__state_cost(state);
	const struct sw__bound plan = {.per_hour = cost.per_hour, .gpus = cost.gpus};
	bool *placed = calloc(n + 1, sizeof(*placed));
	enum sw_status st;

	if (!placed)
		return sw_fail(err, SW_NO_MEMORY, "%zu workloads", n);
	for (size_t w = 0; w < n; w++)
		placed[w] = state->unplaced[w] == 0;
	st = sw__bound_of(planning->sizing, placed, &plan, bound, err);
	free(placed);
	return st;
}

enum sw_status sw__plan_of_state(struct sw__planning *planning, const struct sw__state *state,
				 bool minds_neighbours, const struct sw__listing *listing,
				 struct sw_plan **out, struct sw_error *err)
{
	struct sw__state exclusive = {0};
	struct sw__bound bound = {0};
	enum sw_status st = sw__state_new(planning->sizing->problem, &exclusive, err);

	if (st == SW_OK)
		st = sw__strategy_cheapest_exclusive(planning, &exclusive, err);
	if (st == SW_OK)
		st = bound_of_placed(planning, state, &bound, err);
	if (st == SW_OK && planning->proved_per_hour > bound.per_hour) {
		bound.per_hour = fmin(planning->proved_per_hour, sw__state_cost(state).per_hour);
		bound.of_sizes = true;
	}
	if (st == SW_OK)
		st = sw__assemble_listed(sw__planning_seen(planning),
					 minds_neighbours ? &planning->groups : NULL, state, &bound,
					 &exclusive, listing, out, err);
	sw__state_free(&exclusive);
	return st;
}

enum sw_status sw__plan_search(struct sw__planning *planning, const struct sw__strategy *strategy,
			       struct sw__state *state, struct sw_error *err)
{
	enum sw_status st = strategy->plan(planning, state, err);

	if (st == SW_OK && strategy->minds_neighbours)
		st = sw__weigh(&planning->groups, state, err);
	/* What the exact search proved is of engines with equal parts. */
	if (sw__weights_matter(planning->sizing->problem))
		planning->proved_per_hour = 0;
	return st == SW_OK && strategy->minds_neighbours
		       ? sw__partial(&planning->groups, state, err)
		       : st;
}

/* The states borrow their sets from the groups, so both live here until the plan stands by itself. */
static enum sw_status plan_with(struct sw__planning *planning, const struct sw__strategy *strategy,
				struct sw_plan **out, struct sw_error *err)
{
	struct sw__state state = {0};
	enum sw_status st = sw__state_new(planning->sizing->problem, &state, err);

	if (st == SW_OK)
		st = sw__plan_search(planning, strategy, &state, err);
	if (st == SW_OK)
		st = sw__plan_of_state(planning, &state, strategy->minds_neighbours, NULL, out,
				       err);
	sw__state_free(&state);
	return st;
}

/* The first workload that is not met, in the order of the file. */
static enum sw_status judge(const struct sw_problem *problem, const struct sw_plan *plan,
			    struct sw_error *err)
{
	for (size_t w = 0; w < plan->n_workloads; w++) {
		if (!plan->workloads[w].met)
			return sw_fail(err, SW_INFEASIBLE, "no plan holds every limit: %s: %s",
				       problem->workloads[w].name, plan->workloads[w].why);
	}
	return SW_OK;
}

/* What err says of the limit that binds stays, whatever the attempts met. */
static enum sw_status relax(const struct sw_problem *problem, const struct sw__oracle *oracle,
			    struct sw_plan **out, struct sw_error *err)
{
	struct sw_error attempts;

	if (sw__relax(problem, oracle, *out, &attempts) == SW_OK)
		return SW_INFEASIBLE;
	sw_plan_free(*out);
	*out = NULL;
	return sw_fail(err, SW_NO_MEMORY, "%s", attempts.message);
}

enum sw_status sw__plan_finish(const struct sw_problem *problem, const struct sw__oracle *oracle,
			       bool may_relax, enum sw_status st, struct sw_plan **out,
			       struct sw_error *err)
{
	if (st == SW_OK)
		st = sw__plan_verify(problem, oracle, *out, err);
	if (st != SW_OK) {
		sw_plan_free(*out);
		*out = NULL;
		return st;
	}
	st = judge(problem, *out, err);
	if (st == SW_INFEASIBLE && may_relax)
		st = relax(problem, oracle, out, err);
	return st;
}

static enum sw_status plan_models(const struct sw_problem *problem, const struct sw__oracle *oracle,
				  const struct sw__strategy *chosen, double parameter,
				  struct sw_plan **out, struct sw_error *err)
{
	struct sw__sizing sizing;
	struct sw__planning planning = {.sizing = &sizing, .parameter = parameter};
	enum sw_status st = sw__sizing_open(problem, oracle, &sizing, err);

	if (st != SW_OK)
		return st;
	sw__groups_open(&sizing, SW__NEIGHBOURS_COUNT, &planning.groups);
	st = plan_with(&planning, chosen, out, err);
	sw__planning_close(&planning);
	sw__sizing_close(&sizing);
	return st;
}

enum sw_status sw__plan_solve(const struct sw_problem *problem, const struct sw__oracle *oracle,
			      const char *strategy, struct sw_plan **out, struct sw_error *err)
{
	const struct sw__strategy *chosen = NULL;
	double parameter;
	enum sw_status st = sw__strategy_find(strategy, &chosen, &parameter, err);

	*out = NULL;
	if (st == SW_OK && sw__has_tables(problem))
		st = sw__plan_with_tables(problem, oracle, strategy, out, err);
	else if (st == SW_OK && problem->n_workloads <= problem->play_engines && oracle->play &&
		 chosen->plan == sw__strategy_slicewise)
		st = sw__plan_by_play(problem, oracle, chosen, parameter, out, err);
	if (st == SW_OK && !*out)
		st = plan_models(problem, oracle, chosen, parameter, out, err);
	return sw__plan_finish(problem, oracle,
			       chosen && chosen->minds_neighbours && !sw__has_tables(problem), st,
			       out, err);
}

enum sw_status sw_plan_solve(const sw_catalog *catalog, const struct sw_problem *problem,
			     const char *strategy, struct sw_plan **out, struct sw_error *err)
{
	struct sw__oracle oracle = {0};
	enum sw_status st = sw__oracle_open(problem, &oracle, err);

	(void)catalog;
	*out = NULL;
	if (st != SW_OK)
		return st;
	st = sw__plan_solve(problem, &oracle, strategy, out, err);
	sw__oracle_close(&oracle);
	return st;
}
