/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file hold.h
 * Levels for engines of which some run already: all limits hold, and as little as can be is started anew.
 */
#ifndef SLICEWISE_PLAN_HOLD_H
#define SLICEWISE_PLAN_HOLD_H

#include "plan/running.h"
#include "plan/together.h"

/** Engines that are to be on one GPU. */
struct sw__held_ask {
	size_t fleet, n;
	struct sw__size *engines[SW__TOGETHER_MAX]; /* in the order in which the plan lists them */
	size_t stay[SW__TOGETHER_MAX]; /* level at which it runs; SW__NONE: it is started anyway */
};

/** The sets that were made; they live until it is closed. */
struct sw__held {
	struct sw__groups *groups;
	size_t n, capacity;
	struct sw__together **made;
};

void sw__held_open(struct sw__groups *groups, struct sw__held *out);
void sw__held_close(struct sw__held *held);

/**
 * The set with levels at which all limits hold, of several the one that starts the least share of engines anew, then the one
 * with the least share. *out is NULL where there is none; else borrowed. SW_NO_MEMORY only.
 */
enum sw_status sw__hold(struct sw__held *held, const struct sw__held_ask *ask,
			const struct sw__together **out, struct sw_error *err);

/** The set just as it runs, whether its limits hold or not; every engine must have a level. SW_NO_MEMORY only. */
enum sw_status sw__hold_as_it_is(struct sw__held *held, const struct sw__held_ask *ask,
				 const struct sw__together **out, struct sw_error *err);

/** The next level for an engine that misses, or one some levels up (`leap`); the same one where there is none. */
unsigned char sw__raised_level(const struct sw__sizing *sizing, const struct sw__size *size,
			       unsigned char level, const struct sw_prediction *predicted,
			       bool leap);

#endif
