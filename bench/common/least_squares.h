/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file least_squares.h
 * Coefficients of a linear form, by relative error.
 */
#ifndef SLICEWISE_BENCH_LEAST_SQUARES_H
#define SLICEWISE_BENCH_LEAST_SQUARES_H

#include <stdbool.h>
#include <stddef.h>

/**
 * The c that makes the sum of ((x c + g) / y - 1)^2 smallest, over n rows of k columns; the shortest where the rows leave some open.
 * `given` (may be NULL) is g, what a row has without any coefficient. *rest (may be NULL) is that sum. False: fewer rows than columns,
 * or out of memory.
 */
bool least_squares(const double *x, const double *given, const double *y, size_t n, size_t k,
		   double *c, double *rest);

#endif
