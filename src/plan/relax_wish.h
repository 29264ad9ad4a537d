/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file relax_wish.h
 * Wishes of a workload that can be left out: fixed replicas, allowed GPUs, isolation, spread, batch limits.
 */
#ifndef SLICEWISE_PLAN_RELAX_WISH_H
#define SLICEWISE_PLAN_RELAX_WISH_H

#include "slicewise/plan.h"

struct sw__wish {
	const char *key; /* as in a workloads file */
	enum sw_relaxation_kind kind; /* SW_RELAX_REPLICAS or SW_RELAX_WISH */
	bool (*is_there)(const struct sw_workload *workload);
	void (*drop)(struct sw_workload *workload); /* of a copy: what it points to stays */
	double (*is_number)(const struct sw_workload *workload); /* NULL: it is none */
};

/** The i-th; NULL beyond the last. */
const struct sw__wish *sw__wish(size_t i);

#endif
