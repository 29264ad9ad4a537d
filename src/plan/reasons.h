/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file reasons.h
 * Why a plan is not otherwise: for each part of it the next cheaper way, tried, and what stands against that.
 */
#ifndef SLICEWISE_PLAN_REASONS_H
#define SLICEWISE_PLAN_REASONS_H

#include "plan/together.h"

/**
 * Fill plan->reasons of a plan that is otherwise complete; sets[i] is what is on its GPU i. Nothing is filled where the plan has more
 * engines than the problem wants explained. SW_NO_MEMORY.
 */
enum sw_status sw__reasons(struct sw__groups *groups, const struct sw__together *const *sets,
			   struct sw_plan *plan, struct sw_error *err);

#endif
