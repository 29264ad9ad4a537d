// SPDX-License-Identifier: Apache-2.0
#include "plan/table_split.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "plan/assemble.h"
#include "plan/planner.h"
#include "plan/table_explain.h"
#include "plan/table_reasons.h"
#include "plan/table_split_part.h"
#include "plan/table_strategies.h"

size_t sw__count_tables(const struct sw_problem *problem)
{
	size_t n = 0;

	for (size_t w = 0; w < problem->n_workloads; w++)
		n += problem->workloads[w].table != NULL;
	return n;
}

bool sw__has_tables(const struct sw_problem *problem)
{
	return sw__count_tables(problem) > 0;
}

static enum sw_status plan_models(const struct sw_problem *problem, const struct sw__oracle *oracle,
				  const char *strategy, struct sw_plan **out, struct sw_error *err)
{
	struct sw__model_part part;
	enum sw_status st = sw__model_part_open(problem, oracle, &part, err);

	if (st == SW_OK && part.problem.n_workloads > 0) {
		st = sw__plan_solve(&part.problem, &part.asked, strategy, out, err);
		st = st == SW_INFEASIBLE && *out ? SW_OK : st;
	} else if (st == SW_OK) {
		st = sw__model_part_nothing(out, err);
	}
	if (st == SW_OK)
		st = sw__model_part_widen(&part, *out, err);
	sw__model_part_close(&part);
	return st;
}

static bool has_models(const struct sw_problem *problem)
{
	for (size_t w = 0; w < problem->n_workloads; w++)
		if (!problem->workloads[w].table)
			return true;
	return false;
}

/* Whether engines of both kinds may be on one GPU. */
static bool may_mix(const struct sw_problem *problem)
{
	for (size_t f = 0; f < problem->n_fleet; f++)
		if (problem->fleet[f].mechanism == SW_MIG)
			return true;
	return false;
}

static double dearest(const struct sw_problem *problem)
{
	double most = 0;

	for (size_t f = 0; f < problem->n_fleet; f++)
		most = fmax(most, problem->fleet[f].price_per_hour);
	return most;
}

/*
 * What models and tables need apart adds up where they cannot share a GPU, and is no less than the more of the two where they can.
 */
static void add_bound(const struct sw_problem *problem, double tables_per_hour,
		      struct sw_plan *plan)
{
	static const double rounding = 1e-6;
	double gpus = ceil(tables_per_hour / dearest(problem) - rounding);

	if (!has_models(problem) || !may_mix(problem)) {
		plan->bound_cost_per_hour += tables_per_hour;
		plan->bound_gpus += gpus;
	} else {
		plan->bound_cost_per_hour = fmax(plan->bound_cost_per_hour, tables_per_hour);
		plan->bound_gpus = fmax(plan->bound_gpus, gpus);
	}
	plan->bound_cost_per_hour = fmin(plan->bound_cost_per_hour, plan->cost_per_hour);
	plan->bound_gpus = fmin(plan->bound_gpus, (double)plan->n_gpus);
	plan->gap = plan->bound_cost_per_hour > 0
			    ? (plan->cost_per_hour - plan->bound_cost_per_hour) /
				      plan->bound_cost_per_hour
			    : (double)NAN;
}

enum sw_status sw__tables_compare(const struct sw_problem *problem, double bound_per_hour,
				  struct sw_plan *plan, struct sw_error *err)
{
	struct sw__alone alone = {0};
	enum sw_status st = sw__tables_alone(problem, &alone, err);

	if (st != SW_OK)
		return st;
	add_bound(problem, bound_per_hour, plan);
	plan->exclusive_gpus += alone.gpus;
	plan->exclusive_cost_per_hour += alone.per_hour;
	st = sw__tables_explain(problem, plan, err);
	return st == SW_OK ? sw__tables_reasons(problem, plan, err) : st;
}

static enum sw_status place_tables(const struct sw_problem *problem, const char *strategy,
				   struct sw_plan *plan, struct sw_error *err)
{
	double bound = 0;
	enum sw_status st = sw__tables_plan(problem, strategy, plan, &bound, err);

	if (st == SW_OK && has_models(problem) && may_mix(problem))
		st = sw__tables_bound(problem, plan, &bound, err);
	if (st != SW_OK)
		return st;
	sw__plan_number(problem, plan);
	return sw__tables_compare(problem, bound, plan, err);
}

enum sw_status sw__plan_with_tables(const struct sw_problem *problem,
				    const struct sw__oracle *oracle, const char *strategy,
				    struct sw_plan **out, struct sw_error *err)
{
	enum sw_status st = plan_models(problem, oracle, strategy, out, err);

	if (st == SW_OK)
		st = place_tables(problem, strategy, *out, err);
	if (st == SW_OK)
		return SW_OK;
	sw_plan_free(*out);
	*out = NULL;
	return st;
}
