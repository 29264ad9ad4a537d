/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file miss.h
 * How far a prediction is from its limits, and which limit is nearest.
 */
#ifndef SLICEWISE_PLAN_MISS_H
#define SLICEWISE_PLAN_MISS_H

#include "slicewise/predict.h"

struct sw__miss {
	double ratio; /* of the upper bound to its limit; above 1: broken; INFINITY under overload; 0: no limits */
	enum sw_metric metric;
	enum sw_statistic statistic;
	double found_ms, limit_ms;
};

/** The limit that binds most. */
struct sw__miss sw__miss_of(const struct sw_prediction *prediction, const struct sw_slo *slo);

/** "tpot_p95 bound 38.2 of 40 ms", "overload", "no limits". */
void sw__miss_say(const struct sw__miss *miss, char *text, size_t size);

#endif
