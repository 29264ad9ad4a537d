/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file replan_improve.h
 * Changes that nothing forces, as far as they pay.
 */
#ifndef SLICEWISE_PLAN_REPLAN_IMPROVE_H
#define SLICEWISE_PLAN_REPLAN_IMPROVE_H

#include "plan/slots.h"
#include "plan/state.h"

/** Change one thing after another that pays for itself, until nothing does. Never makes it worse. */
enum sw_status sw__replan_improve(struct sw__slots *slots, struct sw_error *err);

/**
 * Whether going from `was` to `now` is worth it: more engines hold their limits; or hours and changes cost less within the
 * horizon, and there are either not more changes to pay for or the hours saved are at least options->least_saving of
 * `about_per_hour`, the price of the GPUs that this is about.
 */
bool sw__pays(const struct sw_replan_options *options, const struct sw__worth *was,
	      const struct sw__worth *now, double about_per_hour);

/** The plan from nothing, each of its GPUs called after the running one that has most in common with it. */
enum sw_status sw__slots_from_state(struct sw__slots *slots, const struct sw__state *state,
				    bool *fits, struct sw_error *err);

#endif
