/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file limits.h
 * What the gateways in front of running engines let in at once, so that all limits hold and the least is started anew.
 *
 * With fewer requests at once an engine's tokens, and those of its neighbours, come sooner, and its own requests wait longer for their
 * first. So limits are like levels: who waits too long must be let in more, the least with which nobody does are found from
 * below, and if tokens still come late then, no limits help. From there each is let in as many as everybody holds, all where that goes.
 */
#ifndef SLICEWISE_PLAN_LIMITS_H
#define SLICEWISE_PLAN_LIMITS_H

#include "plan/hold.h"
#include "plan/kept.h"

/** Engines that are to be on one GPU; those that run there go on as they are set, but for what is let in. */
struct sw__limits_ask {
	struct sw__kept *kept;
	struct sw__held *held;
	struct sw__held_ask all; /* of who goes on: its size without a limit */
	size_t engine
		[SW__TOGETHER_MAX]; /* the running engine that goes on, which has a level; SW__NONE: it is started anyway */
};

/** The set with limits, and with more share where they alone do not do. *out NULL: none was found. SW_NO_MEMORY only. */
enum sw_status sw__limits_hold(const struct sw__limits_ask *ask, const struct sw__together **out,
			       struct sw_error *err);

/**
 * Where all hold as they run: the set without the limits that keep requests of their own engine waiting and are needed no more. *out
 * NULL: there are none. SW_NO_MEMORY only.
 */
enum sw_status sw__limits_lift(const struct sw__limits_ask *ask, const struct sw__together **out,
			       struct sw_error *err);

/** Whether a running engine holds its limits alone on a GPU of its kind, with some limit or none. SW_NO_MEMORY only. */
enum sw_status sw__limits_possible(struct sw__kept *kept, size_t engine, unsigned replicas,
				   bool *possible, struct sw_error *err);

#endif
