/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file assemble.h
 * From the search's state to the plan that users get: predictions, names, totals, bounds, reasons.
 */
#ifndef SLICEWISE_PLAN_ASSEMBLE_H
#define SLICEWISE_PLAN_ASSEMBLE_H

#include "plan/bound.h"
#include "plan/state.h"

/**
 * `exclusive` (may be NULL) is the plan with one GPU per engine, for comparison. With `groups` (may be NULL) it says why it is not
 * otherwise: reasons.h.
 */
enum sw_status sw__assemble(struct sw__sizing *sizing, struct sw__groups *groups,
			    const struct sw__state *state, const struct sw__bound *bound,
			    const struct sw__state *exclusive, struct sw_plan **out,
			    struct sw_error *err);

/** Put the GPUs of a plan in order, and fill in their names, the engines' numbers, replicas and totals. */
void sw__plan_number(const struct sw_problem *problem, struct sw_plan *plan);

#endif
