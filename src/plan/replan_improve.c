// SPDX-License-Identifier: Apache-2.0
#include "plan/replan_improve.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "plan/replan_place.h"

/* Ways that are tried at most, per engine and in all: counted, not timed, so that the result is the same on every machine. */
enum { TRIES_BASE = 400, TRIES_PER_GPU = 8, TRIES_MAX = 6000 };

static const double rounding = 1e-9;

struct improving {
	struct sw__slots *s;
	struct sw__worth worth;
	size_t tries_left;
	struct sw_error *err;
};

bool sw__pays(const struct sw_replan_options *options, const struct sw__worth *was,
	      const struct sw__worth *now, double about_per_hour)
{
	if (!sw__worth_less(now, was))
		return false;
	return now->lost < was->lost || now->price <= was->price + rounding ||
	       was->per_hour - now->per_hour >= options->least_saving * about_per_hour - rounding;
}

/* Keep what was tried where it pays. */
static bool finish(struct improving *im, bool done, double about_per_hour)
{
	struct sw__worth now = sw__slots_worth(im->s);

	im->tries_left -= im->tries_left > 0;
	if (!done || !sw__pays(im->s->options, &im->worth, &now, about_per_hour)) {
		sw__slots_rollback(im->s);
		return false;
	}
	sw__slots_commit(im->s);
	im->worth = now;
	return true;
}

static double price_of(const struct improving *im, size_t i)
{
	return im->s->sizing->problem->fleet[im->s->slot[i].fleet].price_per_hour;
}

/* How an emptied GPU's engines may be put elsewhere. */
struct way {
	long open; /* kind of GPU that may be opened for them */
	bool fewer; /* workloads with several engines do with one less */
};

static enum sw_status drop_or_pool(struct improving *im, const struct sw__want *want, bool fewer,
				   struct sw_error *err)
{
	struct sw__slots *s = im->s;
	const struct sw_workload *w = &s->sizing->problem->workloads[want->workload];
	unsigned replicas = s->replicas[want->workload];
	bool fits = false;
	enum sw_status st = SW_OK;

	if (fewer && replicas > 1 && !w->replicas) {
		st = sw__slots_divide(s, want->workload, replicas - 1, &fits, err);
		/* Those that do not take more have it as before. */
		if (st == SW_OK && !fits)
			st = sw__slots_divide(s, want->workload, replicas, &fits, err);
		else if (st == SW_OK)
			return SW_OK;
	}
	return st == SW_OK ? sw__pool_put(s, *want, err) : st;
}

static enum sw_status empty(struct improving *im, size_t i, const struct way *way, bool *better)
{
	struct sw__slots *s = im->s;
	const struct sw__slot was = s->slot[i];
	size_t pool = s->n_pool;
	bool fits;
	enum sw_status st;

	sw__slots_begin(s);
	st = sw__slot_set(s, i, NULL, 0, &fits, im->err);
	for (size_t k = 0; st == SW_OK && k < was.n; k++)
		st = drop_or_pool(im, &was.want[k], way->fewer, im->err);
	if (st == SW_OK)
		st = sw__place_pool(s, pool, true, way->open, i, im->err);
	if (st != SW_OK) {
		sw__slots_rollback(s);
		return st;
	}
	*better = finish(im, s->n_pool <= pool, price_of(im, i));
	return SW_OK;
}

static bool has_several(const struct sw__slots *s, const struct sw__slot *slot)
{
	for (size_t k = 0; k < slot->n; k++) {
		if (s->replicas[slot->want[k].workload] > 1 &&
		    !s->sizing->problem->workloads[slot->want[k].workload].replicas)
			return true;
	}
	return false;
}

/* Close a GPU: its engines on others; some of them not needed; on another kind. */
static enum sw_status close_one(struct improving *im, size_t i, bool *better)
{
	long kinds = (long)im->s->sizing->problem->n_fleet;
	enum sw_status st = SW_OK;

	*better = false;
	for (long open = SW__OPEN_NO_KIND; st == SW_OK && !*better && open < kinds; open++) {
		struct way way = {.open = open};

		if (open == SW__OPEN_ANY_KIND || open == (long)im->s->slot[i].fleet ||
		    (open >= 0 &&
		     im->s->sizing->problem->fleet[open].price_per_hour >= price_of(im, i)))
			continue;
		st = empty(im, i, &way, better);
		way.fewer = true;
		if (st == SW_OK && !*better && has_several(im->s, &im->s->slot[i]))
			st = empty(im, i, &way, better);
	}
	return st;
}

/* The GPU in use with the least on it among those that were not looked at. */
static size_t emptiest(const struct sw__slots *s, const bool *seen)
{
	size_t found = SW__NONE;

	for (size_t i = 0; i < s->n; i++) {
		if (seen[i] || !s->slot[i].n || s->slot[i].broken)
			continue;
		if (found == SW__NONE || s->slot[i].set->share < s->slot[found].set->share)
			found = i;
	}
	return found;
}

static enum sw_status close_any(struct improving *im, bool *better)
{
	bool *seen = calloc(im->s->n + 1, sizeof(*seen));
	enum sw_status st = seen ? SW_OK : sw_fail(im->err, SW_NO_MEMORY, "%zu GPUs", im->s->n);
	size_t i;

	*better = false;
	while (st == SW_OK && !*better && im->tries_left &&
	       (i = emptiest(im->s, seen)) != SW__NONE) {
		seen[i] = true;
		st = close_one(im, i, better);
	}
	free(seen);
	return st;
}

static size_t slot_of(const struct sw__slots *s, size_t gpu)
{
	for (size_t i = 0; i < s->n; i++) {
		if (s->slot[i].running == gpu)
			return i;
	}
	return SW__NONE;
}

/* Engine k of slot `from` back to where it runs. */
static enum sw_status send_home(struct improving *im, size_t from, size_t k, size_t home,
				bool *better)
{
	struct sw__slots *s = im->s;
	const struct sw__slot was = s->slot[from], there = s->slot[home];
	struct sw__want rest[SW__TOGETHER_MAX], more[SW__TOGETHER_MAX + 1];
	size_t n = 0;
	bool fits;
	enum sw_status st;

	for (size_t j = 0; j < was.n; j++) {
		if (j != k)
			rest[n++] = was.want[j];
	}
	(void)memcpy(more, there.want, there.n * sizeof(*more));
	more[there.n] = was.want[k];
	sw__slots_begin(s);
	st = sw__slot_set(s, from, rest, n, &fits, im->err);
	if (st == SW_OK && fits)
		st = sw__slot_set(s, home, more, there.n + 1, &fits, im->err);
	if (st != SW_OK) {
		sw__slots_rollback(s);
		return st;
	}
	*better = finish(im, fits, price_of(im, from) + price_of(im, home));
	return SW_OK;
}

/* Engines that would move, back to where they run. */
static enum sw_status go_home(struct improving *im, bool *better)
{
	struct sw__slots *s = im->s;
	enum sw_status st = SW_OK;

	*better = false;
	for (size_t i = 0; st == SW_OK && i < s->n; i++) {
		for (size_t k = 0; st == SW_OK && !*better && k < s->slot[i].n; k++) {
			size_t engine = s->slot[i].want[k].engine, home;

			if (!im->tries_left)
				return SW_OK;
			if (engine == SW__NONE ||
			    s->running->engines[engine].gpu == s->slot[i].running)
				continue;
			home = slot_of(s, s->running->engines[engine].gpu);
			if (home != SW__NONE && s->slot[home].n && !s->slot[home].broken &&
			    s->slot[home].n < SW__TOGETHER_MAX)
				st = send_home(im, i, k, home, better);
		}
		if (*better)
			return st;
	}
	return st;
}

enum sw_status sw__replan_improve(struct sw__slots *slots, struct sw_error *err)
{
	static enum sw_status (*const moves[])(struct improving *, bool *) = {go_home, close_any};
	struct improving im = {.s = slots, .worth = sw__slots_worth(slots), .err = err};
	enum sw_status st = SW_OK;
	size_t i = 0;

	im.tries_left = TRIES_BASE + TRIES_PER_GPU * slots->n;
	im.tries_left = im.tries_left < TRIES_MAX ? im.tries_left : TRIES_MAX;
	while (st == SW_OK && i < sizeof(moves) / sizeof(moves[0]) && im.tries_left) {
		bool better;

		st = moves[i](&im, &better);
		i = better ? 0 : i + 1;
	}
	return st;
}
