/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file planner.h
 * Planning with any oracle: sw_plan_solve() with the real one, tests with their own.
 */
#ifndef SLICEWISE_PLAN_PLANNER_H
#define SLICEWISE_PLAN_PLANNER_H

#include "plan/assemble.h"
#include "plan/strategies.h"
#include "slicewise/replan.h"

/** sw_plan_solve() asking `oracle`. */
enum sw_status sw__plan_solve(const struct sw_problem *problem, const struct sw__oracle *oracle,
			      const char *strategy, struct sw_plan **out, struct sw_error *err);

/** sw_replan() asking `oracle`, with the loads as they are. */
enum sw_status sw__replan(const struct sw_problem *problem, const struct sw__oracle *oracle,
			  const struct sw_plan_mixes *running,
			  const struct sw_replan_options *options, struct sw_plan **out,
			  struct sw_error *err);

/**
 * The plan of a state that a search ended with: bounds, what not to share would cost, reasons. `listing` as sw__assemble_listed();
 * `minds_neighbours` as of a strategy.
 */
enum sw_status sw__plan_of_state(struct sw__planning *planning, const struct sw__state *state,
				 bool minds_neighbours, const struct sw__listing *listing,
				 struct sw_plan **out, struct sw_error *err);

/** From nothing to the state that is planned. */
enum sw_status sw__plan_search(struct sw__planning *planning, const struct sw__strategy *strategy,
			       struct sw__state *state, struct sw_error *err);

/**
 * The end of planning: *out is verified and judged, and relaxations are looked for where it does not hold. `st` other than SW_OK, or
 * a plan that is refused: *out is released and NULL.
 */
enum sw_status sw__plan_finish(const struct sw_problem *problem, const struct sw__oracle *oracle,
			       bool may_relax, enum sw_status st, struct sw_plan **out,
			       struct sw_error *err);

#endif
