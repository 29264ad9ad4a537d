// SPDX-License-Identifier: Apache-2.0
#include "plan/greedy.h"

#include <stdlib.h>

#include "base/error.h"
#include "plan/join.h"
#include "plan/parts.h"
#include "plan/rules.h"

/*
 * Up to this many open GPUs an engine is offered to all of them. Beyond, each offer may be a set that was never looked at, so
 * the fullest that takes it is found by halving: what a GPU takes, one with more room almost always takes as well.
 */
enum { ASK_ALL_UP_TO = 12 };

/* splitmix64 (Steele, Lea, Flood, OOPSLA'14): an addition and a mix per number. */
uint64_t sw__random(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15u;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return z ^ (z >> 31);
}

static double random_fraction(const struct sw__rule *rule)
{
	static const double two_to_53 = 9007199254740992.0;

	return (double)(sw__random(rule->random) >> 11) / two_to_53;
}

static double memory_part(const struct sw__sizing *sizing, const struct sw__size *size)
{
	return sw__size_memory_gib(sizing, size, size->alone) /
	       sw_gpu_visible_gib(&sizing->problem->fleet[size->fleet].gpu);
}

double sw__footprint(const struct sw__sizing *sizing, const struct sw__size *size)
{
	double share = size->share_matters ? sw__size_share(sizing, size, size->alone) : 0;

	return fmax(share, memory_part(sizing, size));
}

static bool allowed(const struct sw__rule *rule, size_t fleet)
{
	return rule->only_fleet == SW__ANY_FLEET || rule->only_fleet == (long)fleet;
}

/* A set that an engine could join, and what that costs. */
struct offer {
	const struct sw__together *together;
	size_t gpu;
	double extra_share, room;
};

static bool better(const struct offer *a, const struct offer *b)
{
	static const double rounding = 1e-9;

	if (!b->together)
		return true;
	if (fabs(a->extra_share - b->extra_share) > rounding)
		return a->extra_share < b->extra_share;
	return a->room < b->room - rounding;
}

static double room_of(const struct sw__groups *groups, const struct sw__together *t)
{
	const struct sw_fleet_entry *entry = &groups->sizing->problem->fleet[t->fleet];

	return 2 - t->share - t->memory_gib / sw_gpu_visible_gib(&entry->gpu);
}

/* Somebody is there with whom it must not be. */
static bool must_not_meet(const struct sw_problem *problem, const struct sw__together *there,
			  size_t workload)
{
	const struct sw_workload *w = &problem->workloads[workload];

	for (size_t i = 0; (sw__apart(w) || w->n_not_with > 0) && i < there->n; i++) {
		if (!sw__may_meet(problem, workload, there->engines[i]->workload))
			return true;
	}
	return false;
}

/* A set for which no GPU of the fleet is left is none. */
static enum sw_status refuse_without_place(const struct sw__state *state, size_t at,
					   const struct sw__together **set, struct sw_error *err)
{
	bool takes = true;
	enum sw_status st = *set ? sw__state_takes(state, at, *set, &takes, err) : SW_OK;

	if (!takes)
		*set = NULL;
	return st;
}

/* What joining GPU i would mean; no set where it cannot be joined. */
static enum sw_status offer_of(struct sw__groups *groups, const struct sw__state *state, size_t i,
			       size_t workload, struct offer *out, struct sw_error *err)
{
	const struct sw__together *there = state->gpu[i];
	struct sw__size *size;
	enum sw_status st = sw__size_get(groups->sizing, workload, there->fleet,
					 state->replicas[workload], &size, err);

	*out = (struct offer){.gpu = i};
	if (st == SW_OK)
		st = sw__join(groups, there, size, &out->together, err);
	if (st == SW_OK)
		st = refuse_without_place(state, i, &out->together, err);
	if (st != SW_OK || !out->together)
		return st;
	out->extra_share = out->together->share - there->share;
	out->room = room_of(groups, out->together);
	return SW_OK;
}

/* Of the open GPUs those with room by the sums, the fullest first. */
struct candidate {
	double room;
	size_t gpu;
};

static int by_room(const void *a, const void *b)
{
	const struct candidate *x = a, *y = b;

	if (x->room != y->room)
		return x->room < y->room ? -1 : 1;
	return x->gpu < y->gpu ? -1 : x->gpu > y->gpu;
}

static enum sw_status list_candidates(struct sw__groups *groups, const struct sw__state *state,
				      size_t workload, struct candidate *out, size_t *n,
				      struct sw_error *err)
{
	*n = 0;
	for (size_t i = 0; i < state->n; i++) {
		const struct sw__together *there = state->gpu[i];
		struct sw__size *size;
		double gib;
		enum sw_status st = sw__size_get(groups->sizing, workload, there->fleet,
						 state->replicas[workload], &size, err);

		if (st != SW_OK)
			return st;
		if (!size->possible || sw__no_share_left(groups->sizing, there, size) ||
		    must_not_meet(state->problem, there, workload))
			continue;
		gib = sw_gpu_visible_gib(&state->problem->fleet[there->fleet].gpu);
		if (there->memory_gib + sw__size_memory_gib(groups->sizing, size, size->alone) <=
		    gib)
			out[(*n)++] = (struct candidate){1 - there->share, i};
	}
	qsort(out, *n, sizeof(*out), by_room);
	return SW_OK;
}

/* The fullest of many GPUs that takes it. */
static enum sw_status ask_some(struct sw__groups *groups, const struct sw__state *state,
			       size_t workload, struct offer *best, struct sw_error *err)
{
	struct candidate *candidates = calloc(state->n, sizeof(*candidates));
	size_t from = 0, to = 0;
	enum sw_status st = candidates
				    ? list_candidates(groups, state, workload, candidates, &to, err)
				    : sw_fail(err, SW_NO_MEMORY, "%zu GPUs", state->n);

	while (st == SW_OK && from < to) {
		size_t middle = from + (to - from) / 2;
		struct offer offer;

		st = offer_of(groups, state, candidates[middle].gpu, workload, &offer, err);
		if (st == SW_OK && offer.together) {
			*best = offer;
			to = middle;
		} else {
			from = middle + 1;
		}
	}
	free(candidates);
	return st;
}

static enum sw_status ask_all(struct sw__groups *groups, const struct sw__state *state,
			      size_t workload, bool first, struct offer *best, struct sw_error *err)
{
	for (size_t i = 0; i < state->n && !(first && best->together); i++) {
		struct offer offer;
		enum sw_status st = offer_of(groups, state, i, workload, &offer, err);

		if (st != SW_OK)
			return st;
		if (offer.together && better(&offer, best))
			*best = offer;
	}
	return SW_OK;
}

static enum sw_status join(struct sw__groups *groups, struct sw__state *state, size_t workload,
			   const struct sw__rule *rule, bool *joined, struct sw_error *err)
{
	bool first = rule->joining == SW__JOIN_FIRST;
	struct offer best = {0};
	enum sw_status st = state->n > ASK_ALL_UP_TO && !first
				    ? ask_some(groups, state, workload, &best, err)
				    : ask_all(groups, state, workload, first, &best, err);

	*joined = best.together;
	if (st == SW_OK && best.together)
		sw__state_replace(state, best.gpu, best.together);
	return st;
}

/* The price of opening a GPU for an engine, by the rule. */
static double opening_price(const struct sw__groups *groups, const struct sw__size *size,
			    const struct sw__rule *rule)
{
	double price = groups->sizing->problem->fleet[size->fleet].price_per_hour;

	switch (rule->opening) {
	case SW__OPEN_RANDOM:
		return random_fraction(rule);
	case SW__OPEN_EFFICIENT:
		return price * sw__footprint(groups->sizing, size);
	case SW__OPEN_CHEAPEST:
	case SW__OPEN_NONE:
	case SW__OPEN_COUNT:
		break;
	}
	return price;
}

static enum sw_status open_gpu(struct sw__groups *groups, struct sw__state *state, size_t workload,
			       const struct sw__rule *rule, bool *opened, struct sw_error *err)
{
	const struct sw__together *best = NULL, *alone;
	double best_price = INFINITY;
	enum sw_status st = SW_OK;

	for (size_t f = 0; f < state->problem->n_fleet && st == SW_OK; f++) {
		struct sw__size *size;
		double price;

		if (!allowed(rule, f) || !sw__state_has_another(state, f))
			continue;
		st = sw__size_get(groups->sizing, workload, f, state->replicas[workload], &size,
				  err);
		if (st != SW_OK || !size->possible)
			continue;
		price = opening_price(groups, size, rule);
		if (!(price < best_price))
			continue;
		st = sw__join(groups, NULL, size, &alone, err);
		if (st == SW_OK)
			st = refuse_without_place(state, SW__NEW_GPU, &alone, err);
		if (st == SW_OK && alone) {
			best = alone;
			best_price = price;
		}
	}
	*opened = st == SW_OK && best;
	return *opened ? sw__state_open(state, best, err) : st;
}

enum sw_status sw__place(struct sw__groups *groups, struct sw__state *state, size_t workload,
			 const struct sw__rule *rule, struct sw_error *err)
{
	bool done = false;
	enum sw_status st = SW_OK;

	if (rule->joining != SW__JOIN_NONE)
		st = join(groups, state, workload, rule, &done, err);
	if (st == SW_OK && !done && rule->opening != SW__OPEN_NONE)
		st = open_gpu(groups, state, workload, rule, &done, err);
	if (st == SW_OK && !done)
		state->unplaced[workload]++;
	return st;
}

static int by_key(const void *a, const void *b)
{
	const struct sw__item *x = a, *y = b;

	if (x->key != y->key)
		return x->key > y->key ? -1 : 1;
	return x->workload < y->workload ? -1 : x->workload > y->workload;
}

static double key_of(const struct sw__sizing *sizing, const struct sw__size *size,
		     enum sw__order order)
{
	switch (order) {
	case SW__ORDER_SHARE:
		return sw__size_share(sizing, size, size->alone);
	case SW__ORDER_MEMORY:
		return memory_part(sizing, size);
	case SW__ORDER_LARGER_OF_BOTH:
	case SW__ORDER_RANDOM:
	case SW__ORDER_COUNT:
		break;
	}
	return sw__footprint(sizing, size);
}

/* An engine's size differs with the GPU; where it could go decides in the worst case, so the largest counts. */
static enum sw_status set_key(struct sw__groups *groups, const struct sw__state *state,
			      const struct sw__rule *rule, struct sw__item *item,
			      struct sw_error *err)
{
	item->key = rule->order == SW__ORDER_RANDOM ? random_fraction(rule) : 0;
	if (rule->order == SW__ORDER_RANDOM)
		return SW_OK;
	for (size_t f = 0; f < state->problem->n_fleet; f++) {
		struct sw__size *size;
		enum sw_status st;

		if (!allowed(rule, f))
			continue;
		st = sw__size_get(groups->sizing, item->workload, f,
				  state->replicas[item->workload], &size, err);
		if (st != SW_OK)
			return st;
		if (size->possible)
			item->key = fmax(item->key, key_of(groups->sizing, size, rule->order));
	}
	return SW_OK;
}

enum sw_status sw__place_all(struct sw__groups *groups, struct sw__state *state,
			     struct sw__item *items, size_t n, const struct sw__rule *rule,
			     struct sw_error *err)
{
	enum sw_status st = SW_OK;

	for (size_t i = 0; i < n && st == SW_OK; i++)
		st = set_key(groups, state, rule, &items[i], err);
	if (st == SW_OK && n)
		qsort(items, n, sizeof(*items), by_key);
	for (size_t i = 0; i < n && st == SW_OK; i++)
		st = sw__place(groups, state, items[i].workload, rule, err);
	return st;
}

/* The number of replicas that serves a workload for the least, taken alone. */
static enum sw_status choose_replicas(struct sw__groups *groups, struct sw__state *state,
				      size_t workload, const struct sw__rule *rule,
				      struct sw_error *err)
{
	unsigned fixed = state->problem->workloads[workload].replicas;
	double best = INFINITY;

	state->replicas[workload] =
		fixed ? fixed : sw__least_replicas(&state->problem->workloads[workload]);
	for (size_t f = 0; f < state->problem->n_fleet; f++) {
		struct sw__size *size;
		double price;
		enum sw_status st;

		if (!allowed(rule, f))
			continue;
		st = sw__size_fewest(groups->sizing, workload, f, &size, err);
		if (st != SW_OK)
			return st;
		if (!size->possible)
			continue;
		price = size->replicas * (rule->joining == SW__JOIN_NONE
						  ? state->problem->fleet[f].price_per_hour
						  : opening_price(groups, size, rule));
		if (price < best) {
			best = price;
			state->replicas[workload] = size->replicas;
		}
	}
	return SW_OK;
}

enum sw_status sw__build(struct sw__groups *groups, struct sw__state *state,
			 const struct sw__rule *rule, struct sw_error *err)
{
	size_t n_workloads = state->problem->n_workloads, n = 0;
	struct sw__item *items = NULL;
	enum sw_status st = SW_OK;

	for (size_t w = 0; w < n_workloads && st == SW_OK; w++) {
		st = choose_replicas(groups, state, w, rule, err);
		n += state->replicas[w];
	}
	if (st != SW_OK)
		return st;
	items = calloc(n + 1, sizeof(*items));
	if (!items)
		return sw_fail(err, SW_NO_MEMORY, "%zu engines", n);
	n = 0;
	for (size_t w = 0; w < n_workloads; w++) {
		for (unsigned r = 0; r < state->replicas[w]; r++)
			items[n++].workload = w;
	}
	st = sw__place_all(groups, state, items, n, rule, err);
	free(items);
	return st;
}
