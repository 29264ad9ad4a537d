/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file normal.h
 * The standard normal distribution.
 */
#ifndef SLICEWISE_MATH_NORMAL_H
#define SLICEWISE_MATH_NORMAL_H

/** P(Z <= z). */
double sw__normal_cdf(double z);

/** The z with P(Z <= z) = p, for 0 < p < 1; -INFINITY at 0 (and below 2e-308), INFINITY at 1, NAN elsewhere. */
double sw__normal_quantile(double p);

#endif
