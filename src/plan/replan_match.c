// SPDX-License-Identifier: Apache-2.0
/* Another plan in terms of the running one: which of its GPUs is which, and which of its engines runs already. */
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "plan/replan_improve.h"

static const double rounding = 1e-9;

struct pair {
	size_t set, slot; /* of the plan from nothing; of a running GPU */
	double common; /* price that is saved by their being one */
};

struct matching {
	struct sw__slots *s;
	const struct sw__state *state;
	size_t *slot_of; /* per set: SW__NONE: a new GPU */
	bool *engine_used; /* per running engine */
	bool *slot_used;
	struct pair *pairs;
	size_t n_pairs, capacity;
};

/* Engines that need not be moved if running GPU of `slot` became this set, by their shares. */
static double in_common(const struct matching *m, const struct sw__together *set, size_t slot)
{
	const struct sw__running *running = m->s->running;
	const struct sw__running_gpu *gpu = &running->gpus[m->s->slot[slot].running];
	bool used[SW__TOGETHER_MAX] = {false};
	double common = 0;

	for (size_t k = 0; k < set->n; k++) {
		for (size_t e = 0; e < gpu->n && e < SW__TOGETHER_MAX; e++) {
			const struct sw__running_engine *is = &running->engines[gpu->first + e];

			if (used[e] || is->workload != set->engines[k]->workload)
				continue;
			used[e] = true;
			common += sw__together_share(m->s->sizing, set, k);
			break;
		}
	}
	return common;
}

static int by_common(const void *a, const void *b)
{
	const struct pair *x = a, *y = b;

	if (fabs(x->common - y->common) > rounding)
		return x->common > y->common ? -1 : 1;
	if (x->slot != y->slot)
		return x->slot < y->slot ? -1 : 1;
	return x->set < y->set ? -1 : x->set > y->set;
}

static enum sw_status add_pair(struct matching *m, struct pair pair, struct sw_error *err)
{
	if (m->n_pairs == m->capacity) {
		size_t capacity = m->capacity ? m->capacity * 2 : 64;
		struct pair *more = realloc(m->pairs, capacity * sizeof(*more));

		if (!more)
			return sw_fail(err, SW_NO_MEMORY, "%zu pairs of GPUs", capacity);
		m->pairs = more;
		m->capacity = capacity;
	}
	m->pairs[m->n_pairs++] = pair;
	return SW_OK;
}

static enum sw_status list_pairs(struct matching *m, struct sw_error *err)
{
	enum sw_status st = SW_OK;

	for (size_t i = 0; i < m->state->n; i++) {
		for (size_t g = 0; st == SW_OK && g < m->s->n; g++) {
			double common;

			if (m->s->slot[g].fleet != m->state->gpu[i]->fleet)
				continue;
			common = in_common(m, m->state->gpu[i], g);
			if (common > 0)
				st = add_pair(m, (struct pair){i, g, common}, err);
		}
	}
	if (m->n_pairs)
		qsort(m->pairs, m->n_pairs, sizeof(*m->pairs), by_common);
	return st;
}

/* Those with most in common first; what has nothing in common takes any that is left. */
static void pair_up(struct matching *m)
{
	for (size_t i = 0; i < m->state->n; i++)
		m->slot_of[i] = SW__NONE;
	for (size_t p = 0; p < m->n_pairs; p++) {
		const struct pair *pair = &m->pairs[p];

		if (m->slot_of[pair->set] != SW__NONE || m->slot_used[pair->slot])
			continue;
		m->slot_of[pair->set] = pair->slot;
		m->slot_used[pair->slot] = true;
	}
	for (size_t i = 0; i < m->state->n; i++) {
		for (size_t g = 0; m->slot_of[i] == SW__NONE && g < m->s->n; g++) {
			if (m->slot_used[g] || m->s->slot[g].fleet != m->state->gpu[i]->fleet)
				continue;
			m->slot_of[i] = g;
			m->slot_used[g] = true;
		}
	}
}

/* A running engine of the workload that is on no GPU yet; at home where `gpu` says so. */
static size_t find_engine(struct matching *m, size_t workload, size_t gpu)
{
	const struct sw__running *running = m->s->running;

	for (size_t e = 0; e < running->n_engines; e++) {
		const struct sw__running_engine *is = &running->engines[e];

		if (!m->engine_used[e] && is->workload == workload &&
		    (gpu == SW__NONE || is->gpu == gpu)) {
			m->engine_used[e] = true;
			return e;
		}
	}
	return SW__NONE;
}

static enum sw_status fill(struct matching *m, struct sw__want (*want)[SW__TOGETHER_MAX],
			   bool *fits, struct sw_error *err)
{
	struct sw__slots *s = m->s;
	enum sw_status st = SW_OK;

	*fits = true;
	for (size_t i = 0; st == SW_OK && *fits && i < m->state->n; i++) {
		const struct sw__together *set = m->state->gpu[i];
		size_t slot = m->slot_of[i];

		for (size_t k = 0; k < set->n; k++) {
			if (want[i][k].engine == SW__NONE)
				want[i][k].engine = find_engine(m, want[i][k].workload, SW__NONE);
		}
		if (slot == SW__NONE)
			st = sw__slots_add(s, set->fleet, &slot, err);
		if (st == SW_OK)
			st = sw__slot_set(s, slot, want[i], set->n, fits, err);
	}
	return st;
}

static enum sw_status name_engines(struct matching *m, bool *fits, struct sw_error *err)
{
	struct sw__want(*want)[SW__TOGETHER_MAX] = calloc(m->state->n + 1, sizeof(*want));
	enum sw_status st;

	if (!want)
		return sw_fail(err, SW_NO_MEMORY, "%zu GPUs", m->state->n);
	for (size_t i = 0; i < m->state->n; i++) {
		size_t slot = m->slot_of[i];

		for (size_t k = 0; k < m->state->gpu[i]->n; k++) {
			size_t workload = m->state->gpu[i]->engines[k]->workload;

			want[i][k].workload = workload;
			want[i][k].engine =
				slot == SW__NONE
					? SW__NONE
					: find_engine(m, workload, m->s->slot[slot].running);
		}
	}
	st = fill(m, want, fits, err);
	free(want);
	return st;
}

enum sw_status sw__slots_from_state(struct sw__slots *s, const struct sw__state *state, bool *fits,
				    struct sw_error *err)
{
	struct matching m = {.s = s, .state = state};
	enum sw_status st = SW_OK;

	*fits = false;
	m.slot_of = calloc(state->n + 1, sizeof(*m.slot_of));
	m.slot_used = calloc(s->n + 1, sizeof(*m.slot_used));
	m.engine_used = calloc(s->running->n_engines + 1, sizeof(*m.engine_used));
	if (!m.slot_of || !m.slot_used || !m.engine_used)
		st = sw_fail(err, SW_NO_MEMORY, "%zu GPUs", state->n);
	if (st == SW_OK)
		st = list_pairs(&m, err);
	if (st == SW_OK) {
		(void)memcpy(s->replicas, state->replicas,
			     s->sizing->problem->n_workloads * sizeof(*s->replicas));
		pair_up(&m);
		st = name_engines(&m, fits, err);
	}
	for (size_t w = 0; st == SW_OK && w < s->sizing->problem->n_workloads; w++) {
		for (unsigned i = 0; st == SW_OK && i < state->unplaced[w]; i++)
			st = sw__pool_put(s, (struct sw__want){w, SW__NONE}, err);
	}
	free(m.slot_of);
	free(m.slot_used);
	free(m.engine_used);
	free(m.pairs);
	return st;
}
