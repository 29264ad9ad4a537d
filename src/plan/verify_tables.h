/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file verify_tables.h
 * The part of the judge (verify.h) that looks at measured workloads. It shares no code with the search.
 */
#ifndef SLICEWISE_PLAN_VERIFY_TABLES_H
#define SLICEWISE_PLAN_VERIFY_TABLES_H

#include "slicewise/plan.h"

/**
 * Every engine of a table on a GPU of a plan: it runs as a row of its table that was measured on no larger a slice, in time where the
 * workload is said to be met, with no more load than the row serves, and beside others only under MIG. SW_INTERNAL names what does not
 * hold.
 */
enum sw_status sw__verify_tables(const struct sw_problem *problem, const struct sw_plan *plan,
				 const struct sw_plan_gpu *gpu, struct sw_error *err);

#endif
