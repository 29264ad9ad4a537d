// SPDX-License-Identifier: Apache-2.0
#include "fit/fit_descent.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "math/ordered.h"

/* A step that makes it better by less than this part is the last one. */
static const double SETTLED = 0.02;
/* So is one that was shortened and still is worse: what is left is chance in the plays. */
enum { SHORTENED_MOST = 1 };
static const double SHORTER = 3;
/* Objectives differ by so much for nothing but chance: of two such places the later one is better founded, in slopes, than the other by
 * its luck. */
static const double CHANCE = 1.1;
/* No step of the search is longer, unless nothing was known before: the slopes are those of where it began. */
static const double LONGEST_STEP = 0.5;

static void move(struct sw__vector *v, const double *from, const gsl_vector *step, double part)
{
	for (size_t i = 0; i < v->n; i++) {
		double longest = v->prior[i] > 1 ? v->prior[i] : LONGEST_STEP;
		double by = gsl_vector_get(step, i);

		v->value[i] = from[i] + part * sw__larger(-longest, sw__smaller(longest, by));
	}
}

/* A step that makes it worse is taken back, and a shorter one tried: slopes are those of another place, and plays have chance in them. */
static enum sw_status steps(struct sw__cases *cases, const struct sw__descent *how, double *from,
			    double *best, struct sw_error *err)
{
	struct sw__vector *v = &cases->vector;
	unsigned shortened = 0;
	double part = 1;
	bool settled = false;
	enum sw_status st = sw__normal_solve(how->normal, err);

	for (unsigned round = 0; st == SW_OK && !settled && round < how->rounds; round++) {
		double now;

		move(v, from, how->normal->step, part);
		st = sw__cases_predict_now(cases, &how->predicting, err);
		now = sw__cases_objective(cases);
		if (st != SW_OK || now >= CHANCE * *best) {
			settled = ++shortened > SHORTENED_MOST;
			part /= SHORTER;
			continue;
		}
		settled = *best - now < SETTLED * *best;
		*best = now;
		part = 1;
		shortened = 0;
		memcpy(from, v->value, v->n * sizeof(*from));
		sw__normal_set(cases, how->normal);
		st = sw__normal_solve(how->normal, err);
	}
	memcpy(v->value, from, v->n * sizeof(*from));
	return st == SW_OK && shortened > 0 ? sw__cases_predict_now(cases, &how->predicting, err)
					    : st;
}

enum sw_status sw__fit_descend(struct sw__cases *cases, const struct sw__descent *how,
			       double *objective, struct sw_error *err)
{
	struct sw__vector *v = &cases->vector;
	struct sw__predicting first = how->predicting;
	double *from = calloc(v->n + 1, sizeof(*from)), best;
	enum sw_status st = from ? SW_OK : sw_fail(err, SW_NO_MEMORY, "%zu coefficients", v->n);

	first.slopes = how->slopes_part > 0;
	first.slopes_part = how->slopes_part;
	if (st == SW_OK)
		st = sw__cases_predict_now(cases, &first, err);
	if (st == SW_OK) {
		best = sw__cases_objective(cases);
		memcpy(from, v->value, v->n * sizeof(*from));
		sw__normal_set(cases, how->normal);
		st = steps(cases, how, from, &best, err);
	}
	if (st == SW_OK && objective)
		*objective = best;
	free(from);
	return st;
}
