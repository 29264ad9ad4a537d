/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file samples.h
 * A growing array of numbers, and what is said of one: mean, percentiles.
 */
#ifndef SLICEWISE_SIM_SAMPLES_H
#define SLICEWISE_SIM_SAMPLES_H

#include <stdbool.h>

#include "slicewise/types.h"

/** Zeroes are an empty one; release it with sw__samples_free(). */
struct sw__samples {
	size_t n, room;
	double *x;
};

/** False: no memory; nothing has changed. */
bool sw__samples_add(struct sw__samples *samples, double x);
void sw__samples_free(struct sw__samples *samples);

/** Mean and percentiles into out[SW_STATISTIC_COUNT]; sorts. NAN throughout without samples. */
void sw__samples_describe(struct sw__samples *samples, double *out);

/** Mean and standard deviation over n - 1 of n numbers; the deviation is NAN below two. */
void sw__mean_deviation(const double *x, size_t n, double *mean, double *deviation);

#endif
