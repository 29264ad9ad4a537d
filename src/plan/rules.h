/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file rules.h
 * What may share a GPU, whatever the latencies: memory, number, shares, isolation, who must not meet, pins, host cores, MIG's slices.
 */
#ifndef SLICEWISE_PLAN_RULES_H
#define SLICEWISE_PLAN_RULES_H

#include "plan/sizing.h"

/** Whether `engines`, each with its smallest slice, may be on one GPU of entry `fleet`. */
bool sw__rules_allow(const struct sw__sizing *sizing, size_t fleet, struct sw__size *const *engines,
		     size_t n);

/** The same whatever their slices and memories: number, isolation, spread, host cores. */
bool sw__rules_allow_company(const struct sw__sizing *sizing, size_t fleet,
			     struct sw__size *const *engines, size_t n);

/** The same of engines that may not be possible as they are. */
bool sw__rules_allow_beside(const struct sw__sizing *sizing, size_t fleet,
			    struct sw__size *const *engines, size_t n);

/** Whether they may with these levels. */
bool sw__rules_allow_levels(const struct sw__sizing *sizing, size_t fleet,
			    struct sw__size *const *engines, const unsigned char *level, size_t n);

/** Whether engines of two workloads, or two of one, may be on one GPU. */
bool sw__may_meet(const struct sw_problem *problem, size_t a, size_t b);

/** Host threads that keep an engine's GPU busy, where the user did not say: the scheduler and the server. */
#define SW__CORES_PER_ENGINE 2.0

/** Sums of shares and memories are of decimal fractions. */
#define SW__SUM_ROUNDING 1e-9

#endif
