// SPDX-License-Identifier: Apache-2.0
#include "plan/table_strategies.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "plan/parvagpu_tables.h"
#include "plan/table_place.h"
#include "plan/table_split.h"
#include "plan/table_water.h"

/* Nodes of the search: a dozen workloads are proved with a hundred. */
enum { NODES = 500, EXACT_NODES = 20000 };
/* With more workloads than this the programme takes minutes; then GPUs are filled as ParvaGPU does, and the bound counts slices. */
enum { SEARCHED_MAX = 120 };

/* The largest slice of every fleet entry, and nothing smaller. */
static void only_whole(struct sw__table_cover *c)
{
	for (size_t k = 0; k < c->covering.n_kinds; k++) {
		bool largest = true;

		for (size_t other = 0; other < c->covering.n_kinds; other++)
			if (c->kinds[other].fleet == c->kinds[k].fleet &&
			    c->kinds[other].share > c->kinds[k].share)
				largest = false;
		for (size_t d = 0; d < c->covering.n_demands && !largest; d++)
			c->capacity[d * c->covering.n_kinds + k] = 0;
	}
}

/* Whether everything has the place that it was counted with. */
static bool all_placed(const struct sw__table_cover *cover, const struct sw__covered *covered,
		       const struct sw_plan *plan)
{
	for (size_t d = 0; d < cover->covering.n_demands; d++)
		if (covered->served[d] && !plan->workloads[cover->workload[d]].met)
			return false;
	return true;
}

static void take_out(struct sw_plan *plan)
{
	size_t gpus = 0;

	for (size_t g = 0; g < plan->n_gpus; g++) {
		struct sw_plan_gpu *gpu = &plan->gpus[g];
		size_t kept = 0;

		for (size_t k = 0; k < gpu->n; k++)
			if (!gpu->tenants[k].row)
				gpu->tenants[kept++] = gpu->tenants[k];
		gpu->n = kept;
		if (kept == 0)
			free(gpu->tenants);
		else
			plan->gpus[gpus++] = *gpu;
	}
	plan->n_gpus = gpus;
}

/*
 * Slices are counted without saying whose are on one GPU. Where engines that must be apart then are not, ParvaGPU's way, which
 * looks at each GPU, may still serve all.
 */
static enum sw_status cover_and_place(const struct sw__table_cover *cover, struct sw_plan *plan,
				      double *bound_per_hour, struct sw_error *err)
{
	struct sw__covered covered;
	enum sw_status st = sw__mig_cover(&cover->covering, &covered, err);

	if (st != SW_OK)
		return st;
	*bound_per_hour = cover->complete ? covered.bound_per_hour : 0;
	st = sw__tables_place(cover, &covered, plan, err);
	if (st == SW_OK && !all_placed(cover, &covered, plan)) {
		take_out(plan);
		st = sw__parvagpu_tables(cover->problem, plan, err);
	}
	sw__covered_free(&covered);
	return st;
}

static bool has_mig(const struct sw_problem *problem)
{
	for (size_t f = 0; f < problem->n_fleet; f++)
		if (problem->fleet[f].mechanism == SW_MIG)
			return true;
	return false;
}

enum sw_status sw__tables_plan(const struct sw_problem *problem, const char *strategy,
			       struct sw_plan *plan, double *bound_per_hour, struct sw_error *err)
{
	const char *name = strategy ? strategy : "slicewise";
	struct sw__table_cover cover;
	enum sw_status st;

	*bound_per_hour = 0;
	if (strcmp(name, "parvagpu") == 0 || (sw__count_tables(problem) > SEARCHED_MAX &&
					      has_mig(problem) && !strstr(name, "exclusive"))) {
		st = sw__parvagpu_tables(problem, plan, err);
		return st == SW_OK ? sw__tables_bound(problem, plan, bound_per_hour, err) : st;
	}
	st = sw__table_cover_of(problem, plan, &cover, err);
	if (st != SW_OK)
		return st;
	cover.covering.nodes = strcmp(name, "exact") == 0 ? EXACT_NODES : NODES;
	if (strstr(name, "exclusive"))
		only_whole(&cover);
	st = cover_and_place(&cover, plan, bound_per_hour, err);
	sw__table_cover_free(&cover);
	if (st == SW_OK && strstr(name, "exclusive"))
		st = sw__tables_bound(problem, plan, bound_per_hour, err);
	return st;
}

/* What is not served in the plan asks for nothing. */
static void only_served(struct sw__table_cover *c, const struct sw_plan *plan)
{
	size_t kept = 0, kinds = c->covering.n_kinds;

	for (size_t d = 0; d < c->covering.n_demands; d++) {
		if (!plan->workloads[c->workload[d]].met)
			continue;
		c->workload[kept] = c->workload[d];
		c->rate[kept] = c->rate[d];
		c->exactly[kept] = c->exactly[d];
		c->spread[kept] = c->spread[d];
		(void)memmove(&c->capacity[kept * kinds], &c->capacity[d * kinds],
			      kinds * sizeof(*c->capacity));
		kept++;
	}
	c->covering.n_demands = kept;
}

static enum sw_status bound_by_slices(const struct sw__table_cover *cover,
				      const struct sw_plan *plan, double *per_hour,
				      struct sw_error *err)
{
	bool *served = calloc(cover->covering.n_demands + 1, sizeof(*served));
	enum sw_status st;

	if (!served)
		return sw_fail(err, SW_NO_MEMORY, "%zu workloads", cover->covering.n_demands);
	for (size_t d = 0; d < cover->covering.n_demands; d++)
		served[d] = plan->workloads[cover->workload[d]].met;
	st = sw__tables_water(cover, served, per_hour, err);
	free(served);
	return st;
}

enum sw_status sw__tables_bound(const struct sw_problem *problem, const struct sw_plan *plan,
				double *bound_per_hour, struct sw_error *err)
{
	struct sw__table_cover cover;
	struct sw__covered covered;
	enum sw_status st = sw__table_cover_of(problem, NULL, &cover, err);

	*bound_per_hour = 0;
	if (st != SW_OK)
		return st;
	if (cover.covering.n_demands > SEARCHED_MAX) {
		st = bound_by_slices(&cover, plan, bound_per_hour, err);
		sw__table_cover_free(&cover);
		return st;
	}
	only_served(&cover, plan);
	cover.covering.nodes = NODES;
	st = sw__mig_cover(&cover.covering, &covered, err);
	if (st == SW_OK && cover.complete)
		*bound_per_hour = covered.bound_per_hour;
	if (st == SW_OK)
		sw__covered_free(&covered);
	sw__table_cover_free(&cover);
	return st;
}

enum sw_status sw__tables_alone(const struct sw_problem *problem, struct sw__alone *out,
				struct sw_error *err)
{
	struct sw__table_cover cover;
	enum sw_status st = sw__table_cover_of(problem, NULL, &cover, err);

	*out = (struct sw__alone){0};
	if (st != SW_OK)
		return st;
	for (size_t d = 0; d < cover.covering.n_demands; d++) {
		struct sw__alone best = {NAN, NAN};

		for (size_t k = 0; k < cover.covering.n_kinds; k++) {
			double each = cover.capacity[d * cover.covering.n_kinds + k];
			double n = fmax(ceil(cover.rate[d] / each), cover.exactly[d]);
			double price = problem->fleet[cover.kinds[k].fleet].price_per_hour;

			if (each > 0 && !(n * price >= best.per_hour))
				best = (struct sw__alone){n, n * price};
		}
		out->gpus += best.gpus;
		out->per_hour += best.per_hour;
	}
	sw__table_cover_free(&cover);
	return SW_OK;
}
