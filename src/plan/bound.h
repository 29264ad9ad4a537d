/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file bound.h
 * What no plan can be cheaper than: the proof is in README.md.
 */
#ifndef SLICEWISE_PLAN_BOUND_H
#define SLICEWISE_PLAN_BOUND_H

#include "plan/refute.h"
#include "plan/sizing.h"

struct sw__bound {
	double per_hour;
	double gpus;
	bool of_sizes; /* of plans with engines as they are sized, at most two more than a workload needs; else of all */
};

/**
 * Over the workloads for which `placed` is true (those that no GPU can serve have no part in it), for a plan that takes `plan`:
 * no bound is above it. SW_NO_MEMORY.
 */
enum sw_status sw__bound_of(struct sw__sizing *sizing, const bool *placed,
			    const struct sw__bound *plan, struct sw__bound *out,
			    struct sw_error *err);

/**
 * The least parts that two engines or more of a workload take, of which one (`one`) does not do: twice what an idle one needs;
 * INFINITY where not even that holds. What memory they need is not known. SW_NO_MEMORY.
 */
enum sw_status sw__need_of_several(struct sw__sizing *sizing, const struct sw__size *one,
				   struct sw__need *out, struct sw_error *err);

#endif
