// SPDX-License-Identifier: Apache-2.0
#include "plan/sizing.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "plan/idle.h"
#include "plan/miss.h"
#include "plan/parts.h"
#include "plan/places.h"
#include "plan/settings.h"
#include "sharing/mechanism.h"

/* More engines of one workload than anybody starts, and than a plan file may have. */
enum { REPLICAS_LIMIT = 10000 };

/* From so many on, kinds of GPU on which one engine does not do are passed over where it does on another. */
enum { MANY_WORKLOADS = 300 };

enum sw_status sw__sizing_open(const struct sw_problem *problem, const struct sw__oracle *oracle,
			       struct sw__sizing *out, struct sw_error *err)
{
	*out = (struct sw__sizing){.problem = problem,
				   .oracle = oracle,
				   .economical = problem->n_workloads > MANY_WORKLOADS};
	out->levels = calloc(problem->n_fleet + 1, sizeof(*out->levels));
	out->first = calloc(problem->n_workloads * problem->n_fleet + 1, sizeof(struct sw__size *));
	out->fewest =
		calloc(problem->n_workloads * problem->n_fleet + 1, sizeof(struct sw__size *));
	out->ratio = calloc(problem->n_fleet * problem->n_fleet + 1, sizeof(*out->ratio));
	if (!out->levels || !out->first || !out->fewest || !out->ratio) {
		sw__sizing_close(out);
		return sw_fail(err, SW_NO_MEMORY, "%zu workloads", problem->n_workloads);
	}
	for (size_t i = 0; i < problem->n_fleet; i++)
		sw__levels_of(&problem->fleet[i], &out->levels[i]);
	return SW_OK;
}

static void free_size(const struct sw__sizing *sizing, struct sw__size *size)
{
	if (!size)
		return;
	for (size_t i = 0; i < SW__LEVELS_MAX; i++) {
		if (size->prepared[i])
			sizing->oracle->release(size->prepared[i]);
	}
	free(size->tolerance);
	free(size);
}

void sw__sizing_close(struct sw__sizing *sizing)
{
	size_t n = sizing->problem->n_workloads * sizing->problem->n_fleet;

	for (size_t i = 0; sizing->first && i < n; i++) {
		struct sw__size *next;

		for (struct sw__size *size = sizing->first[i]; size; size = next) {
			next = size->next;
			free_size(sizing, size->other);
			free_size(sizing, size);
		}
	}
	free((void *)sizing->first);
	free((void *)sizing->fewest);
	free(sizing->levels);
	free(sizing->ratio);
	free(sizing->trials);
	sizing->trials = NULL;
	sizing->ratio = NULL;
	sizing->first = sizing->fewest = NULL;
	sizing->levels = NULL;
}

double sw__size_share(const struct sw__sizing *sizing, const struct sw__size *size, size_t level)
{
	return size->share_matters ? sizing->levels[size->fleet].level[level].share : 1;
}

double sw__size_memory_gib(const struct sw__sizing *sizing, const struct sw__size *size,
			   size_t level)
{
	double own = size->tenant.slice.memory_gib;
	double comes_with_it = sizing->levels[size->fleet].level[level].memory_gib;

	return sw_known(comes_with_it) ? comes_with_it : own;
}

struct sw_tenant sw__size_tenant(const struct sw__sizing *sizing, const struct sw__size *size,
				 size_t level)
{
	struct sw_tenant tenant = size->tenant;

	tenant.slice.share = sw__size_share(sizing, size, level);
	tenant.slice.memory_gib = sw__size_memory_gib(sizing, size, level);
	return tenant;
}

enum sw_status sw__size_prepared(struct sw__sizing *sizing, struct sw__size *size, size_t level,
				 const sw_prepared **out, struct sw_error *err)
{
	struct sw_tenant tenant;
	enum sw_status st = SW_OK;

	if (!size->prepared[level]) {
		tenant = sw__size_tenant(sizing, size, level);
		sizing->prepared++;
		st = sizing->oracle->prepare(sizing->oracle->context, size->workload, size->fleet,
					     &tenant, &size->prepared[level], err);
	}
	*out = size->prepared[level];
	return st;
}

struct sw_tenant sw__tenant_of(const struct sw_problem *problem, size_t workload, size_t fleet,
			       unsigned replicas)
{
	const struct sw_workload *w = &problem->workloads[workload];
	struct sw_tenant tenant = {
		.model = w->model,
		.engine = w->engine,
		.slice = {.mechanism = problem->fleet[fleet].mechanism,
			  .share = 1,
			  .memory_gib = NAN},
		.load = sw__load_to_hold(w, replicas),
		.slo = w->slo,
	};

	(void)memcpy(tenant.name, w->name, sizeof(tenant.name));
	return tenant;
}

bool sw__graphs_are_open(const struct sw_problem *problem, size_t workload, size_t fleet)
{
	return sw__mechanism(problem->fleet[fleet].mechanism)->share_is_duty &&
	       !(problem->workloads[workload].engine.given & SW_KEY_CUDA_GRAPHS);
}

struct sw__size *sw__size_with(struct sw__size *size, bool cuda_graphs)
{
	return size->other && size->tenant.engine.cuda_graphs != cuda_graphs ? size->other : size;
}

static void start_size(const struct sw__sizing *sizing, struct sw__size *size, bool cuda_graphs)
{
	const struct sw__mechanism *row =
		sw__mechanism(sizing->problem->fleet[size->fleet].mechanism);
	struct sw_engine *engine;

	size->tenant = sw__tenant_of(sizing->problem, size->workload, size->fleet, size->replicas);
	if (size->times > 1)
		size->tenant.load = sw__weighted_load(&sizing->problem->workloads[size->workload],
						      size->times, size->replicas);
	engine = &size->tenant.engine;
	if (sw__graphs_are_open(sizing->problem, size->workload, size->fleet)) {
		engine->cuda_graphs = cuda_graphs;
		engine->given |= SW_KEY_CUDA_GRAPHS;
	}
	/* A launch limiter does not see what CUDA graphs launch. */
	size->share_matters = row->share_is_sms || (row->share_is_duty && !engine->cuda_graphs);
}

static enum sw_status new_size(struct sw__sizing *sizing, size_t workload, size_t fleet,
			       unsigned times, unsigned replicas, bool cuda_graphs,
			       struct sw__size **out, struct sw_error *err)
{
	struct sw__size *size = calloc(1, sizeof(*size));

	*out = size;
	if (!size)
		return sw_fail(err, SW_NO_MEMORY, "workload %s",
			       sizing->problem->workloads[workload].name);
	size->workload = workload;
	size->fleet = fleet;
	size->replicas = replicas;
	size->times = times;
	size->id = sizing->n++;
	start_size(sizing, size, cuda_graphs);
	if (!sw__may_run(sizing->problem, workload, fleet)) {
		(void)strcpy(size->why_not, "not among the GPUs it may use");
		return SW_OK;
	}
	if (replicas < sw__least_replicas(&sizing->problem->workloads[workload])) {
		(void)strcpy(size->why_not, "none would be left of its engines");
		return SW_OK;
	}
	return sw__settings_choose(sizing, size, err);
}

/* All of the GPU, no less memory and slower: nobody would rather have it. */
static bool no_gain(const struct sw__sizing *sizing, const struct sw__size *eager,
		    const struct sw__size *graphs)
{
	return eager->alone + 1 == sizing->levels[eager->fleet].n &&
	       eager->tenant.slice.memory_gib >= graphs->tenant.slice.memory_gib;
}

/*
 * The same engine without CUDA graphs beside `*size`, or in its place where that is the only one that is possible. Steps without
 * them are never faster: what misses a limit with them on the whole GPU misses it without.
 */
static enum sw_status add_eager(struct sw__sizing *sizing, struct sw__size **size,
				struct sw_error *err)
{
	struct sw__size *graphs = *size, *eager;
	bool late = !graphs->possible && sw__miss_of(&graphs->miss, &graphs->tenant.slo).ratio > 0;
	enum sw_status st;

	if (late || !sw__may_run(sizing->problem, graphs->workload, graphs->fleet))
		return SW_OK;
	st = new_size(sizing, graphs->workload, graphs->fleet, graphs->times, graphs->replicas,
		      false, &eager, err);
	if (st != SW_OK || !eager->possible) {
		free_size(sizing, eager);
		return st;
	}
	if (!graphs->possible) {
		free_size(sizing, graphs);
		*size = eager;
		return SW_OK;
	}
	graphs->least_memory_gib = fmin(graphs->least_memory_gib, eager->least_memory_gib);
	if (no_gain(sizing, eager, graphs)) {
		free_size(sizing, eager);
		return SW_OK;
	}
	graphs->other = eager;
	eager->other = graphs;
	return SW_OK;
}

enum sw_status sw__size_get(struct sw__sizing *sizing, size_t workload, size_t fleet,
			    unsigned replicas, struct sw__size **out, struct sw_error *err)
{
	return sw__size_weighted(sizing, workload, fleet, 1, replicas, out, err);
}

enum sw_status sw__size_like(struct sw__sizing *sizing, const struct sw__size *size, size_t fleet,
			     struct sw__size **out, struct sw_error *err)
{
	enum sw_status st = sw__size_weighted(sizing, size->workload, fleet, size->times,
					      size->replicas, out, err);

	if (st == SW_OK)
		*out = sw__size_with(*out, size->tenant.engine.cuda_graphs);
	return st;
}

enum sw_status sw__size_weighted(struct sw__sizing *sizing, size_t workload, size_t fleet,
				 unsigned times, unsigned replicas, struct sw__size **out,
				 struct sw_error *err)
{
	struct sw__size **head = &sizing->first[workload * sizing->problem->n_fleet + fleet];
	struct sw__size *size;
	enum sw_status st;

	for (size = *head; size; size = size->next) {
		if (size->replicas == replicas && size->times == times) {
			*out = size;
			return SW_OK;
		}
	}
	st = new_size(sizing, workload, fleet, times, replicas, true, &size, err);
	if (st == SW_OK && sw__graphs_are_open(sizing->problem, workload, fleet))
		st = add_eager(sizing, &size, err);
	if (size) {
		size->next = *head;
		*head = size;
	}
	*out = size;
	return st;
}

unsigned sw__replicas_most(const struct sw_workload *workload)
{
	double most = sw__most_replicas(workload);

	return most < REPLICAS_LIMIT ? (unsigned)most : REPLICAS_LIMIT;
}

/* Between too few and enough, by bisection. */
static enum sw_status bisect_replicas(struct sw__sizing *sizing, unsigned too_few,
				      struct sw__size **out, struct sw_error *err)
{
	unsigned enough = (*out)->replicas;
	struct sw__size *size;

	while (enough - too_few > 1) {
		unsigned n = too_few + (enough - too_few) / 2;
		enum sw_status st =
			sw__size_get(sizing, (*out)->workload, (*out)->fleet, n, &size, err);

		if (st != SW_OK)
			return st;
		if (size->possible) {
			enough = n;
			*out = size;
		} else {
			too_few = n;
		}
	}
	return SW_OK;
}

/* More replicas help where an engine with nearly nothing to do would hold the limits. */
static enum sw_status find_fewest(struct sw__sizing *sizing, size_t workload, size_t fleet,
				  unsigned most, struct sw__size **out, struct sw_error *err)
{
	unsigned too_few = (*out)->replicas;

	for (unsigned n = 2 * too_few; n <= most; n = n < most && n * 2 > most ? most : n * 2) {
		struct sw__size *size;
		enum sw_status st = sw__size_get(sizing, workload, fleet, n, &size, err);

		if (st != SW_OK)
			return st;
		if (size->possible) {
			*out = size;
			return bisect_replicas(sizing, too_few, out, err);
		}
		too_few = n;
		*out = size; /* what even so many do not hold is the reason to give */
	}
	return SW_OK;
}

/* What an engine with nearly nothing to do does not hold, no number of replicas does: that is the reason to give. */
static void note_hopeless(const struct sw__sizing *sizing, const struct sw__idle *idle,
			  struct sw__size *size)
{
	struct sw__miss miss =
		sw__miss_of(&idle->predicted, &sizing->problem->workloads[size->workload].slo);

	if (!idle->possible)
		return;
	size->miss = idle->predicted;
	size->hopeless = true;
	sw__miss_say(&miss, size->why_not, sizeof(size->why_not));
}

/* More replicas than one, where they can help. */
static enum sw_status try_more(struct sw__sizing *sizing, struct sw__size **out,
			       struct sw_error *err)
{
	size_t workload = (*out)->workload, fleet = (*out)->fleet;
	unsigned most = sw__replicas_most(&sizing->problem->workloads[workload]);
	struct sw__idle idle;
	enum sw_status st;

	if (most <= (*out)->replicas || !sw__may_run(sizing->problem, workload, fleet))
		return SW_OK;
	st = sw__idle_of(sizing, workload, fleet, sizing->levels[fleet].n - 1, &idle, err);
	if (st != SW_OK)
		return st;
	if (idle.meets)
		return find_fewest(sizing, workload, fleet, most, out, err);
	note_hopeless(sizing, &idle, *out);
	return SW_OK;
}

/* Whether one engine does elsewhere, on a kind of which there are always more. */
static enum sw_status one_does_elsewhere(struct sw__sizing *sizing, size_t workload, bool *does,
					 struct sw_error *err)
{
	enum sw_status st = SW_OK;

	*does = false;
	for (size_t f = 0; f < sizing->problem->n_fleet && st == SW_OK && !*does; f++) {
		struct sw__size *size;

		if (!isinf(sizing->problem->fleet[f].count))
			continue;
		st = sw__size_get(sizing, workload, f,
				  sw__least_replicas(&sizing->problem->workloads[workload]), &size,
				  err);
		*does = st == SW_OK && size->possible;
	}
	return st;
}

enum sw_status sw__size_fewest(struct sw__sizing *sizing, size_t workload, size_t fleet,
			       struct sw__size **out, struct sw_error *err)
{
	struct sw__size **known = &sizing->fewest[workload * sizing->problem->n_fleet + fleet];
	unsigned wanted = sizing->problem->workloads[workload].replicas;
	enum sw_status st;

	*out = *known;
	if (*known)
		return SW_OK;
	st = sw__size_get(sizing, workload, fleet,
			  wanted ? wanted
				 : sw__least_replicas(&sizing->problem->workloads[workload]),
			  out, err);
	if (st == SW_OK && !(*out)->possible && !wanted && sizing->economical)
		st = one_does_elsewhere(sizing, workload, &(*out)->passed_over, err);
	if (st == SW_OK && !(*out)->possible && !wanted && !(*out)->passed_over)
		st = try_more(sizing, out, err);
	if (st == SW_OK)
		*known = *out;
	return st;
}
