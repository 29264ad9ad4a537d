/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file replan_plays.h
 * What plays said of a running plan's engines beside the closed form goes on to be believed: a plan that was made by plays would
 * seem to break limits by the closed form, and a play of it anew takes seconds.
 */
#ifndef SLICEWISE_PLAN_REPLAN_PLAYS_H
#define SLICEWISE_PLAN_REPLAN_PLAYS_H

#include "plan/oracle.h"

/** Correct the oracle by a running plan's factors, if it was made with the same fit. */
void sw__remember_plays(const struct sw_problem *problem, const struct sw__oracle *oracle,
			const struct sw_plan_mixes *running);

/** Give every engine of a plan the factor that it was planned with: the next plan's memory. */
void sw__pass_on_plays(const struct sw__oracle *oracle, struct sw_plan *plan);

#endif
