/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file table_explain.h
 * Why the engines of measured workloads are as they are, in words.
 */
#ifndef SLICEWISE_PLAN_TABLE_EXPLAIN_H
#define SLICEWISE_PLAN_TABLE_EXPLAIN_H

#include "slicewise/plan.h"

/** Fill `binds` of every engine with a table, and `why` of every such workload. SW_NO_MEMORY. */
enum sw_status sw__tables_explain(const struct sw_problem *problem, struct sw_plan *plan,
				  struct sw_error *err);

#endif
