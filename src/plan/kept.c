// SPDX-License-Identifier: Apache-2.0
#include "plan/kept.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "plan/places.h"
#include "plan/trials.h"

enum sw_status sw__kept_open(struct sw__sizing *sizing, const struct sw__running *running,
			     struct sw__kept *out, struct sw_error *err)
{
	*out = (struct sw__kept){.sizing = sizing, .running = running};
	out->of = calloc(running->n_engines + 1, sizeof(struct sw__size *));
	return out->of ? SW_OK : sw_fail(err, SW_NO_MEMORY, "%zu engines", running->n_engines);
}

static void free_size(const struct sw__sizing *sizing, struct sw__size *size)
{
	for (size_t i = 0; i < SW__LEVELS_MAX; i++) {
		if (size->prepared[i])
			sizing->oracle->release(size->prepared[i]);
	}
	free(size->tolerance);
	free(size);
}

void sw__kept_close(struct sw__kept *kept)
{
	for (size_t i = 0; kept->of && i < kept->running->n_engines; i++) {
		struct sw__size *next;

		for (struct sw__size *size = kept->of[i]; size; size = next) {
			next = size->next;
			free_size(kept->sizing, size);
		}
	}
	free((void *)kept->of);
	kept->of = NULL;
}

/* Of a MIG instance the memory comes with the level, and what matters is how much the engine needs. */
static void set_memory(const struct sw__sizing *sizing, const struct sw_tenant *is,
		       struct sw__size *size)
{
	struct sw_tenant settled = size->tenant;

	size->tenant.slice.memory_gib = is->slice.memory_gib;
	if (sizing->problem->fleet[size->fleet].mechanism != SW_MIG)
		return;
	if (sizing->oracle->settle(sizing->oracle->context, size->workload, size->fleet, &settled,
				   NULL) == SW_OK)
		size->tenant.slice.memory_gib = settled.slice.memory_gib;
}

/* The smallest level at which it holds its limits alone, by the looks that sizes are searched with. */
static enum sw_status find_alone(struct sw__sizing *sizing, struct sw__size *size,
				 struct sw_error *err)
{
	const size_t bytes = sizeof(size->prepared);
	struct sw__trials trials;
	struct sw__trial *trial;
	enum sw_status st = sw__trials_open(sizing, size, &trials, err);

	if (st != SW_OK)
		return st;
	trial = &trials.trial[trials.n++];
	*trial = (struct sw__trial){.seqs = size->tenant.engine.max_num_seqs,
				    .tokens = size->tenant.engine.max_num_batched_tokens,
				    .possible = true,
				    .tenant = size->tenant};
	(void)memcpy((void *)trial->prepared, (const void *)size->prepared, bytes);
	(void)memset((void *)size->prepared, 0, bytes);
	if (sw__trial_meets(&trials, trial, trials.top)) {
		size->possible = true;
		size->alone = sw__trial_lowest(&trials, trial, 0, trials.top);
		(void)memcpy((void *)size->prepared, (const void *)trial->prepared, bytes);
		(void)memset((void *)trial->prepared, 0, bytes);
	}
	st = trials.st;
	sw__trials_close(&trials);
	return st;
}

/* As it is set, on its kind of GPU; why_not where it cannot be there. */
static void settle(struct sw__sizing *sizing, const struct sw_tenant *is, struct sw__size *size)
{
	size->tenant = sw__tenant_of(sizing->problem, size->workload, size->fleet, size->replicas);
	size->tenant.engine = is->engine;
	size->share_matters = sw__share_binds(size->tenant.slice.mechanism, &is->engine);
	set_memory(sizing, is, size);
	if (!sw__may_run(sizing->problem, size->workload, size->fleet))
		(void)sw_copy_name(size->why_not, sizeof(size->why_not),
				   "not among the GPUs it may use");
	else if (sizing->oracle->check_memory(sizing->oracle->context, size->fleet, &size->tenant,
					      NULL) != SW_OK)
		(void)sw_copy_name(size->why_not, sizeof(size->why_not),
				   "its memory no longer suffices");
	size->hopeless = *size->why_not != '\0';
}

static struct sw__size *find(const struct sw__kept *kept, size_t engine, unsigned replicas,
			     unsigned limit)
{
	struct sw__size *size = kept->of[engine];

	while (size && (size->replicas != replicas || size->tenant.max_in_flight != limit))
		size = size->next;
	return size;
}

enum sw_status sw__kept_unmeasured(struct sw__kept *kept, size_t engine, unsigned replicas,
				   unsigned limit, struct sw__size **out, struct sw_error *err)
{
	const struct sw__running_engine *is = &kept->running->engines[engine];
	struct sw__size *size;

	*out = is->may_stay ? find(kept, engine, replicas, limit) : NULL;
	if (!is->may_stay || *out)
		return SW_OK;
	size = calloc(1, sizeof(*size));
	if (!size)
		return sw_fail(err, SW_NO_MEMORY, "engine %s", is->tenant->name);
	size->workload = is->workload;
	size->fleet = kept->running->gpus[is->gpu].fleet;
	size->replicas = replicas;
	size->times = 1;
	size->id = kept->sizing->n++;
	settle(kept->sizing, is->tenant, size);
	size->tenant.max_in_flight = limit;
	size->next = kept->of[engine];
	kept->of[engine] = size;
	*out = size;
	return SW_OK;
}

enum sw_status sw__kept_size(struct sw__kept *kept, size_t engine, unsigned replicas,
			     unsigned limit, struct sw__size **out, struct sw_error *err)
{
	enum sw_status st = sw__kept_unmeasured(kept, engine, replicas, limit, out, err);

	if (st != SW_OK || !*out || (*out)->possible || *(*out)->why_not)
		return st;
	return find_alone(kept->sizing, *out, err);
}
