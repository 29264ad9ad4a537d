/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file exact.h
 * The exact search: sets of engines as columns of a linear programme, new ones by what they are worth, and the plan in whole numbers.
 * README.md, "The exact search".
 */
#ifndef SLICEWISE_PLAN_EXACT_H
#define SLICEWISE_PLAN_EXACT_H

#include "plan/state.h"

/** How much may be looked at: counted, so that the same problem gives the same plan on every machine. */
struct sw__effort {
	size_t rounds; /* of the linear programme */
	size_t looks; /* sets of which the predictor is asked, in one round on one kind of GPU */
	size_t last_looks; /* the same, where all sets are asked for that could make the plan cheaper */
	size_t visits; /* sets that are looked at by what parts say, in the same */
	int nodes; /* of the search in whole numbers */
};

/**
 * Improve `state` (made with `groups`, which count neighbours) where something cheaper is found, and prove a bound: *per_hour is not
 * above the cost of any plan that serves the same workloads with engines as they are sized (their batch limits, memory), and at most two
 * more of them than a workload needs.
 */
enum sw_status sw__exact(struct sw__groups *groups, struct sw__state *state,
			 const struct sw__effort *effort, double *per_hour, struct sw_error *err);

#endif
