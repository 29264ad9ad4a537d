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

/* The best place so far, and what was predicted there. */
struct best {
	double objective, *values;
	struct sw__case_engine *engines; /* of all cases, one after the other; slopes are theirs */
};

static size_t engines_of(const struct sw__cases *cases)
{
	size_t n = 0;

	for (size_t i = 0; i < cases->n; i++)
		n += cases->at[i].mix->n;
	return n;
}

static enum sw_status best_make(const struct sw__cases *cases, struct best *out,
				struct sw_error *err)
{
	out->values = calloc(cases->vector.n + 1, sizeof(*out->values));
	out->engines = calloc(engines_of(cases) + 1, sizeof(*out->engines));
	if (out->values && out->engines)
		return SW_OK;
	return sw_fail(err, SW_NO_MEMORY, "%zu coefficients", cases->vector.n);
}

static void best_clear(struct best *best)
{
	free(best->values);
	free(best->engines);
}

static void remember(const struct sw__cases *cases, double objective, struct best *best)
{
	struct sw__case_engine *to = best->engines;

	best->objective = objective;
	memcpy(best->values, cases->vector.value, cases->vector.n * sizeof(*best->values));
	for (size_t i = 0; i < cases->n; to += cases->at[i++].mix->n)
		memcpy(to, cases->at[i].engine, cases->at[i].mix->n * sizeof(*to));
}

static void go_back(struct sw__cases *cases, const struct best *best)
{
	const struct sw__case_engine *from = best->engines;

	memcpy(cases->vector.value, best->values, cases->vector.n * sizeof(*best->values));
	for (size_t i = 0; i < cases->n; from += cases->at[i++].mix->n)
		memcpy(cases->at[i].engine, from, cases->at[i].mix->n * sizeof(*from));
}

/* A step that makes it worse is taken back, and a shorter one tried: slopes are those of another place, and plays have chance in them. */
static enum sw_status steps(struct sw__cases *cases, const struct sw__descent *how,
			    struct best *best, struct sw_error *err)
{
	unsigned shortened = 0;
	double part = 1;
	bool settled = false;
	enum sw_status st = sw__normal_solve(how->normal, err);

	for (unsigned round = 0; st == SW_OK && !settled && round < how->rounds; round++) {
		double now;

		move(&cases->vector, best->values, how->normal->step, part);
		st = sw__cases_predict_now(cases, &how->predicting, err);
		now = sw__cases_objective(cases);
		if (st != SW_OK || now >= CHANCE * best->objective) {
			settled = ++shortened > SHORTENED_MOST;
			part /= SHORTER;
			continue;
		}
		settled = best->objective - now < SETTLED * best->objective;
		part = 1;
		shortened = 0;
		remember(cases, now, best);
		sw__normal_set(cases, how->normal);
		st = sw__normal_solve(how->normal, err);
	}
	go_back(cases, best);
	return st;
}

enum sw_status sw__fit_descend(struct sw__cases *cases, const struct sw__descent *how,
			       double *objective, struct sw_error *err)
{
	struct sw__predicting first = how->predicting;
	struct best best;
	enum sw_status st = best_make(cases, &best, err);

	first.slopes = how->slopes_part > 0;
	first.slopes_part = how->slopes_part;
	if (st == SW_OK && !how->is_there)
		st = sw__cases_predict_now(cases, &first, err);
	if (st == SW_OK) {
		remember(cases, sw__cases_objective(cases), &best);
		sw__normal_set(cases, how->normal);
		st = steps(cases, how, &best, err);
	}
	if (st == SW_OK && objective)
		*objective = best.objective;
	best_clear(&best);
	return st;
}
