// SPDX-License-Identifier: Apache-2.0
#include "plan/relaxed.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "plan/strategies.h"

static enum sw_status settle(void *context, size_t workload, size_t fleet, struct sw_tenant *tenant,
			     struct sw_error *err)
{
	const struct sw__part *part = context;

	return part->whole->settle(part->whole->context, part->origin[workload], fleet, tenant,
				   err);
}

static enum sw_status check_memory(void *context, size_t fleet, const struct sw_tenant *tenant,
				   struct sw_error *err)
{
	const struct sw__part *part = context;

	return part->whole->check_memory(part->whole->context, fleet, tenant, err);
}

static enum sw_status prepare(void *context, size_t workload, size_t fleet,
			      const struct sw_tenant *tenant, sw_prepared **out,
			      struct sw_error *err)
{
	const struct sw__part *part = context;

	return part->whole->prepare(part->whole->context, part->origin[workload], fleet, tenant,
				    out, err);
}

static void copy_kept(const struct sw_problem *problem, const bool *kept, struct sw__relaxed *out)
{
	out->problem.n_workloads = 0;
	for (size_t w = 0; w < problem->n_workloads; w++) {
		if (!kept[w])
			continue;
		out->part.origin[out->problem.n_workloads] = w;
		out->problem.workloads[out->problem.n_workloads++] = problem->workloads[w];
	}
	(void)memcpy(out->problem.fleet, problem->fleet,
		     problem->n_fleet * sizeof(*problem->fleet));
}

enum sw_status sw__relaxed_open(const struct sw_problem *problem, const struct sw__oracle *oracle,
				const bool *kept, struct sw__relaxed *out, struct sw_error *err)
{
	size_t n = 0;

	for (size_t w = 0; w < problem->n_workloads; w++)
		n += kept[w];
	*out = (struct sw__relaxed){.problem = *problem, .part = {.whole = oracle}};
	out->problem.workloads = calloc(n + 1, sizeof(*out->problem.workloads));
	out->problem.fleet = calloc(problem->n_fleet + 1, sizeof(*out->problem.fleet));
	out->part.origin = calloc(n + 1, sizeof(*out->part.origin));
	out->used = calloc(problem->n_fleet + 1, sizeof(*out->used));
	out->replicas = calloc(n + 1, sizeof(*out->replicas));
	out->unplaced = calloc(n + 1, sizeof(*out->unplaced));
	if (!out->problem.workloads || !out->problem.fleet || !out->part.origin || !out->used ||
	    !out->replicas || !out->unplaced) {
		sw__relaxed_close(out);
		return sw_fail(err, SW_NO_MEMORY, "%zu workloads", n);
	}
	copy_kept(problem, kept, out);
	out->oracle = *oracle;
	out->oracle.context = &out->part;
	out->oracle.settle = settle;
	out->oracle.check_memory = check_memory;
	out->oracle.prepare = prepare;
	return SW_OK;
}

void sw__relaxed_close(struct sw__relaxed *relaxed)
{
	free(relaxed->problem.workloads);
	free(relaxed->problem.fleet);
	free(relaxed->part.origin);
	free(relaxed->used);
	free(relaxed->replicas);
	free(relaxed->unplaced);
	*relaxed = (struct sw__relaxed){0};
}

size_t sw__relaxed_index(const struct sw__relaxed *relaxed, size_t workload)
{
	for (size_t i = 0; i < relaxed->problem.n_workloads; i++) {
		if (relaxed->part.origin[i] == workload)
			return i;
	}
	return SW_NONE;
}

static void keep_answer(struct sw__relaxed *relaxed, const struct sw__state *state)
{
	relaxed->per_hour = sw__state_cost(state).per_hour;
	(void)memcpy(relaxed->used, state->used, relaxed->problem.n_fleet * sizeof(*state->used));
	(void)memcpy(relaxed->replicas, state->replicas,
		     relaxed->problem.n_workloads * sizeof(*state->replicas));
	(void)memcpy(relaxed->unplaced, state->unplaced,
		     relaxed->problem.n_workloads * sizeof(*state->unplaced));
}

static enum sw_status plan_it(struct sw__relaxed *relaxed, struct sw__planning *planning,
			      bool *holds, struct sw_error *err)
{
	const struct sw__strategy *strategy;
	struct sw__state state = {0};
	enum sw_status st = sw__strategy_find(NULL, &strategy, &planning->parameter, err);

	if (st == SW_OK)
		st = sw__state_new(&relaxed->problem, &state, err);
	if (st == SW_OK)
		st = strategy->plan(planning, &state, err);
	*holds = st == SW_OK && sw__state_cost(&state).unplaced == 0;
	if (st == SW_OK)
		keep_answer(relaxed, &state);
	sw__state_free(&state);
	return st;
}

enum sw_status sw__relaxed_holds(struct sw__relaxed *relaxed, bool *holds, struct sw_error *err)
{
	struct sw__sizing sizing;
	struct sw__planning planning = {.sizing = &sizing};
	enum sw_status st = sw__sizing_open(&relaxed->problem, &relaxed->oracle, &sizing, err);

	*holds = false;
	if (st != SW_OK)
		return st;
	sw__groups_open(&sizing, SW__NEIGHBOURS_COUNT, &planning.groups);
	st = plan_it(relaxed, &planning, holds, err);
	sw__planning_close(&planning);
	sw__sizing_close(&sizing);
	return st;
}

enum sw_status sw__relaxed_holds_alone(struct sw__relaxed *relaxed, size_t i, bool *holds,
				       size_t *fleet, unsigned *engines, struct sw_error *err)
{
	struct sw__sizing sizing;
	enum sw_status st = sw__sizing_open(&relaxed->problem, &relaxed->oracle, &sizing, err);

	*holds = false;
	if (st != SW_OK)
		return st;
	for (size_t f = 0; st == SW_OK && !*holds && f < relaxed->problem.n_fleet; f++) {
		struct sw__size *size;

		st = sw__size_fewest(&sizing, i, f, &size, err);
		*holds = st == SW_OK && size->possible;
		*fleet = f;
		*engines = *holds ? size->replicas : 0;
	}
	sw__sizing_close(&sizing);
	return st;
}

/* The same engine again and again, as long as all of them hold their limits. */
static enum sw_status fill_gpu(struct sw__groups *groups, struct sw__size *size, unsigned *out,
			       struct sw_error *err)
{
	const struct sw__together *set = NULL;
	enum sw_status st = SW_OK;

	for (*out = 0; *out < size->replicas; ++*out) {
		const struct sw__together *more;

		st = sw__together_add(groups, set, size, &more, err);
		if (st != SW_OK || !more || !more->fits)
			break;
		set = more;
	}
	return st;
}

enum sw_status sw__relaxed_per_gpu(struct sw__relaxed *relaxed, size_t i, size_t fleet,
				   unsigned *per_gpu, unsigned *engines, struct sw_error *err)
{
	struct sw__sizing sizing;
	struct sw__groups groups;
	struct sw__size *size;
	enum sw_status st = sw__sizing_open(&relaxed->problem, &relaxed->oracle, &sizing, err);

	*per_gpu = *engines = 0;
	if (st != SW_OK)
		return st;
	sw__groups_open(&sizing, SW__NEIGHBOURS_COUNT, &groups);
	st = sw__size_fewest(&sizing, i, fleet, &size, err);
	if (st == SW_OK && size->possible) {
		*engines = size->replicas;
		st = fill_gpu(&groups, size, per_gpu, err);
	}
	sw__groups_close(&groups);
	sw__sizing_close(&sizing);
	return st;
}
