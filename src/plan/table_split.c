// SPDX-License-Identifier: Apache-2.0
#include "plan/table_split.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "plan/assemble.h"
#include "plan/planner.h"
#include "plan/table_explain.h"
#include "plan/table_strategies.h"

/* The language models of a problem, by themselves. */
struct part {
	struct sw_problem problem; /* its workloads are copies that own nothing */
	size_t *workload; /* of each: the index in the whole */
	const struct sw__oracle *oracle; /* of the whole */
};

bool sw__has_tables(const struct sw_problem *problem)
{
	for (size_t w = 0; w < problem->n_workloads; w++)
		if (problem->workloads[w].table)
			return true;
	return false;
}

/* The whole's oracle, asked about workloads by their number in the part. */
static enum sw_status settle(void *context, size_t workload, size_t fleet, struct sw_tenant *tenant,
			     struct sw_error *err)
{
	const struct part *part = context;

	return part->oracle->settle(part->oracle->context, part->workload[workload], fleet, tenant,
				    err);
}

static enum sw_status check_memory(void *context, size_t fleet, const struct sw_tenant *tenant,
				   struct sw_error *err)
{
	const struct part *part = context;

	return part->oracle->check_memory(part->oracle->context, fleet, tenant, err);
}

static enum sw_status prepare(void *context, size_t workload, size_t fleet,
			      const struct sw_tenant *tenant, sw_prepared **out,
			      struct sw_error *err)
{
	const struct part *part = context;

	return part->oracle->prepare(part->oracle->context, part->workload[workload], fleet, tenant,
				     out, err);
}

static enum sw_status part_of(const struct sw_problem *whole, struct part *part,
			      struct sw_error *err)
{
	size_t n = whole->n_workloads;

	part->problem = *whole;
	part->problem.n_workloads = 0;
	part->problem.workloads = calloc(n + 1, sizeof(*part->problem.workloads));
	part->workload = calloc(n + 1, sizeof(*part->workload));
	if (!part->problem.workloads || !part->workload)
		return sw_fail(err, SW_NO_MEMORY, "%zu workloads", n);
	for (size_t w = 0; w < n; w++)
		if (!whole->workloads[w].table) {
			part->workload[part->problem.n_workloads] = w;
			part->problem.workloads[part->problem.n_workloads++] = whole->workloads[w];
		}
	return SW_OK;
}

/* A plan of the part as one of the whole. */
static enum sw_status widen(const struct part *part, size_t n_workloads, struct sw_plan *plan,
			    struct sw_error *err)
{
	struct sw_plan_workload *all = calloc(n_workloads + 1, sizeof(*all));

	if (!all)
		return sw_fail(err, SW_NO_MEMORY, "%zu workloads", n_workloads);
	for (size_t w = 0; w < plan->n_workloads; w++)
		all[part->workload[w]] = plan->workloads[w];
	free(plan->workloads);
	plan->workloads = all;
	plan->n_workloads = n_workloads;
	for (size_t g = 0; g < plan->n_gpus; g++)
		for (size_t k = 0; k < plan->gpus[g].n; k++)
			plan->gpus[g].tenants[k].workload =
				part->workload[plan->gpus[g].tenants[k].workload];
	for (size_t i = 0; i < plan->n_relaxations; i++)
		if (plan->relaxations[i].workload != SW_NONE)
			plan->relaxations[i].workload =
				part->workload[plan->relaxations[i].workload];
	/* They speak of GPUs that tables will change. */
	plan->n_reasons = 0;
	return SW_OK;
}

static enum sw_status plan_models(const struct sw_problem *problem, const struct sw__oracle *oracle,
				  const char *strategy, struct sw_plan **out, struct sw_error *err)
{
	struct part part = {.oracle = oracle};
	struct sw__oracle asked = *oracle;
	enum sw_status st = part_of(problem, &part, err);

	asked.context = &part;
	asked.settle = settle;
	asked.check_memory = check_memory;
	asked.prepare = prepare;
	if (st == SW_OK && part.problem.n_workloads > 0) {
		st = sw__plan_solve(&part.problem, &asked, strategy, out, err);
		st = st == SW_INFEASIBLE && *out ? SW_OK : st;
	} else if (st == SW_OK) {
		*out = calloc(1, sizeof(**out));
		if (!*out)
			st = sw_fail(err, SW_NO_MEMORY, "out of memory");
	}
	if (st == SW_OK)
		st = widen(&part, problem->n_workloads, *out, err);
	free(part.problem.workloads);
	free(part.workload);
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

static enum sw_status place_tables(const struct sw_problem *problem, const char *strategy,
				   struct sw_plan *plan, struct sw_error *err)
{
	struct sw__alone alone = {0};
	double bound = 0;
	enum sw_status st = sw__tables_plan(problem, strategy, plan, &bound, err);

	if (st == SW_OK && has_models(problem) && may_mix(problem))
		st = sw__tables_bound(problem, plan, &bound, err);
	if (st == SW_OK)
		st = sw__tables_alone(problem, &alone, err);
	if (st != SW_OK)
		return st;
	sw__plan_number(problem, plan);
	add_bound(problem, bound, plan);
	plan->exclusive_gpus += alone.gpus;
	plan->exclusive_cost_per_hour += alone.per_hour;
	return sw__tables_explain(problem, plan, err);
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
