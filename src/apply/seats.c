// SPDX-License-Identifier: Apache-2.0
#include "apply/seats.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"

static const double MIB_PER_GIB = 1024;

struct seating {
	const struct sw_plan_mixes *plan;
	const struct sw__inventory *inventory;
	bool *used; /* of the inventory */
	size_t *seat;
};

static bool is_kind(const struct seating *s, size_t planned, size_t real)
{
	const struct sw__real_gpu *gpu = &s->inventory->gpu[real];

	return gpu->healthy && strcmp(gpu->gpu, s->plan->gpus[planned].mix->gpu.id) == 0;
}

static double memory_mib(const struct sw_mix *mix)
{
	double sum = 0;

	for (size_t i = 0; i < mix->n; i++)
		sum += floor(mix->tenants[i].slice.memory_gib * MIB_PER_GIB);
	return sum;
}

/* What HAMi would refuse: it says so here, before anything is started. */
static bool has_room(const struct seating *s, size_t planned, size_t real)
{
	const struct sw_mix *mix = s->plan->gpus[planned].mix;
	const struct sw__real_gpu *gpu = &s->inventory->gpu[real];

	return (gpu->tenants == 0 || mix->n <= gpu->tenants) &&
	       (gpu->memory_mib <= 0 || memory_mib(mix) <= gpu->memory_mib);
}

static bool same_node(const struct seating *s, size_t a, size_t b)
{
	return strcmp(s->inventory->gpu[a].node, s->inventory->gpu[b].node) == 0;
}

/* Two GPUs of one node of the plan. Its numbers are counted for each entry of the fleet, of which a file has the kind and the mechanism. */
static bool same_planned_node(const struct seating *s, size_t a, size_t b)
{
	const struct sw_planned_gpu *x = &s->plan->gpus[a], *y = &s->plan->gpus[b];

	return x->node >= 0 && x->node == y->node && x->mix->mechanism == y->mix->mechanism &&
	       strcmp(x->mix->gpu.id, y->mix->gpu.id) == 0;
}

/* What the plan has on one node goes on one, and what it has on two nodes does not. */
static bool nodes_allow(const struct seating *s, size_t planned, size_t real)
{
	for (size_t i = 0; s->plan->gpus[planned].node >= 0 && i < s->plan->n_gpus; i++) {
		if (i == planned || s->seat[i] == SW_NONE || s->plan->gpus[i].node < 0)
			continue;
		if (same_planned_node(s, planned, i) != same_node(s, real, s->seat[i]))
			return false;
	}
	return true;
}

static void keep_seats(struct seating *s, const char *const *taken)
{
	for (size_t i = 0; i < s->plan->n_gpus; i++)
		for (size_t k = 0; taken && taken[i][0] && k < s->inventory->n; k++)
			if (!s->used[k] && strcmp(s->inventory->gpu[k].uuid, taken[i]) == 0 &&
			    is_kind(s, i, k) && has_room(s, i, k) && nodes_allow(s, i, k)) {
				s->seat[i] = k;
				s->used[k] = true;
			}
}

static size_t on_planned_node(const struct seating *s, size_t planned)
{
	size_t n = 0;

	for (size_t i = 0; i < s->plan->n_gpus; i++)
		n += same_planned_node(s, planned, i);
	return n;
}

static enum sw_status explain(const struct seating *s, size_t planned, struct sw_error *err)
{
	const struct sw_planned_gpu *p = &s->plan->gpus[planned];
	size_t there = 0, sick = 0, asked = 0, small = SW_NONE;

	for (size_t i = 0; i < s->plan->n_gpus; i++)
		asked += strcmp(s->plan->gpus[i].mix->gpu.id, p->mix->gpu.id) == 0;
	for (size_t k = 0; k < s->inventory->n; k++) {
		there += is_kind(s, planned, k);
		sick += !s->inventory->gpu[k].healthy &&
			strcmp(s->inventory->gpu[k].gpu, p->mix->gpu.id) == 0;
		if (is_kind(s, planned, k) && !s->used[k])
			small = k;
	}
	if (small != SW_NONE && has_room(s, planned, small))
		return sw_fail(err, SW_INFEASIBLE,
			       "%s is one of %zu GPUs on node %ld of the plan, which is apart from "
			       "its other nodes; no node has so many free ones %s",
			       p->id, on_planned_node(s, planned), p->node, p->mix->gpu.id);
	if (small != SW_NONE)
		return sw_fail(err, SW_INFEASIBLE,
			       "%s has %zu engines with %.0f MiB together; GPU %s of node %s is "
			       "registered for %u with %.0f MiB",
			       p->id, p->mix->n, memory_mib(p->mix), s->inventory->gpu[small].uuid,
			       s->inventory->gpu[small].node, s->inventory->gpu[small].tenants,
			       s->inventory->gpu[small].memory_mib);
	return sw_fail(err, SW_INFEASIBLE,
		       "the plan has %zu GPUs %s; the nodes have %zu healthy ones, %zu others",
		       asked, p->mix->gpu.id, there, sick);
}

/* GPUs of one node of the plan that have no seat yet. */
static size_t unseated_with(const struct seating *s, size_t planned)
{
	size_t n = 1;

	for (size_t i = 0; i < s->plan->n_gpus; i++)
		n += i != planned && s->seat[i] == SW_NONE && same_planned_node(s, planned, i);
	return n;
}

/* The free GPU on the node with the fewest free ones that suit it, and enough for those that go with it: what is left stays together. */
static size_t find_seat(const struct seating *s, size_t planned)
{
	size_t best = SW_NONE, best_free = SIZE_MAX, wanted = unseated_with(s, planned);

	for (size_t k = 0; k < s->inventory->n; k++) {
		size_t free_there = 0;

		if (s->used[k] || !is_kind(s, planned, k) || !has_room(s, planned, k) ||
		    !nodes_allow(s, planned, k))
			continue;
		for (size_t j = 0; j < s->inventory->n; j++)
			free_there += !s->used[j] && is_kind(s, planned, j) && same_node(s, j, k);
		if (free_there >= wanted && free_there < best_free) {
			best = k;
			best_free = free_there;
		}
	}
	return best;
}

/* The one with the most beside it on its node of the plan: those find room the hardest. */
static size_t next_to_seat(const struct seating *s)
{
	size_t next = SW_NONE, most = 0;

	for (size_t i = 0; i < s->plan->n_gpus; i++)
		if (s->seat[i] == SW_NONE && unseated_with(s, i) > most) {
			next = i;
			most = unseated_with(s, i);
		}
	return next;
}

static enum sw_status choose(struct seating *s, struct sw_error *err)
{
	size_t i;

	while ((i = next_to_seat(s)) != SW_NONE) {
		s->seat[i] = find_seat(s, i);
		if (s->seat[i] == SW_NONE)
			return explain(s, i, err);
		s->used[s->seat[i]] = true;
	}
	return SW_OK;
}

enum sw_status sw__seats_choose(const struct sw_plan_mixes *plan,
				const struct sw__inventory *inventory, const char *const *taken,
				size_t *seat, struct sw_error *err)
{
	struct seating s = {.plan = plan,
			    .inventory = inventory,
			    .used = calloc(inventory->n + 1, sizeof(bool)),
			    .seat = seat};
	enum sw_status st = s.used ? SW_OK : sw_fail(err, SW_NO_MEMORY, "%zu GPUs", inventory->n);

	for (size_t i = 0; i < plan->n_gpus; i++)
		seat[i] = SW_NONE;
	if (st == SW_OK)
		keep_seats(&s, taken);
	if (st == SW_OK)
		st = choose(&s, err);
	free(s.used);
	return st;
}
