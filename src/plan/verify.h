/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file verify.h
 * The judge of plans. It knows the problem, the plan and the oracle, and nothing of the search.
 */
#ifndef SLICEWISE_PLAN_VERIFY_H
#define SLICEWISE_PLAN_VERIFY_H

#include "plan/oracle.h"

/** sw_plan_verify() asking `oracle`. */
enum sw_status sw__plan_verify(const struct sw_problem *problem, const struct sw__oracle *oracle,
			       const struct sw_plan *plan, struct sw_error *err);

#endif
