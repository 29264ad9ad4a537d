// SPDX-License-Identifier: Apache-2.0
#include "plan/explain.h"

#include <float.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "plan/miss.h"
#include "plan/parts.h"

enum { MISS_TEXT = 96, LOWER_TEXT = 256, LIMIT_TEXT = 48, NAMED_NEIGHBOURS = 4 };

static const char *name_of(const struct sw__sizing *sizing, size_t workload)
{
	return sizing->problem->workloads[workload].name;
}

/* What breaks first when engine i is one level lower; "" where nothing does or there is no lower one. */
static enum sw_status say_lower(struct sw__sizing *sizing, const struct sw__together *t, size_t i,
				char *text, size_t size, struct sw_error *err)
{
	struct sw_prediction predicted[SW__TOGETHER_MAX];
	unsigned char level[SW__TOGETHER_MAX];
	double share;
	enum sw_status st;

	*text = '\0';
	(void)memcpy(level, t->level, t->n);
	level[i]--;
	share = sw__size_share(sizing, t->engines[i], level[i]);
	st = sw__together_predict(sizing, t->fleet, t->engines, level, t->n, predicted, err);
	for (size_t k = 0; st == SW_OK && k < t->n; k++) {
		size_t who = (i + k) % t->n; /* itself first */
		struct sw__miss miss = sw__miss_of(&predicted[who], &t->engines[who]->tenant.slo);
		char said[MISS_TEXT];

		if (miss.ratio <= 1)
			continue;
		sw__miss_say(&miss, said, sizeof(said));
		(void)snprintf(text, size, "; at share %.2f %s%s%s", share,
			       who == i ? "" : name_of(sizing, t->engines[who]->workload),
			       who == i ? "" : ": ", said);
		return SW_OK;
	}
	return st;
}

enum sw_status sw__explain_slice(struct sw__sizing *sizing, const struct sw__together *t, size_t i,
				 const struct sw_prediction *predicted, bool lower, char *text,
				 size_t size, struct sw_error *err)
{
	const struct sw__size *engine = t->engines[i];
	struct sw__miss miss = sw__miss_of(predicted, &engine->tenant.slo);
	char now[MISS_TEXT], said[LOWER_TEXT] = "", limit[LIMIT_TEXT] = "";
	enum sw_status st = SW_OK;

	sw__miss_say(&miss, now, sizeof(now));
	if (lower && engine->share_matters && t->level[i] > 0 &&
	    !sizing->levels[t->fleet].level[t->level[i]].profile)
		st = say_lower(sizing, t, i, said, sizeof(said), err);
	else if (!engine->share_matters && engine->tenant.slice.mechanism != SW_EXCLUSIVE)
		(void)snprintf(said, sizeof(said), "; the share has no effect");
	if (engine->tenant.max_in_flight)
		(void)snprintf(limit, sizeof(limit), "; its gateway lets in %u at once",
			       engine->tenant.max_in_flight);
	(void)snprintf(text, size, "%s%s%s%s", now, limit, said,
		       engine->other && engine->share_matters
			       ? "; without CUDA graphs, so that the share binds"
			       : "");
	return st;
}

/* "alone" or "beside a, b and 2 more". */
static void add_neighbours(struct sw_text *text, const struct sw__sizing *sizing,
			   const struct sw_plan_gpu *gpu, size_t self)
{
	size_t named = 0;

	if (gpu->n == 1) {
		sw_text_puts(text, "alone");
		return;
	}
	sw_text_puts(text, "beside ");
	for (size_t k = 0; k < gpu->n; k++) {
		if (k == self)
			continue;
		if (named == NAMED_NEIGHBOURS) {
			sw_text_addf(text, " and %zu more", gpu->n - 1 - named);
			return;
		}
		sw_text_addf(text, "%s%s", named++ ? ", " : "",
			     name_of(sizing, gpu->tenants[k].workload));
	}
}

/* The engine of a workload that is nearest to a limit, or past it. */
struct tightest {
	const struct sw_placement *engine; /* NULL: it has none */
	size_t gpu, tenant;
	double ratio;
};

/* That of every workload, in one walk. NULL: no memory. */
static struct tightest *find_tightest(const struct sw_problem *problem, const struct sw_plan *plan)
{
	struct tightest *all = calloc(plan->n_workloads + 1, sizeof(*all));

	for (size_t i = 0; all && i < plan->n_gpus; i++) {
		for (size_t k = 0; k < plan->gpus[i].n; k++) {
			const struct sw_placement *p = &plan->gpus[i].tenants[k];
			const struct sw_slo *slo = &problem->workloads[p->workload].slo;
			double ratio = sw__miss_of(&p->predicted, slo).ratio;

			if (!all[p->workload].engine || ratio > all[p->workload].ratio)
				all[p->workload] = (struct tightest){p, i, k, ratio};
		}
	}
	return all;
}

/* Why who is alone on a GPU is that. */
static void say_not_shared(struct sw_text *text, const struct sw_plan *plan, size_t gpu)
{
	for (size_t i = 0; i < plan->n_reasons; i++) {
		const struct sw_reason *reason = &plan->reasons[i];

		if (reason->gpu == gpu && reason->instead == SW_INSTEAD_SHARED)
			sw_text_addf(text, "; not shared: %s", reason->words);
	}
}

static void say_placed(struct sw_text *text, const struct sw__sizing *sizing,
		       const struct sw_plan *plan, const struct tightest *tightest)
{
	const struct sw_placement *p = tightest->engine;
	size_t gpu = tightest->gpu, tenant = tightest->tenant;
	unsigned replicas = plan->workloads[p->workload].replicas;

	if (replicas > 1)
		sw_text_addf(text, "%u engines, the tightest ", replicas);
	sw_text_addf(text, "on %s ", plan->gpus[gpu].id);
	add_neighbours(text, sizing, &plan->gpus[gpu], tenant);
	sw_text_addf(text, ": %s", p->binds);
	say_not_shared(text, plan, gpu);
	if (plan->gpus[gpu].n > 1 && sw_known(p->predicted.slowdown))
		sw_text_addf(text, "; neighbours slow it down %.2f times", p->predicted.slowdown);
}

static void say_nearest(struct sw_text *text, const struct sw__sizing *sizing,
			const struct sw__size *nearest)
{
	const struct sw_workload *w = &sizing->problem->workloads[nearest->workload];
	struct sw__miss miss = sw__miss_of(&nearest->miss, &w->slo);

	sw_text_addf(text, "no GPU of the fleet can serve it; alone on a whole %s",
		     sizing->problem->fleet[nearest->fleet].gpu.id);
	if (nearest->hopeless)
		sw_text_puts(text, ", nearly idle");
	else if (nearest->replicas > 1)
		sw_text_addf(text, ", with its load divided by %u", nearest->replicas);
	sw_text_addf(text, ": %s", nearest->why_not);
	if (isinf(miss.ratio) && !w->replicas && sw__replicas_most(w) > 1)
		sw_text_addf(text, ", as would be each of %u engines", sw__replicas_most(w));
}

/* Of the kinds of GPU that cannot serve it, the one that comes nearest. */
static enum sw_status say_impossible(struct sw_text *text, struct sw__sizing *sizing,
				     size_t workload, bool *impossible, struct sw_error *err)
{
	const struct sw__size *nearest = NULL;
	double nearest_ratio = INFINITY;

	*impossible = true;
	for (size_t f = 0; f < sizing->problem->n_fleet; f++) {
		struct sw__size *size;
		double ratio;
		enum sw_status st = sw__size_fewest(sizing, workload, f, &size, err);

		if (st != SW_OK)
			return st;
		if (size->possible) {
			*impossible = false;
			return SW_OK;
		}
		/* Those that could be predicted come before those that could not, and late ones before overloaded ones. */
		ratio = sw__miss_of(&size->miss, &sizing->problem->workloads[workload].slo).ratio;
		ratio = ratio > 0 ? fmin(ratio, DBL_MAX) : (double)INFINITY;
		if (!nearest || ratio < nearest_ratio) {
			nearest = size;
			nearest_ratio = ratio;
		}
	}
	if (nearest)
		say_nearest(text, sizing, nearest);
	return SW_OK;
}

/* What the file itself leaves of the fleet to a workload. */
static void say_wishes(struct sw_text *text, const struct sw_problem *problem, size_t workload)
{
	const struct sw_workload *w = &problem->workloads[workload];

	for (size_t i = 0; i < w->n_gpus && i < NAMED_NEIGHBOURS; i++)
		sw_text_addf(text, "%s%s", i ? ", " : "; it may use only ", w->gpus[i]);
	for (size_t i = 0; i < w->n_not_with && i < NAMED_NEIGHBOURS; i++)
		sw_text_addf(text, "%s%s", i ? ", " : "; not with ", w->not_with[i]);
	if (sw__apart(w))
		sw_text_puts(text, w->survive.nodes ? "; each on a node of its own"
						    : "; each on a GPU of its own");
}

static void say_no_room(struct sw_text *text, const struct sw__sizing *sizing,
			const struct sw__size *size, unsigned placed)
{
	sw_text_addf(text,
		     "the fleet has no room left: of %u engine%s (each share %.2f and %.4g GiB on "
		     "%s), %u found a place",
		     size->replicas, size->replicas == 1 ? "" : "s",
		     sw__size_share(sizing, size, size->alone),
		     sw__size_memory_gib(sizing, size, size->alone),
		     sizing->problem->fleet[size->fleet].gpu.id, placed);
}

/* On the kind of GPU where the fewest engines would do. */
static enum sw_status say_unplaced(struct sw_text *text, struct sw__sizing *sizing,
				   const struct sw_plan *plan, size_t workload,
				   struct sw_error *err)
{
	const struct sw__size *fewest = NULL;
	bool impossible;
	enum sw_status st = say_impossible(text, sizing, workload, &impossible, err);

	if (st != SW_OK || impossible)
		return st;
	for (size_t f = 0; f < sizing->problem->n_fleet && st == SW_OK; f++) {
		struct sw__size *size;

		st = sw__size_fewest(sizing, workload, f, &size, err);
		if (st == SW_OK && size->possible && (!fewest || size->replicas < fewest->replicas))
			fewest = size;
	}
	if (st == SW_OK && fewest)
		say_no_room(text, sizing, fewest, plan->workloads[workload].replicas);
	if (st == SW_OK && fewest)
		say_wishes(text, sizing->problem, workload);
	return st;
}

static enum sw_status say_workload(struct sw_text *text, struct sw__sizing *sizing,
				   const struct sw_plan *plan, size_t workload,
				   const struct tightest *tightest, struct sw_error *err)
{
	const struct sw_slo *slo = &sizing->problem->workloads[workload].slo;
	const struct sw_placement *p = tightest->engine;

	if (p && (plan->workloads[workload].met || !sw_prediction_meets(&p->predicted, slo))) {
		say_placed(text, sizing, plan, tightest);
		return SW_OK;
	}
	return say_unplaced(text, sizing, plan, workload, err);
}

enum sw_status sw__explain_workloads(struct sw__sizing *sizing, struct sw_plan *plan,
				     struct sw_error *err)
{
	struct tightest *tightest = find_tightest(sizing->problem, plan);
	enum sw_status st =
		tightest ? SW_OK : sw_fail(err, SW_NO_MEMORY, "%zu workloads", plan->n_workloads);

	for (size_t w = 0; w < plan->n_workloads && st == SW_OK; w++) {
		struct sw_plan_workload *workload = &plan->workloads[w];
		struct sw_text text = {0};

		st = say_workload(&text, sizing, plan, w, &tightest[w], err);
		if (st == SW_OK && !sw_text_ok(&text))
			st = sw_fail(err, SW_NO_MEMORY, "out of memory");
		(void)sw_copy_name(workload->why, sizeof(workload->why), sw_text_string(&text));
		sw_text_free(&text);
	}
	free(tightest);
	return st;
}
