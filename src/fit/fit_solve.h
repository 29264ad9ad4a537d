/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file fit_solve.h
 * Coefficients from cases: robust least squares with priors, and what each mix says that was held out. README.md, "Solving".
 */
#ifndef SLICEWISE_FIT_FIT_SOLVE_H
#define SLICEWISE_FIT_FIT_SOLVE_H

#include "fit/fit_predict.h"

/**
 * Find the coefficients: cases->vector.value. The cases are left as they are predicted with them. `covariance` receives n x n
 * numbers, the caller's to free().
 */
enum sw_status sw__fit_solve(struct sw__cases *cases, const struct sw_fit_settings *settings,
			     double **covariance, struct sw_error *err);

/**
 * What the coefficients would have predicted without a mix: `out` (of cases->n x SW_TENANTS_MAX x SW_METRIC_COUNT) is what to add to
 * the logarithms of what they predict. Mixes are left out in `folds` parts, each with all its repeats.
 */
enum sw_status sw__fit_without(const struct sw__cases *cases, unsigned folds, double *out,
			       struct sw_error *err);

#endif
