// SPDX-License-Identifier: Apache-2.0
#include "fit/fit_ticks.h"

#include <math.h>

#include "fit/fit_few.h"
#include "predict/fit_known.h"

/* Of HAMi-core's watcher. */
static const double TICK_MS = 120;
enum { ROUNDS = 2 };
static const double TELLING_SHARE = 0.3;
static const double HOPELESS = 1.5;
/* Of a number that was found: next to none. */
static const double DOUBT = 0.01;
/* HAMi-core asks for a second, which is one or the other. */
static const double TICKS[] = {8, 9};

/* A larger share is held in longer cycles, which a tick more or less hardly changes. */
static bool tells(const struct sw__case *c, size_t group)
{
	for (size_t i = 0; c->group == group && i < c->mix->n; i++)
		if (sw__bound_kind(&c->mix->tenants[i]) == SW__BOUND_HELD &&
		    c->mix->tenants[i].slice.share <= TELLING_SHARE)
			return true;
	return false;
}

static enum sw_status choose(const struct sw__cases *cases, size_t group, struct sw__cases *few,
			     struct sw_error *err)
{
	enum sw_status st = sw__few_make(cases, few, err);

	for (size_t i = 0; i < cases->n && st == SW_OK; i++)
		if (tells(&cases->at[i], group))
			st = sw__few_add(&cases->at[i], few, err);
	return st;
}

static double at_ticks(double ticks)
{
	return log(ticks * TICK_MS / sw__shared_coefficients[SW__SHARED_look_back_ms].value);
}

/* From where the cases were predicted last with another number, down the slopes at hand. */
static enum sw_status descend_with(struct sw__cases *few, const struct sw__descent *how,
				   double *left, struct sw_error *err)
{
	struct sw__descent quick = *how;

	quick.slopes_part = 0;
	quick.rounds = ROUNDS;
	quick.is_there = true;
	return sw__fit_descend(few, &quick, left, err);
}

/*
 * The other number beside the one at hand, that all else has been fitted to: it is better if a linear step from there leaves less, or if
 * steps that are played do, which are asked where the linear one is not far worse.
 */
static enum sw_status try_other(struct sw__cases *few, const struct sw__few_entry *entry,
				const struct sw__descent *how, double other, double before,
				struct sw__few_best *best, struct sw_error *err)
{
	struct sw__few_best linear = {other, INFINITY};
	double played = INFINITY;
	enum sw_status st = sw__few_left_at(few, entry, how, other, &linear, err);

	if (st == SW_OK && !sw__few_is_less(linear.left, best->left) &&
	    linear.left < HOPELESS * best->left)
		st = descend_with(few, how, &played, err);
	if (st == SW_OK &&
	    (sw__few_is_less(linear.left, best->left) || sw__few_is_less(played, before)))
		*best = linear;
	return st;
}

static enum sw_status compare(struct sw__cases *few, const struct sw__few_entry *entry,
			      const struct sw__descent *how, struct sw__few_best *best,
			      struct sw_error *err)
{
	double now = best->at, before = sw__cases_objective(few);
	enum sw_status st = SW_OK;

	sw__normal_set(few, how->normal);
	st = sw__normal_solve(how->normal, err);
	if (st == SW_OK)
		best->left = sw__group_objective(few, entry->group, how->normal->step);
	for (size_t i = 0; i < sizeof(TICKS) / sizeof(TICKS[0]) && st == SW_OK; i++)
		if (fabs(at_ticks(TICKS[i]) - now) > DOUBT)
			st = try_other(few, entry, how, at_ticks(TICKS[i]), before, best, err);
	return st;
}

static enum sw_status find(struct sw__cases *cases, size_t group, const struct sw__descent *how,
			   bool *moved, struct sw_error *err)
{
	struct sw__vector *v = &cases->vector;
	const struct sw__few_entry entry = {group, v->group[group].at[SW__SHARED_look_back_ms]};
	struct sw__few_best best = {v->value[entry.at], INFINITY};
	struct sw__cases few;
	enum sw_status st = choose(cases, group, &few, err);

	if (st == SW_OK && few.n > 0)
		st = compare(&few, &entry, how, &best, err);
	if (st == SW_OK && few.n > 0) {
		/* What else went with it is found anew, on all cases. */
		*moved = *moved || best.at != v->value[entry.at];
		v->value[entry.at] = best.at;
		v->scanned[entry.at] = DOUBT;
	}
	sw__few_clear(&few);
	return st;
}

enum sw_status sw__fit_ticks(struct sw__cases *cases, const struct sw__descent *how, bool *moved,
			     struct sw_error *err)
{
	enum sw_status st = SW_OK;

	*moved = false;
	for (size_t i = 0; i < cases->vector.n_groups && st == SW_OK; i++)
		if (cases->vector.group[i].at[SW__SHARED_look_back_ms] >= 0)
			st = find(cases, i, how, moved, err);
	return st;
}
