/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file find_levels.h
 * The slices with which engines hold their limits on one GPU together: README.md, "Sets".
 */
#ifndef SLICEWISE_PLAN_FIND_LEVELS_H
#define SLICEWISE_PLAN_FIND_LEVELS_H

#include "plan/together.h"

/** Levels for the engines of `t`, and whether they fit. */
enum sw_status sw__find_levels(struct sw__sizing *sizing, struct sw__together *t,
			       struct sw_error *err);

/** Engines prepared at their levels, into `out`; borrowed. */
enum sw_status sw__prepare_together(struct sw__sizing *sizing, struct sw__size *const *engines,
				    const unsigned char *level, size_t n, const sw_prepared **out,
				    struct sw_error *err);

#endif
