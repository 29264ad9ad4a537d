/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file ordered.h
 * Small operations on numbers that are not NAN. fmax() and fmin() must ask for NAN, ceil() and floor() are calls where the
 * compiler may not assume SSE 4.1.
 */
#ifndef SLICEWISE_MATH_ORDERED_H
#define SLICEWISE_MATH_ORDERED_H

#include <stddef.h>
#include <stdint.h>

static inline double sw__larger(double a, double b)
{
	return a > b ? a : b;
}

static inline double sw__smaller(double a, double b)
{
	return a < b ? a : b;
}

/** floor() of x >= 0; above 2^53 every double is whole. */
static inline double sw__round_down(double x)
{
	return x < 0x1p53 ? (double)(int64_t)x : x;
}

/** ceil() of x >= 0. */
static inline double sw__round_up(double x)
{
	double whole = sw__round_down(x);

	return whole + (whole < x);
}

/** For qsort() of doubles. */
static inline int sw__ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/** The value at probability 0 <= u <= 1 of n > 0 sorted values, interpolated. */
static inline double sw__sorted_quantile(const double *sorted, size_t n, double u)
{
	double at = u * (double)(n - 1);
	size_t i = (size_t)at;

	return i + 1 < n ? sorted[i] + (at - (double)i) * (sorted[i + 1] - sorted[i])
			 : sorted[n - 1];
}

#endif
