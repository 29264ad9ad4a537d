// SPDX-License-Identifier: Apache-2.0
#include "plan/slot_choose.h"

#include "plan/change_price.h"
#include "plan/limits.h"
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
		st = sw__kept_size(s->kept, want->engine, replicas,
				   sw__runs_limited(s, want->engine), out, err);
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
			is_at_home(s, slot, want) ? &s->running->engines[want->engine] : NULL;

		if (!is)
			slot->price += sw__price_of_start(s->options, entry, share);
		else if (!same_as_it_runs(is, slot->set->engines[k]) ||
			 is->level != slot->set->level[k])
			slot->price += sw__price_of_restart(s->options, entry, share);
		else if (is->tenant->max_in_flight == slot->set->engines[k]->tenant.max_in_flight)
			continue;
		slot->changes++;
	}
}

/* The level at which an engine with these settings runs on this slot; SW__NONE: it is started there. */
static size_t level_there(const struct sw__slots *s, const struct sw__slot *slot,
			  const struct sw__want *want, const struct sw__size *size)
{
	const struct sw__running_engine *is =
		is_at_home(s, slot, want) ? &s->running->engines[want->engine] : NULL;

	return is && same_as_it_runs(is, size) ? is->level : SW__NONE;
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
		ask.stay[k] = level_there(s, slot, want, ask.engines[k]);
	}
	st = sw__hold(s->held, &ask, &slot->set, err);
	*fits = st == SW_OK && slot->set;
	if (*fits)
		price_slot(s, slot);
	return st;
}

/* The size without a limit of an engine that goes on there at its level; NULL: it is started. */
static enum sw_status going_on(struct sw__slots *s, const struct sw__slot *slot,
			       const struct sw__want *want, struct sw__size **out,
			       struct sw_error *err)
{
	enum sw_status st = SW_OK;

	*out = NULL;
	if (is_at_home(s, slot, want))
		st = sw__kept_unmeasured(s->kept, want->engine, s->replicas[want->workload], 0, out,
					 err);
	if (st == SW_OK && *out &&
	    ((*out)->hopeless || (*out)->fleet != slot->fleet ||
	     level_there(s, slot, want, *out) == SW__NONE))
		*out = NULL;
	return st;
}

/* What goes on goes on, whatever its gateway lets in; all others are started with settings anew. *any: some go on. */
static enum sw_status ask_for_limits(struct sw__slots *s, const struct sw__slot *slot,
				     struct sw__limits_ask *ask, size_t *going, bool *any,
				     struct sw_error *err)
{
	*ask = (struct sw__limits_ask){
		.kept = s->kept, .held = s->held, .all = {.fleet = slot->fleet, .n = slot->n}};
	*going = 0;
	*any = false;
	for (size_t k = 0; k < slot->n; k++) {
		const struct sw__want *want = &slot->want[k];
		enum sw_status st = going_on(s, slot, want, &ask->all.engines[k], err);

		ask->engine[k] = SW__NONE;
		ask->all.stay[k] = SW__NONE;
		if (st == SW_OK && ask->all.engines[k]) {
			ask->engine[k] = want->engine;
			ask->all.stay[k] = s->running->engines[want->engine].level;
			++*going;
		} else if (st == SW_OK) {
			st = size_of(s, slot, want, FRESH, &ask->all.engines[k], err);
		}
		if (st != SW_OK || !ask->all.engines[k])
			return st;
	}
	*any = *going > 0;
	return SW_OK;
}

static enum sw_status take_set(struct sw__slots *s, struct sw__slot *slot, enum sw_status st,
			       bool *fits)
{
	*fits = st == SW_OK && slot->set;
	if (*fits)
		price_slot(s, slot);
	return st;
}

/* What gateways let in is chosen anew, and shares where that is not enough. */
static enum sw_status try_limits(struct sw__slots *s, struct sw__slot *slot, bool *fits,
				 struct sw_error *err)
{
	struct sw__limits_ask ask;
	size_t going;
	bool any = false;
	enum sw_status st = SW_OK;

	*fits = false;
	if (!s->options->no_gateway)
		st = ask_for_limits(s, slot, &ask, &going, &any, err);
	return st == SW_OK && any ? take_set(s, slot, sw__limits_hold(&ask, &slot->set, err), fits)
				  : st;
}

/* All go on as they run: limits that are needed no more are lifted. */
static enum sw_status lift_limits(struct sw__slots *s, struct sw__slot *slot, struct sw_error *err)
{
	struct sw__slot lifted = *slot;
	struct sw__limits_ask ask;
	size_t going;
	bool any, limited = false, fits;
	enum sw_status st;

	for (size_t k = 0; k < slot->n; k++)
		limited = limited || slot->set->engines[k]->tenant.max_in_flight;
	if (!limited)
		return SW_OK;
	st = ask_for_limits(s, slot, &ask, &going, &any, err);
	if (st != SW_OK || going < slot->n)
		return st;
	st = take_set(s, &lifted, sw__limits_lift(&ask, &lifted.set, err), &fits);
	if (st == SW_OK && fits)
		*slot = lifted;
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

/* Each engine that is started anyway with other settings, then all of them: of two ways that hold, the one with less to start anew. */
static enum sw_status try_settings(struct sw__slots *s, struct sw__slot *best, unsigned fresh,
				   unsigned home, bool *fits, struct sw_error *err)
{
	const struct sw__slot first = *best;
	const bool held = *fits;
	enum sw_status st = SW_OK;

	for (size_t k = 0; st == SW_OK && k <= first.n && !(*fits && best->price <= 0); k++) {
		unsigned way = k < first.n ? fresh | 1u << k : fresh | home;
		struct sw__slot other = first;
		bool holds;

		if (way == fresh || (k == first.n && *fits) ||
		    (held && k < first.n && goes_on(s, &first, k)))
			continue;
		st = try_variants(s, &other, way, &holds, err);
		if (st == SW_OK && holds && (!*fits || cheaper(&other, best))) {
			*best = other;
			*fits = true;
		}
	}
	return st;
}

/* As it is set where that can be; else with other limits of what gateways let in, which are free; else with other settings. */
static enum sw_status choose(struct sw__slots *s, struct sw__slot *slot, bool *fits,
			     struct sw_error *err)
{
	struct sw__slot limited = *slot;
	unsigned fresh, home;
	bool holds = false;
	enum sw_status st = sort_out(s, slot, &fresh, &home, err);

	*fits = false;
	if (st == SW_OK)
		st = try_variants(s, slot, fresh, fits, err);
	if (st == SW_OK && *fits && slot->price <= 0)
		return lift_limits(s, slot, err);
	if (st == SW_OK)
		st = try_limits(s, &limited, &holds, err);
	if (st == SW_OK && !(holds && limited.price <= 0))
		st = try_settings(s, slot, fresh, home, fits, err);
	if (st == SW_OK && holds && (!*fits || cheaper(&limited, slot))) {
		*slot = limited;
		*fits = true;
	}
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
