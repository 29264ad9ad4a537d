// SPDX-License-Identifier: Apache-2.0
#include "plan/assemble.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "plan/explain.h"
#include "plan/parts.h"
#include "plan/places.h"
#include "plan/reasons.h"

/* By fleet entry, then by the workloads, in whose order a set has its engines. */
static int by_place(const void *a, const void *b)
{
	const struct sw__together *x = *(const struct sw__together *const *)a;
	const struct sw__together *y = *(const struct sw__together *const *)b;
	size_t n = x->n < y->n ? x->n : y->n;

	if (x->fleet != y->fleet)
		return x->fleet < y->fleet ? -1 : 1;
	for (size_t i = 0; i < n; i++) {
		size_t p = x->engines[i]->workload, q = y->engines[i]->workload;

		if (p != q)
			return p < q ? -1 : 1;
	}
	return (x->n > y->n) - (x->n < y->n);
}

/* A set with the number of its GPU. */
struct placed {
	const struct sw__together *set;
	long number; /* among those of its kind; -1: no place was found */
};

static int by_number(const void *a, const void *b)
{
	const struct placed *x = a, *y = b;

	if (x->set->fleet != y->set->fleet)
		return x->set->fleet < y->set->fleet ? -1 : 1;
	return (x->number > y->number) - (x->number < y->number);
}

/* Each kind's sets, which stand together in `sets`, where they have their places. */
static enum sw_status find_places(const struct sw_problem *problem,
				  const struct sw__together *const *sets, size_t n,
				  struct placed *out, struct sw_error *err)
{
	long *number = calloc(n + 1, sizeof(*number));
	enum sw_status st = number ? SW_OK : sw_fail(err, SW_NO_MEMORY, "%zu GPUs", n);

	for (size_t from = 0, to; st == SW_OK && from < n; from = to) {
		bool holds;

		for (to = from; to < n && sets[to]->fleet == sets[from]->fleet;)
			to++;
		st = sw__places_find(problem, sets[from]->fleet, sets + from, to - from,
				     number + from, &holds, err);
		for (size_t i = from; st == SW_OK && i < to; i++)
			out[i] = (struct placed){sets[i], holds ? number[i] : -1};
	}
	free(number);
	return st;
}

/* The sets in the order of the plan, and their GPUs' numbers. */
static enum sw_status order_gpus(const struct sw__state *state, const struct sw__together **order,
				 long *number, struct sw_error *err)
{
	struct placed *out = calloc(state->n + 1, sizeof(*out));
	enum sw_status st = out ? SW_OK : sw_fail(err, SW_NO_MEMORY, "%zu GPUs", state->n);

	if (st == SW_OK && state->n) {
		(void)memcpy((void *)order, (const void *)state->gpu,
			     state->n * sizeof(state->gpu[0]));
		qsort((void *)order, state->n, sizeof(order[0]), by_place);
		st = find_places(state->problem, order, state->n, out, err);
		/* Where no places were found the order stays; verify.c will say what is wrong. */
		if (st == SW_OK && state->places_matter)
			qsort(out, state->n, sizeof(*out), by_number);
	}
	for (size_t i = 0; st == SW_OK && i < state->n; i++) {
		order[i] = out[i].set;
		number[i] = out[i].number;
	}
	free(out);
	return st;
}

/* That of the state, whose GPUs have their names already. */
static enum sw_status keep_order(const struct sw__state *state, const struct sw__together **order)
{
	if (state->n)
		(void)memcpy((void *)order, (const void *)state->gpu,
			     state->n * sizeof(state->gpu[0]));
	return SW_OK;
}

static double load_of(const struct sw_load *load)
{
	return sw_known(load->rate) ? load->rate : load->concurrency;
}

static void fill_placement(const struct sw__sizing *sizing, const struct sw__together *t, size_t i,
			   unsigned replica, struct sw_placement *out)
{
	struct sw_tenant tenant = sw__size_tenant(sizing, t->engines[i], t->level[i]);

	out->workload = t->engines[i]->workload;
	out->replica = replica;
	out->share = sw__together_share(sizing, t, i);
	out->memory_gib = tenant.slice.memory_gib;
	out->engine = tenant.engine;
	out->max_in_flight = tenant.max_in_flight;
	out->rate_or_concurrency = sw__weighted_part(&sizing->problem->workloads[out->workload],
						     t->engines[i]->times, t->engines[i]->replicas);
	out->sized_for = load_of(&tenant.load);
}

/* The rules let the set onto one GPU, so there is an arrangement. */
static void place_instances(const struct sw__sizing *sizing, const struct sw__together *t,
			    unsigned *starts)
{
	const struct sw_fleet_entry *entry = &sizing->problem->fleet[t->fleet];
	const struct sw_mig_profile *profiles[SW__TOGETHER_MAX];

	if (entry->mechanism != SW_MIG)
		return;
	for (size_t i = 0; i < t->n; i++)
		profiles[i] = sizing->levels[t->fleet].level[t->level[i]].profile;
	(void)sw_gpu_mig_arrange(&entry->gpu, profiles, t->n, starts);
}

/* Of many engines what a level less would do is told to who asks for reasons. */
static bool lower_is_told(const struct sw_problem *problem, const struct sw__state *state)
{
	enum { TOLD_MAX = 256 };
	size_t engines = 0;

	for (size_t i = 0; i < state->n; i++)
		engines += state->gpu[i]->n;
	return engines <= TOLD_MAX || engines <= problem->explain_engines;
}

static enum sw_status fill_gpu(struct sw__sizing *sizing, const struct sw__together *t, bool lower,
			       unsigned *replicas, struct sw_plan_gpu *gpu, struct sw_error *err)
{
	struct sw_prediction predicted[SW__TOGETHER_MAX];
	unsigned starts[SW__TOGETHER_MAX] = {0};
	enum sw_status st;

	gpu->fleet = t->fleet;
	gpu->tenants = calloc(t->n, sizeof(*gpu->tenants));
	if (!gpu->tenants)
		return sw_fail(err, SW_NO_MEMORY, "%zu engines", t->n);
	gpu->n = t->n;
	st = sw__together_predict_all(sizing, t, predicted, err);
	place_instances(sizing, t, starts);
	for (size_t i = 0; st == SW_OK && i < t->n; i++) {
		struct sw_placement *placement = &gpu->tenants[i];

		fill_placement(sizing, t, i, replicas[t->engines[i]->workload]++, placement);
		placement->mig_start = starts[i];
		placement->predicted = predicted[i];
		st = sw__explain_slice(sizing, t, i, &predicted[i], lower, placement->binds,
				       sizeof(placement->binds), err);
	}
	return st;
}

/* Another entry of the fleet names the same GPU: then they are counted over both. */
static bool shares_its_name(const struct sw_problem *problem, size_t fleet)
{
	for (size_t f = 0; f < problem->n_fleet; f++) {
		if (f != fleet &&
		    strcmp(problem->fleet[f].gpu.id, problem->fleet[fleet].gpu.id) == 0)
			return true;
	}
	return false;
}

/* "l4/0". */
static void name_gpu(const struct sw_problem *problem, struct sw_plan *plan, size_t i, long number)
{
	struct sw_plan_gpu *gpu = &plan->gpus[i];
	const struct sw_fleet_entry *entry = &problem->fleet[gpu->fleet];

	gpu->node = number < 0 ? -1 : sw__place_node(entry, number);
	if (number < 0 || shares_its_name(problem, gpu->fleet)) {
		number = 0;
		for (size_t j = 0; j < i; j++)
			number += plan->gpus[j].fleet == gpu->fleet ||
				  strcmp(problem->fleet[plan->gpus[j].fleet].gpu.id,
					 entry->gpu.id) == 0;
	}
	(void)snprintf(gpu->id, sizeof(gpu->id), "%.*s/%ld", (int)sizeof(gpu->id) - 24,
		       entry->gpu.id, number);
}

/* The number after the last slash of a GPU's name; -1: it has none. */
static long number_in(const char *id)
{
	const char *slash = strrchr(id, '/');
	char *end = NULL;
	long number = slash ? strtol(slash + 1, &end, 10) : -1;

	return slash && end != slash + 1 && !*end ? number : -1;
}

long sw__plan_node(const struct sw_problem *problem, const struct sw_plan_gpu *gpu)
{
	long number = number_in(gpu->id);

	return number < 0 || shares_its_name(problem, gpu->fleet)
		       ? -1
		       : sw__place_node(&problem->fleet[gpu->fleet], number);
}

static void take_names(const struct sw_problem *problem, const struct sw__listing *listing,
		       struct sw_plan *plan)
{
	for (size_t i = 0; i < plan->n_gpus; i++) {
		struct sw_plan_gpu *gpu = &plan->gpus[i];

		(void)memcpy(gpu->id, listing->id[i], sizeof(gpu->id));
		gpu->node = sw__plan_node(problem, gpu);
		for (size_t k = 0; k < gpu->n; k++)
			gpu->tenants[k].replica = listing->replica[i][k];
	}
}

/* The cost as the search has it, to the last bit: it is compared with the bound and with other plans. */
void sw__plan_add_up(const struct sw_problem *problem, struct sw_plan *plan)
{
	plan->cost_per_hour = plan->total_share = 0;
	for (size_t f = 0; f < problem->n_fleet; f++) {
		double used = 0;

		for (size_t i = 0; i < plan->n_gpus; i++)
			used += plan->gpus[i].fleet == f;
		plan->cost_per_hour += used * problem->fleet[f].price_per_hour;
	}
	for (size_t i = 0; i < plan->n_gpus; i++) {
		double share = 0;

		for (size_t k = 0; k < plan->gpus[i].n; k++)
			share += plan->gpus[i].tenants[k].share;
		/* Caps may add up to more than there is (mps); more than all of it nobody takes. */
		plan->total_share += fmin(1, share);
	}
}

static bool is_taken(const struct sw_plan *plan, size_t fleet, long number)
{
	for (size_t i = 0; i < plan->n_gpus; i++) {
		const struct sw_plan_gpu *gpu = &plan->gpus[i];

		if (gpu->fleet == fleet && *gpu->id && sw__pinned_number(gpu->id) == number)
			return true;
	}
	return false;
}

/* Those that have their places keep them, where these matter; the others get the lowest numbers that nobody has. */
static void name_gpus(const struct sw_problem *problem, struct sw_plan *plan)
{
	bool keep = sw__places_matter(problem);

	for (size_t i = 0; i < plan->n_gpus && !keep; i++)
		*plan->gpus[i].id = '\0';
	for (size_t i = 0; i < plan->n_gpus; i++) {
		long number = 0;

		if (*plan->gpus[i].id)
			continue;
		for (size_t j = 0; j < i && !keep; j++)
			number += plan->gpus[j].fleet == plan->gpus[i].fleet;
		while (keep && is_taken(plan, plan->gpus[i].fleet, number))
			number++;
		name_gpu(problem, plan, i, number);
	}
}

static int by_fleet_and_workloads(const void *a, const void *b)
{
	const struct sw_plan_gpu *x = a, *y = b;
	size_t n = x->n < y->n ? x->n : y->n;

	if (x->fleet != y->fleet)
		return x->fleet < y->fleet ? -1 : 1;
	for (size_t i = 0; i < n; i++) {
		const struct sw_placement *p = &x->tenants[i], *q = &y->tenants[i];

		if (p->workload != q->workload)
			return p->workload < q->workload ? -1 : 1;
		if (p->share != q->share)
			return p->share > q->share ? -1 : 1;
	}
	return (x->n < y->n) - (x->n > y->n);
}

void sw__plan_number(const struct sw_problem *problem, struct sw_plan *plan)
{
	if (plan->n_gpus)
		qsort(plan->gpus, plan->n_gpus, sizeof(*plan->gpus), by_fleet_and_workloads);
	for (size_t w = 0; w < plan->n_workloads; w++)
		plan->workloads[w].replicas = 0;
	for (size_t i = 0; i < plan->n_gpus; i++)
		for (size_t k = 0; k < plan->gpus[i].n; k++) {
			struct sw_placement *p = &plan->gpus[i].tenants[k];

			p->replica = plan->workloads[p->workload].replicas++;
		}
	name_gpus(problem, plan);
	sw__plan_add_up(problem, plan);
}

/* Held: all of its engines have a place, and none breaks a limit beside its neighbours. */
static void judge_workloads(const struct sw_problem *problem, const struct sw__state *state,
			    struct sw_plan *plan)
{
	for (size_t w = 0; w < plan->n_workloads; w++)
		plan->workloads[w].met = state->unplaced[w] == 0;
	for (size_t i = 0; i < plan->n_gpus; i++) {
		for (size_t k = 0; k < plan->gpus[i].n; k++) {
			const struct sw_placement *p = &plan->gpus[i].tenants[k];

			plan->workloads[p->workload].replicas++;
			if (!sw_prediction_meets(&p->predicted,
						 &problem->workloads[p->workload].slo))
				plan->workloads[p->workload].met = false;
		}
	}
}

static enum sw_status allocate(const struct sw_problem *problem, size_t n_gpus,
			       struct sw_plan **out, struct sw_error *err)
{
	struct sw_plan *plan = calloc(1, sizeof(*plan));

	if (plan) {
		plan->gpus = calloc(n_gpus + 1, sizeof(*plan->gpus));
		plan->workloads = calloc(problem->n_workloads + 1, sizeof(*plan->workloads));
		plan->n_workloads = problem->n_workloads;
	}
	if (!plan || !plan->gpus || !plan->workloads) {
		sw_plan_free(plan);
		return sw_fail(err, SW_NO_MEMORY, "a plan of %zu GPUs", n_gpus);
	}
	*out = plan;
	return SW_OK;
}

static void compare(struct sw_plan *plan, const struct sw__bound *bound,
		    const struct sw__state *exclusive)
{
	struct sw__cost alone = {.unplaced = 1};

	plan->bound_gpus = bound->gpus;
	plan->bound_cost_per_hour = bound->per_hour;
	plan->bound_is_of_sizes = bound->of_sizes;
	plan->gap = bound->per_hour > 0 ? (plan->cost_per_hour - bound->per_hour) / bound->per_hour
					: (double)NAN;
	plan->exclusive_gpus = plan->exclusive_cost_per_hour = NAN;
	if (exclusive)
		alone = sw__state_cost(exclusive);
	if (alone.unplaced == 0) {
		plan->exclusive_gpus = alone.gpus;
		plan->exclusive_cost_per_hour = alone.per_hour;
	}
}

enum sw_status sw__assemble_listed(struct sw__sizing *sizing, struct sw__groups *groups,
				   const struct sw__state *state, const struct sw__bound *bound,
				   const struct sw__state *exclusive,
				   const struct sw__listing *listing, struct sw_plan **out,
				   struct sw_error *err)
{
	const struct sw_problem *problem = sizing->problem;
	const struct sw__together **order = calloc(state->n + 1, sizeof(order[0]));
	long *number = calloc(state->n + 1, sizeof(*number));
	bool lower = lower_is_told(problem, state);
	unsigned *replicas = calloc(problem->n_workloads + 1, sizeof(*replicas));
	struct sw_plan *plan = NULL;
	enum sw_status st = order && number && replicas
				    ? allocate(problem, state->n, &plan, err)
				    : sw_fail(err, SW_NO_MEMORY, "%zu GPUs", state->n);

	if (st == SW_OK)
		st = listing ? keep_order(state, order) : order_gpus(state, order, number, err);
	for (; st == SW_OK && plan->n_gpus < state->n; plan->n_gpus++)
		st = fill_gpu(sizing, order[plan->n_gpus], lower, replicas,
			      &plan->gpus[plan->n_gpus], err);
	if (st == SW_OK) {
		for (size_t i = 0; i < plan->n_gpus && !listing; i++)
			name_gpu(problem, plan, i, number[i]);
		if (listing)
			take_names(problem, listing, plan);
		sw__plan_add_up(problem, plan);
		judge_workloads(problem, state, plan);
		compare(plan, bound, exclusive);
		if (groups)
			st = sw__reasons(groups, order, plan, err);
		if (st == SW_OK)
			st = sw__explain_workloads(sizing, plan, err);
	}
	free((void *)order);
	free(number);
	free(replicas);
	if (st == SW_OK)
		*out = plan;
	else
		sw_plan_free(plan);
	return st;
}

enum sw_status sw__assemble(struct sw__sizing *sizing, struct sw__groups *groups,
			    const struct sw__state *state, const struct sw__bound *bound,
			    const struct sw__state *exclusive, struct sw_plan **out,
			    struct sw_error *err)
{
	return sw__assemble_listed(sizing, groups, state, bound, exclusive, NULL, out, err);
}
