// SPDX-License-Identifier: Apache-2.0
#include "plan/table_reasons.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "plan/mig_beside.h"
#include "plan/rules.h"
#include "plan/table_cover.h"
#include "plan/table_rows.h"

/* Nodes of a search for one GPU. */
enum { NODES = 100 };
/* Rates add up to what they are divided from but for the last digits. */
static const double ROUNDING = 1e-9;

struct writing {
	const struct sw_problem *problem;
	struct sw_plan *plan;
	size_t capacity;
	struct sw_error *err;
};

static enum sw_status add(struct writing *w, const struct sw_reason *reason, struct sw_text *words)
{
	struct sw_plan *plan = w->plan;
	enum sw_status st = SW_OK;

	if (plan->n_reasons == w->capacity) {
		size_t capacity = w->capacity ? 2 * w->capacity : 32;
		struct sw_reason *more = realloc(plan->reasons, capacity * sizeof(*more));

		if (!more)
			st = sw_fail(w->err, SW_NO_MEMORY, "%zu reasons", capacity);
		plan->reasons = more ? more : plan->reasons;
		w->capacity = more ? capacity : w->capacity;
	}
	if (st == SW_OK && !sw_text_ok(words))
		st = sw_fail(w->err, SW_NO_MEMORY, "out of memory");
	if (st == SW_OK) {
		struct sw_reason *into = &plan->reasons[plan->n_reasons++];

		*into = *reason;
		(void)sw_copy_name(into->words, sizeof(into->words), sw_text_string(words));
	}
	sw_text_free(words);
	return st;
}

static struct sw_reason reason_of(const struct writing *w, enum sw_instead instead, size_t gpu,
				  size_t tenant, const char *where)
{
	struct sw_reason reason = {.instead = instead,
				   .gpu = gpu,
				   .tenant = tenant,
				   .workload = SW_NONE,
				   .share = NAN,
				   .obstacle = {.workload = SW_NONE, .found = NAN, .allowed = NAN}};

	if (tenant != SW_NONE)
		reason.workload = w->plan->gpus[gpu].tenants[tenant].workload;
	(void)sw_copy_name(reason.where, sizeof(reason.where), where);
	return reason;
}

static const struct sw_fleet_entry *entry_of(const struct writing *w, size_t gpu)
{
	return &w->problem->fleet[w->plan->gpus[gpu].fleet];
}

static double rate_of(const struct writing *w, size_t workload)
{
	return w->problem->workloads[workload].load.rate;
}

/* What a workload's engines serve at the most. */
static double served(const struct writing *w, size_t workload)
{
	double sum = 0;

	for (size_t g = 0; g < w->plan->n_gpus; g++)
		for (size_t k = 0; k < w->plan->gpus[g].n; k++)
			if (w->plan->gpus[g].tenants[k].workload == workload)
				sum += w->plan->gpus[g].tenants[k].row->throughput;
	return sum;
}

static bool is_enough(const struct writing *w, size_t workload, double serve)
{
	return serve >= rate_of(w, workload) * (1 - ROUNDING);
}

/* It would hold: for less where it empties a GPU, else for the same. */
static void set_price(const struct writing *w, double less, struct sw_reason *reason,
		      struct sw_text *words)
{
	double now = w->plan->cost_per_hour;

	reason->obstacle = (struct sw_obstacle){
		.kind = less > 0 ? SW_OBSTACLE_NONE : SW_OBSTACLE_PRICE,
		.workload = SW_NONE,
		.found = now - less,
		.allowed = now,
	};
	if (less > 0)
		sw_text_addf(words, "it would hold, at %.4g instead of %.4g per hour", now - less,
			     now);
	else
		sw_text_puts(words, "it would hold too, and free no GPU");
}

static void set_missing(const struct writing *w, size_t workload, double serve,
			struct sw_reason *reason, struct sw_text *words)
{
	reason->obstacle = (struct sw_obstacle){.kind = SW_OBSTACLE_OVERLOAD,
						.workload = workload,
						.found = rate_of(w, workload),
						.allowed = serve};
	sw_text_addf(words, "all its engines serve %.4g of %.4g requests/s, %.4g are missing",
		     serve, rate_of(w, workload), rate_of(w, workload) - serve);
}

static double share_of(const struct sw_gpu *gpu, const struct sw_mig_profile *profile)
{
	return (double)profile->compute_slices / gpu->mig_compute_slices;
}

static double serves_on(const struct sw_workload *w, const struct sw_gpu *gpu,
			const struct sw_mig_profile *profile)
{
	const struct sw_table_row *row =
		sw__row_best(w, share_of(gpu, profile), profile->memory_gib);

	return row ? row->throughput : 0;
}

/* Of the slices with the next smaller share the one that serves most. */
static const struct sw_mig_profile *next_smaller(const struct sw_workload *w,
						 const struct sw_gpu *gpu, double share)
{
	const struct sw_mig_profile *best = NULL;

	for (size_t i = 0; i < gpu->n_mig; i++) {
		const struct sw_mig_profile *p = &gpu->mig[i];

		if (share_of(gpu, p) > share - SW__TABLE_SHARE_ROUNDING)
			continue;
		if (!best || p->compute_slices > best->compute_slices ||
		    (p->compute_slices == best->compute_slices &&
		     serves_on(w, gpu, p) > serves_on(w, gpu, best)))
			best = p;
	}
	return best;
}

static enum sw_status smaller_slice(struct writing *w, size_t gpu, size_t tenant)
{
	const struct sw_placement *is = &w->plan->gpus[gpu].tenants[tenant];
	const struct sw_gpu *model = &entry_of(w, gpu)->gpu;
	const struct sw_workload *asked = &w->problem->workloads[is->workload];
	struct sw_reason reason =
		reason_of(w, SW_INSTEAD_SMALLER, gpu, tenant, w->plan->gpus[gpu].id);
	const struct sw_mig_profile *profile = NULL;
	struct sw_text words = {0};
	double each, serve;

	if (entry_of(w, gpu)->mechanism == SW_MIG)
		profile = next_smaller(asked, model, is->share);
	if (!profile)
		return SW_OK;
	each = serves_on(asked, model, profile);
	serve = served(w, is->workload) - is->row->throughput + each;
	reason.share = share_of(model, profile);
	sw_text_addf(&words, "on %s ", profile->name);
	if (each > 0)
		sw_text_addf(&words, "at most %.4g requests/s: ", each);
	else
		sw_text_puts(&words, "no row in time: ");
	if (is_enough(w, is->workload, serve))
		set_price(w, 0, &reason, &words);
	else
		set_missing(w, is->workload, serve, &reason, &words);
	return add(w, &reason, &words);
}

/* Whether another instance lies beside those of a GPU, and may. */
static bool takes(const struct writing *w, size_t gpu, size_t workload,
		  const struct sw_mig_profile *profile)
{
	const struct sw_plan_gpu *on = &w->plan->gpus[gpu];
	const struct sw_fleet_entry *entry = entry_of(w, gpu);
	struct sw__mig_place there[SW_TENANTS_MAX];
	double cores = 0;
	unsigned start;

	for (size_t k = 0; k < on->n; k++) {
		const struct sw_placement *p = &on->tenants[k];

		there[k] = (struct sw__mig_place){
			sw_gpu_mig_profile(&entry->gpu, p->share, p->memory_gib), p->mig_start};
		if (p->workload == workload && w->problem->workloads[workload].spread)
			return false;
		cores += sw_known(p->engine.cores) ? p->engine.cores : SW__CORES_PER_ENGINE;
	}
	return on->n < sw__most_engines(entry, on->n, cores) &&
	       sw__mig_beside(&entry->gpu, there, on->n, &profile, 1, &start);
}

static bool may_use(const struct sw_workload *w, const struct sw_gpu *gpu)
{
	for (size_t i = 0; i < w->n_gpus; i++)
		if (strcmp(w->gpus[i], gpu->id) == 0)
			return true;
	return w->n_gpus == 0;
}

/* A slice that is free somewhere else. */
struct place {
	size_t gpu; /* SW_NONE: there is none */
	const struct sw_mig_profile *profile;
	double serves;
};

/* The free slice of the plan's other GPUs that serves the most. */
static struct place best_place(const struct writing *w, size_t gpu, size_t workload)
{
	const struct sw_workload *asked = &w->problem->workloads[workload];
	struct place best = {.gpu = SW_NONE};

	for (size_t g = 0; g < w->plan->n_gpus; g++) {
		const struct sw_gpu *model = &entry_of(w, g)->gpu;

		if (g == gpu || entry_of(w, g)->mechanism != SW_MIG || !may_use(asked, model) ||
		    w->plan->gpus[g].n >= SW_TENANTS_MAX)
			continue;
		for (size_t p = 0; p < model->n_mig; p++) {
			double serves = serves_on(asked, model, &model->mig[p]);

			if (serves > best.serves && takes(w, g, workload, &model->mig[p]))
				best = (struct place){g, &model->mig[p], serves};
		}
	}
	return best;
}

static enum sw_status moved(struct writing *w, size_t gpu, size_t tenant)
{
	const struct sw_plan_gpu *on = &w->plan->gpus[gpu];
	const struct sw_placement *is = &on->tenants[tenant];
	struct place place;
	struct sw_reason reason;
	struct sw_text words = {0};
	double serve;

	if (w->plan->n_gpus < 2)
		return SW_OK;
	place = best_place(w, gpu, is->workload);
	reason = reason_of(w, SW_INSTEAD_MOVED, gpu, tenant,
			   place.gpu == SW_NONE ? entry_of(w, gpu)->gpu.id
						: w->plan->gpus[place.gpu].id);
	if (place.gpu == SW_NONE) {
		reason.obstacle.kind = SW_OBSTACLE_RULE;
		sw_text_puts(&words, "no other GPU of the plan has a slice left on which it is in "
				     "time");
		return add(w, &reason, &words);
	}
	serve = served(w, is->workload) - is->row->throughput + place.serves;
	reason.share = share_of(&entry_of(w, place.gpu)->gpu, place.profile);
	sw_text_addf(&words, "on a free %s of %s at most %.4g requests/s: ", place.profile->name,
		     reason.where, place.serves);
	if (is_enough(w, is->workload, serve))
		set_price(w, on->n == 1 ? entry_of(w, gpu)->price_per_hour : 0, &reason, &words);
	else
		set_missing(w, is->workload, serve, &reason, &words);
	return add(w, &reason, &words);
}

/* The engine of a workload that serves least left out. */
static enum sw_status fewer(struct writing *w, size_t gpu, size_t tenant)
{
	const struct sw_placement *is = &w->plan->gpus[gpu].tenants[tenant];
	struct sw_reason reason =
		reason_of(w, SW_INSTEAD_FEWER, gpu, tenant, entry_of(w, gpu)->gpu.id);
	unsigned engines = w->plan->workloads[is->workload].replicas;
	double least = INFINITY, less = 0, serve;
	struct sw_text words = {0};

	if (engines < 2 || w->problem->workloads[is->workload].replicas)
		return SW_OK;
	for (size_t g = 0; g < w->plan->n_gpus; g++)
		for (size_t k = 0; k < w->plan->gpus[g].n; k++) {
			const struct sw_placement *p = &w->plan->gpus[g].tenants[k];

			if (p->workload == is->workload && p->replica < is->replica)
				return SW_OK; /* once for all of them */
			if (p->workload != is->workload || p->row->throughput >= least)
				continue;
			least = p->row->throughput;
			less = w->plan->gpus[g].n == 1 ? entry_of(w, g)->price_per_hour : 0;
		}
	reason.replicas = engines - 1;
	serve = served(w, is->workload) - least;
	sw_text_addf(&words, "%u instead of %u: ", engines - 1, engines);
	if (is_enough(w, is->workload, serve))
		set_price(w, less, &reason, &words);
	else
		set_missing(w, is->workload, serve, &reason, &words);
	return add(w, &reason, &words);
}

/* What is on a GPU, and nothing else, on one of another kind. */
static void only_this(struct sw__table_cover *c, const struct sw_plan_gpu *gpu, size_t fleet)
{
	size_t kept = 0, kinds = c->covering.n_kinds;

	for (size_t d = 0; d < c->covering.n_demands; d++) {
		double rate = 0;

		for (size_t k = 0; k < gpu->n; k++)
			if (gpu->tenants[k].workload == c->workload[d])
				rate += gpu->tenants[k].rate_or_concurrency;
		if (!(rate > 0))
			continue;
		c->workload[kept] = c->workload[d];
		c->rate[kept] = rate;
		c->exactly[kept] = 0;
		c->spread[kept] = c->spread[d];
		(void)memmove(&c->capacity[kept * kinds], &c->capacity[d * kinds],
			      kinds * sizeof(*c->capacity));
		kept++;
	}
	c->covering.n_demands = kept;
	for (size_t g = 0; g < c->covering.n_groups; g++)
		c->group_count[g] = g == fleet;
}

/* The kind with the highest price below that of the GPU; SW_NONE. */
static size_t next_cheaper(const struct sw_problem *problem, size_t fleet)
{
	size_t best = SW_NONE;

	for (size_t f = 0; f < problem->n_fleet; f++)
		if (problem->fleet[f].price_per_hour < problem->fleet[fleet].price_per_hour &&
		    (best == SW_NONE ||
		     problem->fleet[f].price_per_hour > problem->fleet[best].price_per_hour))
			best = f;
	return best;
}

static double used_of(const struct sw_plan *plan, size_t fleet)
{
	double used = 0;

	for (size_t g = 0; g < plan->n_gpus; g++)
		used += plan->gpus[g].fleet == fleet;
	return used;
}

/* The first workload of which one GPU of that kind does not serve what this one does; SW_NONE: it serves all. */
static enum sw_status first_unserved(const struct writing *w, size_t gpu, size_t fleet, size_t *out,
				     double *rate)
{
	struct sw__table_cover cover;
	struct sw__covered covered;
	enum sw_status st = sw__table_cover_of(w->problem, NULL, &cover, w->err);

	*out = SW_NONE;
	if (st != SW_OK)
		return st;
	only_this(&cover, &w->plan->gpus[gpu], fleet);
	cover.covering.nodes = NODES;
	st = sw__mig_cover(&cover.covering, &covered, w->err);
	for (size_t d = cover.covering.n_demands; st == SW_OK && d-- > 0;)
		if (!covered.served[d]) {
			*out = cover.workload[d];
			*rate = cover.rate[d];
		}
	if (st == SW_OK)
		sw__covered_free(&covered);
	sw__table_cover_free(&cover);
	return st;
}

static enum sw_status cheaper_gpu(struct writing *w, size_t gpu)
{
	const struct sw_plan_gpu *on = &w->plan->gpus[gpu];
	size_t fleet = next_cheaper(w->problem, on->fleet), missing = SW_NONE;
	const struct sw_fleet_entry *other;
	struct sw_reason reason;
	struct sw_text words = {0};
	double rate = 0;
	enum sw_status st;

	for (size_t k = 0; k < on->n; k++)
		if (!on->tenants[k].row)
			return SW_OK;
	if (fleet == SW_NONE)
		return SW_OK;
	other = &w->problem->fleet[fleet];
	reason = reason_of(w, SW_INSTEAD_CHEAPER, gpu, SW_NONE, other->gpu.id);
	sw_text_addf(&words, "on %s under %s for %.4g per hour: ", other->gpu.id,
		     sw_mechanism_name(other->mechanism), other->price_per_hour);
	st = first_unserved(w, gpu, fleet, &missing, &rate);
	if (st != SW_OK) {
		sw_text_free(&words);
		return st;
	}
	if (missing != SW_NONE) {
		bool allowed = may_use(&w->problem->workloads[missing], &other->gpu);

		reason.obstacle.kind = allowed ? SW_OBSTACLE_OVERLOAD : SW_OBSTACLE_GPUS;
		reason.obstacle.workload = missing;
		reason.obstacle.found = allowed ? rate : NAN;
		if (allowed)
			sw_text_addf(&words,
				     "one does not serve all of it, %.4g requests/s of %s "
				     "are left",
				     rate, w->problem->workloads[missing].name);
		else
			sw_text_addf(&words, "not among the gpus of %s",
				     w->problem->workloads[missing].name);
	} else if (used_of(w->plan, fleet) + 1 > other->count) {
		reason.obstacle = (struct sw_obstacle){.kind = SW_OBSTACLE_FLEET,
						       .workload = SW_NONE,
						       .found = used_of(w->plan, fleet) + 1,
						       .allowed = other->count};
		sw_text_addf(&words, "it would hold, but the fleet has no more than %.0f",
			     other->count);
	} else {
		set_price(w, entry_of(w, gpu)->price_per_hour - other->price_per_hour, &reason,
			  &words);
	}
	return add(w, &reason, &words);
}

static enum sw_status of_engine(struct writing *w, size_t gpu, size_t tenant)
{
	enum sw_status st = SW_OK;

	if (!w->plan->gpus[gpu].tenants[tenant].row)
		return SW_OK;
	st = smaller_slice(w, gpu, tenant);
	if (st == SW_OK)
		st = moved(w, gpu, tenant);
	return st == SW_OK ? fewer(w, gpu, tenant) : st;
}

enum sw_status sw__tables_reasons(const struct sw_problem *problem, struct sw_plan *plan,
				  struct sw_error *err)
{
	struct writing w = {.problem = problem, .plan = plan, .err = err};
	size_t most = problem->explain_engines ? problem->explain_engines : SW_EXPLAIN_ENGINES;
	size_t engines = 0;
	enum sw_status st = SW_OK;

	for (size_t g = 0; g < plan->n_gpus; g++)
		engines += plan->gpus[g].n;
	if (engines > most)
		return SW_OK;
	for (size_t g = 0; g < plan->n_gpus && st == SW_OK; g++) {
		for (size_t k = 0; k < plan->gpus[g].n && st == SW_OK; k++)
			st = of_engine(&w, g, k);
		if (st == SW_OK)
			st = cheaper_gpu(&w, g);
	}
	return st;
}
