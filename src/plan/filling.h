/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file filling.h
 * A plan for many engines: every workload to the kind of GPU on which its part costs least, and one GPU filled after another.
 */
#ifndef SLICEWISE_PLAN_FILLING_H
#define SLICEWISE_PLAN_FILLING_H

#include "plan/state.h"

/** From nothing. What finds no place is counted as unplaced. SW_NO_MEMORY. */
enum sw_status sw__fill(struct sw__groups *groups, struct sw__state *state, struct sw_error *err);

#endif
