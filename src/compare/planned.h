/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file planned.h
 * A plan in memory as the mixes of its GPUs, and what it uses.
 */
#ifndef SLICEWISE_COMPARE_PLANNED_H
#define SLICEWISE_COMPARE_PLANNED_H

#include "slicewise/plan.h"

/**
 * One GPU. Its tenants are called "workload/replica" and have the limits of the problem that it is made with. Measured tables are
 * left out: nothing simulates them, and under mig, where alone they have neighbours, these do not feel them.
 */
struct sw__planned_gpu {
	struct sw_mix
		mix; /* without traces of its own: loads borrow the problem's; empty where all are tables */
	size_t *workload; /* of each tenant: the index in the problem */
};

/** The mix of GPU `gpu` of a plan. SW_OK: release it with sw__planned_free(). SW_NO_MEMORY. */
enum sw_status sw__planned_gpu(const struct sw_problem *problem, const struct sw_plan *plan,
			       size_t gpu, struct sw__planned_gpu *out, struct sw_error *err);
void sw__planned_free(struct sw__planned_gpu *gpu);

/** What a plan takes. NAN: not known. */
struct sw__usage {
	double gpus, nodes, share, cost_per_hour;
};

/** Shares count where they bind; a GPU on which one does not is used up. */
void sw__plan_usage(const struct sw_problem *problem, const struct sw_plan *plan,
		    struct sw__usage *out);

/** The first workload that lacks engines for its load, or the number of workloads where none does. */
size_t sw__plan_lacking(const struct sw_problem *problem, const struct sw_plan *plan);

#endif
