// SPDX-License-Identifier: Apache-2.0
#include "robust_fit.h"

#include <gsl/gsl_blas.h>
#include <gsl/gsl_errno.h>
#include <gsl/gsl_multifit_nlinear.h>
#include <gsl/gsl_randist.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"

enum { ITERATIONS_MAX = 100 };
static const unsigned long SCATTER_SEED = 20251123;
static const double STEP_TOLERANCE = 1e-7, GRADIENT_TOLERANCE = 1e-9;
/* Of a range, where a start on its end is moved to. */
static const double EDGE = 1e-6;
/* Relative step of the difference quotient: larger than GSL's, because tiles make predictions slightly uneven. */
static const double DIFFERENCE = 1e-5;

struct state {
	const struct fit_problem *problem;
	void *cal; /* the candidate */
	const double *start; /* values the priors pull to */
};

static double *field(void *cal, size_t offset)
{
	return (double *)(void *)((char *)cal + offset);
}

/* The whole line onto the range, and back. */
static double bounded(double x, const struct fit_parameter *p)
{
	double part = 1 / (1 + exp(-x));

	return p->low > 0 ? p->low * pow(p->high / p->low, part)
			  : p->low + (p->high - p->low) * part;
}

static double unbounded(double value, const struct fit_parameter *p)
{
	double part = p->low > 0 ? log(value / p->low) / log(p->high / p->low)
				 : (value - p->low) / (p->high - p->low);

	part = fmin(fmax(part, EDGE), 1 - EDGE);
	return log(part / (1 - part));
}

static void take(const struct state *state, const gsl_vector *x)
{
	for (size_t i = 0; i < state->problem->n_parameters; i++)
		*field(state->cal, state->problem->parameters[i].offset) =
			bounded(gsl_vector_get(x, i), &state->problem->parameters[i]);
}

/* Its square grows like the residual's below the knee and like its absolute value above. */
static double soften(double residual, double knee)
{
	double r = residual / knee;

	return copysign(knee * sqrt(2 * (sqrt(1 + r * r) - 1)), residual);
}

static double prior_residual(const struct state *state, size_t i)
{
	const struct fit_parameter *p = &state->problem->parameters[i];
	double value = *field(state->cal, p->offset);

	if (p->prior_sd <= 0)
		return 0;
	return sqrt(state->problem->prior_weight) * log(value / state->start[i]) / p->prior_sd;
}

static int residuals(const gsl_vector *x, void *data, gsl_vector *f)
{
	const struct state *state = data;
	const struct fit_problem *problem = state->problem;

	take(state, x);
	for (size_t i = 0; i < problem->n_rows; i++) {
		double r = problem->residual(state->cal, i, problem->context);

		if (!isfinite(r))
			return GSL_EDOM;
		gsl_vector_set(f, i, soften(r, problem->knee));
	}
	/* A prior's residual is in units of the knee, so that prior_weight compares with rows. */
	for (size_t i = 0; i < problem->n_parameters; i++)
		gsl_vector_set(f, problem->n_rows + i, problem->knee * prior_residual(state, i));
	return GSL_SUCCESS;
}

static double minimise(struct state *state, gsl_vector *x, gsl_multifit_nlinear_workspace *work)
{
	gsl_multifit_nlinear_fdf problem = {.f = residuals,
					    .n = state->problem->n_rows +
						 state->problem->n_parameters,
					    .p = state->problem->n_parameters,
					    .params = state};
	double cost;
	int why;

	if (gsl_multifit_nlinear_init(x, &problem, work) != GSL_SUCCESS)
		return INFINITY;
	(void)gsl_multifit_nlinear_driver(ITERATIONS_MAX, STEP_TOLERANCE, GRADIENT_TOLERANCE, 0,
					  NULL, NULL, &why, work);
	take(state, gsl_multifit_nlinear_position(work));
	gsl_blas_ddot(gsl_multifit_nlinear_residual(work), gsl_multifit_nlinear_residual(work),
		      &cost);
	return cost;
}

static void set_start(const struct state *state, gsl_vector *x, gsl_rng *rng, size_t attempt)
{
	for (size_t i = 0; i < state->problem->n_parameters; i++) {
		const struct fit_parameter *p = &state->problem->parameters[i];
		double value = state->start[i];

		if (attempt > 0)
			value *= exp(gsl_ran_gaussian(rng, state->problem->scatter_sd));
		gsl_vector_set(x, i, unbounded(value, p));
	}
}

static enum sw_status try_starts(struct state *state, void *best, size_t size, gsl_vector *x,
				 gsl_multifit_nlinear_workspace *work, gsl_rng *rng,
				 struct sw_error *err)
{
	double least = INFINITY;

	for (size_t attempt = 0; attempt < state->problem->n_starts; attempt++) {
		double cost;

		set_start(state, x, rng, attempt);
		cost = minimise(state, x, work);
		if (cost < least) {
			least = cost;
			memcpy(best, state->cal, size);
		}
	}
	return isfinite(least) ? SW_OK
			       : sw_fail(err, SW_BAD_INPUT, "fit: no start gives finite residuals");
}

enum sw_status robust_fit(const struct fit_problem *problem, void *cal, size_t size,
			  struct sw_error *err)
{
	gsl_error_handler_t *before = gsl_set_error_handler_off();
	gsl_multifit_nlinear_parameters options = gsl_multifit_nlinear_default_parameters();
	size_t n = problem->n_parameters;
	struct state state = {.problem = problem};
	gsl_multifit_nlinear_workspace *work = NULL;
	enum sw_status st = SW_OK;
	void *candidate = NULL;
	double *start = NULL;
	gsl_vector *x = NULL;
	gsl_rng *rng = NULL;

	if (problem->n_rows < n) {
		st = sw_fail(err, SW_BAD_INPUT, "fit: found %zu rows, expected at least %zu",
			     problem->n_rows, n);
		goto done;
	}
	options.h_df = DIFFERENCE;
	work = gsl_multifit_nlinear_alloc(gsl_multifit_nlinear_trust, &options, problem->n_rows + n,
					  n);
	x = gsl_vector_alloc(n);
	rng = gsl_rng_alloc(gsl_rng_taus2);
	candidate = malloc(size);
	start = calloc(n, sizeof(*start));
	if (!work || !x || !rng || !candidate || !start) {
		st = sw_fail(err, SW_NO_MEMORY, "fit: out of memory");
		goto done;
	}
	gsl_rng_set(rng, SCATTER_SEED);
	memcpy(candidate, cal, size);
	for (size_t i = 0; i < n; i++)
		start[i] = *field(cal, problem->parameters[i].offset);
	state.cal = candidate;
	state.start = start;
	st = try_starts(&state, cal, size, x, work, rng, err);
done:
	free(start);
	free(candidate);
	gsl_rng_free(rng);
	gsl_vector_free(x);
	gsl_multifit_nlinear_free(work);
	gsl_set_error_handler(before);
	return st;
}
