/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file log_histogram.h
 * A distribution of positive numbers in bounded memory: counts in bins that grow by a constant factor, mean and largest value
 * exact, percentiles within SW__HISTOGRAM_ERROR of the value.
 *
 * For what comes by the million, such as gaps between tokens; a few thousand values are better sorted (ordered.h).
 */
#ifndef SLICEWISE_MATH_LOG_HISTOGRAM_H
#define SLICEWISE_MATH_LOG_HISTOGRAM_H

#include <stdint.h>

/** Half a bin's width over its middle; values outside [1e-6, 1e9] fall in the end bins. */
#define SW__HISTOGRAM_ERROR 0.0025

enum { SW__HISTOGRAM_BINS = 6908 }; /* ln(1e15) / 0.005 */

/** All zero is an empty one. 55 KB: not for the stack. */
struct sw__histogram {
	uint64_t n;
	double sum, max;
	uint64_t bins[SW__HISTOGRAM_BINS];
};

/** Add one value; one below 0 counts as 0. */
void sw__histogram_add(struct sw__histogram *histogram, double value);

/** NAN where there is no value. */
double sw__histogram_mean(const struct sw__histogram *histogram);

/** The value below which a fraction 0 < u <= 1 of the values lies; NAN where there is none. */
double sw__histogram_quantile(const struct sw__histogram *histogram, double u);

#endif
