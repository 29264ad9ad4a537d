// SPDX-License-Identifier: Apache-2.0
#include "fit/fit_solve.h"

#include <gsl/gsl_errno.h>
#include <math.h>
#include <stdlib.h>

#include "base/error.h"
#include "fit/fit_descent.h"
#include "fit/fit_scan.h"
#include "fit/fit_ticks.h"

/* The search needs to know better where it is than which way it goes: of the time of a case, for slopes. */
static const double SLOPES_PART = 0.2;
/* In the end plays are so much longer, and slopes that much of that. */
static const double LONGER = 4, LAST_SLOPES_PART = 0.5;
/* In the beginning, chance in them: of TPOT a third of it. */
static const double CHANCE = 0.03;

static void remember_unfitted(struct sw__cases *cases)
{
	for (size_t i = 0; i < cases->n; i++)
		for (size_t t = 0; t < cases->at[i].mix->n; t++)
			cases->at[i].engine[t].unfitted = cases->at[i].engine[t].played;
}

/* Beyond this (of a logarithm) slopes are those of another place: what was nominal may be off by several times. */
static const double FAR = 0.3;

static bool went_far(const struct sw__vector *v)
{
	for (size_t i = 0; i < v->n; i++)
		if (v->prior[i] > 1 && fabs(v->value[i]) > FAR)
			return true;
	return false;
}

/* Once more from where coefficients jumped to, with less chance in it. */
static enum sw_status descend_longer(struct sw__cases *cases, struct sw__descent *how,
				     struct sw_error *err)
{
	if (how->slopes_part < LAST_SLOPES_PART) {
		how->predicting.requests *= LONGER;
		how->predicting.chance /= sqrt(LONGER);
		how->slopes_part = LAST_SLOPES_PART;
		for (size_t i = 0; i < cases->n; i++)
			cases->at[i].span_ms = 0;
	}
	return sw__fit_descend(cases, how, NULL, err);
}

/* What has no slope; where that moved, down the slopes again. */
static enum sw_status find_jumps(struct sw__cases *cases, struct sw__descent *how,
				 struct sw_error *err)
{
	bool moved = false;
	enum sw_status st = sw__fit_scan(cases, how, &moved, err);

	for (int i = 0; i < 2 && moved && st == SW_OK; i++)
		st = descend_longer(cases, how, err);
	if (st == SW_OK)
		st = sw__fit_ticks(cases, how, &moved, err);
	return st == SW_OK && moved ? sw__fit_descend(cases, how, NULL, err) : st;
}

/* Down the slopes from where nothing is measured, and on. */
static enum sw_status find(struct sw__cases *cases, const struct sw__descent *how,
			   struct sw_error *err)
{
	struct sw__descent first = *how, then = *how;
	enum sw_status st;

	first.is_there = true;
	st = sw__fit_descend(cases, &first, NULL, err);
	if (st == SW_OK && went_far(&cases->vector))
		st = sw__fit_descend(cases, how, NULL, err);
	return st == SW_OK ? find_jumps(cases, &then, err) : st;
}

enum sw_status sw__fit_solve(struct sw__cases *cases, const struct sw_fit_settings *settings,
			     double **covariance, struct sw_error *err)
{
	gsl_error_handler_t *handler = gsl_set_error_handler_off();
	struct sw__normal s;
	struct sw__descent how = {.predicting = {.requests = settings->requests,
						 .threads = settings->threads,
						 .chance = CHANCE,
						 .part = 1},
				  .slopes_part = SLOPES_PART,
				  .rounds = settings->rounds,
				  .normal = &s};
	struct sw__predicting unfitted = how.predicting;
	enum sw_status st = sw__normal_make(cases->vector.n, &s, err);

	unfitted.slopes = settings->rounds > 0;
	unfitted.slopes_part = SLOPES_PART;
	*covariance = NULL;
	if (st == SW_OK)
		st = sw__cases_predict_now(cases, &unfitted, err);
	if (st == SW_OK)
		remember_unfitted(cases);
	if (st == SW_OK && settings->rounds > 0)
		st = find(cases, &how, err);
	if (st == SW_OK) {
		sw__normal_set(cases, &s);
		st = sw__normal_invert(&s, covariance, err);
	}
	sw__normal_clear(&s);
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
		for (int m = 0; m < SW_METRIC_COUNT; m++)
			out[i * SW_METRIC_COUNT + (size_t)m] = sw__case_change(c, i, m, step);
}

enum sw_status sw__fit_without(const struct sw__cases *cases, unsigned folds, double *out,
			       struct sw_error *err)
{
	gsl_error_handler_t *handler = gsl_set_error_handler_off();
	struct sw__normal s;
	enum sw_status st = sw__normal_make(cases->vector.n, &s, err);

	for (unsigned fold = 0; fold < folds && st == SW_OK; fold++) {
		sw__normal_set(cases, &s);
		for (size_t i = 0; i < cases->n; i++)
			if (in_fold(i, folds, fold))
				sw__normal_without(&cases->at[i], &s);
		st = sw__normal_solve(&s, err);
		for (size_t i = 0; i < cases->n && st == SW_OK; i++)
			if (in_fold(i, folds, fold))
				put_change(&cases->at[i], s.step,
					   &out[i * SW_TENANTS_MAX * SW_METRIC_COUNT]);
	}
	sw__normal_clear(&s);
	(void)gsl_set_error_handler(handler);
	return st;
}
