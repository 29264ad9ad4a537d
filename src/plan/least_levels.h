/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file least_levels.h
 * Whether engines on one GPU can hold their limits at all, from slices below which none of them does: quicker than finding good ones.
 */
#ifndef SLICEWISE_PLAN_LEAST_LEVELS_H
#define SLICEWISE_PLAN_LEAST_LEVELS_H

#include "plan/sizing.h"

/**
 * Raise `level` (per engine the least at which its limits can hold in this company) to the least levels at which all limits hold, as
 * long as the GPU has room for them. *holds false: no levels do, since a larger slice of a neighbour helps nobody. SW_NO_MEMORY.
 */
enum sw_status sw__least_levels(struct sw__sizing *sizing, size_t fleet,
				struct sw__size *const *engines, unsigned char *level, size_t n,
				bool *holds, struct sw_error *err);

#endif
