/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file over_worlds.h
 * A figure of every world, summed up: the median world and the worst tenth, each with how sure it is.
 */
#ifndef SLICEWISE_COMPARE_OVER_WORLDS_H
#define SLICEWISE_COMPARE_OVER_WORLDS_H

#include "slicewise/compare.h"

struct sw__over_worlds {
	struct sw_compared_figure median;
	struct sw_compared_figure worst; /* mean of the worst tenth, of at least one world */
};

/**
 * Intervals of 95 % by the percentiles of a bootstrap (Efron 1979) that draws worlds with a seed of its own; NAN where they are not
 * asked for, and with less than SW__WORLDS_FOR_INTERVALS worlds. All NAN where a value is. SW_NO_MEMORY only.
 */
enum sw_status sw__over_worlds(const double *values, size_t n, bool intervals,
			       struct sw__over_worlds *out, struct sw_error *err);

/* Of fewer worlds the worst tenth of a resample is hardly ever another one. */
enum { SW__WORLDS_FOR_INTERVALS = 5 };

#endif
