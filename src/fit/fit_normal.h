/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file fit_normal.h
 * The equations of a fit at the coefficients at hand, and the linear step that they ask for. README.md, "Solving".
 *
 * Every engine's mean TTFT and TPOT is one: sum of slope x change = residual, by its deviation; every coefficient's prior is another.
 */
#ifndef SLICEWISE_FIT_FIT_NORMAL_H
#define SLICEWISE_FIT_FIT_NORMAL_H

#include <gsl/gsl_matrix.h>
#include <gsl/gsl_vector.h>

#include "fit/fit_cases.h"

/** H step = g, of as many unknowns as there are coefficients. */
struct sw__normal {
	gsl_matrix *h, *work;
	gsl_vector *g, *step;
};

/** SW_OK: release it with sw__normal_clear(). SW_NO_MEMORY: *out is zeroes. */
enum sw_status sw__normal_make(size_t n, struct sw__normal *out, struct sw_error *err);
void sw__normal_clear(struct sw__normal *normal);

/** From what the cases are predicted to be, and their slopes. */
void sw__normal_set(const struct sw__cases *cases, struct sw__normal *normal);

/** Without a case that is in it. */
void sw__normal_without(const struct sw__case *c, struct sw__normal *normal);

/** Fill in `step`. SW_INTERNAL: no solution, which priors exclude. */
enum sw_status sw__normal_solve(struct sw__normal *normal, struct sw_error *err);

/** H^-1, n x n, row by row: the caller's to free(). */
enum sw_status sw__normal_invert(struct sw__normal *normal, double **out, struct sw_error *err);

/**
 * What is made small: squares of residuals in deviations, those far off by their size, and of the coefficients' distances from their
 * priors. Of what was measured and is predicted to be overload, as if it were far off.
 */
double sw__cases_objective(const struct sw__cases *cases);

/** The part of one group's cases, after a step (NULL: none) as far as slopes tell. */
double sw__group_objective(const struct sw__cases *cases, size_t group, const gsl_vector *step);

/** By how much a step changes the logarithm of an engine's mean latency, as far as slopes tell. */
double sw__case_change(const struct sw__case *c, size_t engine, int metric, const gsl_vector *step);

#endif
