/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file assemble.h
 * From the search's state to the plan that users get: predictions, names, totals, bounds, reasons.
 */
#ifndef SLICEWISE_PLAN_ASSEMBLE_H
#define SLICEWISE_PLAN_ASSEMBLE_H

#include "plan/bound.h"
#include "plan/state.h"

/** `exclusive` (may be NULL) is the plan with one GPU per engine, for comparison. */
enum sw_status sw__assemble(struct sw__sizing *sizing, const struct sw__state *state,
			    const struct sw__bound *bound, const struct sw__state *exclusive,
			    struct sw_plan **out, struct sw_error *err);

#endif
