// SPDX-License-Identifier: Apache-2.0
#include "plan/relax.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "plan/relax_wish.h"
#include "plan/relaxing.h"

enum {
	EXPLAINED_MAX = 16, /* workloads that are looked at, the first of the file */
	/* Engines that are planned again, all attempts together: some seconds of it at the most. */
	ENGINES_PLANNED_MAX = 300,
	FLEET_PLANNED_MAX =
		2000, /* workloads: the whole is planned once more, for GPUs that the fleet lacks */
};

/* Whether it holds as it is in the parts now, and by what that is known. */
static enum sw_status holds_now(struct sw__relaxing *r, struct sw_relaxation *found, bool *holds,
				struct sw_error *err)
{
	enum sw_status st = sw__relaxing_plan(r, holds, err);

	found->basis = SW_BASIS_PLANNED;
	if (st == SW_OK && *holds) {
		found->cost_per_hour = r->others.per_hour;
		found->replicas = r->others.replicas[sw__relaxed_index(&r->others, r->workload)];
		return st;
	}
	if (st == SW_OK)
		st = sw__relaxing_fits_free(r, holds, err);
	found->basis = SW_BASIS_FREE;
	found->fleet = r->alone_fleet;
	found->replicas = r->alone_engines;
	return st;
}

/* One wish given up, all else as it was asked. */
static enum sw_status without(struct sw__relaxing *r, const struct sw__wish *wish,
			      struct sw_error *err)
{
	struct sw_relaxation found = {
		.kind = wish->kind,
		.workload = r->workload,
		.fleet = SW_NONE,
		.from = wish->is_number ? wish->is_number(r->asked) : (double)NAN,
		.to = NAN,
		.relative = NAN,
		.cost_per_hour = NAN,
	};
	struct sw_text words = {0};
	bool holds;
	enum sw_status st;

	if (!wish->is_there(r->asked))
		return SW_OK;
	wish->drop(sw__relaxing_copy(&r->alone, r));
	wish->drop(sw__relaxing_copy(&r->others, r));
	st = holds_now(r, &found, &holds, err);
	*sw__relaxing_copy(&r->alone, r) = *sw__relaxing_copy(&r->others, r) = *r->asked;
	if (st != SW_OK || !holds)
		return st;
	sw_text_addf(&words, "without %s", wish->key);
	if (sw_known(found.from))
		sw_text_addf(&words, " %.6g", found.from);
	if (wish->kind == SW_RELAX_REPLICAS) {
		found.to = found.replicas;
		found.relative = sw__relaxing_change(found.from, found.to);
	}
	sw__relaxing_say(r->problem, &found, &words);
	return sw__relaxing_add(r, &found, &words, err);
}

static enum sw_status fewer_wishes(struct sw__relaxing *r, struct sw_error *err)
{
	enum sw_status st = SW_OK;

	for (size_t i = 0; st == SW_OK && sw__wish(i); i++)
		st = without(r, sw__wish(i), err);
	return st;
}

static enum sw_status open_parts(struct sw__relaxing *r, bool *kept, struct sw_error *err)
{
	enum sw_status st;

	(void)memset(kept, 0, r->problem->n_workloads * sizeof(*kept));
	kept[r->workload] = true;
	st = sw__relaxed_open(r->problem, r->oracle, kept, &r->alone, err);
	for (size_t w = 0; w < r->problem->n_workloads; w++)
		kept[w] = kept[w] || r->plan->workloads[w].met;
	if (st == SW_OK)
		st = sw__relaxed_open(r->problem, r->oracle, kept, &r->others, err);
	return st;
}

static size_t engines_met(const struct sw_plan *plan)
{
	size_t n = 0;

	for (size_t w = 0; w < plan->n_workloads; w++)
		n += plan->workloads[w].met ? plan->workloads[w].replicas : 0;
	return n;
}

/* How many engines a plan with it places: those of the others, and what it needs where that is least. */
static enum sw_status count_engines(struct sw__relaxing *r, struct sw_error *err)
{
	unsigned least = 0;
	enum sw_status st = SW_OK;

	for (size_t f = 0; f < r->problem->n_fleet && st == SW_OK; f++) {
		unsigned per_gpu, engines;

		st = sw__relaxed_per_gpu(&r->alone, 0, f, &per_gpu, &engines, err);
		if (engines && (!least || engines < least))
			least = engines;
	}
	r->others_engines = engines_met(r->plan);
	r->engines = r->others_engines + (least ? least : 1);
	r->left = ENGINES_PLANNED_MAX / r->unmet;
	return st;
}

static enum sw_status relax_one(struct sw__relaxing *r, size_t workload, bool *kept,
				struct sw_error *err)
{
	bool alone = false;
	enum sw_status st;

	r->workload = workload;
	r->asked = &r->problem->workloads[workload];
	r->alone = r->others = (struct sw__relaxed){0};
	st = open_parts(r, kept, err);
	if (st == SW_OK)
		st = count_engines(r, err);
	if (st == SW_OK)
		st = sw__relaxed_holds_alone(&r->alone, 0, &alone, &r->alone_fleet,
					     &r->alone_engines, err);
	if (st == SW_OK && alone)
		st = sw__relax_gpus(r, err);
	if (st == SW_OK)
		st = fewer_wishes(r, err);
	if (st == SW_OK)
		st = sw__relax_turns(r, alone, err);
	sw__relaxed_close(&r->alone);
	sw__relaxed_close(&r->others);
	return st;
}

/* By workload, then the smallest change first; what has no size comes last. */
static int by_size(const void *a, const void *b)
{
	const struct sw_relaxation *x = a, *y = b;
	double p = isnan(x->relative) ? (double)INFINITY : x->relative;
	double q = isnan(y->relative) ? (double)INFINITY : y->relative;

	if (x->workload != y->workload)
		return x->workload < y->workload ? -1 : 1;
	if (p != q)
		return p < q ? -1 : 1;
	return strcmp(x->words, y->words);
}

/* Where several are not met, what is enough for all of them. */
static enum sw_status relax_all(struct sw__relaxing *r, bool *kept, struct sw_error *err)
{
	if (r->unmet < 2 || r->problem->n_workloads > FLEET_PLANNED_MAX)
		return SW_OK;
	for (size_t w = 0; w < r->problem->n_workloads; w++)
		kept[w] = true;
	return sw__relax_fleet(r, kept, err);
}

enum sw_status sw__relax(const struct sw_problem *problem, const struct sw__oracle *oracle,
			 struct sw_plan *plan, struct sw_error *err)
{
	struct sw__relaxing r = {.problem = problem, .oracle = oracle, .plan = plan};
	bool *kept = calloc(problem->n_workloads + 1, sizeof(*kept));
	size_t looked_at = 0;
	enum sw_status st =
		kept ? SW_OK : sw_fail(err, SW_NO_MEMORY, "%zu workloads", problem->n_workloads);

	for (size_t w = 0; w < plan->n_workloads; w++)
		r.unmet += !plan->workloads[w].met && r.unmet < EXPLAINED_MAX;
	for (size_t w = 0; w < plan->n_workloads && st == SW_OK && looked_at < r.unmet; w++) {
		if (plan->workloads[w].met)
			continue;
		st = relax_one(&r, w, kept, err);
		looked_at++;
	}
	if (st == SW_OK)
		st = relax_all(&r, kept, err);
	if (plan->n_relaxations)
		qsort(plan->relaxations, plan->n_relaxations, sizeof(*plan->relaxations), by_size);
	free(kept);
	return st;
}
