/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file improve.h
 * Local search: take some engines out of a plan, put them back another way, keep what is better.
 */
#ifndef SLICEWISE_PLAN_IMPROVE_H
#define SLICEWISE_PLAN_IMPROVE_H

#include "plan/greedy.h"

/** Improve `state` until no move helps or the budget is spent. Deterministic; never makes it worse. */
enum sw_status sw__improve(struct sw__groups *groups, struct sw__state *state,
			   struct sw_error *err);

#endif
