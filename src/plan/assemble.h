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

/** The totals alone. */
void sw__plan_add_up(const struct sw_problem *problem, struct sw_plan *plan);

/** The node of a GPU by its name; -1: not known. */
long sw__plan_node(const struct sw_problem *problem, const struct sw_plan_gpu *gpu);

/** What a state's GPUs and engines are called where they run already. */
struct sw__listing {
	char (*id)[SW_NAME_MAX]; /* per GPU of the state */
	unsigned (*replica)[SW__TOGETHER_MAX]; /* per GPU and engine */
};

/** The same with the GPUs in the state's order, which must be that of the fleet, and with these names. */
enum sw_status sw__assemble_listed(struct sw__sizing *sizing, struct sw__groups *groups,
				   const struct sw__state *state, const struct sw__bound *bound,
				   const struct sw__state *exclusive,
				   const struct sw__listing *listing, struct sw_plan **out,
				   struct sw_error *err);

#endif
