// SPDX-License-Identifier: Apache-2.0
#include "plan/assemble.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "plan/explain.h"

/* A GPU of the state in the order of the plan: by fleet entry, then by the workloads on it. */
struct ordered {
	const struct sw__together *together;
	size_t *engines; /* indices in the set, by workload */
};

static void order_engines(const struct sw__together *t, size_t *order)
{
	for (size_t i = 0; i < t->n; i++) {
		size_t at = i;

		for (; at > 0 && t->engines[order[at - 1]]->workload > t->engines[i]->workload;
		     at--)
			order[at] = order[at - 1];
		order[at] = i;
	}
}

static int by_place(const void *a, const void *b)
{
	const struct ordered *x = a, *y = b;
	size_t n = x->together->n < y->together->n ? x->together->n : y->together->n;

	if (x->together->fleet != y->together->fleet)
		return x->together->fleet < y->together->fleet ? -1 : 1;
	for (size_t i = 0; i < n; i++) {
		size_t p = x->together->engines[x->engines[i]]->workload;
		size_t q = y->together->engines[y->engines[i]]->workload;

		if (p != q)
			return p < q ? -1 : 1;
	}
	return (x->together->n > y->together->n) - (x->together->n < y->together->n);
}

static void free_order(struct ordered *order, size_t n)
{
	for (size_t i = 0; order && i < n; i++)
		free(order[i].engines);
	free(order);
}

static struct ordered *order_gpus(const struct sw__state *state)
{
	struct ordered *order = calloc(state->n + 1, sizeof(*order));

	for (size_t i = 0; order && i < state->n; i++) {
		order[i].together = state->gpu[i];
		order[i].engines = calloc(state->gpu[i]->n, sizeof(size_t));
		if (!order[i].engines) {
			free_order(order, i);
			return NULL;
		}
		order_engines(state->gpu[i], order[i].engines);
	}
	if (order && state->n)
		qsort(order, state->n, sizeof(*order), by_place);
	return order;
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
	out->rate_or_concurrency = load_of(&tenant.load);
}

/* Predictions in the order of the plan, so that whoever predicts the plan again gets the same bytes. */
static enum sw_status fill_gpu(struct sw__sizing *sizing, const struct ordered *from,
			       unsigned *replicas, struct sw_plan_gpu *gpu, struct sw_error *err)
{
	const struct sw__together *t = from->together;
	struct sw__size *engines[SW__TOGETHER_MAX];
	unsigned char level[SW__TOGETHER_MAX];
	struct sw_prediction predicted[SW__TOGETHER_MAX];
	struct sw__together ordered = {
		.fits = t->fits, .fleet = t->fleet, .n = t->n, .engines = engines, .level = level};
	enum sw_status st;

	gpu->fleet = t->fleet;
	gpu->tenants = calloc(t->n, sizeof(*gpu->tenants));
	if (!gpu->tenants)
		return sw_fail(err, SW_NO_MEMORY, "%zu engines", t->n);
	gpu->n = t->n;
	for (size_t i = 0; i < t->n; i++) {
		engines[i] = t->engines[from->engines[i]];
		level[i] = t->level[from->engines[i]];
	}
	st = sw__together_predict(sizing, t->fleet, engines, level, t->n, predicted, err);
	for (size_t i = 0; st == SW_OK && i < t->n; i++) {
		struct sw_placement *placement = &gpu->tenants[i];

		fill_placement(sizing, &ordered, i, replicas[engines[i]->workload]++, placement);
		placement->predicted = predicted[i];
		st = sw__explain_slice(sizing, &ordered, i, &predicted[i], placement->binds,
				       sizeof(placement->binds), err);
	}
	return st;
}

/* "l4/0", counted over all entries of the fleet that name the same GPU. */
static void name_gpus(const struct sw_problem *problem, struct sw_plan *plan)
{
	for (size_t i = 0; i < plan->n_gpus; i++) {
		const char *id = problem->fleet[plan->gpus[i].fleet].gpu.id;
		size_t before = 0;

		for (size_t j = 0; j < i; j++)
			before += strcmp(problem->fleet[plan->gpus[j].fleet].gpu.id, id) == 0;
		(void)snprintf(plan->gpus[i].id, sizeof(plan->gpus[i].id), "%.*s/%zu",
			       (int)sizeof(plan->gpus[i].id) - 24, id, before);
	}
}

static void add_totals(const struct sw_problem *problem, struct sw_plan *plan)
{
	for (size_t i = 0; i < plan->n_gpus; i++) {
		plan->cost_per_hour += problem->fleet[plan->gpus[i].fleet].price_per_hour;
		for (size_t k = 0; k < plan->gpus[i].n; k++)
			plan->total_share += plan->gpus[i].tenants[k].share;
	}
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

enum sw_status sw__assemble(struct sw__sizing *sizing, const struct sw__state *state,
			    const struct sw__bound *bound, const struct sw__state *exclusive,
			    struct sw_plan **out, struct sw_error *err)
{
	const struct sw_problem *problem = sizing->problem;
	struct ordered *order = order_gpus(state);
	unsigned *replicas = calloc(problem->n_workloads + 1, sizeof(*replicas));
	struct sw_plan *plan = NULL;
	enum sw_status st = order && replicas ? allocate(problem, state->n, &plan, err)
					      : sw_fail(err, SW_NO_MEMORY, "%zu GPUs", state->n);

	for (; st == SW_OK && plan->n_gpus < state->n; plan->n_gpus++)
		st = fill_gpu(sizing, &order[plan->n_gpus], replicas, &plan->gpus[plan->n_gpus],
			      err);
	if (st == SW_OK) {
		name_gpus(problem, plan);
		add_totals(problem, plan);
		judge_workloads(problem, state, plan);
		compare(plan, bound, exclusive);
		st = sw__explain_workloads(sizing, plan, err);
	}
	free_order(order, state->n);
	free(replicas);
	if (st == SW_OK)
		*out = plan;
	else
		sw_plan_free(plan);
	return st;
}
