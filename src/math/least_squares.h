/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file least_squares.h
 * Linear least squares of a few unknowns, row by row, without keeping the rows.
 *
 *     struct sw__least_squares fit;
 *     sw__least_squares_start(&fit, 2);
 *     sw__least_squares_add(&fit, row, y);      once per row
 *     sw__least_squares_solve(&fit, x);
 */
#ifndef SLICEWISE_MATH_LEAST_SQUARES_H
#define SLICEWISE_MATH_LEAST_SQUARES_H

#include <stddef.h>

enum { SW__UNKNOWNS_MAX = 8 };

struct sw__least_squares {
	size_t unknowns, rows;
	double a[SW__UNKNOWNS_MAX][SW__UNKNOWNS_MAX]; /* sums of products of the rows' elements */
	double b[SW__UNKNOWNS_MAX];
};

/** `unknowns` is 1 to SW__UNKNOWNS_MAX. */
void sw__least_squares_start(struct sw__least_squares *fit, size_t unknowns);

/** A row with `unknowns` finite elements, and what they should add up to. */
void sw__least_squares_add(struct sw__least_squares *fit, const double *row, double y);

/**
 * The unknowns that leave the least sum of squares. Where the rows do not tell some of them apart, those share what they say, as a
 * ridge of 1e-9 of each unknown's own sum of squares would have it; what no row speaks of is 0.
 */
void sw__least_squares_solve(const struct sw__least_squares *fit, double *x);

#endif
