/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file relax.h
 * The smallest changes that would make workloads hold their limits which no plan holds.
 */
#ifndef SLICEWISE_PLAN_RELAX_H
#define SLICEWISE_PLAN_RELAX_H

#include "plan/oracle.h"

/**
 * Fill plan->relaxations for the workloads of a complete plan that are not met. Deterministic: what it looks at is counted
 * (README.md, "When no plan holds every limit"). SW_NO_MEMORY.
 */
enum sw_status sw__relax(const struct sw_problem *problem, const struct sw__oracle *oracle,
			 struct sw_plan *plan, struct sw_error *err);

#endif
