// SPDX-License-Identifier: Apache-2.0
#include "fit/fit_normal.h"

#include <gsl/gsl_errno.h>
#include <gsl/gsl_linalg.h>
#include <math.h>
#include <stdlib.h>

#include "base/error.h"

/* Residuals beyond so many standard deviations count less: Huber's function. */
static const double HUBER = 2;
/* What a mean of one run is off by chance, where its repeats do not say. */
static const double RUN_NOISE[SW_METRIC_COUNT] = {0.04, 0.015};
/* A short play's means wander by more than its parts tell: the root mean square, against plays thirty times as long. */
static const double WANDERS = 1.8;
/* What the player itself misses, of what doubt about the steps makes of a latency: small at small loads, much near saturation. The
 * doubt is not all in here: it is what the fit is to take away. */
static const double MODEL_ERROR = 0.2;
/* Overload where none was: so many deviations off. */
static const double OVERLOADED = 3;

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
		.deviation = hypot(hypot(noise, WANDERS * e->chance[m]),
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
static void accumulate(const struct equation *q, double sign, struct sw__normal *s)
{
	double w = sign * weight_of(q);

	for (size_t a = 0; a < q->c->n_entries; a++) {
		size_t i = q->c->entry[a];

		if (q->slope[a] == 0)
			continue;
		*gsl_vector_ptr(s->g, i) += w * q->slope[a] * q->residual;
		for (size_t b = 0; b < q->c->n_entries; b++)
			*gsl_matrix_ptr(s->h, i, q->c->entry[b]) += w * q->slope[a] * q->slope[b];
	}
}

static void accumulate_case(const struct sw__case *c, double sign, struct sw__normal *s)
{
	struct equation q;

	for (size_t i = 0; i < c->mix->n; i++)
		for (int m = 0; m < SW_METRIC_COUNT; m++)
			if (equation_of(c, i, m, &q))
				accumulate(&q, sign, s);
}

void sw__normal_set(const struct sw__cases *cases, struct sw__normal *s)
{
	const struct sw__vector *v = &cases->vector;

	gsl_matrix_set_zero(s->h);
	gsl_vector_set_zero(s->g);
	for (size_t i = 0; i < v->n; i++) {
		bool scanned = v->scanned[i] > 0; /* nothing pulls at what has no slope */
		double deviation = scanned ? v->scanned[i] : v->prior[i];

		gsl_matrix_set(s->h, i, i, 1 / (deviation * deviation));
		gsl_vector_set(s->g, i, scanned ? 0 : -v->value[i] / (deviation * deviation));
	}
	for (size_t i = 0; i < cases->n; i++)
		accumulate_case(&cases->at[i], 1, s);
}

void sw__normal_without(const struct sw__case *c, struct sw__normal *s)
{
	accumulate_case(c, -1, s);
}

void sw__normal_clear(struct sw__normal *s)
{
	gsl_matrix_free(s->h);
	gsl_matrix_free(s->work);
	gsl_vector_free(s->g);
	gsl_vector_free(s->step);
	*s = (struct sw__normal){0};
}

enum sw_status sw__normal_make(size_t n, struct sw__normal *s, struct sw_error *err)
{
	*s = (struct sw__normal){gsl_matrix_alloc(n, n), gsl_matrix_alloc(n, n),
				 gsl_vector_alloc(n), gsl_vector_alloc(n)};
	if (s->h && s->work && s->g && s->step)
		return SW_OK;
	sw__normal_clear(s);
	return sw_fail(err, SW_NO_MEMORY, "%zu coefficients", n);
}

/* H is positive definite: every coefficient has a prior. */
enum sw_status sw__normal_solve(struct sw__normal *s, struct sw_error *err)
{
	gsl_matrix_memcpy(s->work, s->h);
	if (gsl_linalg_cholesky_decomp1(s->work) != GSL_SUCCESS ||
	    gsl_linalg_cholesky_solve(s->work, s->g, s->step) != GSL_SUCCESS)
		return sw_fail(err, SW_INTERNAL, "a fit's equations have no solution");
	return SW_OK;
}

enum sw_status sw__normal_invert(struct sw__normal *s, double **out, struct sw_error *err)
{
	size_t n = s->h->size1;

	*out = calloc(n * n, sizeof(**out));
	if (!*out)
		return sw_fail(err, SW_NO_MEMORY, "%zu coefficients", n);
	gsl_matrix_memcpy(s->work, s->h);
	if (gsl_linalg_cholesky_decomp1(s->work) != GSL_SUCCESS ||
	    gsl_linalg_cholesky_invert(s->work) != GSL_SUCCESS)
		return sw_fail(err, SW_INTERNAL, "a fit's equations have no solution");
	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < n; j++)
			(*out)[i * n + j] = gsl_matrix_get(s->work, i, j);
	return SW_OK;
}

static double cost(double off)
{
	off = fabs(off);
	return off > HUBER ? HUBER * (2 * off - HUBER) : off * off;
}

double sw__case_change(const struct sw__case *c, size_t engine, int metric, const gsl_vector *step)
{
	double change = 0;

	for (size_t a = 0; step && a < c->n_entries; a++)
		change += c->engine[engine].slope[metric][a] * gsl_vector_get(step, c->entry[a]);
	return change;
}

static double case_objective(const struct sw__case *c, const gsl_vector *step)
{
	double sum = 0;

	for (size_t i = 0; i < c->mix->n; i++)
		for (int m = 0; m < SW_METRIC_COUNT; m++) {
			struct equation q;

			if (equation_of(c, i, m, &q))
				sum += cost((q.residual - sw__case_change(c, i, m, step)) /
					    q.deviation);
			else if (c->engine[i].overload && !isnan(c->engine[i].mean[m]))
				sum += cost(OVERLOADED);
		}
	return sum;
}

double sw__cases_objective(const struct sw__cases *cases)
{
	const struct sw__vector *v = &cases->vector;
	double sum = 0;

	for (size_t i = 0; i < v->n; i++)
		sum += v->value[i] * v->value[i] / (v->prior[i] * v->prior[i]);
	for (size_t i = 0; i < cases->n; i++)
		sum += case_objective(&cases->at[i], NULL);
	return sum;
}

double sw__group_objective(const struct sw__cases *cases, size_t group, const gsl_vector *step)
{
	double sum = 0;

	for (size_t i = 0; i < cases->n; i++)
		if (cases->at[i].group == group)
			sum += case_objective(&cases->at[i], step);
	return sum;
}
