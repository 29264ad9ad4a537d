// SPDX-License-Identifier: Apache-2.0
#include "fit/fit_solve.h"

#include <gsl/gsl_errno.h>
#include <gsl/gsl_linalg.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "math/ordered.h"

/* Residuals beyond so many standard deviations count less: Huber's function. */
static const double HUBER = 2;
/* What a mean of one run is off by chance, where its repeats do not say. */
static const double RUN_NOISE[SW_METRIC_COUNT] = {0.04, 0.015};
/* What the player itself misses, of what doubt about the steps makes of a latency: small at small loads, much near saturation. The
 * doubt is not all in here: it is what the fit is to take away. */
static const double MODEL_ERROR = 0.2;
/* A step that makes it better by less than this part is the last one. */
static const double SETTLED = 0.01;
/* No step of the search is longer, unless nothing was known before: the slopes are those of where it began. */
static const double LONGEST_STEP = 0.5;

/* An equation for each engine's TTFT and TPOT: sum of slope x change = residual, in standard deviations. */
struct equation {
	const struct sw__case *c;
	const double *slope; /* of the case's entries */
	double residual, deviation;
};

static double residual_of(const struct sw__case_engine *e, int m)
{
	return e->mean[m] - e->played.at[m][e->statistic[m]];
}

static bool equation_of(const struct sw__case *c, size_t engine, int m, struct equation *out)
{
	const struct sw__case_engine *e = &c->engine[engine];
	double noise = RUN_NOISE[m] / sqrt((double)c->repeats);

	*out = (struct equation){
		.c = c,
		.slope = e->slope[m],
		.residual = residual_of(e, m),
		.deviation = hypot(hypot(noise, e->chance[m]),
				   MODEL_ERROR * e->quick_difficulty[m][e->statistic[m]]),
	};
	return isfinite(out->residual) && isfinite(out->deviation);
}

/* How much an equation counts: less the further it is off. */
static double weight_of(const struct equation *q)
{
	double off = fabs(q->residual) / q->deviation;

	return (off > HUBER ? HUBER / off : 1) / (q->deviation * q->deviation);
}

/* H += sign w slope slope', g += sign w slope residual. */
static void accumulate(const struct equation *q, double sign, gsl_matrix *h, gsl_vector *g)
{
	double w = sign * weight_of(q);

	for (size_t a = 0; a < q->c->n_entries; a++) {
		size_t i = q->c->entry[a];

		if (q->slope[a] == 0)
			continue;
		*gsl_vector_ptr(g, i) += w * q->slope[a] * q->residual;
		for (size_t b = 0; b < q->c->n_entries; b++)
			*gsl_matrix_ptr(h, i, q->c->entry[b]) += w * q->slope[a] * q->slope[b];
	}
}

static void accumulate_case(const struct sw__case *c, double sign, gsl_matrix *h, gsl_vector *g)
{
	struct equation q;

	for (size_t i = 0; i < c->mix->n; i++)
		for (int m = 0; m < SW_METRIC_COUNT; m++)
			if (equation_of(c, i, m, &q))
				accumulate(&q, sign, h, g);
}

static void set_normal(const struct sw__cases *cases, gsl_matrix *h, gsl_vector *g)
{
	const struct sw__vector *v = &cases->vector;

	gsl_matrix_set_zero(h);
	gsl_vector_set_zero(g);
	for (size_t i = 0; i < v->n; i++) {
		double precision = 1 / (v->prior[i] * v->prior[i]);

		gsl_matrix_set(h, i, i, precision);
		gsl_vector_set(g, i, -precision * v->value[i]);
	}
	for (size_t i = 0; i < cases->n; i++)
		accumulate_case(&cases->at[i], 1, h, g);
}

/* Room for a system of n equations, made at once. */
struct normal {
	gsl_matrix *h, *work;
	gsl_vector *g, *step, *best;
};

static void normal_clear(struct normal *s)
{
	gsl_matrix_free(s->h);
	gsl_matrix_free(s->work);
	gsl_vector_free(s->g);
	gsl_vector_free(s->step);
	gsl_vector_free(s->best);
}

static enum sw_status normal_make(size_t n, struct normal *s, struct sw_error *err)
{
	*s = (struct normal){gsl_matrix_alloc(n, n), gsl_matrix_alloc(n, n), gsl_vector_alloc(n),
			     gsl_vector_alloc(n), gsl_vector_alloc(n)};
	if (s->h && s->work && s->g && s->step && s->best)
		return SW_OK;
	normal_clear(s);
	*s = (struct normal){0};
	return sw_fail(err, SW_NO_MEMORY, "%zu coefficients", n);
}

/* H is positive definite: every coefficient has a prior. */
static enum sw_status solve(struct normal *s, struct sw_error *err)
{
	gsl_matrix_memcpy(s->work, s->h);
	if (gsl_linalg_cholesky_decomp1(s->work) != GSL_SUCCESS ||
	    gsl_linalg_cholesky_solve(s->work, s->g, s->step) != GSL_SUCCESS)
		return sw_fail(err, SW_INTERNAL, "a fit's equations have no solution");
	return SW_OK;
}

static enum sw_status predict(struct sw__cases *cases, const struct sw_fit_settings *settings,
			      bool first, struct sw_error *err)
{
	struct sw__predicting how = {
		.requests = settings->requests, .threads = settings->threads, .slopes = first};
	struct sw_fit *fit;
	enum sw_status st = sw__vector_fit(&cases->vector, NULL, &fit, err);

	if (st == SW_OK)
		st = sw__cases_predict(cases, fit, &how, err);
	sw_fit_free(fit);
	return st;
}

static void move(struct sw__vector *v, const gsl_vector *step, double part)
{
	for (size_t i = 0; i < v->n; i++) {
		double longest = v->prior[i] > 1 ? v->prior[i] : LONGEST_STEP;
		double by = gsl_vector_get(step, i);

		v->value[i] += part * sw__larger(-longest, sw__smaller(longest, by));
	}
}

static enum sw_status invert(struct normal *s, double **covariance, struct sw_error *err)
{
	size_t n = s->h->size1;

	*covariance = calloc(n * n, sizeof(**covariance));
	if (!*covariance)
		return sw_fail(err, SW_NO_MEMORY, "%zu coefficients", n);
	gsl_matrix_memcpy(s->work, s->h);
	if (gsl_linalg_cholesky_decomp1(s->work) != GSL_SUCCESS ||
	    gsl_linalg_cholesky_invert(s->work) != GSL_SUCCESS)
		return sw_fail(err, SW_INTERNAL, "a fit's equations have no solution");
	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < n; j++)
			(*covariance)[i * n + j] = gsl_matrix_get(s->work, i, j);
	return SW_OK;
}

/* What is made small: squares of residuals, those far off counting as their size, and of the coefficients' distances. */
static double objective(const struct sw__cases *cases)
{
	const struct sw__vector *v = &cases->vector;
	struct equation q;
	double sum = 0;

	for (size_t i = 0; i < v->n; i++)
		sum += v->value[i] * v->value[i] / (v->prior[i] * v->prior[i]);
	for (size_t i = 0; i < cases->n; i++)
		for (size_t t = 0; t < cases->at[i].mix->n; t++)
			for (int m = 0; m < SW_METRIC_COUNT; m++) {
				double off;

				if (!equation_of(&cases->at[i], t, m, &q))
					continue;
				off = fabs(q.residual) / q.deviation;
				sum += off > HUBER ? HUBER * (2 * off - HUBER) : off * off;
			}
	return sum;
}

/* A step that makes it worse is taken back, and a shorter one tried: slopes are the closed form's, and plays have chance in them. */
static enum sw_status search(struct sw__cases *cases, const struct sw_fit_settings *settings,
			     struct normal *s, struct sw_error *err)
{
	struct sw__vector *v = &cases->vector;
	double best = objective(cases), part = 1;
	bool settled = false;
	gsl_vector *from = s->best;
	enum sw_status st = SW_OK;

	for (size_t i = 0; i < v->n; i++)
		gsl_vector_set(from, i, v->value[i]);
	set_normal(cases, s->h, s->g);
	st = solve(s, err);
	for (unsigned round = 0; st == SW_OK && !settled && round < settings->rounds; round++) {
		double now;

		for (size_t i = 0; i < v->n; i++)
			v->value[i] = gsl_vector_get(from, i);
		move(v, s->step, part);
		st = predict(cases, settings, false, err);
		now = objective(cases);
		if (st != SW_OK || now >= best) {
			part /= 3;
			continue;
		}
		settled = best - now < SETTLED * best;
		best = now;
		part = 1;
		for (size_t i = 0; i < v->n; i++)
			gsl_vector_set(from, i, v->value[i]);
		set_normal(cases, s->h, s->g);
		st = solve(s, err);
	}
	for (size_t i = 0; i < v->n; i++)
		v->value[i] = gsl_vector_get(from, i);
	return st == SW_OK && part < 1 ? predict(cases, settings, false, err) : st;
}

static void remember_unfitted(struct sw__cases *cases)
{
	for (size_t i = 0; i < cases->n; i++)
		for (size_t t = 0; t < cases->at[i].mix->n; t++)
			cases->at[i].engine[t].unfitted = cases->at[i].engine[t].played;
}

enum sw_status sw__fit_solve(struct sw__cases *cases, const struct sw_fit_settings *settings,
			     double **covariance, struct sw_error *err)
{
	gsl_error_handler_t *handler = gsl_set_error_handler_off();
	struct normal s;
	enum sw_status st = normal_make(cases->vector.n, &s, err);

	*covariance = NULL;
	if (st == SW_OK)
		st = predict(cases, settings, true, err);
	if (st == SW_OK)
		remember_unfitted(cases);
	if (st == SW_OK)
		st = search(cases, settings, &s, err);
	if (st == SW_OK) {
		set_normal(cases, s.h, s.g);
		st = invert(&s, covariance, err);
	}
	normal_clear(&s);
	(void)gsl_set_error_handler(handler);
	return st;
}

static bool in_fold(size_t i, unsigned folds, unsigned fold)
{
	return i % folds == fold;
}

static void put_change(const struct sw__case *c, const gsl_vector *step, double *out)
{
	for (size_t i = 0; i < c->mix->n; i++)
		for (int m = 0; m < SW_METRIC_COUNT; m++) {
			double change = 0;

			for (size_t a = 0; a < c->n_entries; a++)
				change += c->engine[i].slope[m][a] *
					  gsl_vector_get(step, c->entry[a]);
			out[i * SW_METRIC_COUNT + (size_t)m] = change;
		}
}

enum sw_status sw__fit_without(const struct sw__cases *cases, unsigned folds, double *out,
			       struct sw_error *err)
{
	gsl_error_handler_t *handler = gsl_set_error_handler_off();
	struct normal s;
	enum sw_status st = normal_make(cases->vector.n, &s, err);

	for (unsigned fold = 0; fold < folds && st == SW_OK; fold++) {
		set_normal(cases, s.h, s.g);
		for (size_t i = 0; i < cases->n; i++)
			if (in_fold(i, folds, fold))
				accumulate_case(&cases->at[i], -1, s.h, s.g);
		st = solve(&s, err);
		for (size_t i = 0; i < cases->n && st == SW_OK; i++)
			if (in_fold(i, folds, fold))
				put_change(&cases->at[i], s.step,
					   &out[i * SW_TENANTS_MAX * SW_METRIC_COUNT]);
	}
	normal_clear(&s);
	(void)gsl_set_error_handler(handler);
	return st;
}
