/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file plan_read.h
 * A plan file while it is read.
 */
#ifndef SLICEWISE_PLAN_PLAN_READ_H
#define SLICEWISE_PLAN_PLAN_READ_H

#include "predict/tenant_read.h"
#include "slicewise/plan.h"

struct sw__plan_reading {
	struct sw__source source;
	const struct sw_node *gpus, *workloads; /* the lists of the file */
	struct sw_plan_mixes *plan; /* its workloads are there when engines are read */
};

/**
 * Read one engine of a GPU into mix->tenants[mix->n]: its model, slice, settings and part of its workload's load. *workload:
 * the index of the workload; *decided: which settings are no defaults (all are marked as given).
 */
enum sw_status sw__read_placement(struct sw__plan_reading *reading, const struct sw_node *node,
				  struct sw_mix *mix, size_t *workload, unsigned *decided,
				  struct sw_error *err);

#endif
