/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file relaxed.h
 * A part of a problem that may be changed: some of its workloads with other wishes, its fleet with other counts; and whether it can
 * be planned then. What is asked of engines goes to the oracle of the whole problem.
 */
#ifndef SLICEWISE_PLAN_RELAXED_H
#define SLICEWISE_PLAN_RELAXED_H

#include "plan/oracle.h"

/** A smaller oracle: workload i here is workload origin[i] there. */
struct sw__part {
	const struct sw__oracle *whole;
	size_t *origin;
};

struct sw__relaxed {
	struct sw_problem
		problem; /* workloads and fleet are its own, to be changed; what they point to is borrowed */
	struct sw__part part;
	struct sw__oracle oracle;
	/* Of the last plan: */
	size_t *used; /* GPUs per fleet entry */
	unsigned *replicas, *unplaced; /* engines per workload, and those without a place */
	double per_hour;
};

/** The workloads for which `kept` is true, in their order. SW_OK: sw__relaxed_close() it; problem and oracle must outlive it. */
enum sw_status sw__relaxed_open(const struct sw_problem *problem, const struct sw__oracle *oracle,
				const bool *kept, struct sw__relaxed *out, struct sw_error *err);
void sw__relaxed_close(struct sw__relaxed *relaxed);

/** Where workload `workload` of the whole problem is in the part; SW_NONE: left out. */
size_t sw__relaxed_index(const struct sw__relaxed *relaxed, size_t workload);

/** Whether the planner finds a place for everything as it is now. SW_NO_MEMORY. */
enum sw_status sw__relaxed_holds(struct sw__relaxed *relaxed, bool *holds, struct sw_error *err);

/**
 * Whether workload i of the part holds its limits on some kind of GPU with nobody else; *fleet and *engines: the first such kind, and
 * the fewest there. SW_NO_MEMORY.
 */
enum sw_status sw__relaxed_holds_alone(struct sw__relaxed *relaxed, size_t i, bool *holds,
				       size_t *fleet, unsigned *engines, struct sw_error *err);

/** How many engines of workload i fit on one GPU of a kind; 0: it cannot be there. *engines: how many are needed. SW_NO_MEMORY. */
enum sw_status sw__relaxed_per_gpu(struct sw__relaxed *relaxed, size_t i, size_t fleet,
				   unsigned *per_gpu, unsigned *engines, struct sw_error *err);

#endif
