// SPDX-License-Identifier: Apache-2.0
#include "plan/replan_repair.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "plan/greedy.h"
#include "plan/limits.h"
#include "plan/replan_place.h"

/* So many engines more than run are tried for a workload that is in the way, before it is one of those that must move. */
enum { MORE_REPLICAS = 2 };

/* GPUs up to which every exchange of two engines is looked at; of more there is nearly always one with room. */
enum { EXCHANGES_UP_TO = 24 };

/* Whether any kind of GPU, or one of its engines as it runs, holds the limits with this many. */
static enum sw_status is_possible(struct sw__slots *s, size_t workload, unsigned replicas,
				  bool *possible, struct sw_error *err)
{
	struct sw__size *size;
	enum sw_status st = SW_OK;

	*possible = false;
	for (size_t f = 0; st == SW_OK && !*possible && f < s->sizing->problem->n_fleet; f++) {
		st = sw__size_get(s->sizing, workload, f, replicas, &size, err);
		*possible = st == SW_OK && size->possible;
	}
	for (size_t e = 0; st == SW_OK && !*possible && e < s->running->n_engines; e++) {
		if (s->running->engines[e].workload != workload)
			continue;
		st = sw__limits_possible(s->kept, e, replicas, possible, err);
	}
	return st;
}

/* The cheapest number of engines that holds the limits, by the part of a GPU that each takes. */
static enum sw_status fewest(struct sw__slots *s, size_t workload, unsigned *out,
			     struct sw_error *err)
{
	double best = INFINITY;
	enum sw_status st = SW_OK;

	for (size_t f = 0; st == SW_OK && f < s->sizing->problem->n_fleet; f++) {
		const struct sw_fleet_entry *entry = &s->sizing->problem->fleet[f];
		struct sw__size *size;
		double price;

		st = sw__size_fewest(s->sizing, workload, f, &size, err);
		if (st != SW_OK || !size->possible)
			continue;
		price = size->replicas * entry->price_per_hour * sw__footprint(s->sizing, size);
		if (price < best) {
			best = price;
			*out = size->replicas;
		}
	}
	return st;
}

static enum sw_status count_replicas(struct sw__slots *s, size_t workload, struct sw_error *err)
{
	const struct sw_workload *w = &s->sizing->problem->workloads[workload];
	unsigned *replicas = &s->replicas[workload], runs = s->running->replicas[workload];
	bool possible = false;
	enum sw_status st = SW_OK;

	*replicas = w->replicas ? w->replicas : runs ? runs : 1;
	if (w->replicas)
		return SW_OK;
	if (sw_known(w->load.concurrency) && *replicas > w->load.concurrency)
		*replicas = (unsigned)fmax(1, w->load.concurrency);
	if (runs)
		st = is_possible(s, workload, *replicas, &possible, err);
	return st == SW_OK && !possible ? fewest(s, workload, replicas, err) : st;
}

/* Whether a running engine is one of those that are wanted: of too many the last ones are not. */
static bool is_wanted(const struct sw__slots *s, size_t engine)
{
	const struct sw__running_engine *e = s->running->engines;
	unsigned before = 0;

	if (e[engine].workload == SW__NONE)
		return false;
	for (size_t i = 0; i < s->running->n_engines; i++)
		before += e[i].workload == e[engine].workload && e[i].replica < e[engine].replica;
	return before < s->replicas[e[engine].workload];
}

static size_t wants_of(const struct sw__slots *s, size_t gpu, struct sw__want *out)
{
	const struct sw__running_gpu *g = &s->running->gpus[gpu];
	size_t n = 0;

	for (size_t e = g->first; e < g->first + g->n; e++) {
		if (is_wanted(s, e))
			out[n++] = (struct sw__want){s->running->engines[e].workload, e};
	}
	return n;
}

/* Engines of GPUs that are gone, and those that do not run yet. */
static enum sw_status fill_pool(struct sw__slots *s, struct sw_error *err)
{
	struct sw__want want[SW__TOGETHER_MAX];
	enum sw_status st = SW_OK;

	for (size_t g = 0; st == SW_OK && g < s->running->n_gpus; g++) {
		size_t n = s->running->gpus[g].fleet == SW__NONE ? wants_of(s, g, want) : 0;

		for (size_t k = 0; st == SW_OK && k < n; k++)
			st = sw__pool_put(s, want[k], err);
	}
	for (size_t w = 0; st == SW_OK && w < s->sizing->problem->n_workloads; w++) {
		for (unsigned r = s->running->replicas[w]; st == SW_OK && r < s->replicas[w]; r++)
			st = sw__pool_put(s, (struct sw__want){w, SW__NONE}, err);
	}
	return st;
}

/* A slot whose engines do not hold together. */
struct repair {
	struct sw__slots *s;
	size_t slot, n;
	struct sw__want want[SW__TOGETHER_MAX];
	struct sw_error *err;
};

/* One engine elsewhere. */
static enum sw_status without(struct repair *r, size_t k, bool *done)
{
	struct sw__want rest[SW__TOGETHER_MAX];
	size_t n = 0;
	enum sw_status st;

	for (size_t i = 0; i < r->n; i++) {
		if (i != k)
			rest[n++] = r->want[i];
	}
	st = sw__slot_set(r->s, r->slot, rest, n, done, r->err);
	if (st != SW_OK || !*done)
		return st;
	return sw__place_want(r->s, &r->want[k], SW__OPEN_ANY_KIND, r->slot, done, r->err);
}

/* More engines of a workload, each with less to do. */
static enum sw_status divided(struct repair *r, size_t workload, unsigned more, bool *done)
{
	struct sw__slots *s = r->s;
	enum sw_status st =
		sw__slots_divide(s, workload, s->replicas[workload] + more, done, r->err);

	if (st == SW_OK && *done)
		st = sw__slot_set(s, r->slot, r->want, r->n, done, r->err);
	for (unsigned i = 0; st == SW_OK && *done && i < more; i++) {
		const struct sw__want another = {workload, SW__NONE};

		st = sw__place_want(s, &another, SW__OPEN_ANY_KIND, SW__NONE, done, r->err);
	}
	return st;
}

/* A way to repair a slot: engine k elsewhere, or with `more` replicas, or in exchange for engine m of slot `other`. */
struct way {
	enum { MOVE, DIVIDE, EXCHANGE } kind;
	size_t k, other, m;
	unsigned more;
};

/* Engine k for one of another GPU. */
static enum sw_status exchanged(struct repair *r, const struct way *way, bool *done)
{
	const struct sw__slot there = r->s->slot[way->other];
	struct sw__want here[SW__TOGETHER_MAX], back[SW__TOGETHER_MAX];
	enum sw_status st;

	(void)memcpy(here, r->want, r->n * sizeof(*here));
	(void)memcpy(back, there.want, there.n * sizeof(*back));
	here[way->k] = there.want[way->m];
	back[way->m] = r->want[way->k];
	st = sw__slot_set(r->s, r->slot, here, r->n, done, r->err);
	return st == SW_OK && *done ? sw__slot_set(r->s, way->other, back, there.n, done, r->err)
				    : st;
}

static enum sw_status try_way(struct repair *r, const struct way *way, bool *done)
{
	switch (way->kind) {
	case MOVE:
		return without(r, way->k, done);
	case DIVIDE:
		return divided(r, r->want[way->k].workload, way->more, done);
	case EXCHANGE:
		break;
	}
	return exchanged(r, way, done);
}

/* The best of the ways so far. */
struct best_way {
	bool found;
	struct way way;
	struct sw__worth worth;
};

static enum sw_status consider(struct repair *r, struct way way, struct best_way *best)
{
	struct sw__worth worth;
	bool done;
	enum sw_status st;

	sw__slots_begin(r->s);
	st = try_way(r, &way, &done);
	worth = sw__slots_worth(r->s);
	sw__slots_rollback(r->s);
	if (st == SW_OK && done && (!best->found || sw__worth_less(&worth, &best->worth)))
		*best = (struct best_way){true, way, worth};
	return st;
}

static enum sw_status consider_more(struct repair *r, size_t k, struct best_way *best)
{
	const struct sw_workload *w = &r->s->sizing->problem->workloads[r->want[k].workload];
	enum sw_status st = SW_OK;

	if (w->replicas || (k > 0 && r->want[k - 1].workload == r->want[k].workload))
		return SW_OK;
	for (unsigned more = 1; st == SW_OK && more <= MORE_REPLICAS; more++) {
		if (!(r->s->replicas[r->want[k].workload] + more > w->load.concurrency))
			st = consider(r, (struct way){.kind = DIVIDE, .k = k, .more = more}, best);
	}
	return st;
}

static enum sw_status consider_exchanges(struct repair *r, size_t k, struct best_way *best)
{
	const struct sw__slots *s = r->s;
	enum sw_status st = SW_OK;

	for (size_t i = 0; i < s->n; i++) {
		size_t n = i == r->slot || s->slot[i].broken ? 0 : s->slot[i].n;

		for (size_t m = 0; st == SW_OK && m < n; m++)
			st = consider(r, (struct way){.kind = EXCHANGE, .k = k, .other = i, .m = m},
				      best);
	}
	return st;
}

static enum sw_status find_best_way(struct repair *r, struct best_way *best)
{
	enum sw_status st = SW_OK;

	for (size_t k = 0; st == SW_OK && k < r->n; k++)
		st = consider(r, (struct way){.kind = MOVE, .k = k}, best);
	for (size_t k = 0; st == SW_OK && k < r->n; k++)
		st = consider_more(r, k, best);
	for (size_t k = 0; st == SW_OK && r->s->n <= EXCHANGES_UP_TO && k < r->n; k++)
		st = consider_exchanges(r, k, best);
	return st;
}

/* Where moving one is not enough: the largest go until the rest holds. */
static enum sw_status throw_out(struct repair *r)
{
	bool fits = false;
	enum sw_status st = SW_OK;

	while (st == SW_OK && !fits && r->n) {
		size_t at = 0;
		double most = -1;

		for (size_t k = 0; st == SW_OK && k < r->n; k++) {
			double footprint;

			st = sw__want_footprint(r->s, &r->want[k], &footprint, r->err);
			/* One that can run nowhere is in the way of all. */
			if (footprint <= 0)
				footprint = INFINITY;
			if (st == SW_OK && footprint > most) {
				most = footprint;
				at = k;
			}
		}
		if (st == SW_OK)
			st = sw__pool_put(r->s, r->want[at], r->err);
		r->n--;
		(void)memmove(&r->want[at], &r->want[at + 1], (r->n - at) * sizeof(r->want[0]));
		if (st == SW_OK)
			st = sw__slot_set(r->s, r->slot, r->want, r->n, &fits, r->err);
	}
	return st;
}

static enum sw_status repair_slot(struct sw__slots *s, size_t i, struct sw_error *err)
{
	struct repair r = {.s = s, .slot = i, .err = err};
	struct best_way best = {.found = false};
	bool done;
	enum sw_status st;

	r.n = wants_of(s, s->slot[i].running, r.want);
	st = sw__slot_set(s, i, r.want, r.n, &done, err);
	if (st != SW_OK || done)
		return st;
	st = find_best_way(&r, &best);
	if (st != SW_OK)
		return st;
	return best.found ? try_way(&r, &best.way, &done) : throw_out(&r);
}

enum sw_status sw__repair(struct sw__slots *s, struct sw_error *err)
{
	struct sw__want want[SW__TOGETHER_MAX];
	bool *fits = calloc(s->n + 1, sizeof(*fits));
	size_t running = s->n;
	enum sw_status st = fits ? SW_OK : sw_fail(err, SW_NO_MEMORY, "%zu GPUs", s->n);

	for (size_t w = 0; st == SW_OK && w < s->sizing->problem->n_workloads; w++)
		st = count_replicas(s, w, err);
	/* What holds first: then it is known where there is room. */
	for (size_t i = 0; st == SW_OK && i < running; i++)
		st = sw__slot_set(s, i, want, wants_of(s, s->slot[i].running, want), &fits[i], err);
	if (st == SW_OK)
		st = fill_pool(s, err);
	/* Nobody else may come before it is known what stays. */
	for (size_t i = 0; fits && i < running; i++)
		s->slot[i].broken = !fits[i];
	for (size_t i = 0; st == SW_OK && fits && i < running; i++) {
		if (!fits[i])
			st = repair_slot(s, i, err);
	}
	free(fits);
	return st == SW_OK ? sw__place_pool(s, 0, false, SW__OPEN_ANY_KIND, SW__NONE, err) : st;
}

static size_t slot_of(const struct sw__slots *s, size_t gpu)
{
	for (size_t i = 0; i < s->n; i++) {
		if (s->slot[i].running == gpu)
			return i;
	}
	return SW__NONE;
}

/* Whether everything on a slot runs there just so already. */
static bool is_untouched(const struct sw__slots *s, const struct sw__slot *slot)
{
	for (size_t k = 0; k < slot->n; k++) {
		size_t engine = slot->want[k].engine;

		if (engine == SW__NONE || s->running->engines[engine].gpu != slot->running)
			return false;
	}
	return slot->changes == 0;
}

/* Whether the others of a slot hold their limits although engine `engine` is there. */
static bool others_hold(const struct sw__slot *slot, size_t engine,
			const struct sw_prediction *predicted)
{
	for (size_t k = 0; k < slot->n; k++) {
		if (slot->want[k].engine != engine &&
		    !sw_prediction_meets(&predicted[k], &slot->set->engines[k]->tenant.slo))
			return false;
	}
	return true;
}

static enum sw_status leave(struct sw__slots *s, size_t i, const struct sw__want *want, bool *left,
			    struct sw_error *err)
{
	struct sw__slot was = s->slot[i], *slot = &s->slot[i];
	struct sw_prediction predicted[SW__TOGETHER_MAX];
	struct sw__want all[SW__TOGETHER_MAX + 1];
	enum sw_status st;

	(void)memcpy(all, was.want, was.n * sizeof(*all));
	all[was.n] = *want;
	st = sw__slot_leave(s, i, all, was.n + 1, err);
	if (st == SW_OK)
		st = sw__together_predict(s->sizing, slot->fleet, slot->set->engines,
					  slot->set->level, slot->n, predicted, err);
	*left = st == SW_OK && others_hold(slot, want->engine, predicted);
	if (!*left)
		*slot = was;
	return st;
}

enum sw_status sw__leave_running(struct sw__slots *s, struct sw_error *err)
{
	enum sw_status st = SW_OK;

	for (size_t p = 0; st == SW_OK && p < s->n_pool;) {
		const struct sw__want want = s->pool[p];
		const struct sw__running_engine *is =
			want.engine == SW__NONE ? NULL : &s->running->engines[want.engine];
		size_t i = is ? slot_of(s, is->gpu) : SW__NONE;
		bool left = false;

		if (i != SW__NONE && is->may_stay && is->level != SW__NONE &&
		    s->slot[i].n < SW__TOGETHER_MAX && is_untouched(s, &s->slot[i]) &&
		    (s->slot[i].n || sw__slots_has_another(s, s->slot[i].fleet)))
			st = leave(s, i, &want, &left, err);
		if (left)
			(void)sw__pool_take(s, p);
		else
			p++;
	}
	return st;
}
