/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file table_replan.h
 * A running plan with measured workloads planned again: README-tables.md.
 */
#ifndef SLICEWISE_PLAN_TABLE_REPLAN_H
#define SLICEWISE_PLAN_TABLE_REPLAN_H

#include "plan/oracle.h"
#include "slicewise/replan.h"

/** Whether tables are wanted or run. */
bool sw__replan_has_tables(const struct sw_problem *problem, const struct sw_plan_mixes *running);

/**
 * sw__replan() of such a problem, without its last judgement. SW_OK: *out is the caller's, whether all limits hold or not; else it is
 * NULL.
 */
enum sw_status sw__replan_with_tables(const struct sw_problem *problem,
				      const struct sw__oracle *oracle,
				      const struct sw_plan_mixes *running,
				      const struct sw_replan_options *options, struct sw_plan **out,
				      struct sw_error *err);

#endif
