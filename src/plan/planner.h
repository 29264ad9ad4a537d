/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file planner.h
 * Planning with any oracle: sw_plan_solve() with the real one, tests with their own.
 */
#ifndef SLICEWISE_PLAN_PLANNER_H
#define SLICEWISE_PLAN_PLANNER_H

#include "plan/oracle.h"

/** sw_plan_solve() asking `oracle`. */
enum sw_status sw__plan_solve(const struct sw_problem *problem, const struct sw__oracle *oracle,
			      const char *strategy, struct sw_plan **out, struct sw_error *err);

#endif
