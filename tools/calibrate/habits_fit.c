// SPDX-License-Identifier: Apache-2.0
#include "habits_fit.h"

#include <gsl/gsl_errno.h>
#include <gsl/gsl_linalg.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"

enum { ITERATIONS = 10 };
static const double KNEE = 0.02; /* relative error below which a row pulls less: noise */
/* Pull of a number to 0, in parts of what the rows pull at one on average. Doubt: ten times that costs 0.02 points. */
static const double RIDGE = 0.02;

/* (1 + sum of weights * habits) * ratio = 1 is wanted of every row. */
struct equation {
	struct sw__habit_weights weights;
	double ratio; /* predicted without habits / measured */
};

struct system {
	gsl_matrix *normal;
	gsl_vector *right;
	struct equation *equations;
	size_t n;
};

static void add_equation(struct system *s, const struct equation *e, const double *habits)
{
	double sum = 0, miss, pull;

	for (size_t i = 0; i < SW__HABIT_CORNERS; i++)
		sum += e->weights.weight[i] * habits[e->weights.at[i]];
	miss = e->ratio * (1 + sum) - 1;
	pull = KNEE / sqrt(miss * miss + KNEE * KNEE);
	for (size_t i = 0; i < SW__HABIT_CORNERS; i++) {
		double slope = pull * e->ratio * e->weights.weight[i];
		size_t at = e->weights.at[i];

		*gsl_vector_ptr(s->right, at) += slope * (1 - e->ratio);
		for (size_t j = 0; j < SW__HABIT_CORNERS; j++)
			*gsl_matrix_ptr(s->normal, at, e->weights.at[j]) +=
				slope * e->ratio * e->weights.weight[j];
	}
}

/* One step of iteratively reweighted least squares. */
static bool improve(struct system *s, double *habits)
{
	gsl_matrix_set_identity(s->normal);
	gsl_matrix_scale(s->normal, RIDGE * KNEE * (double)s->n / SW__HABITS);
	gsl_vector_set_zero(s->right);
	for (size_t i = 0; i < s->n; i++)
		add_equation(s, &s->equations[i], habits);
	if (gsl_linalg_cholesky_decomp1(s->normal) != GSL_SUCCESS ||
	    gsl_linalg_cholesky_svx(s->normal, s->right) != GSL_SUCCESS)
		return false;
	for (size_t i = 0; i < SW__HABITS; i++)
		habits[i] = gsl_vector_get(s->right, i);
	return true;
}

static void set_equations(struct system *s, const struct sw__gemm_row *rows,
			  const struct sw__device *dev, const struct sw__gemm_cal *cal)
{
	struct sw__gemm_cal plain = *cal;

	memset(plain.habits, 0, sizeof(plain.habits));
	for (size_t i = 0; i < s->n; i++) {
		const struct sw__gemm_shape *shape = &rows[i].shape;

		s->equations[i] = (struct equation){
			.weights = sw__habit_weights(shape->m, shape->n, shape->k),
			.ratio = sw__gemm(&plain, dev, shape).us / rows[i].us,
		};
	}
}

enum sw_status sw__fit_habits(const struct sw__gemm_row *rows, size_t n,
			      const struct sw__device *dev, struct sw__gemm_cal *cal,
			      struct sw_error *err)
{
	gsl_error_handler_t *handler = gsl_set_error_handler_off();
	struct system s = {.normal = gsl_matrix_alloc(SW__HABITS, SW__HABITS),
			   .right = gsl_vector_alloc(SW__HABITS),
			   .equations = calloc(n + 1, sizeof(struct equation)),
			   .n = n};
	double habits[SW__HABITS] = {0};
	bool fitted = s.normal && s.right && s.equations;

	if (fitted)
		set_equations(&s, rows, dev, cal);
	for (int i = 0; fitted && i < ITERATIONS; i++)
		fitted = improve(&s, habits);
	for (size_t i = 0; fitted && i < SW__HABITS; i++)
		cal->habits[i] = fmin(fmax(habits[i], -SW__HABIT_BOUND), SW__HABIT_BOUND);
	gsl_matrix_free(s.normal);
	gsl_vector_free(s.right);
	free(s.equations);
	gsl_set_error_handler(handler);
	return fitted ? SW_OK : sw_fail(err, SW_NO_MEMORY, "habits of %zu rows", n);
}
