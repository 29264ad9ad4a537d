/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file tolerance.h
 * What was seen of an engine beside others: of each level the stretch by neighbours with which it still missed a limit. More of
 * that never makes a limit hold (assumption (3) of the bound), so most sets that do not fit are refused without a prediction.
 */
#ifndef SLICEWISE_PLAN_TOLERANCE_H
#define SLICEWISE_PLAN_TOLERANCE_H

#include "plan/sizing.h"

/** By how much an engine surely misses its nearest limit at a level, stretched so; 0: nothing is known against it. */
double sw__tolerance_miss(const struct sw__size *size, size_t level, double stretch);

/** Remember how it came out; ratio 0: it held its limits. A stretch of NAN teaches nothing. SW_NO_MEMORY. */
enum sw_status sw__tolerance_learn(struct sw__size *size, size_t level, double stretch,
				   double ratio, struct sw_error *err);

#endif
