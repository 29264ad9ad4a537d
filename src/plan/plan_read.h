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

/** Whether the workload or engine that `node` describes is measured as a table. */
bool sw__is_planned_table(const struct sw_node *node);
bool sw__is_planned_row(const struct sw__plan_reading *reading, const struct sw_node *node);

/** A workload that is measured as a table. */
enum sw_status sw__read_planned_table(struct sw__plan_reading *reading, const struct sw_node *node,
				      struct sw_planned_workload *workload, struct sw_error *err);

/** Those engines in `list`, all of a GPU's, that are of tables: gpu->rows, which is as long as the list. Its mix has none yet. */
enum sw_status sw__read_planned_rows(struct sw__plan_reading *reading, const struct sw_node *list,
				     struct sw_planned_gpu *gpu, struct sw_error *err);

/** Refuse engines of tables that are not where they can be: MIG instances one upon another, neighbours elsewhere. */
enum sw_status sw__check_planned_rows(const struct sw_node *list, const struct sw_planned_gpu *gpu,
				      struct sw_error *err);

#endif
