/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file table_split.h
 * A problem with measured workloads: the language models planned as always, the tables beside them. README-tables.md.
 */
#ifndef SLICEWISE_PLAN_TABLE_SPLIT_H
#define SLICEWISE_PLAN_TABLE_SPLIT_H

#include "plan/oracle.h"

bool sw__has_tables(const struct sw_problem *problem);
size_t sw__count_tables(const struct sw_problem *problem);

/**
 * sw__plan_solve() of a problem with tables, without its last judgement. SW_OK: *out is the caller's, whether all limits hold or not.
 */
enum sw_status sw__plan_with_tables(const struct sw_problem *problem,
				    const struct sw__oracle *oracle, const char *strategy,
				    struct sw_plan **out, struct sw_error *err);

/**
 * Complete a plan in which all tables have their places, names and numbers: the bound, with that of the tables by themselves, what it
 * costs not to share, and why. SW_NO_MEMORY, SW_INTERNAL.
 */
enum sw_status sw__tables_compare(const struct sw_problem *problem, double bound_per_hour,
				  struct sw_plan *plan, struct sw_error *err);

#endif
