// SPDX-License-Identifier: Apache-2.0
#include "plan/slot_choose.h"

#include "plan/change_price.h"
#include "plan/slot_memo.h"

static const double rounding = 1e-9;

/* Where an engine of a slot comes from. */
static bool is_at_home(const struct sw__slots *s, const struct sw__slot *slot,
		       const struct sw__want *want)
{
	return want->engine != SW__NONE && slot->running != SW__NONE &&
	       s->running->engines[want->engine].gpu == slot->running;
}

/* Which settings an engine gets on a slot. */
enum variant { KEPT, FRESH };

static enum sw_status size_of(struct sw__slots *s, const struct sw__slot *slot,
			      const struct sw__want *want, enum variant variant,
			      struct sw__size **out, struct sw_error *err)
{
	unsigned replicas = s->replicas[want->workload];
	enum sw_status st = SW_OK;

	*out = NULL;
	if (variant == FRESH)
		st = sw__size_get(s->sizing, want->workload, slot->fleet, replicas, out, err);
	else if (want->engine != SW__NONE)
		st = sw__kept_size(s->kept, want->engine, replicas, out, err);
	if (st == SW_OK && *out && (!(*out)->possible || (*out)->fleet != slot->fleet))
		*out = NULL;
	return st;
}

static bool same_as_it_runs(const struct sw__running_engine *is, const struct sw__size *size)
{
	return is->may_stay && sw__same_settings(&is->tenant->engine, &size->tenant.engine) &&
	       (size->tenant.slice.mechanism == SW_MIG ||
		sw__same_number(is->tenant->slice.memory_gib, size->tenant.slice.memory_gib));
}

static void price_slot(const struct sw__slots *s, struct sw__slot *slot)
{
	const struct sw_fleet_entry *entry = &s->sizing->problem->fleet[slot->fleet];

	slot->price = slot->running == SW__NONE ? sw__price_of_opening(s->options, entry) : 0;
	slot->changes = slot->running == SW__NONE;
	for (size_t k = 0; k < slot->n; k++) {
		const struct sw__want *want = &slot->want[k];
		double share = sw__together_share(s->sizing, slot->set, k);
		const struct sw__running_engine *is =
			want->engine == SW__NONE ? NULL : &s->running->engines[want->engine];

		if (!is_at_home(s, slot, want))
			slot->price += sw__price_of_start(s->options, entry, share);
		else if (!same_as_it_runs(is, slot->set->engines[k]) ||
			 is->level != slot->set->level[k])
			slot->price += sw__price_of_restart(s->options, entry, share);
		else
			continue;
		slot->changes++;
	}
}

/* One way of setting the engines of a slot: bit k of `fresh` gives engine k settings anew. */
static enum sw_status try_variants(struct sw__slots *s, struct sw__slot *slot, unsigned fresh,
				   bool *fits, struct sw_error *err)
{
	struct sw__held_ask ask = {.fleet = slot->fleet, .n = slot->n};
	enum sw_status st = SW_OK;

	*fits = false;
	for (size_t k = 0; k < slot->n; k++) {
		const struct sw__want *want = &slot->want[k];

		st = size_of(s, slot, want, fresh >> k & 1 ? FRESH : KEPT, &ask.engines[k], err);
		if (st != SW_OK || !ask.engines[k])
			return st;
		ask.stay[k] = SW__NONE;
		if (is_at_home(s, slot, want) &&
		    same_as_it_runs(&s->running->engines[want->engine], ask.engines[k]))
			ask.stay[k] = s->running->engines[want->engine].level;
	}
	st = sw__hold(s->held, &ask, &slot->set, err);
	*fits = st == SW_OK && slot->set;
	if (*fits)
		price_slot(s, slot);
	return st;
}

/* Engines that cannot go on as they are set, by bits; and those that are at home and can. */
static enum sw_status sort_out(struct sw__slots *s, const struct sw__slot *slot, unsigned *fresh,
			       unsigned *home, struct sw_error *err)
{
	*fresh = *home = 0;
	for (size_t k = 0; k < slot->n; k++) {
		struct sw__size *size = NULL;
		enum sw_status st = SW_OK;

		if (is_at_home(s, slot, &slot->want[k]))
			st = size_of(s, slot, &slot->want[k], KEPT, &size, err);
		if (st != SW_OK)
			return st;
		*(size ? home : fresh) |= 1u << k;
	}
	return SW_OK;
}

static bool cheaper(const struct sw__slot *a, const struct sw__slot *b)
{
	if (fabs(a->price - b->price) > rounding * fmax(1, fabs(b->price)))
		return a->price < b->price;
	return a->set->share < b->set->share - rounding;
}

/* Whether engine k of a slot that holds goes on as it runs. */
static bool goes_on(const struct sw__slots *s, const struct sw__slot *slot, size_t k)
{
	const struct sw__running_engine *is = &s->running->engines[slot->want[k].engine];

	return is_at_home(s, slot, &slot->want[k]) && same_as_it_runs(is, slot->set->engines[k]) &&
	       is->level == slot->set->level[k];
}

/*
 * As it is set where that can be; else each engine that is started anyway with other settings, then all of them: batch limits cost a
 * restart as shares do, so of two ways that hold the one with less to start anew is taken.
 */
static enum sw_status choose(struct sw__slots *s, struct sw__slot *slot, bool *fits,
			     struct sw_error *err)
{
	struct sw__slot best = *slot, other;
	unsigned fresh, home;
	enum sw_status st = sort_out(s, slot, &fresh, &home, err);
	bool first;

	*fits = false;
	if (st == SW_OK)
		st = try_variants(s, &best, fresh, fits, err);
	first = *fits;
	for (size_t k = 0; st == SW_OK && k <= slot->n; k++) {
		unsigned way = k < slot->n ? fresh | 1u << k : fresh | home;
		bool holds;

		if (*fits && best.price <= 0)
			break;
		if (way == fresh || (k == slot->n && *fits) ||
		    (first && k < slot->n && goes_on(s, &best, k)))
			continue;
		other = *slot;
		st = try_variants(s, &other, way, &holds, err);
		if (st == SW_OK && holds && (!*fits || cheaper(&other, &best))) {
			best = other;
			*fits = true;
		}
	}
	if (st == SW_OK && *fits)
		*slot = best;
	return st;
}

enum sw_status sw__slot_choose(struct sw__slots *s, struct sw__slot *slot, bool *fits,
			       struct sw_error *err)
{
	struct sw__memo_key key = {.fleet = slot->fleet, .running = slot->running, .n = slot->n};
	enum sw_status st;

	for (size_t k = 0; k < slot->n; k++) {
		key.want[k] = slot->want[k];
		key.replicas[k] = s->replicas[slot->want[k].workload];
	}
	if (sw__memo_find(s->memo, &key, fits, slot))
		return SW_OK;
	st = choose(s, slot, fits, err);
	return st == SW_OK ? sw__memo_add(s->memo, &key, *fits, slot, err) : st;
}
