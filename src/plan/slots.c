// SPDX-License-Identifier: Apache-2.0
#include "plan/slots.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "plan/slot_choose.h"

enum { FIRST_CAPACITY = 16 };

static const double rounding = 1e-9;

/* What a try has touched: slots as they were, each once. */
struct sw__undo {
	bool open;
	size_t n_slots, n_pool, pool_capacity; /* as they were */
	struct sw__want *pool;
	unsigned *replicas;
	size_t n, capacity;
	struct undone {
		size_t i;
		struct sw__slot was;
	} * slot;
	bool failed; /* no memory to remember something: the try cannot be taken back */
};

static struct sw__undo *undo_new(size_t workloads)
{
	struct sw__undo *undo = calloc(1, sizeof(*undo));

	if (!undo)
		return NULL;
	undo->replicas = calloc(workloads + 1, sizeof(*undo->replicas));
	if (undo->replicas)
		return undo;
	free(undo);
	return NULL;
}

static enum sw_status grow(void **array, size_t *capacity, size_t n, size_t size,
			   struct sw_error *err)
{
	size_t wanted = *capacity ? *capacity : FIRST_CAPACITY;
	void *more;

	if (n <= *capacity)
		return SW_OK;
	while (wanted < n)
		wanted *= 2;
	more = realloc(*array, wanted * size);
	if (!more)
		return sw_fail(err, SW_NO_MEMORY, "%zu elements", wanted);
	*array = more;
	*capacity = wanted;
	return SW_OK;
}

enum sw_status sw__slots_add(struct sw__slots *s, size_t fleet, size_t *i, struct sw_error *err)
{
	enum sw_status st = grow((void **)&s->slot, &s->capacity, s->n + 1, sizeof(*s->slot), err);

	if (st != SW_OK)
		return st;
	*i = s->n++;
	s->slot[*i] = (struct sw__slot){.fleet = fleet, .running = SW__NONE};
	return SW_OK;
}

enum sw_status sw__slots_open(struct sw__kept *kept, struct sw__held *held, struct sw__memo *memo,
			      const struct sw_replan_options *options, struct sw__slots *out,
			      struct sw_error *err)
{
	const struct sw__running *running = kept->running;
	size_t workloads = running->problem->n_workloads;
	enum sw_status st = SW_OK;

	*out = (struct sw__slots){.sizing = kept->sizing,
				  .running = running,
				  .kept = kept,
				  .held = held,
				  .memo = memo,
				  .options = options};
	out->replicas = calloc(workloads + 1, sizeof(*out->replicas));
	out->undo = undo_new(workloads);
	if (!out->replicas || !out->undo)
		return sw_fail(err, SW_NO_MEMORY, "%zu workloads", workloads);
	for (size_t g = 0; st == SW_OK && g < running->n_gpus; g++) {
		size_t i;

		if (running->gpus[g].fleet == SW__NONE)
			continue;
		st = sw__slots_add(out, running->gpus[g].fleet, &i, err);
		if (st == SW_OK)
			out->slot[i].running = g;
	}
	return st;
}

void sw__slots_close(struct sw__slots *s)
{
	if (s->undo) {
		free(s->undo->pool);
		free(s->undo->replicas);
		free(s->undo->slot);
	}
	free(s->undo);
	free(s->slot);
	free(s->replicas);
	free(s->pool);
	*s = (struct sw__slots){0};
}

enum sw_status sw__slots_copy(struct sw__slots *to, const struct sw__slots *from,
			      struct sw_error *err)
{
	enum sw_status st =
		grow((void **)&to->slot, &to->capacity, from->n, sizeof(*to->slot), err);

	if (st == SW_OK)
		st = grow((void **)&to->pool, &to->pool_capacity, from->n_pool + 1,
			  sizeof(*to->pool), err);
	if (st != SW_OK)
		return st;
	to->n = from->n;
	to->n_pool = from->n_pool;
	if (from->n)
		(void)memcpy(to->slot, from->slot, from->n * sizeof(*from->slot));
	if (from->n_pool)
		(void)memcpy(to->pool, from->pool, from->n_pool * sizeof(*from->pool));
	(void)memcpy(to->replicas, from->replicas,
		     from->sizing->problem->n_workloads * sizeof(*from->replicas));
	return SW_OK;
}

void sw__slots_begin(struct sw__slots *s)
{
	struct sw__undo *u = s->undo;

	u->open = true;
	u->n = 0;
	u->n_slots = s->n;
	u->n_pool = s->n_pool;
	u->failed = grow((void **)&u->pool, &u->pool_capacity, s->n_pool + 1, sizeof(*u->pool),
			 NULL) != SW_OK;
	if (!u->failed && s->n_pool)
		(void)memcpy(u->pool, s->pool, s->n_pool * sizeof(*s->pool));
	(void)memcpy(u->replicas, s->replicas,
		     s->sizing->problem->n_workloads * sizeof(*s->replicas));
}

void sw__slots_commit(struct sw__slots *s)
{
	s->undo->open = false;
}

void sw__slots_rollback(struct sw__slots *s)
{
	struct sw__undo *u = s->undo;

	u->open = false;
	while (u->n > 0) {
		u->n--;
		s->slot[u->slot[u->n].i] = u->slot[u->n].was;
	}
	s->n = u->n_slots;
	s->n_pool = u->n_pool;
	if (u->n_pool)
		(void)memcpy(s->pool, u->pool, u->n_pool * sizeof(*s->pool));
	(void)memcpy(s->replicas, u->replicas,
		     s->sizing->problem->n_workloads * sizeof(*s->replicas));
}

/* Remember slot i before it becomes another, where a try is open. */
static enum sw_status touch(struct sw__slots *s, size_t i, struct sw_error *err)
{
	struct sw__undo *u = s->undo;
	enum sw_status st;

	if (u->failed)
		return sw_fail(err, SW_NO_MEMORY, "%zu engines", u->n_pool);
	if (!u->open || i >= u->n_slots)
		return SW_OK;
	for (size_t k = 0; k < u->n; k++) {
		if (u->slot[k].i == i)
			return SW_OK;
	}
	st = grow((void **)&u->slot, &u->capacity, u->n + 1, sizeof(*u->slot), err);
	if (st == SW_OK)
		u->slot[u->n++] = (struct undone){i, s->slot[i]};
	return st;
}

static bool comes_before(const struct sw__slots *s, const struct sw__want *a,
			 const struct sw__want *b)
{
	const struct sw__running_engine *e = s->running->engines;

	if (a->workload != b->workload)
		return a->workload < b->workload;
	if (a->engine == SW__NONE || b->engine == SW__NONE)
		return a->engine != SW__NONE && b->engine == SW__NONE;
	return e[a->engine].replica < e[b->engine].replica;
}

static void sort_wants(const struct sw__slots *s, struct sw__want *want, size_t n)
{
	for (size_t i = 1; i < n; i++) {
		struct sw__want moved = want[i];
		size_t at = i;

		for (; at > 0 && comes_before(s, &moved, &want[at - 1]); at--)
			want[at] = want[at - 1];
		want[at] = moved;
	}
}

enum sw_status sw__slot_set(struct sw__slots *s, size_t i, const struct sw__want *want, size_t n,
			    bool *fits, struct sw_error *err)
{
	struct sw__slot slot = s->slot[i];
	enum sw_status st = touch(s, i, err);

	*fits = n == 0;
	if (st != SW_OK || n > SW__TOGETHER_MAX)
		return st;
	slot.n = n;
	slot.set = NULL;
	slot.broken = false;
	slot.price = slot.changes = 0;
	if (n) {
		(void)memcpy(slot.want, want, n * sizeof(*want));
		sort_wants(s, slot.want, n);
		st = sw__slot_choose(s, &slot, fits, err);
	}
	if (st == SW_OK && *fits)
		s->slot[i] = slot;
	return st;
}

enum sw_status sw__slot_leave(struct sw__slots *s, size_t i, const struct sw__want *want, size_t n,
			      struct sw_error *err)
{
	struct sw__slot *slot = &s->slot[i];
	struct sw__held_ask ask = {.fleet = slot->fleet, .n = n};
	enum sw_status st = touch(s, i, err);

	if (st != SW_OK)
		return st;
	slot->n = n;
	slot->broken = true;
	slot->price = slot->changes = 0;
	(void)memcpy(slot->want, want, n * sizeof(*want));
	sort_wants(s, slot->want, n);
	for (size_t k = 0; st == SW_OK && k < n; k++) {
		size_t engine = slot->want[k].engine;

		ask.stay[k] = s->running->engines[engine].level;
		st = sw__kept_size(s->kept, engine, s->replicas[slot->want[k].workload],
				   sw__runs_limited(s, engine), &ask.engines[k], err);
	}
	return st == SW_OK ? sw__hold_as_it_is(s->held, &ask, &slot->set, err) : st;
}

enum sw_status sw__slots_divide(struct sw__slots *s, size_t workload, unsigned replicas, bool *fits,
				struct sw_error *err)
{
	enum sw_status st = SW_OK;

	*fits = true;
	s->replicas[workload] = replicas;
	for (size_t i = 0; i < s->n && st == SW_OK && *fits; i++) {
		bool has = false;

		for (size_t k = 0; k < s->slot[i].n; k++)
			has |= s->slot[i].want[k].workload == workload;
		if (has) {
			struct sw__slot was = s->slot[i];

			st = sw__slot_set(s, i, was.want, was.n, fits, err);
		}
	}
	return st;
}

enum sw_status sw__pool_put(struct sw__slots *s, struct sw__want want, struct sw_error *err)
{
	enum sw_status st =
		grow((void **)&s->pool, &s->pool_capacity, s->n_pool + 1, sizeof(*s->pool), err);

	if (st == SW_OK)
		s->pool[s->n_pool++] = want;
	return st;
}

struct sw__want sw__pool_take(struct sw__slots *s, size_t i)
{
	struct sw__want taken = s->pool[i];

	s->n_pool--;
	(void)memmove(s->pool + i, s->pool + i + 1, (s->n_pool - i) * sizeof(*s->pool));
	return taken;
}

bool sw__slots_has_another(const struct sw__slots *s, size_t fleet)
{
	double used = 0;

	for (size_t i = 0; i < s->n; i++)
		used += (s->slot[i].n || s->slot[i].broken) && s->slot[i].fleet == fleet;
	return used + 1 <= s->sizing->problem->fleet[fleet].count;
}

double sw__slot_money(const struct sw__slots *s, size_t i)
{
	const struct sw__slot *slot = &s->slot[i];

	if (!slot->n)
		return 0;
	return s->sizing->problem->fleet[slot->fleet].price_per_hour * s->options->horizon_hours +
	       slot->price;
}

struct sw__worth sw__slots_worth(const struct sw__slots *s)
{
	struct sw__worth worth = {.lost = (double)s->n_pool};

	for (size_t i = 0; i < s->n; i++) {
		const struct sw__slot *slot = &s->slot[i];

		if (!slot->n)
			continue;
		worth.lost += slot->broken ? (double)slot->n : 0;
		worth.per_hour += s->sizing->problem->fleet[slot->fleet].price_per_hour;
		worth.price += slot->price;
		worth.gpus++;
		worth.share += slot->set->share;
		worth.changes += slot->changes;
	}
	worth.money = worth.per_hour * s->options->horizon_hours + worth.price;
	return worth;
}

bool sw__worth_less(const struct sw__worth *a, const struct sw__worth *b)
{
	const double x[] = {a->lost, a->money, a->gpus, a->share, a->changes};
	const double y[] = {b->lost, b->money, b->gpus, b->share, b->changes};

	for (size_t i = 0; i < sizeof(x) / sizeof(x[0]); i++) {
		if (fabs(x[i] - y[i]) > rounding * fmax(1, fabs(y[i])))
			return x[i] < y[i];
	}
	return false;
}
