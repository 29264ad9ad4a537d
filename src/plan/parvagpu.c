// SPDX-License-Identifier: Apache-2.0
/*
 * After M. Lee et al., "ParvaGPU", SC'24. Its table of slices, batches and processes is our predictor: an engine's best settings on a
 * profile. Its rule of 0.45 of the limit stands for the time in the queue, which our bound of the percentile has already. Replicas get equal
 * parts of the traffic, so there is no smaller last one.
 */
#include "plan/parvagpu.h"

#include <stdlib.h>

#include "base/error.h"
#include "plan/greedy.h"

/* Beyond so many more engines than needed each does little but be there. */
enum { MORE_REPLICAS = 6 };

static double slices_in_all(const struct sw__sizing *sizing, const struct sw__size *size)
{
	const struct sw__levels *levels = &sizing->levels[size->fleet];

	return size->replicas * levels->level[size->alone].share;
}

/* The number of engines that takes the fewest slices; 0 where the kind of GPU cannot serve it. */
static enum sw_status divide(struct sw__sizing *sizing, size_t workload, size_t fleet,
			     unsigned *out, struct sw_error *err)
{
	struct sw__size *size;
	double best;
	enum sw_status st = sw__size_fewest(sizing, workload, fleet, &size, err);
	unsigned fewest, most;

	*out = 0;
	if (st != SW_OK || !size->possible)
		return st;
	*out = fewest = size->replicas;
	best = slices_in_all(sizing, size);
	most = sizing->problem->workloads[workload].replicas ? fewest : fewest + MORE_REPLICAS;
	for (unsigned r = fewest + 1; r <= most && st == SW_OK; r++) {
		st = sw__size_get(sizing, workload, fleet, r, &size, err);
		if (st == SW_OK && size->possible && slices_in_all(sizing, size) < best - 1e-9) {
			best = slices_in_all(sizing, size);
			*out = r;
		}
	}
	return st;
}

static enum sw_status plan_on(struct sw__planning *planning, size_t fleet, struct sw__state *state,
			      struct sw_error *err)
{
	/* Without neighbours' effects nobody is forced to anything: the fullest GPU that takes an engine is the best fit. */
	const struct sw__rule rule = {.order = SW__ORDER_SHARE,
				      .joining = SW__JOIN_LEAST_EXTRA,
				      .only_fleet = (long)fleet};
	size_t n = 0, n_workloads = state->problem->n_workloads;
	struct sw__item *items;
	enum sw_status st = SW_OK;

	for (size_t w = 0; w < n_workloads && st == SW_OK; w++) {
		st = divide(planning->sizing, w, fleet, &state->replicas[w], err);
		n += state->replicas[w];
		if (!state->replicas[w])
			state->replicas[w] = state->unplaced[w] = 1;
	}
	items = calloc(n + 1, sizeof(*items));
	if (st == SW_OK && !items)
		st = sw_fail(err, SW_NO_MEMORY, "%zu engines", n);
	n = 0;
	for (size_t w = 0; st == SW_OK && w < n_workloads; w++)
		for (unsigned r = 0; !state->unplaced[w] && r < state->replicas[w]; r++)
			items[n++].workload = w;
	if (st == SW_OK)
		st = sw__place_all(&planning->unmindful, state, items, n, &rule, err);
	free(items);
	return st;
}

static enum sw_status nothing_placed(struct sw__state *out)
{
	for (size_t w = 0; w < out->problem->n_workloads; w++)
		out->replicas[w] = out->unplaced[w] = 1;
	return SW_OK;
}

enum sw_status sw__strategy_parvagpu(struct sw__planning *planning, struct sw__state *out,
				     struct sw_error *err)
{
	const struct sw_problem *problem = out->problem;
	bool first = true;
	enum sw_status st = nothing_placed(out);

	sw__groups_open(planning->sizing, SW__NEIGHBOURS_IGNORE, &planning->unmindful);
	for (size_t f = 0; f < problem->n_fleet && st == SW_OK; f++) {
		struct sw__state state;
		struct sw__cost was, now;

		if (problem->fleet[f].mechanism != SW_MIG)
			continue;
		st = sw__state_new(problem, &state, err);
		if (st == SW_OK)
			st = plan_on(planning, f, &state, err);
		was = sw__state_cost(out);
		now = sw__state_cost(&state);
		if (st == SW_OK && (first || sw__cost_less(&now, &was)))
			st = sw__state_copy(out, &state, err);
		first = false;
		sw__state_free(&state);
	}
	return st;
}
