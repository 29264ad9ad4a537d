// SPDX-License-Identifier: Apache-2.0
#include "plan/table_place.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "plan/table_rows.h"
#include "plan/table_seats.h"

struct placing {
	const struct sw__table_cover *cover;
	const struct sw__covered *covered;
	struct sw_plan *plan;
	size_t room; /* GPUs that the plan has room for */
	size_t n_seats, seats_room;
	struct sw__seat *seats; /* slices that were cut */
};

static enum sw_status out_of_memory(const struct placing *p, struct sw_error *err)
{
	return sw_fail(err, SW_NO_MEMORY, "a plan of %zu GPUs", p->room);
}

static enum sw_status make_room(struct placing *p, struct sw_error *err)
{
	struct sw_plan_gpu *gpus;

	p->room = p->plan->n_gpus;
	for (size_t i = 0; i < p->cover->covering.n_cuts; i++)
		p->room += p->covered->times[i];
	for (size_t i = 0; i < p->cover->covering.n_cuts; i++)
		for (size_t k = 0; k < SW_MIG_PROFILES_MAX; k++)
			p->seats_room +=
				(size_t)p->covered->times[i] * p->cover->covering.cuts[i].count[k];
	p->seats = calloc(p->seats_room + 1, sizeof(*p->seats));
	gpus = realloc(p->plan->gpus, (p->room + 1) * sizeof(*gpus));
	if (gpus)
		p->plan->gpus = gpus;
	return gpus && p->seats ? SW_OK : out_of_memory(p, err);
}

/* The GPU that is cut next in a group: a new one, or the plan's next. */
static size_t next_gpu(struct placing *p, const struct sw__gpu_group *group, size_t *used)
{
	if (!group->is_new)
		return group->gpu[(*used)++];
	p->plan->gpus[p->plan->n_gpus] = (struct sw_plan_gpu){.fleet = group->fleet};
	return p->plan->n_gpus++;
}

static void add_seats(struct placing *p, const struct sw__cut *cut, size_t gpu)
{
	for (size_t k = 0; k < SW_MIG_PROFILES_MAX; k++)
		for (unsigned n = 0; n < cut->count[k]; n++)
			p->seats[p->n_seats++] =
				(struct sw__seat){gpu, cut->first_kind + k, SIZE_MAX};
}

static int by_gpu(const void *a, const void *b)
{
	const struct sw__seat *x = a, *y = b;

	if (x->gpu != y->gpu)
		return x->gpu < y->gpu ? -1 : 1;
	return (x->kind > y->kind) - (x->kind < y->kind);
}

static enum sw_status cut_gpus(struct placing *p, struct sw_error *err)
{
	const struct sw__covering *in = &p->cover->covering;
	size_t *used = calloc(in->n_groups + 1, sizeof(*used));

	if (!used)
		return out_of_memory(p, err);
	for (size_t i = 0; i < in->n_cuts; i++)
		for (unsigned n = 0; n < p->covered->times[i]; n++) {
			size_t group = in->cuts[i].group;
			size_t gpu = next_gpu(p, &p->cover->groups[group], &used[group]);

			add_seats(p, &in->cuts[i], gpu);
		}
	free(used);
	qsort(p->seats, p->n_seats, sizeof(*p->seats), by_gpu);
	return SW_OK;
}

static enum sw_status put_engine(struct placing *p, size_t demand, size_t kind, size_t g,
				 struct sw_error *err)
{
	const struct sw__slice_kind *slice = &p->cover->kinds[kind];
	struct sw_plan_gpu *gpu = &p->plan->gpus[g];
	struct sw_placement *more = realloc(gpu->tenants, (gpu->n + 1) * sizeof(*more));

	if (!more)
		return out_of_memory(p, err);
	gpu->tenants = more;
	gpu->tenants[gpu->n++] = (struct sw_placement){
		.workload = p->cover->workload[demand],
		.share = slice->share,
		.memory_gib = slice->memory_gib,
		.engine = {.kv_cache_tokens = NAN, .cores = NAN, .gpu_memory_utilization = NAN},
		.row = p->cover->row[demand * p->cover->covering.n_kinds + kind],
	};
	return SW_OK;
}

/* Give the slices of each kind out in order. False: a demand has more engines than there are slices. */
static bool seat_all(struct placing *p)
{
	size_t kinds = p->cover->covering.n_kinds;
	bool all = true;

	for (size_t kind = 0; kind < kinds; kind++) {
		size_t at = 0;

		for (size_t d = 0; d < p->cover->covering.n_demands; d++)
			for (unsigned n = p->covered->engines[d * kinds + kind]; n > 0; n--) {
				while (at < p->n_seats && p->seats[at].kind != kind)
					at++;
				all = all && at < p->n_seats;
				if (at < p->n_seats)
					p->seats[at++].demand = d;
			}
	}
	return all;
}

/* A demand of which two are on one GPU, though they must be apart, has only one of them. */
static bool is_double(const struct placing *p, size_t i)
{
	for (size_t j = i; j-- > 0 && p->seats[j].gpu == p->seats[i].gpu;)
		if (p->seats[j].demand == p->seats[i].demand &&
		    p->cover->spread[p->seats[i].demand])
			return true;
	return false;
}

static enum sw_status put_all(struct placing *p, struct sw_error *err)
{
	bool all = seat_all(p);
	enum sw_status st = SW_OK;

	(void)sw__seats_apart(p->seats, p->n_seats, p->cover->spread);
	for (size_t d = 0; d < p->cover->covering.n_demands; d++)
		p->plan->workloads[p->cover->workload[d]].met = all && p->covered->served[d];
	for (size_t i = 0; i < p->n_seats && st == SW_OK; i++) {
		const struct sw__seat *seat = &p->seats[i];

		if (seat->demand == SIZE_MAX)
			continue;
		if (is_double(p, i))
			p->plan->workloads[p->cover->workload[seat->demand]].met = false;
		else
			st = put_engine(p, seat->demand, seat->kind, seat->gpu, err);
	}
	return st;
}

void sw__table_share_rate(struct sw_plan *plan, const struct sw_workload *w, size_t workload)
{
	double capacity = 0, served;

	for (size_t g = 0; g < plan->n_gpus; g++)
		for (size_t k = 0; k < plan->gpus[g].n; k++)
			if (plan->gpus[g].tenants[k].workload == workload)
				capacity += plan->gpus[g].tenants[k].row->throughput;
	served = fmin(w->load.rate, capacity);
	for (size_t g = 0; g < plan->n_gpus; g++)
		for (size_t k = 0; k < plan->gpus[g].n; k++) {
			struct sw_placement *p = &plan->gpus[g].tenants[k];

			if (p->workload != workload)
				continue;
			p->rate_or_concurrency = served * (p->row->throughput / capacity);
			p->sized_for = p->rate_or_concurrency;
			p->predicted = sw__row_predict(p->row, p->rate_or_concurrency);
		}
}

/* All instances of a GPU are arranged anew: nothing runs yet. */
static void arrange(const struct sw_problem *problem, struct sw_plan_gpu *gpu)
{
	const struct sw_gpu *model = &problem->fleet[gpu->fleet].gpu;
	const struct sw_mig_profile *profiles[SW_TENANTS_MAX];
	unsigned starts[SW_TENANTS_MAX] = {0};

	if (problem->fleet[gpu->fleet].mechanism != SW_MIG || gpu->n > SW_TENANTS_MAX)
		return;
	for (size_t k = 0; k < gpu->n; k++)
		profiles[k] = sw_gpu_mig_profile(model, gpu->tenants[k].share,
						 gpu->tenants[k].memory_gib);
	if (sw_gpu_mig_arrange(model, profiles, gpu->n, starts))
		for (size_t k = 0; k < gpu->n; k++)
			gpu->tenants[k].mig_start = starts[k];
}

static int by_workload(const void *a, const void *b)
{
	const struct sw_placement *x = a, *y = b;

	if (x->workload != y->workload)
		return x->workload < y->workload ? -1 : 1;
	return (x->share < y->share) - (x->share > y->share);
}

static void drop_empty(struct sw_plan *plan)
{
	size_t kept = 0;

	for (size_t g = 0; g < plan->n_gpus; g++)
		if (plan->gpus[g].n > 0)
			plan->gpus[kept++] = plan->gpus[g];
	plan->n_gpus = kept;
}

enum sw_status sw__tables_place(const struct sw__table_cover *cover,
				const struct sw__covered *covered, struct sw_plan *plan,
				struct sw_error *err)
{
	struct placing p = {.cover = cover, .covered = covered, .plan = plan};
	enum sw_status st = make_room(&p, err);

	if (st == SW_OK)
		st = cut_gpus(&p, err);
	if (st == SW_OK)
		st = put_all(&p, err);
	free(p.seats);
	drop_empty(plan);
	for (size_t d = 0; st == SW_OK && d < cover->covering.n_demands; d++)
		sw__table_share_rate(plan, &cover->problem->workloads[cover->workload[d]],
				     cover->workload[d]);
	for (size_t g = 0; st == SW_OK && g < plan->n_gpus; g++) {
		qsort(plan->gpus[g].tenants, plan->gpus[g].n, sizeof(*plan->gpus[g].tenants),
		      by_workload);
		arrange(cover->problem, &plan->gpus[g]);
	}
	return st;
}
