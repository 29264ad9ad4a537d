// SPDX-License-Identifier: Apache-2.0
#include "evolution.h"

#include <gsl/gsl_blas.h>
#include <gsl/gsl_eigen.h>
#include <gsl/gsl_errno.h>
#include <gsl/gsl_randist.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"

enum {
	N = SW__EVOLUTION_MAX,
	POPULATION_MIN = 4,
	POPULATION_MAX = SW__EVOLUTION_POPULATION_MAX,
	EIGEN_INTERVAL = 5
};

static const double outside_cost = 0.5; /* per box width outside, relative to the value there */
static const double sigma_max = 0.5;
static const double sigma_done = 1e-5;
static const double eigenvalue_floor = 1e-14;

/* The tutorial's letters: weights w, mean m, paths p_sigma and p_c, covariance C = B D^2 B'. */
struct strategy {
	size_t n, population, parents;
	double weight[POPULATION_MAX];
	double mu_eff, c_c, c_sigma, c_1, c_mu, damping, chi;
	double sigma;
	double mean[N], p_sigma[N], p_c[N];
	double c[N][N], b[N][N], d[N];
	double step[POPULATION_MAX][N], value[POPULATION_MAX];
	size_t order[POPULATION_MAX];
	size_t generation;
};

static void set_weights(struct strategy *s)
{
	double sum = 0, squares = 0;

	for (size_t i = 0; i < s->parents; i++) {
		s->weight[i] = log((double)s->parents + 0.5) - log((double)i + 1);
		sum += s->weight[i];
	}
	for (size_t i = 0; i < s->parents; i++) {
		s->weight[i] /= sum;
		squares += s->weight[i] * s->weight[i];
	}
	s->mu_eff = 1 / squares;
}

static void set_rates(struct strategy *s)
{
	double n = (double)s->n, mu = s->mu_eff;

	s->c_c = (4 + mu / n) / (n + 4 + 2 * mu / n);
	s->c_sigma = (mu + 2) / (n + mu + 5);
	s->c_1 = 2 / ((n + 1.3) * (n + 1.3) + mu);
	s->c_mu = fmin(1 - s->c_1, 2 * (mu - 2 + 1 / mu) / ((n + 2) * (n + 2) + mu));
	s->damping = 1 + 2 * fmax(0, sqrt((mu - 1) / (n + 1)) - 1) + s->c_sigma;
	s->chi = sqrt(n) * (1 - 1 / (4 * n) + 1 / (21 * n * n));
}

static void start(struct strategy *s, const struct sw__evolution *search, const double *x)
{
	s->n = search->n;
	s->population = search->population;
	s->parents = s->population / 2;
	s->sigma = search->sigma;
	set_weights(s);
	set_rates(s);
	for (size_t i = 0; i < s->n; i++) {
		s->mean[i] = x[i];
		s->c[i][i] = s->b[i][i] = s->d[i] = 1;
	}
}

static void draw(struct strategy *s, gsl_rng *rng, double *step)
{
	double z[N];

	for (size_t i = 0; i < s->n; i++)
		z[i] = s->d[i] * gsl_ran_gaussian(rng, 1);
	for (size_t i = 0; i < s->n; i++) {
		step[i] = 0;
		for (size_t j = 0; j < s->n; j++)
			step[i] += s->b[i][j] * z[j];
	}
}

/* The point at `step`, moved into the box, and how far it was moved. */
static double into_box(const struct strategy *s, const double *step, double *x)
{
	double moved = 0;

	for (size_t i = 0; i < s->n; i++) {
		double there = s->mean[i] + s->sigma * step[i];

		x[i] = fmin(fmax(there, 0), 1);
		moved += fabs(there - x[i]);
	}
	return moved;
}

static void sort_by_value(struct strategy *s)
{
	for (size_t i = 0; i < s->population; i++) {
		size_t j = i;

		for (; j > 0 && s->value[i] < s->value[s->order[j - 1]]; j--)
			s->order[j] = s->order[j - 1];
		s->order[j] = i;
	}
}

static void sample(struct strategy *s, const struct sw__evolution *search, gsl_rng *rng, double *x,
		   double *best)
{
	for (size_t k = 0; k < s->population; k++) {
		double at[N], moved, value;

		draw(s, rng, s->step[k]);
		moved = into_box(s, s->step[k], at);
		value = search->value(at, search->data);
		if (value < *best) {
			*best = value;
			memcpy(x, at, s->n * sizeof(*x));
		}
		s->value[k] = value * (1 + outside_cost * moved);
	}
	sort_by_value(s);
}

/* C^(-1/2) y = B D^-1 B' y */
static void whiten(const struct strategy *s, const double *y, double *white)
{
	double t[N];

	for (size_t j = 0; j < s->n; j++) {
		t[j] = 0;
		for (size_t i = 0; i < s->n; i++)
			t[j] += s->b[i][j] * y[i];
		t[j] /= s->d[j];
	}
	for (size_t i = 0; i < s->n; i++) {
		white[i] = 0;
		for (size_t j = 0; j < s->n; j++)
			white[i] += s->b[i][j] * t[j];
	}
}

/* Moves the mean and the two paths; true unless p_sigma is so long that C must not grow. */
static bool move(struct strategy *s)
{
	double y[N] = {0}, white[N], length = 0, keep, expected;
	bool grow;

	for (size_t k = 0; k < s->parents; k++)
		for (size_t i = 0; i < s->n; i++)
			y[i] += s->weight[k] * s->step[s->order[k]][i];
	whiten(s, y, white);
	for (size_t i = 0; i < s->n; i++) {
		s->mean[i] += s->sigma * y[i];
		s->p_sigma[i] = (1 - s->c_sigma) * s->p_sigma[i] +
				sqrt(s->c_sigma * (2 - s->c_sigma) * s->mu_eff) * white[i];
		length += s->p_sigma[i] * s->p_sigma[i];
	}
	length = sqrt(length);
	s->generation++;
	expected = s->chi * sqrt(1 - pow(1 - s->c_sigma, 2 * (double)s->generation));
	grow = length / expected < 1.4 + 2 / ((double)s->n + 1);
	keep = grow ? sqrt(s->c_c * (2 - s->c_c) * s->mu_eff) : 0;
	for (size_t i = 0; i < s->n; i++)
		s->p_c[i] = (1 - s->c_c) * s->p_c[i] + keep * y[i];
	s->sigma *= exp(s->c_sigma / s->damping * (length / s->chi - 1));
	s->sigma = fmin(s->sigma, sigma_max);
	return grow;
}

static void adapt(struct strategy *s, bool grow)
{
	double lost = grow ? 0 : s->c_c * (2 - s->c_c);

	for (size_t i = 0; i < s->n; i++)
		for (size_t j = 0; j <= i; j++) {
			double c = (1 - s->c_1 - s->c_mu + s->c_1 * lost) * s->c[i][j] +
				   s->c_1 * s->p_c[i] * s->p_c[j];

			for (size_t k = 0; k < s->parents; k++) {
				const double *y = s->step[s->order[k]];

				c += s->c_mu * s->weight[k] * y[i] * y[j];
			}
			s->c[i][j] = s->c[j][i] = c;
		}
}

static enum sw_status decompose(struct strategy *s, struct sw_error *err)
{
	gsl_eigen_symmv_workspace *work = gsl_eigen_symmv_alloc(s->n);
	gsl_matrix *c = gsl_matrix_alloc(s->n, s->n), *b = gsl_matrix_alloc(s->n, s->n);
	gsl_vector *d = gsl_vector_alloc(s->n);
	enum sw_status st = work && c && b && d ? SW_OK : SW_NO_MEMORY;

	if (st == SW_OK) {
		for (size_t i = 0; i < s->n; i++)
			for (size_t j = 0; j < s->n; j++)
				gsl_matrix_set(c, i, j, s->c[i][j]);
		gsl_eigen_symmv(c, d, b, work);
		for (size_t j = 0; j < s->n; j++) {
			s->d[j] = sqrt(fmax(gsl_vector_get(d, j), eigenvalue_floor));
			for (size_t i = 0; i < s->n; i++)
				s->b[i][j] = gsl_matrix_get(b, i, j);
		}
	}
	gsl_vector_free(d);
	gsl_matrix_free(b);
	gsl_matrix_free(c);
	if (work)
		gsl_eigen_symmv_free(work);
	return st == SW_OK ? SW_OK : sw_fail(err, st, "evolution of %zu variables", s->n);
}

static enum sw_status run(struct strategy *s, const struct sw__evolution *search, gsl_rng *rng,
			  double *x, double *best, struct sw_error *err)
{
	size_t generations = search->evaluations / s->population;

	*best = search->value(x, search->data);
	while (s->generation < generations && s->sigma > sigma_done) {
		sample(s, search, rng, x, best);
		adapt(s, move(s));
		if (s->generation % EIGEN_INTERVAL == 0) {
			enum sw_status st = decompose(s, err);

			if (st != SW_OK)
				return st;
		}
	}
	return SW_OK;
}

enum sw_status sw__evolve(const struct sw__evolution *search, double *x, double *best,
			  struct sw_error *err)
{
	gsl_error_handler_t *handler = gsl_set_error_handler_off();
	struct strategy *s = calloc(1, sizeof(*s));
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
	enum sw_status st = SW_OK;
	double at[N];

	if (!s || !rng) {
		st = sw_fail(err, SW_NO_MEMORY, "evolution of %zu variables", search->n);
		goto done;
	}
	if (search->n == 0 || search->n > N || search->population < POPULATION_MIN ||
	    search->population > POPULATION_MAX) {
		st = sw_fail(err, SW_BAD_INPUT,
			     "evolution of %zu variables by %zu points: 1 to %d by %d to %d are "
			     "possible",
			     search->n, search->population, N, POPULATION_MIN, POPULATION_MAX);
		goto done;
	}
	memcpy(at, x, search->n * sizeof(*x));
	start(s, search, at);
	st = run(s, search, rng, at, best, err);
	if (st == SW_OK)
		memcpy(x, at, search->n * sizeof(*x));
done:
	if (rng)
		gsl_rng_free(rng);
	free(s);
	gsl_set_error_handler(handler);
	return st;
}
