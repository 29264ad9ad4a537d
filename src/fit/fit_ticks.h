/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file fit_ticks.h
 * How many ticks a launch limiter looks back: a whole number, so that no slope leads from one to the next. README.md, "Ticks".
 */
#ifndef SLICEWISE_FIT_FIT_TICKS_H
#define SLICEWISE_FIT_FIT_TICKS_H

#include "fit/fit_descent.h"

/**
 * Give each group under a limiter the number of ticks that explains best those mixes in which it holds an engine, all other coefficients
 * following their slopes, which the cases must have; they must be predicted
 * with the coefficients at hand, and are left so. *moved: one has another number now.
 */
enum sw_status sw__fit_ticks(struct sw__cases *cases, const struct sw__descent *how, bool *moved,
			     struct sw_error *err);

#endif
