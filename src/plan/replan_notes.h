/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file replan_notes.h
 * What a person should know of a running plan beside what changes.
 */
#ifndef SLICEWISE_PLAN_REPLAN_NOTES_H
#define SLICEWISE_PLAN_REPLAN_NOTES_H

#include "slicewise/replan.h"

/**
 * Loads that are within `noise` (a part) of what the running plan was made for become that; `*quieted` is how many of them were others.
 */
void sw__quiet_loads(struct sw_problem *problem, const struct sw_plan_mixes *running, double noise,
		     size_t *quieted);

/**
 * Add notes to plan->replanned: loads that were taken for noise; predictions of the running plan that today's fit makes otherwise,
 * which is what a plan file for another fit or another version is. SW_NO_MEMORY, or as sw_predict_quick().
 */
enum sw_status sw__add_notes(const struct sw_problem *problem, const struct sw_plan_mixes *running,
			     size_t quieted, double noise, struct sw_plan *plan,
			     struct sw_error *err);

#endif
