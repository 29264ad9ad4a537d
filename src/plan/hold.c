// SPDX-License-Identifier: Apache-2.0
#include "plan/hold.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "plan/miss.h"
#include "plan/rules.h"

/* As together.c: half of what a proportional law asks for at once; under overload a quarter more. */
static const double eagerness = 0.5;
static const double overload_growth = 1.25;
static const double rounding = 1e-9;

void sw__held_open(struct sw__groups *groups, struct sw__held *out)
{
	*out = (struct sw__held){.groups = groups};
}

static void free_made(struct sw__together *together)
{
	free((void *)together->engines);
	free(together->level);
	free(together);
}

void sw__held_close(struct sw__held *held)
{
	for (size_t i = 0; i < held->n; i++)
		free_made(held->made[i]);
	free((void *)held->made);
	*held = (struct sw__held){0};
}

/* Levels on their way to ones that hold. */
struct holding {
	struct sw__sizing *sizing;
	const struct sw__held_ask *ask;
	unsigned char level[SW__TOGETHER_MAX];
	struct sw_prediction predicted[SW__TOGETHER_MAX];
};

static bool holds(const struct holding *h, size_t i)
{
	return sw_prediction_meets(&h->predicted[i], &h->ask->engines[i]->tenant.slo);
}

static bool all_hold(const struct holding *h)
{
	for (size_t i = 0; i < h->ask->n; i++) {
		if (!holds(h, i))
			return false;
	}
	return true;
}

static enum sw_status predict(struct holding *h, struct sw_error *err)
{
	return sw__together_predict(h->sizing, h->ask->fleet, h->ask->engines, h->level, h->ask->n,
				    h->predicted, err);
}

static bool allowed(const struct holding *h)
{
	return sw__rules_allow_levels(h->sizing, h->ask->fleet, h->ask->engines, h->level,
				      h->ask->n);
}

static bool stays(const struct holding *h, size_t i)
{
	return h->ask->stay[i] == h->level[i];
}

unsigned char sw__raised_level(const struct sw__sizing *sizing, const struct sw__size *size,
			       unsigned char level, const struct sw_prediction *predicted,
			       bool leap)
{
	const struct sw__levels *levels = &sizing->levels[size->fleet];
	double ratio = sw__miss_of(predicted, &size->tenant.slo).ratio;
	double growth = isfinite(ratio) ? 1 + eagerness * (ratio - 1) : overload_growth;
	size_t wanted = 0;

	if (!size->share_matters || (size_t)level + 1 >= levels->n)
		return level;
	if (leap)
		wanted = sw__level_for(levels, levels->level[level].share * growth);
	return (unsigned char)(wanted > level ? wanted : level + 1u);
}

/* Raise whoever misses; false, and all as before, where one cannot be or the rules forbid it. */
static bool raise_missing(struct holding *h, bool leap)
{
	unsigned char from[SW__TOGETHER_MAX];
	bool ok = true;

	(void)memcpy(from, h->level, h->ask->n);
	for (size_t i = 0; ok && i < h->ask->n; i++) {
		if (holds(h, i))
			continue;
		h->level[i] = sw__raised_level(h->sizing, h->ask->engines[i], from[i],
					       &h->predicted[i], leap);
		ok = h->level[i] != from[i];
	}
	if (ok && allowed(h))
		return true;
	(void)memcpy(h->level, from, h->ask->n);
	return false;
}

/* Lower what is started anew anyway, as far as all limits hold. */
static enum sw_status lower(struct holding *h, struct sw_error *err)
{
	enum sw_status st = SW_OK;

	for (size_t i = 0; i < h->ask->n && st == SW_OK; i++) {
		while (st == SW_OK && !stays(h, i) && h->level[i] > h->ask->engines[i]->alone) {
			h->level[i]--;
			st = predict(h, err);
			if (st == SW_OK && !all_hold(h)) {
				h->level[i]++;
				break;
			}
		}
	}
	return st;
}

/* Everyone as it runs, and more for those who miss. */
static enum sw_status from_running(struct holding *h, bool *found, struct sw_error *err)
{
	enum sw_status st;

	*found = false;
	for (size_t i = 0; i < h->ask->n; i++)
		h->level[i] =
			(unsigned char)(h->ask->stay[i] != SW__NONE ? h->ask->stay[i]
								    : h->ask->engines[i]->alone);
	if (!allowed(h))
		return SW_OK;
	st = predict(h, err);
	while (st == SW_OK && !all_hold(h)) {
		if (!raise_missing(h, true) && !raise_missing(h, false))
			return SW_OK;
		st = predict(h, err);
	}
	if (st == SW_OK)
		st = lower(h, err);
	*found = st == SW_OK;
	return st;
}

static double restart_share(const struct holding *h)
{
	double share = 0;

	for (size_t i = 0; i < h->ask->n; i++) {
		if (h->ask->stay[i] != SW__NONE && !stays(h, i))
			share += sw__size_share(h->sizing, h->ask->engines[i], h->level[i]);
	}
	return share;
}

static double all_share(const struct holding *h)
{
	double share = 0;

	for (size_t i = 0; i < h->ask->n; i++)
		share += sw__size_share(h->sizing, h->ask->engines[i], h->level[i]);
	return share;
}

/* The least levels of a set that was worked out; replicas of one size take theirs in turn. */
static void take_levels(struct holding *h, const struct sw__together *t)
{
	bool taken[SW__TOGETHER_MAX] = {false};

	for (size_t i = 0; i < h->ask->n; i++) {
		for (size_t k = 0; k < t->n; k++) {
			if (taken[k] || t->engines[k] != h->ask->engines[i])
				continue;
			taken[k] = true;
			h->level[i] = t->level[k];
			break;
		}
	}
}

/* The largest of those that are not at their running level yet and were not tried; SW__NONE. */
static size_t next_to_restore(const struct holding *h, const bool *tried)
{
	size_t found = SW__NONE;
	double most = -1;

	for (size_t i = 0; i < h->ask->n; i++) {
		double share = sw__size_share(h->sizing, h->ask->engines[i], h->level[i]);

		if (!tried[i] && h->ask->stay[i] != SW__NONE && !stays(h, i) && share > most) {
			most = share;
			found = i;
		}
	}
	return found;
}

/* From the least levels back to those that run, one by one, the largest first, where everything still holds. */
static enum sw_status from_least(struct holding *h, const struct sw__together *t,
				 struct sw_error *err)
{
	bool tried[SW__TOGETHER_MAX] = {false};
	enum sw_status st = SW_OK;
	size_t i;

	take_levels(h, t);
	while (st == SW_OK && (i = next_to_restore(h, tried)) != SW__NONE) {
		unsigned char least = h->level[i];

		tried[i] = true;
		h->level[i] = (unsigned char)h->ask->stay[i];
		if (!allowed(h)) {
			h->level[i] = least;
			continue;
		}
		st = predict(h, err);
		if (st == SW_OK && !all_hold(h))
			h->level[i] = least;
	}
	return st;
}

static void sum_up(const struct sw__sizing *sizing, struct sw__together *t)
{
	for (size_t i = 0; i < t->n; i++) {
		t->share += sw__together_share(sizing, t, i);
		t->memory_gib += sw__size_memory_gib(sizing, t->engines[i], t->level[i]);
	}
}

static enum sw_status reserve(struct sw__held *held, struct sw_error *err)
{
	size_t capacity = held->capacity ? held->capacity * 2 : 64;
	struct sw__together **more;

	if (held->n < held->capacity)
		return SW_OK;
	more = realloc((void *)held->made, capacity * sizeof(struct sw__together *));
	if (!more)
		return sw_fail(err, SW_NO_MEMORY, "%zu sets of engines", capacity);
	held->made = more;
	held->capacity = capacity;
	return SW_OK;
}

static enum sw_status keep(struct sw__held *held, const struct holding *h,
			   const struct sw__together **out, struct sw_error *err)
{
	size_t n = h->ask->n;
	struct sw__together *t;
	enum sw_status st = reserve(held, err);

	if (st != SW_OK)
		return st;
	t = calloc(1, sizeof(*t));
	if (t) {
		t->engines = calloc(n + 1, sizeof(struct sw__size *));
		t->level = calloc(n + 1, sizeof(*t->level));
	}
	if (!t || !t->engines || !t->level) {
		if (t)
			free_made(t);
		return sw_fail(err, SW_NO_MEMORY, "%zu engines on a GPU", n);
	}
	t->fleet = h->ask->fleet;
	t->n = n;
	t->fits = true;
	(void)memcpy((void *)t->engines, (const void *)h->ask->engines,
		     n * sizeof(h->ask->engines[0]));
	(void)memcpy(t->level, h->level, n);
	sum_up(h->sizing, t);
	held->made[held->n++] = t;
	*out = t;
	return SW_OK;
}

/* Of two ways the one with less to start anew, then with less share. */
static bool better(const struct holding *a, const struct holding *b)
{
	double x = restart_share(a), y = restart_share(b);

	if (fabs(x - y) > rounding)
		return x < y;
	return all_share(a) < all_share(b) - rounding;
}

/* Whether the engines hold together just as they run: one look. */
static enum sw_status holds_as_it_runs(struct holding *h, bool *found, struct sw_error *err)
{
	enum sw_status st;

	*found = false;
	for (size_t i = 0; i < h->ask->n; i++) {
		if (h->ask->stay[i] == SW__NONE)
			return SW_OK;
		h->level[i] = (unsigned char)h->ask->stay[i];
	}
	if (!allowed(h))
		return SW_OK;
	st = predict(h, err);
	*found = st == SW_OK && all_hold(h);
	return st;
}

/* What does not hold with the least levels holds with none, and sets are worked out once. */
static enum sw_status search(struct sw__groups *groups, struct holding *h, bool *found,
			     struct sw_error *err)
{
	struct holding least = *h;
	const struct sw__together *t;
	enum sw_status st =
		sw__together_get(groups, h->ask->fleet, h->ask->engines, h->ask->n, &t, err);

	*found = false;
	if (st != SW_OK || !t || !t->fits)
		return st;
	st = from_running(h, found, err);
	if (st != SW_OK || (*found && restart_share(h) <= 0))
		return st;
	st = from_least(&least, t, err);
	if (st == SW_OK && (!*found || better(&least, h)))
		*h = least;
	*found = st == SW_OK;
	return st;
}

enum sw_status sw__hold(struct sw__held *held, const struct sw__held_ask *ask,
			const struct sw__together **out, struct sw_error *err)
{
	struct holding h = {.sizing = held->groups->sizing, .ask = ask};
	bool found;
	enum sw_status st;

	*out = NULL;
	if (ask->n == 0 || ask->n > SW__TOGETHER_MAX ||
	    !sw__rules_allow(held->groups->sizing, ask->fleet, ask->engines, ask->n))
		return SW_OK;
	st = holds_as_it_runs(&h, &found, err);
	if (st == SW_OK && !found)
		st = search(held->groups, &h, &found, err);
	return st == SW_OK && found ? keep(held, &h, out, err) : st;
}

enum sw_status sw__hold_as_it_is(struct sw__held *held, const struct sw__held_ask *ask,
				 const struct sw__together **out, struct sw_error *err)
{
	struct holding h = {.sizing = held->groups->sizing, .ask = ask};

	for (size_t i = 0; i < ask->n; i++)
		h.level[i] = (unsigned char)ask->stay[i];
	return keep(held, &h, out, err);
}
