/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file linear_fit.h
 * Linear least squares of a few unknowns, row by row, without keeping the rows.
 *
 *     struct sw__linear_fit fit;
 *     sw__linear_fit_start(&fit, 2);
 *     sw__linear_fit_add(&fit, row, y);      once per row
 *     sw__linear_fit_solve(&fit, x);
 */
#ifndef SLICEWISE_MATH_LINEAR_FIT_H
#define SLICEWISE_MATH_LINEAR_FIT_H

#include <stdbool.h>
#include <stddef.h>

enum { SW__UNKNOWNS_MAX = 8 };

struct sw__linear_fit {
	size_t unknowns, rows;
	bool intercept; /* set it after starting: the last element of every row is 1 */
	double a[SW__UNKNOWNS_MAX][SW__UNKNOWNS_MAX]; /* sums of products of the rows' elements */
	double b[SW__UNKNOWNS_MAX];
};

/** `unknowns` is 1 to SW__UNKNOWNS_MAX. */
void sw__linear_fit_start(struct sw__linear_fit *fit, size_t unknowns);

/** A row with `unknowns` finite elements, and what they should add up to. */
void sw__linear_fit_add(struct sw__linear_fit *fit, const double *row, double y);

/**
 * The unknowns that leave the least sum of squares. Where the rows do not tell some of them apart, those share what they say, as a
 * ridge of 1e-9 of each unknown's own sum of squares would have it; what no row speaks of is 0. An intercept has no ridge: what it
 * and others could be is its own.
 */
void sw__linear_fit_solve(const struct sw__linear_fit *fit, double *x);

#endif
