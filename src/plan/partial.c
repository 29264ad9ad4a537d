// SPDX-License-Identifier: Apache-2.0
#include "plan/partial.h"

#include <stdlib.h>

#include "base/error.h"

/* Workloads that are put back, whole or in parts: the smaller come first, and where they do not fit others seldom do. */
enum { PUT_BACK_MAX = 256 };

static const struct sw__rule any_kind = {
	.joining = SW__JOIN_LEAST_EXTRA, .opening = SW__OPEN_CHEAPEST, .only_fleet = SW__ANY_FLEET};

/* What is left on a GPU without the engines of workloads that are not whole; NULL: nothing. */
static enum sw_status whole_ones(struct sw__groups *groups, const struct sw__state *state,
				 const struct sw__together *there, const struct sw__together **out,
				 struct sw_error *err)
{
	struct sw__size *kept[SW__TOGETHER_MAX];
	size_t n = 0;

	for (size_t i = 0; i < there->n; i++) {
		if (state->unplaced[there->engines[i]->workload] == 0)
			kept[n++] = there->engines[i];
	}
	*out = n == there->n ? there : NULL;
	if (n == 0 || n == there->n)
		return SW_OK;
	return sw__together_get(groups, there->fleet, kept, n, out, err);
}

/* Downwards, because closing a GPU moves those behind it. *out: done; fewer neighbours should never hurt, but if they do, no. */
static enum sw_status take_out(struct sw__groups *groups, struct sw__state *state, bool *out,
			       struct sw_error *err)
{
	*out = true;
	for (size_t i = state->n; i-- > 0 && *out;) {
		const struct sw__together *left;
		enum sw_status st = whole_ones(groups, state, state->gpu[i], &left, err);

		if (st != SW_OK)
			return st;
		*out = !left || left->fits;
		if (left)
			sw__state_replace(state, i, left);
		else
			sw__state_close(state, i);
	}
	return SW_OK;
}

static int by_size(const void *a, const void *b)
{
	const struct sw__item *x = a, *y = b;

	if (x->key != y->key)
		return x->key < y->key ? -1 : 1;
	return x->workload < y->workload ? -1 : x->workload > y->workload;
}

/* All engines of a workload; where not all find a place none is kept, unless `parts`. */
static enum sw_status put_back(struct sw__groups *groups, struct sw__state *state, size_t workload,
			       const struct sw__rule *rule, bool parts, struct sw_error *err)
{
	unsigned n = state->replicas[workload];
	struct sw__state before;
	enum sw_status st = sw__state_new(state->problem, &before, err);

	if (st == SW_OK)
		st = sw__state_copy(&before, state, err);
	state->unplaced[workload] = 0;
	for (unsigned i = 0; st == SW_OK && i < n; i++) {
		st = sw__place(groups, state, workload, rule, err);
		if (st == SW_OK && state->unplaced[workload] && !parts) {
			st = sw__state_copy(state, &before, err);
			break;
		}
		if (state->unplaced[workload]) {
			state->unplaced[workload] = n - i;
			break;
		}
	}
	sw__state_free(&before);
	return st;
}

static void divide(struct sw__state *state, size_t workload, unsigned replicas)
{
	state->replicas[workload] = state->unplaced[workload] = replicas;
}

/* All of it, divided as it was; or, where that is open, as it is best for one of the kinds of GPU, of which there may be more. */
static enum sw_status put_whole(struct sw__groups *groups, struct sw__state *state, size_t workload,
				struct sw_error *err)
{
	const struct sw_problem *problem = state->problem;
	unsigned was = state->replicas[workload];
	enum sw_status st = put_back(groups, state, workload, &any_kind, false, err);

	for (size_t f = 0; f < problem->n_fleet && !problem->workloads[workload].replicas; f++) {
		struct sw__rule rule = any_kind;
		struct sw__size *size;

		if (st != SW_OK || !state->unplaced[workload])
			return st;
		rule.only_fleet = (long)f;
		st = sw__size_fewest(groups->sizing, workload, f, &size, err);
		if (st != SW_OK || !size->possible)
			continue;
		divide(state, workload, size->replicas);
		st = put_back(groups, state, workload, &rule, false, err);
	}
	if (state->unplaced[workload])
		divide(state, workload, was);
	return st;
}

/* Whose engines were taken out has no place at all now; n: how many such workloads. */
static size_t list_unmet(struct sw__state *state, struct sw__item *items)
{
	size_t n = 0;

	for (size_t w = 0; w < state->problem->n_workloads; w++) {
		if (state->unplaced[w] == 0)
			continue;
		state->unplaced[w] = state->replicas[w];
		items[n++] = (struct sw__item){w, state->replicas[w]};
	}
	qsort(items, n, sizeof(*items), by_size);
	return n;
}

static enum sw_status rebuild(struct sw__groups *groups, struct sw__state *state,
			      struct sw__item *items, struct sw_error *err)
{
	bool taken_out;
	enum sw_status st = take_out(groups, state, &taken_out, err);
	size_t n = list_unmet(state, items);

	if (!taken_out)
		return st;
	n = n < PUT_BACK_MAX ? n : PUT_BACK_MAX;
	for (size_t i = 0; i < n && st == SW_OK; i++)
		st = put_whole(groups, state, items[i].workload, err);
	for (size_t i = 0; i < n && st == SW_OK; i++) {
		if (state->unplaced[items[i].workload])
			st = put_back(groups, state, items[i].workload, &any_kind, true, err);
	}
	return st;
}

/* How many workloads are whole. */
static size_t whole(const struct sw__state *state)
{
	size_t n = 0;

	for (size_t w = 0; w < state->problem->n_workloads; w++)
		n += state->unplaced[w] == 0;
	return n;
}

enum sw_status sw__partial(struct sw__groups *groups, struct sw__state *state, struct sw_error *err)
{
	size_t n = state->problem->n_workloads;
	struct sw__item *items;
	struct sw__state tried;
	enum sw_status st;

	if (whole(state) == n)
		return SW_OK;
	st = sw__state_new(state->problem, &tried, err);
	if (st != SW_OK)
		return st;
	items = calloc(n + 1, sizeof(*items));
	if (!items)
		st = sw_fail(err, SW_NO_MEMORY, "%zu workloads", n);
	if (st == SW_OK)
		st = sw__state_copy(&tried, state, err);
	if (st == SW_OK)
		st = rebuild(groups, &tried, items, err);
	if (st == SW_OK && whole(&tried) > whole(state))
		st = sw__state_copy(state, &tried, err);
	sw__state_free(&tried);
	free(items);
	return st;
}
