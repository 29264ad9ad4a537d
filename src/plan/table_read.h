/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file table_read.h
 * Workloads that were measured by the user in place of a language model: their table and their keys. Format: docs/formats/table.md.
 */
#ifndef SLICEWISE_PLAN_TABLE_READ_H
#define SLICEWISE_PLAN_TABLE_READ_H

#include "predict/tenant_read.h"
#include "slicewise/plan.h"

/** Engines that one workload can be told to have. */
enum { SW__REPLICAS_MAX = 10000 };

/** What both kinds of workload say with the same words. */
extern const char *const sw__isolations[];

/** Whether the workload that `node` describes names a table: `model` is no plain name. */
bool sw__is_table_workload(const struct sw_node *node);

/** Read it into a workload that is all zero. SW_BAD_INPUT names file, line and key, of the table too; SW_NO_MEMORY. */
enum sw_status sw__read_table_workload(const struct sw_node *node, struct sw_workload *workload,
				       struct sw__source *source, struct sw_error *err);

/** Refuse a fleet of several GPUs where the workload does not say on which of them its table was measured. */
enum sw_status sw__check_measured_gpu(const struct sw_node *node, const struct sw_problem *problem,
				      const struct sw_workload *workload, struct sw_error *err);

/**
 * Read a table. SW_OK: *out is the caller's, release it with sw__table_free(). SW_IO, SW_BAD_INPUT with file, line and column;
 * SW_NO_MEMORY.
 */
enum sw_status sw__table_load(const char *path, struct sw_table **out, struct sw_error *err);

/** Release it; NULL is fine. */
void sw__table_free(struct sw_table *table);

#endif
