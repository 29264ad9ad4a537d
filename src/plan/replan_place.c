// SPDX-License-Identifier: Apache-2.0
#include "plan/replan_place.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "plan/greedy.h"

/* Of many GPUs with room by the sums the fullest are asked: what they refuse costs time, what they take leaves others whole. */
enum { ASKED_MAX = 12 };

static const double rounding = 1e-9;

struct candidate {
	size_t slot;
	double room;
};

struct placing {
	struct sw__slots *s;
	const struct sw__want *want;
	struct sw__slot best; /* as it would be */
	size_t at; /* SW__NONE: none yet */
	double money, share; /* more of them */
	struct sw_error *err;
};

/* The least that the engines of a slot and one more need. */
static enum sw_status room_on(struct sw__slots *s, const struct sw__slot *slot,
			      const struct sw__want *want, double *room, struct sw_error *err)
{
	double gib = sw_gpu_visible_gib(&s->sizing->problem->fleet[slot->fleet].gpu);
	double share = 0, memory = 0;
	struct sw__size *size;
	enum sw_status st = sw__size_get(s->sizing, want->workload, slot->fleet,
					 s->replicas[want->workload], &size, err);

	*room = -1;
	if (st != SW_OK || !size->possible)
		return st;
	for (size_t k = 0; k <= slot->n; k++) {
		const struct sw__size *each = k < slot->n ? slot->set->engines[k] : size;

		if (each->share_matters)
			share += sw__size_share(s->sizing, each, each->alone);
		memory += sw__size_memory_gib(s->sizing, each, each->alone);
	}
	if (share <= 1 + rounding && memory <= gib + rounding)
		*room = 2 - share - memory / gib;
	return st;
}

static int by_room(const void *a, const void *b)
{
	const struct candidate *x = a, *y = b;

	if (x->room != y->room)
		return x->room < y->room ? -1 : 1;
	return x->slot < y->slot ? -1 : x->slot > y->slot;
}

static size_t home_of(const struct sw__slots *s, const struct sw__want *want)
{
	return want->engine == SW__NONE ? SW__NONE : s->running->engines[want->engine].gpu;
}

static bool may_be_used(const struct sw__slots *s, const struct sw__slot *slot, long open)
{
	if (slot->n)
		return true;
	if (slot->running == SW__NONE || !sw__slots_has_another(s, slot->fleet))
		return false;
	return open == SW__OPEN_ANY_KIND || open == (long)slot->fleet;
}

static enum sw_status list(const struct placing *p, long open, size_t except, struct candidate *out,
			   size_t *n)
{
	struct sw__slots *s = p->s;
	size_t home = home_of(s, p->want);
	enum sw_status st = SW_OK;

	*n = 0;
	for (size_t i = 0; st == SW_OK && i < s->n; i++) {
		double room;

		if (i == except || s->slot[i].broken || !may_be_used(s, &s->slot[i], open))
			continue;
		/* Where it runs it may hold with settings that nobody would choose anew. */
		if (home != SW__NONE && s->slot[i].running == home)
			room = 0;
		else
			st = room_on(s, &s->slot[i], p->want, &room, p->err);
		if (st == SW_OK && room >= 0)
			out[(*n)++] = (struct candidate){i, room};
	}
	qsort(out, *n, sizeof(*out), by_room);
	return st;
}

/* What slot i with the engine costs more than without; the best so far is remembered. */
static enum sw_status ask(struct placing *p, size_t i)
{
	struct sw__slots *s = p->s;
	struct sw__slot was = s->slot[i];
	struct sw__want want[SW__TOGETHER_MAX + 1];
	double money = sw__slot_money(s, i), share = was.n ? was.set->share : 0;
	bool fits;
	enum sw_status st;

	if (was.n >= SW__TOGETHER_MAX)
		return SW_OK;
	(void)memcpy(want, was.want, was.n * sizeof(*want));
	want[was.n] = *p->want;
	st = sw__slot_set(s, i, want, was.n + 1, &fits, p->err);
	if (st != SW_OK || !fits)
		return st;
	money = sw__slot_money(s, i) - money;
	share = s->slot[i].set->share - share;
	if (p->at == SW__NONE || money < p->money - rounding ||
	    (money <= p->money + rounding && share < p->share - rounding)) {
		p->best = s->slot[i];
		p->at = i;
		p->money = money;
		p->share = share;
	}
	s->slot[i] = was;
	return st;
}

static enum sw_status ask_new(struct placing *p, long open)
{
	struct sw__slots *s = p->s;
	enum sw_status st = SW_OK;

	for (size_t f = 0; st == SW_OK && f < s->sizing->problem->n_fleet; f++) {
		size_t i, before = s->n;

		if ((open != SW__OPEN_ANY_KIND && open != (long)f) || !sw__slots_has_another(s, f))
			continue;
		st = sw__slots_add(s, f, &i, p->err);
		if (st == SW_OK)
			st = ask(p, i);
		s->n = before;
	}
	return st;
}

static enum sw_status take_best(struct placing *p)
{
	bool fits;
	size_t i = p->at;
	enum sw_status st = SW_OK;

	if (i >= p->s->n)
		st = sw__slots_add(p->s, p->best.fleet, &i, p->err);
	return st == SW_OK ? sw__slot_set(p->s, i, p->best.want, p->best.n, &fits, p->err) : st;
}

enum sw_status sw__place_want(struct sw__slots *s, const struct sw__want *want, long open,
			      size_t except, bool *placed, struct sw_error *err)
{
	struct placing p = {.s = s, .want = want, .at = SW__NONE, .err = err};
	struct candidate *candidates = calloc(s->n + 1, sizeof(*candidates));
	size_t n = 0;
	enum sw_status st = candidates ? list(&p, open, except, candidates, &n)
				       : sw_fail(err, SW_NO_MEMORY, "%zu GPUs", s->n);

	for (size_t i = 0; st == SW_OK && i < n && i < ASKED_MAX; i++)
		st = ask(&p, candidates[i].slot);
	free(candidates);
	if (st == SW_OK && open != SW__OPEN_NO_KIND)
		st = ask_new(&p, open);
	*placed = st == SW_OK && p.at != SW__NONE;
	return *placed ? take_best(&p) : st;
}

enum sw_status sw__want_footprint(struct sw__slots *s, const struct sw__want *want, double *out,
				  struct sw_error *err)
{
	enum sw_status st = SW_OK;

	*out = 0;
	for (size_t f = 0; st == SW_OK && f < s->sizing->problem->n_fleet; f++) {
		struct sw__size *size;

		st = sw__size_get(s->sizing, want->workload, f, s->replicas[want->workload], &size,
				  err);
		if (st == SW_OK && size->possible)
			*out = fmax(*out, sw__footprint(s->sizing, size));
	}
	return st;
}

/* The largest of the pool in [from, to). */
static enum sw_status largest(struct sw__slots *s, size_t from, size_t to, size_t *out,
			      struct sw_error *err)
{
	double most = -1;
	enum sw_status st = SW_OK;

	for (size_t i = from; st == SW_OK && i < to; i++) {
		double footprint;

		st = sw__want_footprint(s, &s->pool[i], &footprint, err);
		if (st == SW_OK && footprint > most) {
			most = footprint;
			*out = i;
		}
	}
	return st;
}

enum sw_status sw__place_pool(struct sw__slots *s, size_t from, bool all, long open, size_t except,
			      struct sw_error *err)
{
	enum sw_status st = SW_OK;

	for (size_t to = s->n_pool; st == SW_OK && to > from; to--) {
		struct sw__want want;
		size_t i = from;
		bool placed = false;

		st = largest(s, from, to, &i, err);
		if (st != SW_OK)
			return st;
		want = sw__pool_take(s, i);
		st = sw__place_want(s, &want, open, except, &placed, err);
		/* What found no place goes to the end, where it is not looked at again. */
		if (st == SW_OK && !placed)
			st = sw__pool_put(s, want, err);
		if (all && !placed)
			break;
	}
	return st;
}
