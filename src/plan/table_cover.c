// SPDX-License-Identifier: Apache-2.0
#include "plan/table_cover.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "plan/mig_patterns.h"
#include "plan/rules.h"
#include "plan/table_rows.h"

enum { FIRST_ROOM = 64 };

size_t sw__most_engines(const struct sw_fleet_entry *entry, size_t there, double cores)
{
	double most = fmin(entry->max_tenants, SW_TENANTS_MAX);
	double has = entry->cores_per_node / entry->gpus_per_node;

	if (entry->mechanism != SW_MIG)
		most = 1;
	if (sw_known(has))
		most = fmin(most, fmax((double)there + floor((has - cores + SW__SUM_ROUNDING) /
							     SW__CORES_PER_ENGINE),
				       1));
	return (size_t)fmax(most, (double)there);
}

static enum sw_status out_of_memory(const struct sw__table_cover *c, struct sw_error *err)
{
	return sw_fail(err, SW_NO_MEMORY, "%zu workloads", c->problem->n_workloads);
}

static size_t kinds_of(const struct sw_fleet_entry *entry)
{
	return entry->mechanism == SW_MIG ? entry->gpu.n_mig : 1;
}

static void fill_kind(struct sw__table_cover *c, size_t fleet, size_t i)
{
	const struct sw_gpu *gpu = &c->problem->fleet[fleet].gpu;
	struct sw__slice_kind *kind = &c->kinds[c->first_kind[fleet] + i];

	*kind = (struct sw__slice_kind){fleet, NULL, 1, sw_gpu_visible_gib(gpu)};
	if (c->problem->fleet[fleet].mechanism != SW_MIG)
		return;
	kind->profile = &gpu->mig[i];
	kind->share = (double)gpu->mig[i].compute_slices / gpu->mig_compute_slices;
	kind->memory_gib = gpu->mig[i].memory_gib;
}

static enum sw_status add_kinds(struct sw__table_cover *c, struct sw_error *err)
{
	size_t n = 0;

	c->first_kind = calloc(c->problem->n_fleet + 1, sizeof(*c->first_kind));
	for (size_t f = 0; c->first_kind && f < c->problem->n_fleet; f++) {
		c->first_kind[f] = n;
		n += kinds_of(&c->problem->fleet[f]);
	}
	c->kinds = calloc(n + 1, sizeof(*c->kinds));
	c->share = calloc(n + 1, sizeof(*c->share));
	if (!c->first_kind || !c->kinds || !c->share)
		return out_of_memory(c, err);
	for (size_t f = 0; f < c->problem->n_fleet; f++)
		for (size_t i = 0; i < kinds_of(&c->problem->fleet[f]); i++)
			fill_kind(c, f, i);
	for (size_t k = 0; k < n; k++)
		c->share[k] = c->kinds[k].share;
	c->covering.n_kinds = n;
	return SW_OK;
}

static bool may_use(const struct sw_workload *w, const struct sw_gpu *gpu)
{
	for (size_t i = 0; i < w->n_gpus; i++)
		if (strcmp(w->gpus[i], gpu->id) == 0)
			return true;
	return w->n_gpus == 0;
}

/* Whether `b` does what `a` does, in less memory, wherever `a` may lie. */
static bool stands_in(const struct sw__slice_kind *a, const struct sw__slice_kind *b)
{
	const struct sw_mig_profile *p = a->profile, *q = b->profile;

	return a->fleet == b->fleet && p && q && q->compute_slices == p->compute_slices &&
	       q->memory_slices < p->memory_slices && q->max_instances >= p->max_instances &&
	       (q->starts == 0 || (p->starts != 0 && (p->starts & ~q->starts) == 0));
}

/* The same row on a slice with more memory is one choice too many. */
static void drop_larger(struct sw__table_cover *c, size_t demand)
{
	size_t n = c->covering.n_kinds;
	double *capacity = &c->capacity[demand * n];

	for (size_t k = 0; k < n; k++)
		for (size_t other = 0; other < n && capacity[k] > 0; other++)
			if (capacity[other] >= capacity[k] &&
			    stands_in(&c->kinds[k], &c->kinds[other]))
				capacity[k] = 0;
}

static void fill_demand(struct sw__table_cover *c, size_t demand)
{
	const struct sw_workload *w = &c->problem->workloads[c->workload[demand]];
	size_t n = c->covering.n_kinds;

	c->rate[demand] = w->load.rate;
	c->exactly[demand] = w->replicas;
	c->spread[demand] = w->spread;
	for (size_t k = 0; k < n; k++) {
		const struct sw__slice_kind *kind = &c->kinds[k];
		const struct sw_table_row *row = NULL;

		if (may_use(w, &c->problem->fleet[kind->fleet].gpu))
			row = sw__row_best(w, kind->share, kind->memory_gib);
		c->row[demand * n + k] = row;
		c->capacity[demand * n + k] = row ? row->throughput : 0;
	}
	drop_larger(c, demand);
}

static enum sw_status add_demands(struct sw__table_cover *c, struct sw_error *err)
{
	size_t n = 0, kinds = c->covering.n_kinds;

	for (size_t w = 0; w < c->problem->n_workloads; w++)
		n += c->problem->workloads[w].table != NULL;
	c->workload = calloc(n + 1, sizeof(*c->workload));
	c->rate = calloc(n + 1, sizeof(*c->rate));
	c->exactly = calloc(n + 1, sizeof(*c->exactly));
	c->spread = calloc(n + 1, sizeof(*c->spread));
	c->row = calloc(n * kinds + 1, sizeof(struct sw_table_row *));
	c->capacity = calloc(n * kinds + 1, sizeof(*c->capacity));
	if (!c->workload || !c->rate || !c->exactly || !c->spread || !c->row || !c->capacity)
		return out_of_memory(c, err);
	for (size_t w = 0; w < c->problem->n_workloads; w++)
		if (c->problem->workloads[w].table) {
			c->workload[c->covering.n_demands] = w;
			fill_demand(c, c->covering.n_demands++);
		}
	return SW_OK;
}

static enum sw_status add_cut(struct sw__table_cover *c, const struct sw__cut *cut,
			      struct sw_error *err)
{
	if (c->covering.n_cuts == c->cuts_room) {
		size_t room = c->cuts_room ? 2 * c->cuts_room : FIRST_ROOM;
		struct sw__cut *more = realloc(c->cuts, room * sizeof(*more));

		if (!more)
			return out_of_memory(c, err);
		c->cuts = more;
		c->cuts_room = room;
	}
	c->cuts[c->covering.n_cuts++] = *cut;
	return SW_OK;
}

/* Slices that nobody can use are none. */
static void forget_useless(const struct sw__table_cover *c, struct sw__cut *cut)
{
	size_t n = c->covering.n_kinds;

	for (size_t i = 0; i < kinds_of(&c->problem->fleet[c->groups[cut->group].fleet]); i++) {
		bool used = false;

		for (size_t d = 0; d < c->covering.n_demands; d++)
			used = used || c->capacity[d * n + cut->first_kind + i] > 0;
		if (!used)
			cut->count[i] = 0;
	}
}

static bool within(const struct sw__cut *a, const struct sw__cut *b)
{
	for (size_t p = 0; p < SW_MIG_PROFILES_MAX; p++)
		if (a->count[p] > b->count[p])
			return false;
	return a->group == b->group;
}

/* A cut that is no part of another of its group. */
static enum sw_status add_useful(struct sw__table_cover *c, struct sw__cut *cut,
				 struct sw_error *err)
{
	size_t kept = 0;

	forget_useless(c, cut);
	for (size_t i = 0; i < c->covering.n_cuts; i++)
		if (within(cut, &c->cuts[i]))
			return SW_OK;
	for (size_t i = 0; i < c->covering.n_cuts; i++)
		if (!within(&c->cuts[i], cut))
			c->cuts[kept++] = c->cuts[i];
	c->covering.n_cuts = kept;
	return add_cut(c, cut, err);
}

static bool cuts_something(const struct sw__cut *cut)
{
	for (size_t p = 0; p < SW_MIG_PROFILES_MAX; p++)
		if (cut->count[p])
			return true;
	return false;
}

/* The ways of cutting GPUs of a group, on which `there` is already. */
static enum sw_status add_cuts(struct sw__table_cover *c, size_t group,
			       const struct sw_mig_profile *const *there, size_t n_there,
			       size_t most, struct sw_error *err)
{
	size_t fleet = c->groups[group].fleet;
	const struct sw_fleet_entry *entry = &c->problem->fleet[fleet];
	struct sw__cut cut = {.group = group, .first_kind = c->first_kind[fleet]};
	struct sw__mig_patterns patterns = {0};
	enum sw_status st;

	cut.price = c->groups[group].is_new ? entry->price_per_hour : 0;
	if (entry->mechanism != SW_MIG) {
		cut.count[0] = 1;
		return add_cut(c, &cut, err);
	}
	st = sw__mig_patterns_of(&entry->gpu, there, n_there, most, &patterns, err);
	for (size_t i = 0; st == SW_OK && i < patterns.n; i++) {
		(void)memcpy(cut.count, patterns.pattern[i].count, sizeof(cut.count));
		if (cuts_something(&cut))
			st = add_useful(c, &cut, err);
	}
	c->complete = c->complete && patterns.complete;
	free(patterns.pattern);
	return st;
}

/* The instances on a GPU of the plan, counted by profile; false where there is none for an engine. */
static bool instances_of(const struct sw_problem *problem, const struct sw_plan_gpu *gpu,
			 unsigned char *count)
{
	const struct sw_gpu *model = &problem->fleet[gpu->fleet].gpu;

	(void)memset(count, 0, SW_MIG_PROFILES_MAX);
	for (size_t k = 0; k < gpu->n; k++) {
		const struct sw_mig_profile *profile = sw_gpu_mig_profile(
			model, gpu->tenants[k].share, gpu->tenants[k].memory_gib);

		if (!profile)
			return false;
		count[profile - model->mig]++;
	}
	return true;
}

static double cores_on(const struct sw_plan_gpu *gpu)
{
	double cores = 0;

	for (size_t k = 0; k < gpu->n; k++)
		cores += sw_known(gpu->tenants[k].engine.cores) ? gpu->tenants[k].engine.cores
								: SW__CORES_PER_ENGINE;
	return cores;
}

static bool alike(const struct sw_problem *problem, const struct sw_plan_gpu *a,
		  const struct sw_plan_gpu *b)
{
	unsigned char x[SW_MIG_PROFILES_MAX], y[SW_MIG_PROFILES_MAX];

	return a->fleet == b->fleet && cores_on(a) == cores_on(b) && instances_of(problem, a, x) &&
	       instances_of(problem, b, y) && memcmp(x, y, sizeof(x)) == 0;
}

static enum sw_status open_group(struct sw__table_cover *c, const struct sw_plan *plan,
				 size_t first, struct sw_error *err)
{
	const struct sw_plan_gpu *gpu = &plan->gpus[first];
	const struct sw_fleet_entry *entry = &c->problem->fleet[gpu->fleet];
	const struct sw_mig_profile *there[SW_TENANTS_MAX];
	size_t group = c->covering.n_groups++;

	for (size_t k = 0; k < gpu->n; k++)
		there[k] = sw_gpu_mig_profile(&entry->gpu, gpu->tenants[k].share,
					      gpu->tenants[k].memory_gib);
	c->groups[group] = (struct sw__gpu_group){.fleet = gpu->fleet};
	c->groups[group].gpu = calloc(plan->n_gpus, sizeof(size_t));
	if (!c->groups[group].gpu)
		return out_of_memory(c, err);
	return add_cuts(c, group, there, gpu->n, sw__most_engines(entry, gpu->n, cores_on(gpu)),
			err);
}

/* GPUs of the plan with room: those with the same instances are one group. */
static enum sw_status add_used(struct sw__table_cover *c, const struct sw_plan *plan,
			       struct sw_error *err)
{
	unsigned char count[SW_MIG_PROFILES_MAX];
	enum sw_status st = SW_OK;

	for (size_t i = 0; plan && i < plan->n_gpus && st == SW_OK; i++) {
		const struct sw_plan_gpu *gpu = &plan->gpus[i];
		size_t g = c->problem->n_fleet;

		if (c->problem->fleet[gpu->fleet].mechanism != SW_MIG ||
		    !instances_of(c->problem, gpu, count))
			continue;
		while (g < c->covering.n_groups &&
		       !(c->groups[g].gpu &&
			 alike(c->problem, gpu, &plan->gpus[c->groups[g].gpu[0]])))
			g++;
		if (g == c->covering.n_groups)
			st = open_group(c, plan, i, err);
		if (st == SW_OK && c->groups[g].gpu)
			c->groups[g].gpu[c->groups[g].n++] = i;
	}
	for (size_t g = c->problem->n_fleet; g < c->covering.n_groups; g++)
		c->group_count[g] = (double)c->groups[g].n;
	return st;
}

static enum sw_status add_groups(struct sw__table_cover *c, const struct sw_plan *plan,
				 struct sw_error *err)
{
	size_t n_fleet = c->problem->n_fleet, used = plan ? plan->n_gpus : 0;
	enum sw_status st = SW_OK;

	c->groups = calloc(n_fleet + used + 1, sizeof(*c->groups));
	c->group_count = calloc(n_fleet + used + 1, sizeof(*c->group_count));
	if (!c->groups || !c->group_count)
		return out_of_memory(c, err);
	for (size_t f = 0; f < n_fleet && st == SW_OK; f++) {
		const struct sw_fleet_entry *entry = &c->problem->fleet[f];

		c->groups[f] = (struct sw__gpu_group){.fleet = f, .is_new = true};
		c->group_count[f] = entry->count;
		for (size_t i = 0; i < used; i++)
			c->group_count[f] -= plan->gpus[i].fleet == f;
		c->covering.n_groups++;
		st = add_cuts(c, f, NULL, 0, sw__most_engines(entry, 0, 0), err);
	}
	return st == SW_OK ? add_used(c, plan, err) : st;
}

enum sw_status sw__table_cover_of(const struct sw_problem *problem, const struct sw_plan *plan,
				  struct sw__table_cover *out, struct sw_error *err)
{
	enum sw_status st;

	*out = (struct sw__table_cover){.problem = problem, .complete = true};
	st = add_kinds(out, err);
	if (st == SW_OK)
		st = add_demands(out, err);
	if (st == SW_OK)
		st = add_groups(out, plan, err);
	out->covering.share = out->share;
	out->covering.cuts = out->cuts;
	out->covering.group_count = out->group_count;
	out->covering.rate = out->rate;
	out->covering.exactly = out->exactly;
	out->covering.spread = out->spread;
	out->covering.capacity = out->capacity;
	if (st != SW_OK)
		sw__table_cover_free(out);
	return st;
}

void sw__table_cover_free(struct sw__table_cover *c)
{
	for (size_t g = 0; c->groups && g < c->covering.n_groups; g++)
		free(c->groups[g].gpu);
	free(c->groups);
	free(c->kinds);
	free(c->first_kind);
	free(c->workload);
	free((void *)c->row);
	free(c->cuts);
	free(c->share);
	free(c->group_count);
	free(c->rate);
	free(c->capacity);
	free(c->exactly);
	free(c->spread);
	*c = (struct sw__table_cover){0};
}
