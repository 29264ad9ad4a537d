/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file ordered.h
 * The larger and the smaller of two numbers that are not NAN: fmax() and fmin() must ask for that and are calls.
 */
#ifndef SLICEWISE_MATH_ORDERED_H
#define SLICEWISE_MATH_ORDERED_H

static inline double sw__larger(double a, double b)
{
	return a > b ? a : b;
}

static inline double sw__smaller(double a, double b)
{
	return a < b ? a : b;
}

#endif
