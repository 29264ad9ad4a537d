/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file levels.h
 * The slices that a kind of GPU offers, from the smallest to the largest.
 *
 * Shares go in steps of 1 %. Under MPS only whole pairs of SMs count, so of several shares with the same SMs the smallest
 * stands for all; under MIG a level is a profile; where a share has no effect there is one level.
 */
#ifndef SLICEWISE_PLAN_LEVELS_H
#define SLICEWISE_PLAN_LEVELS_H

#include "slicewise/plan.h"

enum { SW__LEVELS_MAX = 100 };

struct sw__level {
	double share;
	double memory_gib; /* that comes with it (mig); NAN: free to choose */
	const struct sw_mig_profile *profile; /* mig; borrowed from the GPU */
};

struct sw__levels {
	size_t n; /* at least 1 */
	struct sw__level level[SW__LEVELS_MAX];
};

void sw__levels_of(const struct sw_fleet_entry *entry, struct sw__levels *out);

/** The first level with at least `share`; the last where there is none. */
size_t sw__level_for(const struct sw__levels *levels, double share);

/** The last level with at most `share`; the first where there is none. */
size_t sw__level_within(const struct sw__levels *levels, double share);

#endif
