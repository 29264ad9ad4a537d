// SPDX-License-Identifier: Apache-2.0
#include "compare/score.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "compare/over_worlds.h"

static double part_of(const struct sw_problem *problem, const struct sw_placement *p)
{
	const struct sw_load *whole = &problem->workloads[p->workload].load;

	return p->rate_or_concurrency / (sw_known(whole->rate) ? whole->rate : whole->concurrency);
}

static void divide(struct sw__fate *fates, const double *weight, size_t n)
{
	for (size_t w = 0; w < n; w++) {
		fates[w].late /= weight[w];
		fates[w].excess /= weight[w];
	}
}

/* `weight` holds n_workloads zeroes. */
static enum sw_status sum_up(const struct sw_problem *problem, const struct sw__book *book,
			     const struct sw__candidate *c, unsigned load, unsigned world,
			     struct sw__fate *fates, double *weight)
{
	for (size_t i = 0; i < c->plan->n_gpus; i++) {
		const struct sw_plan_gpu *gpu = &c->plan->gpus[i];
		const struct sw__entry *entry = sw__book_entry(book, c->mixes[i], load, world);

		if (entry->status != SW_OK)
			return entry->status;
		/* Tables are not played and stay without weight. */
		for (size_t k = 0, played = 0; k < gpu->n; k++) {
			double part = part_of(problem, &gpu->tenants[k]);
			size_t w = gpu->tenants[k].workload;

			if (gpu->tenants[k].row)
				continue;
			fates[w].late += part * entry->played.late[played];
			fates[w].excess += part * entry->played.excess[played++];
			weight[w] += part;
		}
	}
	divide(fates, weight, problem->n_workloads);
	return SW_OK;
}

enum sw_status sw__fates_of(const struct sw_problem *problem, const struct sw__book *book,
			    const struct sw__candidate *candidate, unsigned load, unsigned world,
			    struct sw__fate *fates)
{
	double *weight = calloc(problem->n_workloads + 1, sizeof(*weight));
	enum sw_status st;

	if (!weight)
		return SW_NO_MEMORY;
	(void)memset(fates, 0, problem->n_workloads * sizeof(*fates));
	st = sum_up(problem, book, candidate, load, world, fates, weight);
	free(weight);
	return st;
}

struct sw__fate sw__worst_fate(const struct sw__fate *fates, size_t n)
{
	struct sw__fate worst = {NAN, NAN};

	for (size_t w = 0; w < n; w++) {
		worst.late = fmax(worst.late, fates[w].late);
		worst.excess = fmax(worst.excess, fates[w].excess);
	}
	return worst;
}

/* Rows of worlds: those of the worst workload first, then of each one. */
struct over {
	unsigned worlds;
	double *late, *excess;
};

static enum sw_status fill(const struct sw_problem *problem, const struct sw__book *book,
			   const struct sw__candidate *c, unsigned load, struct sw__fate *fates,
			   struct over *over)
{
	for (unsigned v = 0; v < over->worlds; v++) {
		enum sw_status st = sw__fates_of(problem, book, c, load, v, fates);
		struct sw__fate worst = sw__worst_fate(fates, problem->n_workloads);

		if (st != SW_OK)
			return st;
		over->late[v] = worst.late;
		over->excess[v] = worst.excess;
		for (size_t w = 0; w < problem->n_workloads; w++) {
			over->late[(w + 1) * over->worlds + v] = fates[w].late;
			over->excess[(w + 1) * over->worlds + v] = fates[w].excess;
		}
	}
	return SW_OK;
}

static double part_held(const double *excess, unsigned worlds)
{
	double held = 0;

	for (unsigned v = 0; v < worlds; v++)
		held += !(excess[v] > SW_COMPARE_NO_EXCESS);
	return isnan(excess[0]) ? (double)NAN : held / worlds;
}

static enum sw_status sum_worst(const struct over *over, struct sw_compared_lateness *out,
				struct sw_error *err)
{
	struct sw__over_worlds late, excess;
	enum sw_status st = sw__over_worlds(over->late, over->worlds, true, &late, err);

	if (st == SW_OK)
		st = sw__over_worlds(over->excess, over->worlds, true, &excess, err);
	if (st != SW_OK)
		return st;
	out->nominal_excess = over->excess[0];
	out->late = late.median;
	out->excess = excess.median;
	out->worst_decile = excess.worst;
	out->worlds_held = part_held(over->excess, over->worlds);
	return SW_OK;
}

static enum sw_status sum_each(const struct over *over, size_t n,
			       struct sw_compared_workload *workloads, struct sw_error *err)
{
	enum sw_status st = SW_OK;

	for (size_t w = 0; w < n && st == SW_OK; w++) {
		size_t row = (w + 1) * over->worlds;
		struct sw__over_worlds late, excess;

		st = sw__over_worlds(over->late + row, over->worlds, false, &late, err);
		if (st == SW_OK)
			st = sw__over_worlds(over->excess + row, over->worlds, false, &excess, err);
		if (st != SW_OK)
			break;
		workloads[w].late = late.median.value;
		workloads[w].excess = excess.median.value;
		workloads[w].worst_decile = excess.worst.value;
	}
	return st;
}

static void know_nothing(size_t n, struct sw_compared_lateness *out,
			 struct sw_compared_workload *workloads)
{
	const struct sw_compared_figure none = {NAN, NAN, NAN};

	*out = (struct sw_compared_lateness){NAN, none, none, none, NAN};
	for (size_t w = 0; workloads && w < n; w++)
		workloads[w].late = workloads[w].excess = workloads[w].worst_decile = NAN;
}

enum sw_status sw__score(const struct sw_problem *problem, const struct sw__book *book,
			 const struct sw__candidate *candidate, unsigned load,
			 struct sw_compared_lateness *out, struct sw_compared_workload *workloads,
			 struct sw_error *err)
{
	size_t n = problem->n_workloads, rows = (n + 1) * book->worlds;
	struct sw__fate *fates = calloc(n + 1, sizeof(*fates));
	struct over over = {book->worlds, calloc(rows, sizeof(double)),
			    calloc(rows, sizeof(double))};
	enum sw_status st = SW_NO_MEMORY;

	know_nothing(n, out, workloads);
	if (fates && over.late && over.excess)
		st = fill(problem, book, candidate, load, fates, &over);
	if (st == SW_OK)
		st = sum_worst(&over, out, err);
	if (st == SW_OK && workloads)
		st = sum_each(&over, n, workloads, err);
	free(fates);
	free(over.late);
	free(over.excess);
	return st == SW_NO_MEMORY ? sw_fail(err, st, "%zu workloads", n) : SW_OK;
}
