// SPDX-License-Identifier: Apache-2.0
#include "plan/find_levels.h"

#include <string.h>

#include "base/error.h"
#include "plan/miss.h"
#include "plan/rules.h"
#include "plan/tolerance.h"

/*
 * An engine whose bound is 20 % above its limit is given about half of 20 % more share at once, then looked at again:
 * latency seldom falls more slowly than the share grows, so this overshoots rarely and never by much.
 */
static const double eagerness = 0.5;
static const double overload_growth = 1.25;

enum sw_status sw__prepare_together(struct sw__sizing *sizing, struct sw__size *const *engines,
				    const unsigned char *level, size_t n, const sw_prepared **out,
				    struct sw_error *err)
{
	enum sw_status st = SW_OK;

	for (size_t i = 0; st == SW_OK && i < n; i++)
		st = sw__size_prepared(sizing, engines[i], level[i], &out[i], err);
	return st;
}

/* The level an engine that misses by `ratio` is given next; the same one where there is none. */
static size_t raised(const struct sw__sizing *sizing, const struct sw__size *size, size_t level,
		     double ratio, bool leap)
{
	const struct sw__levels *levels = &sizing->levels[size->fleet];
	double growth = isfinite(ratio) ? 1 + eagerness * (ratio - 1) : overload_growth;
	size_t wanted;

	if (!size->share_matters || level + 1 >= levels->n)
		return level;
	wanted = leap ? sw__level_for(levels, levels->level[level].share * growth) : 0;
	return wanted > level ? wanted : level + 1;
}

struct attempt {
	struct sw__sizing *sizing;
	struct sw__together *t;
	const sw_prepared *prepared[SW__TOGETHER_MAX];
	double stretch[SW__TOGETHER_MAX]; /* NAN: not known */
	double ratio[SW__TOGETHER_MAX]; /* by which who misses does; 0: holds its limits */
};

static enum sw_mechanism mechanism_of(const struct attempt *a)
{
	return a->sizing->problem->fleet[a->t->fleet].mechanism;
}

static bool holds(const struct attempt *a, size_t i)
{
	return !(a->ratio[i] > 0);
}

static bool all_hold(const struct attempt *a)
{
	for (size_t i = 0; i < a->t->n; i++) {
		if (!holds(a, i))
			return false;
	}
	return true;
}

static void judge(struct attempt *a, size_t i, const struct sw_prediction *predicted)
{
	const struct sw_slo *slo = &a->t->engines[i]->tenant.slo;

	a->ratio[i] = sw_prediction_meets(predicted, slo) ? 0 : sw__miss_of(predicted, slo).ratio;
}

/* What neighbours do to each. */
static enum sw_status stretch(struct attempt *a, struct sw_error *err)
{
	const struct sw__oracle *oracle = a->sizing->oracle;
	const struct sw__together *t = a->t;
	enum sw_status st =
		sw__prepare_together(a->sizing, t->engines, t->level, t->n, a->prepared, err);

	for (size_t i = 0; i < t->n; i++)
		a->stretch[i] = NAN;
	if (st == SW_OK && a->sizing->economical && oracle->stretches)
		oracle->stretches(mechanism_of(a), a->prepared, t->n, a->stretch);
	return st;
}

/* By what was seen of the engines beside others. False: nothing against the set is known. */
static bool is_known_to_miss(struct attempt *a)
{
	const struct sw__together *t = a->t;

	for (size_t i = 0; i < t->n; i++)
		a->ratio[i] = sw__tolerance_miss(t->engines[i], t->level[i], a->stretch[i]);
	return !all_hold(a);
}

static enum sw_status predict(struct attempt *a, struct sw_error *err)
{
	struct sw__together *t = a->t;
	struct sw_prediction predicted[SW__TOGETHER_MAX];
	enum sw_status st = stretch(a, err);

	if (st != SW_OK || is_known_to_miss(a))
		return st;
	a->sizing->predicted += t->n;
	a->sizing->oracle->predict(mechanism_of(a), a->prepared, t->n, predicted);
	for (size_t i = 0; i < t->n && st == SW_OK; i++) {
		judge(a, i, &predicted[i]);
		st = sw__tolerance_learn(t->engines[i], t->level[i], a->stretch[i], a->ratio[i],
					 err);
	}
	return st;
}

/* Raise every engine that misses from the levels `from`; false where one cannot be or the shares no longer go together. */
static bool raise_from(struct attempt *a, const unsigned char *from, bool leap)
{
	struct sw__together *t = a->t;

	for (size_t i = 0; i < t->n; i++) {
		size_t next =
			holds(a, i) ? from[i]
				    : raised(a->sizing, t->engines[i], from[i], a->ratio[i], leap);

		if (next == from[i] && !holds(a, i))
			return false;
		t->level[i] = (unsigned char)next;
	}
	return sw__rules_allow_levels(a->sizing, t->fleet, t->engines, t->level, t->n);
}

/* By leaps; where those are too much for the GPU, level by level. */
static bool raise_missing(struct attempt *a)
{
	unsigned char from[SW__TOGETHER_MAX];

	(void)memcpy(from, a->t->level, a->t->n);
	return raise_from(a, from, true) || raise_from(a, from, false);
}

/* Whether engine i holds its limits at the levels there are: of one that was made lower the likeliest to fail, and cheaper to ask. */
static enum sw_status one_holds(struct attempt *a, size_t i, bool *does, struct sw_error *err)
{
	const struct sw__oracle *oracle = a->sizing->oracle;
	const struct sw__together *t = a->t;
	struct sw_prediction predicted;
	enum sw_status st;

	*does = true;
	if (!oracle->predict_one)
		return SW_OK;
	st = stretch(a, err);
	if (st != SW_OK)
		return st;
	if (is_known_to_miss(a)) {
		*does = false;
		return SW_OK;
	}
	a->sizing->predicted++;
	oracle->predict_one(mechanism_of(a), a->prepared, t->n, i, &predicted);
	judge(a, i, &predicted);
	*does = holds(a, i);
	return sw__tolerance_learn(t->engines[i], t->level[i], a->stretch[i], a->ratio[i], err);
}

/* Take back what a leap gave too much: one level at a time, engine by engine, as long as all limits hold. */
static enum sw_status lower(struct attempt *a, struct sw_error *err)
{
	struct sw__together *t = a->t;

	for (size_t i = 0; i < t->n; i++) {
		while (t->level[i] > t->engines[i]->alone) {
			bool does;
			enum sw_status st;

			t->level[i]--;
			st = one_holds(a, i, &does, err);
			if (st == SW_OK && does)
				st = predict(a, err);
			if (st != SW_OK)
				return st;
			if (!does || !all_hold(a)) {
				t->level[i]++;
				break;
			}
		}
	}
	return SW_OK;
}

enum sw_status sw__find_levels(struct sw__sizing *sizing, struct sw__together *t,
			       struct sw_error *err)
{
	struct attempt a = {.sizing = sizing, .t = t};
	enum sw_status st;

	for (size_t i = 0; i < t->n; i++)
		t->level[i] = (unsigned char)t->engines[i]->alone;
	st = predict(&a, err);
	while (st == SW_OK && !all_hold(&a)) {
		if (!raise_missing(&a))
			return SW_OK;
		st = predict(&a, err);
	}
	if (st == SW_OK)
		st = lower(&a, err);
	t->fits = st == SW_OK;
	return st;
}
