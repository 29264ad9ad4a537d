/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file weigh.h
 * Unequal parts for the engines of workloads whose router has weights: after a plan with equal ones, what is cheaper.
 */
#ifndef SLICEWISE_PLAN_WEIGH_H
#define SLICEWISE_PLAN_WEIGH_H

#include "plan/state.h"

/** Whether some workload may be served so. */
bool sw__weights_matter(const struct sw_problem *problem);

/**
 * Every such workload in its turn is taken out of the plan and put back in parts: as much on every GPU as it holds there beside
 * the others, the most first, on GPUs that are open before others, and the other way round. What is cheaper stays. Then
 * state->replicas counts parts, of which an engine takes size->times. SW_NO_MEMORY.
 */
enum sw_status sw__weigh(struct sw__groups *groups, struct sw__state *state, struct sw_error *err);

#endif
