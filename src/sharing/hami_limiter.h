/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file hami_limiter.h
 * HAMi-core's launch limiter of one container: a balance of thread blocks that launches spend and a watcher refills.
 *
 * Every tick the watcher compares the container's utilisation of the last second with its limit and moves the refill by a
 * step; the refill is added to the balance, which a pool caps. A launch is let through while the balance is not negative, so
 * one large launch may take it far below; others wait and look again every 10 ms. src/sim/README.md, "HAMi's limiter".
 */
#ifndef SLICEWISE_SHARING_HAMI_LIMITER_H
#define SLICEWISE_SHARING_HAMI_LIMITER_H

#include <stdbool.h>

#include "slicewise/types.h"

struct sw__hami_limiter {
	double limit_percent;
	double step; /* blocks by which the refill moves per percent of deviation */
	double pool, refill, balance; /* blocks */
};

/** A container that has just started: an empty refill and an empty balance. */
void sw__hami_limiter_start(struct sw__hami_limiter *limiter, const struct sw_gpu *gpu,
			    double share);

/** The watcher's work of one tick. `utilisation_percent`: of the last second, all processes of the container together. */
void sw__hami_limiter_tick(struct sw__hami_limiter *limiter, double utilisation_percent);

/** Whether a launch goes through; then its blocks are spent. */
bool sw__hami_limiter_launch(struct sw__hami_limiter *limiter, double blocks);

#endif
