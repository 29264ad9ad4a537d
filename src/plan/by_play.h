/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file by_play.h
 * Plans of few engines whose limits are held by the bounds of plays in place of the closed form's: README.md, "By play".
 */
#ifndef SLICEWISE_PLAN_BY_PLAY_H
#define SLICEWISE_PLAN_BY_PLAY_H

#include "plan/planner.h"

/**
 * Plan, play every GPU of the plan, correct the closed form by what plays said, and plan again, until that comes back to where it was.
 * *out: the cheapest plan that holds by plays, complete, with `played`; NULL with SW_OK: there are more engines than plays are for
 * (problem->play_engines), the closed form does not hold all limits, or nothing held by play; then the oracle's corrections are none.
 * SW_NO_MEMORY and what planning says.
 */
enum sw_status sw__plan_by_play(const struct sw_problem *problem, const struct sw__oracle *oracle,
				const struct sw__strategy *strategy, double parameter,
				struct sw_plan **out, struct sw_error *err);

#endif
