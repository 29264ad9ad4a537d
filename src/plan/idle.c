// SPDX-License-Identifier: Apache-2.0
#include "plan/idle.h"

#include "plan/parts.h"

static const double idle_rate = 1e-3; /* requests per second */
/* The largest budget that settings.c tries: a prompt is computed in the fewest steps. */
static const unsigned idle_budget = 8192;
static const unsigned idle_seqs = 4;

/* What was given stands, and what was not goes with it: never more sequences than tokens in a step. */
static void set_batch_limits(struct sw_engine *engine)
{
	bool seqs = engine->given & SW_KEY_MAX_NUM_SEQS;
	bool tokens = engine->given & SW_KEY_MAX_NUM_BATCHED_TOKENS;

	if (!tokens)
		engine->max_num_batched_tokens = seqs && engine->max_num_seqs > idle_budget
							 ? engine->max_num_seqs
							 : idle_budget;
	if (!seqs)
		engine->max_num_seqs = engine->max_num_batched_tokens < idle_seqs
					       ? engine->max_num_batched_tokens
					       : idle_seqs;
	engine->given |= SW_KEY_MAX_NUM_SEQS | SW_KEY_MAX_NUM_BATCHED_TOKENS;
}

static struct sw_tenant idle_tenant(const struct sw__sizing *sizing, size_t workload, size_t fleet,
				    size_t level)
{
	struct sw_tenant tenant =
		sw__tenant_of(sizing->problem, workload, fleet,
			      sw__least_replicas(&sizing->problem->workloads[workload]));

	if (sw_known(tenant.load.rate)) {
		tenant.load.rate = fmin(tenant.load.rate, idle_rate);
		/* What is left of a stream that is split among very many arrives at random. */
		tenant.load.burstiness = fmin(tenant.load.burstiness, 1);
	} else {
		tenant.load.concurrency = 1;
	}
	set_batch_limits(&tenant.engine);
	tenant.slice.share = sizing->levels[fleet].level[level].share;
	return tenant;
}

/* Of the level nothing is settled but the share; the same engine is mostly asked for at one after another. */
static enum sw_status settle(struct sw__sizing *sizing, size_t workload, size_t fleet,
			     struct sw_tenant *tenant, struct sw_error *err)
{
	struct sw__settled *last = &sizing->idle;
	double share = tenant->slice.share;
	bool graphs = tenant->engine.cuda_graphs;
	enum sw_status st;

	if (last->known && last->workload == workload && last->fleet == fleet &&
	    last->graphs == graphs) {
		*tenant = last->tenant;
		tenant->slice.share = share;
		return SW_OK;
	}
	st = sizing->oracle->settle(sizing->oracle->context, workload, fleet, tenant, err);
	if (st == SW_OK)
		*last = (struct sw__settled){true, graphs, workload, fleet, *tenant};
	return st;
}

/* SW_INFEASIBLE and the like: not so on this kind of GPU. */
static enum sw_status predict_idle(struct sw__sizing *sizing, size_t workload, size_t fleet,
				   size_t level, struct sw_tenant *tenant, struct sw__idle *out,
				   struct sw_error *err)
{
	const struct sw__oracle *oracle = sizing->oracle;
	const struct sw_fleet_entry *entry = &sizing->problem->fleet[fleet];
	double comes_with_it = sizing->levels[fleet].level[level].memory_gib;
	sw_prepared *prepared = NULL;
	enum sw_status st = settle(sizing, workload, fleet, tenant, err);

	if (st != SW_OK)
		return st;
	tenant->slice.memory_gib =
		sw_known(comes_with_it) ? comes_with_it : sw_gpu_visible_gib(&entry->gpu);
	sizing->prepared++;
	st = oracle->prepare(oracle->context, workload, fleet, tenant, &prepared, err);
	if (st != SW_OK)
		return st;
	sizing->predicted++;
	oracle->predict(entry->mechanism, (const sw_prepared *const *)&prepared, 1,
			&out->predicted);
	out->possible = true;
	out->meets = sw_prediction_meets(&out->predicted, &tenant->slo);
	oracle->release(prepared);
	return SW_OK;
}

enum sw_status sw__idle_of(struct sw__sizing *sizing, size_t workload, size_t fleet, size_t level,
			   struct sw__idle *out, struct sw_error *err)
{
	struct sw_tenant tenant = idle_tenant(sizing, workload, fleet, level);
	enum sw_status st;

	*out = (struct sw__idle){.possible = false};
	st = predict_idle(sizing, workload, fleet, level, &tenant, out, err);
	/* CUDA graphs are faster and take memory: where there is none for them, what can be had without. */
	if (st != SW_OK && st != SW_NO_MEMORY &&
	    sw__graphs_are_open(sizing->problem, workload, fleet)) {
		tenant = idle_tenant(sizing, workload, fleet, level);
		tenant.engine.cuda_graphs = false;
		tenant.engine.given |= SW_KEY_CUDA_GRAPHS;
		st = predict_idle(sizing, workload, fleet, level, &tenant, out, err);
	}
	return st == SW_NO_MEMORY ? st : SW_OK;
}
