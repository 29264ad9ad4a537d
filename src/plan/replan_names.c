// SPDX-License-Identifier: Apache-2.0
#include "plan/replan_names.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"

enum { PERCENT = 100, ID_ROOM = 24 };

static const double percent_rounding = 1e-6;

void sw__listing_free(struct sw__listing *listing)
{
	free(listing->id);
	free(listing->replica);
	*listing = (struct sw__listing){0};
}

struct naming {
	const struct sw__slots *s;
	struct sw__listing *listing;
	size_t n; /* named so far */
	bool *replica_used; /* workload by workload, `limit` each */
	unsigned limit;
};

static bool is_id_taken(const struct naming *m, const char *id)
{
	for (size_t g = 0; g < m->s->running->n_gpus; g++) {
		if (strcmp(m->s->running->gpus[g].planned->id, id) == 0)
			return true;
	}
	for (size_t i = 0; i < m->n; i++) {
		if (strcmp(m->listing->id[i], id) == 0)
			return true;
	}
	return false;
}

static void name_gpu(const struct naming *m, const struct sw__slot *slot, char *id)
{
	if (slot->running != SW__NONE) {
		(void)memcpy(id, m->s->running->gpus[slot->running].planned->id, SW_NAME_MAX);
		return;
	}
	for (size_t number = 0;; number++) {
		(void)snprintf(id, SW_NAME_MAX, "%.*s/%zu", SW_NAME_MAX - ID_ROOM,
			       m->s->sizing->problem->fleet[slot->fleet].gpu.id, number);
		if (!is_id_taken(m, id))
			return;
	}
}

static bool *used(const struct naming *m, size_t workload, unsigned replica)
{
	return &m->replica_used[workload * m->limit + replica];
}

/* The numbers of engines that run already, wherever they will be. */
static void reserve_replicas(struct naming *m)
{
	for (size_t i = 0; i < m->s->n; i++) {
		for (size_t k = 0; k < m->s->slot[i].n; k++) {
			const struct sw__want *want = &m->s->slot[i].want[k];

			if (want->engine != SW__NONE)
				*used(m, want->workload,
				      m->s->running->engines[want->engine].replica) = true;
		}
	}
}

static unsigned name_replica(struct naming *m, const struct sw__want *want)
{
	unsigned replica = 0;

	if (want->engine != SW__NONE)
		return m->s->running->engines[want->engine].replica;
	while (*used(m, want->workload, replica))
		replica++;
	*used(m, want->workload, replica) = true;
	return replica;
}

static enum sw_status add_slot(struct naming *m, const struct sw__slot *slot,
			       struct sw__state *state, struct sw_error *err)
{
	enum sw_status st = sw__state_open(state, slot->set, err);

	if (st != SW_OK)
		return st;
	name_gpu(m, slot, m->listing->id[m->n]);
	for (size_t k = 0; k < slot->n; k++)
		m->listing->replica[m->n][k] = name_replica(m, &slot->want[k]);
	m->n++;
	return SW_OK;
}

/* More than any engine's number. */
static unsigned number_limit(const struct sw__slots *s)
{
	unsigned limit = 1;

	for (size_t e = 0; e < s->running->n_engines; e++) {
		if (s->running->engines[e].replica + 2 > limit)
			limit = s->running->engines[e].replica + 2;
	}
	for (size_t w = 0; w < s->sizing->problem->n_workloads; w++) {
		if (s->replicas[w] + 1 > limit)
			limit = s->replicas[w] + 1;
	}
	return limit;
}

static enum sw_status name_all(struct naming *m, struct sw__state *state, struct sw_error *err)
{
	const struct sw__slots *s = m->s;
	enum sw_status st = SW_OK;

	reserve_replicas(m);
	for (size_t f = 0; f < s->sizing->problem->n_fleet; f++) {
		for (size_t i = 0; st == SW_OK && i < s->n; i++) {
			if (s->slot[i].n && s->slot[i].fleet == f)
				st = add_slot(m, &s->slot[i], state, err);
		}
	}
	return st;
}

enum sw_status sw__name_slots(const struct sw__slots *s, struct sw__state *state,
			      struct sw__listing *listing, struct sw_error *err)
{
	size_t workloads = s->sizing->problem->n_workloads;
	struct naming m = {.s = s, .listing = listing, .limit = number_limit(s)};
	enum sw_status st;

	*listing = (struct sw__listing){
		.id = calloc(s->n + 1, sizeof(*listing->id)),
		.replica = calloc(s->n + 1, sizeof(*listing->replica)),
	};
	m.replica_used = calloc(workloads * m.limit + 1, sizeof(*m.replica_used));
	st = listing->id && listing->replica && m.replica_used
		     ? name_all(&m, state, err)
		     : sw_fail(err, SW_NO_MEMORY, "%zu GPUs", s->n);
	free(m.replica_used);
	(void)memcpy(state->replicas, s->replicas, workloads * sizeof(*s->replicas));
	for (size_t i = 0; i < s->n_pool; i++)
		state->unplaced[s->pool[i].workload]++;
	return st;
}

/* Where the engine runs on this very GPU; its share there, else NAN. */
static double share_there(const struct sw__running *running, const struct sw_plan_gpu *gpu,
			  const struct sw_placement *p)
{
	for (size_t e = 0; e < running->n_engines; e++) {
		const struct sw__running_engine *is = &running->engines[e];

		if (is->workload == p->workload && is->replica == p->replica &&
		    strcmp(running->gpus[is->gpu].planned->id, gpu->id) == 0)
			return is->tenant->slice.share;
	}
	return NAN;
}

static void keep_on_gpu(const struct sw__running *running, enum sw_mechanism mechanism,
			struct sw_plan_gpu *gpu)
{
	double left = 1, newcomers = 0, part;

	for (size_t k = 0; k < gpu->n; k++) {
		struct sw_placement *p = &gpu->tenants[k];
		double share = sw__share_binds(mechanism, &p->engine)
				       ? p->share
				       : share_there(running, gpu, p);

		if (sw_known(share))
			left -= share;
		else
			newcomers++;
	}
	part = newcomers > 0 ? floor(PERCENT * left / newcomers + percent_rounding) / PERCENT : 1;
	/* No percent for everybody: then all get the same anew. */
	if (part < 1.0 / PERCENT || left < -percent_rounding)
		return;
	for (size_t k = 0; k < gpu->n; k++) {
		struct sw_placement *p = &gpu->tenants[k];
		double share = share_there(running, gpu, p);

		if (!sw__share_binds(mechanism, &p->engine))
			p->share = sw_known(share) ? share : part;
	}
}

void sw__keep_idle_shares(const struct sw__running *running, struct sw_plan *plan)
{
	plan->total_share = 0;
	for (size_t i = 0; i < plan->n_gpus; i++) {
		struct sw_plan_gpu *gpu = &plan->gpus[i];
		enum sw_mechanism mechanism = running->problem->fleet[gpu->fleet].mechanism;

		if (mechanism == SW_HAMI)
			keep_on_gpu(running, mechanism, gpu);
		for (size_t k = 0; k < gpu->n; k++)
			plan->total_share += gpu->tenants[k].share;
	}
}
