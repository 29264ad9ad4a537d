// SPDX-License-Identifier: Apache-2.0
#include "plan/bound.h"

#include <stdlib.h>

#include "base/error.h"
#include "plan/compute_sums.h"
#include "plan/idle.h"
#include "plan/parts.h"
#include "plan/pressed_bound.h"
#include "plan/refute.h"

enum { WEIGHT_STEPS = 20 };

static const double rounding = 1e-9;

/*
 * The least share over all numbers of replicas. It is known for the fewest that hold the limits; n engines of more have at
 * least n times the share that an idle engine needs, so the bound falls only where an idle one does with less than its part.
 */
static enum sw_status least_share(struct sw__sizing *sizing, const struct sw__size *fewest,
				  double *out, struct sw_error *err)
{
	const struct sw__levels *levels = &sizing->levels[fewest->fleet];
	double most = sw__most_replicas(&sizing->problem->workloads[fewest->workload]);
	double more = fewest->replicas + 1.0;
	enum sw_status st = SW_OK;

	*out = fewest->replicas * fewest->least_share;
	if (sizing->problem->workloads[fewest->workload].replicas || more > most ||
	    !fewest->share_matters)
		return SW_OK;
	/* Downwards from the largest level that would undercut the bound, as far as an idle engine holds its limits. */
	for (size_t level = sw__level_within(levels, *out / more) + 1;
	     level-- > 0 && st == SW_OK;) {
		double undercut = more * levels->level[level].share;
		struct sw__idle idle;

		if (undercut >= *out)
			continue;
		st = sw__idle_of(sizing, fewest->workload, fewest->fleet, level, &idle, err);
		if (st != SW_OK || !idle.meets)
			break;
		*out = undercut;
	}
	return st;
}

enum sw_status sw__need_of_several(struct sw__sizing *sizing, const struct sw__size *one,
				   struct sw__need *out, struct sw_error *err)
{
	size_t workload = one->workload, fleet = one->fleet;
	const struct sw__levels *levels = &sizing->levels[fleet];
	const struct sw_fleet_entry *entry = &sizing->problem->fleet[fleet];
	/* Where turns are taken the part is time, of which an idle engine needs next to none. */
	double least = one->share_matters || entry->mechanism == SW_EXCLUSIVE ? 2 : 0;
	size_t low = 0, high = levels->n - 1;
	struct sw__idle idle;
	enum sw_status st = sw__idle_of(sizing, workload, fleet, high, &idle, err);

	*out = (struct sw__need){{INFINITY, INFINITY, INFINITY}};
	if (st != SW_OK || !idle.meets)
		return st;
	while (low < high && st == SW_OK) {
		size_t middle = low + (high - low) / 2;

		st = sw__idle_of(sizing, workload, fleet, middle, &idle, err);
		*(idle.meets ? &high : &low) = idle.meets ? middle : middle + 1;
	}
	*out = (struct sw__need){{least * levels->level[high].share, 0, 2.0 / entry->max_tenants}};
	return st;
}

/*
 * Of unequal parts the largest that an engine holds is below 1 / (r - 1), r being the fewest equal ones, or all of the load; and the
 * share that a part p takes is at least that of the next smaller 1 / n, so that of what n equal ones take there is (n - 1) / n at the
 * least, or of one a half.
 */
static void allow_unequal(const struct sw_workload *workload, double fewest, struct sw__need *need)
{
	double factor = fewest > 1 ? (fewest - 1) / fewest : 0.5;

	for (int r = 0; sw__parts_differ(workload) && r < SW__RESOURCES; r++)
		need->part[r] *= factor;
}

static enum sw_status need_of(struct sw__sizing *sizing, size_t workload, size_t fleet,
			      struct sw__need *out, struct sw_error *err)
{
	const struct sw_fleet_entry *entry = &sizing->problem->fleet[fleet];
	struct sw__size *fewest;
	unsigned spare = sw__spare_replicas(&sizing->problem->workloads[workload]);
	double share = 0;
	enum sw_status st = sw__size_fewest(sizing, workload, fleet, &fewest, err);

	*out = (struct sw__need){{INFINITY, INFINITY, INFINITY}};
	if (st == SW_OK && fewest->passed_over) {
		st = sw__need_of_several(sizing, fewest, out, err);
		allow_unequal(&sizing->problem->workloads[workload], 1, out);
		return st;
	}
	if (st != SW_OK || !fewest->possible)
		return st;
	st = least_share(sizing, fewest, &share, err);
	if (entry->mechanism == SW_EXCLUSIVE)
		share = fewest->replicas;
	/* least_work is a part of the load that one engine holds, and those that are left hold all of it. Of more engines those
	 * that may be lost stand for less. */
	out->part[0] = fmax(share, (fewest->replicas - spare) * fewest->least_work);
	out->part[1] =
		fewest->replicas * fewest->least_memory_gib / sw_gpu_visible_gib(&entry->gpu);
	out->part[2] = (double)fewest->replicas / entry->max_tenants;
	allow_unequal(&sizing->problem->workloads[workload], fewest->replicas, out);
	return st;
}

/* A bound in the making. Needs are one after another: of every workload that is placed those on each kind. */
struct bounding {
	struct sw__sizing *sizing;
	const bool *placed;
	const struct sw__bound *plan;
	double *price; /* per kind */
	bool *both; /* per kind: whether its compute has two sums */
	struct sw__need *need, *seen; /* all there is, and under one sum of compute */
	struct sw__needs needs; /* of what is seen */
	struct sw__bound *out;
	struct sw_error *err;
};

static void bounding_free(struct bounding *b)
{
	free(b->price);
	free(b->both);
	free(b->need);
	free(b->seen);
}

static enum sw_status bounding_make(struct bounding *b)
{
	const struct sw_problem *problem = b->sizing->problem;
	size_t cells = problem->n_workloads * problem->n_fleet + 1;

	b->price = calloc(problem->n_fleet + 1, sizeof(*b->price));
	b->both = calloc(problem->n_fleet + 1, sizeof(*b->both));
	b->need = calloc(cells, sizeof(*b->need));
	b->seen = calloc(cells, sizeof(*b->seen));
	b->needs = (struct sw__needs){.n_fleet = problem->n_fleet, .need = b->seen};
	return b->price && b->both && b->need && b->seen
		       ? SW_OK
		       : sw_fail(b->err, SW_NO_MEMORY, "%zu workloads", problem->n_workloads);
}

static enum sw_status fill_needs(struct bounding *b)
{
	const struct sw_problem *problem = b->sizing->problem;
	struct sw__need *need = b->need;
	enum sw_status st = sw__compute_sums(b->sizing, b->placed, b->both, b->err);

	for (size_t w = 0; w < problem->n_workloads && st == SW_OK; w++) {
		if (!b->placed[w])
			continue;
		for (size_t f = 0; f < problem->n_fleet && st == SW_OK; f++)
			st = need_of(b->sizing, w, f, need++, b->err);
		b->needs.n_workloads++;
	}
	return st;
}

/* What is needed under one sum of compute; *is_new: not the same as under the sum before. */
static enum sw_status see_needs(struct bounding *b, enum sw__compute_sum sum, bool *is_new)
{
	const struct sw_problem *problem = b->sizing->problem;
	size_t cell = 0;
	enum sw_status st = SW_OK;

	*is_new = sum == 0;
	for (size_t w = 0; w < problem->n_workloads && st == SW_OK; w++) {
		for (size_t f = 0; b->placed[w] && f < problem->n_fleet && st == SW_OK; f++) {
			struct sw__size *fewest;

			b->seen[cell] = b->need[cell];
			st = sw__size_fewest(b->sizing, w, f, &fewest, b->err);
			if (st == SW_OK && b->both[f] && isfinite(b->need[cell].part[0]) &&
			    sw__sum_leaves_out(sum, fewest))
				b->seen[cell].part[0] = 0;
			*is_new = *is_new || b->both[f];
			cell++;
		}
	}
	return st;
}

/* Engines that are kept apart take a GPU each: what those of the most demanding workload cost at the least. */
static enum sw_status raise_for_apart(struct sw__sizing *sizing, const bool *placed,
				      struct sw__bound *out, struct sw_error *err)
{
	const struct sw_problem *problem = sizing->problem;
	enum sw_status st = SW_OK;

	for (size_t w = 0; w < problem->n_workloads && st == SW_OK; w++) {
		double engines = INFINITY, price = INFINITY;

		if (!placed[w] || !sw__apart(&problem->workloads[w]))
			continue;
		for (size_t f = 0; f < problem->n_fleet && st == SW_OK; f++) {
			struct sw__size *fewest;

			st = sw__size_fewest(sizing, w, f, &fewest, err);
			if (st != SW_OK || !fewest->possible)
				continue;
			engines = fmin(engines, fewest->replicas);
			price = fmin(price, problem->fleet[f].price_per_hour);
		}
		if (!isfinite(engines))
			continue;
		out->gpus = fmax(out->gpus, engines);
		out->per_hour = fmax(out->per_hour, engines * price);
	}
	return st;
}

/* What costs no less than `from`, rounded up to whole GPUs. */
static enum sw_status raise_from(struct bounding *b, double from)
{
	double per_hour = 0;
	enum sw_status st = sw__least_not_refuted(&b->needs, b->sizing->problem->fleet, from,
						  b->plan->per_hour, &per_hour, b->err);

	b->out->per_hour = fmax(b->out->per_hour, per_hour);
	return st;
}

/* Of the sums of what is seen alone. */
static enum sw_status raise_for_sums(struct bounding *b)
{
	size_t n_fleet = b->needs.n_fleet;
	double gpus;

	for (size_t f = 0; f < n_fleet; f++)
		b->price[f] = 1;
	gpus = ceil(sw__best_bound(&b->needs, b->price, WEIGHT_STEPS) - rounding);
	b->out->gpus = fmax(b->out->gpus, fmax(gpus, b->needs.n_workloads > 0));
	for (size_t f = 0; f < n_fleet; f++)
		b->price[f] = b->sizing->problem->fleet[f].price_per_hour;
	return raise_from(b, sw__best_bound(&b->needs, b->price, WEIGHT_STEPS));
}

/* Under each sum of compute; `pressed` 0: what sums alone say. */
static enum sw_status raise_under_sums(struct bounding *b, double pressed)
{
	enum sw_status st = SW_OK;

	for (int sum = 0; sum < SW__COMPUTE_SUMS && st == SW_OK; sum++) {
		bool is_new;

		st = see_needs(b, (enum sw__compute_sum)sum, &is_new);
		if (st == SW_OK && is_new)
			st = pressed > 0 ? raise_from(b, pressed) : raise_for_sums(b);
	}
	return st;
}

static enum sw_status bound_of(struct bounding *b)
{
	double pressed = 0;
	enum sw_status st = bounding_make(b);

	if (st == SW_OK)
		st = fill_needs(b);
	if (st == SW_OK)
		st = raise_under_sums(b, 0);
	if (st == SW_OK)
		st = sw__pressed_bound(b->sizing, b->placed, &pressed, b->err);
	if (st == SW_OK && pressed > b->out->per_hour * (1 + rounding)) {
		b->out->of_sizes = true;
		st = raise_under_sums(b, pressed);
	}
	return st;
}

enum sw_status sw__bound_of(struct sw__sizing *sizing, const bool *placed,
			    const struct sw__bound *plan, struct sw__bound *out,
			    struct sw_error *err)
{
	struct bounding b = {
		.sizing = sizing, .placed = placed, .plan = plan, .out = out, .err = err};
	enum sw_status st;

	*out = (struct sw__bound){0};
	st = bound_of(&b);
	if (st == SW_OK)
		st = raise_for_apart(sizing, placed, out, err);
	/* The proof rests on properties that the predictor has within a few percent; a plan is there, and needs no proof. */
	out->per_hour = fmin(out->per_hour, plan->per_hour);
	out->gpus = fmin(out->gpus, plan->gpus);
	bounding_free(&b);
	return st;
}
