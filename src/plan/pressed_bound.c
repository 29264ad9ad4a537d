// SPDX-License-Identifier: Apache-2.0
#include "plan/pressed_bound.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "plan/bound.h"
#include "plan/compute_sums.h"
#include "plan/parts.h"
#include "plan/pressed.h"

/* Kinds of GPU that cost so many times the cheapest one's, neighbours left out, are never what a bound turns on. */
static const double never_chosen = 1.5;
/* Engines of a workload beyond the fewest that hold its limits. */
enum { MORE_ENGINES = 2 };
/* With more workloads than this it takes longer than all the rest of a plan. */
enum { WORKLOADS_MAX = 300, LP_WORKLOADS_MAX = 150 };

struct bounding {
	struct sw__sizing *sizing;
	size_t n_fleet;
	size_t n; /* workloads that are placed */
	struct sw__parts *parts; /* per workload and kind: SW__PRESSURES of them */
	struct sw_error *err;
};

static struct sw__parts *parts_of(const struct bounding *b, size_t row, size_t fleet)
{
	return &b->parts[(row * b->n_fleet + fleet) * SW__PRESSURES];
}

/* What the largest part costs, without neighbours. */
static double price_alone(const struct bounding *b, const struct sw__size *size)
{
	const struct sw_fleet_entry *entry = &b->sizing->problem->fleet[size->fleet];
	double compute = size->share_matters ? sw__size_share(b->sizing, size, size->alone)
					     : size->least_work;
	double memory =
		sw__size_memory_gib(b->sizing, size, size->alone) / sw_gpu_visible_gib(&entry->gpu);

	return size->possible ? entry->price_per_hour * size->replicas * fmax(compute, memory)
			      : (double)INFINITY;
}

/* One of `replicas` engines, with the settings that were chosen for the fewest: nothing of it is prepared yet. */
static struct sw__size divided(const struct bounding *b, const struct sw__size *size,
			       unsigned replicas)
{
	struct sw__size out = *size;

	out.replicas = replicas;
	out.tenant.load =
		sw__load_to_hold(&b->sizing->problem->workloads[size->workload], replicas);
	(void)memset((void *)out.prepared, 0, sizeof(out.prepared));
	return out;
}

static enum sw_status holds_alone(struct bounding *b, struct sw__size *size, size_t level,
				  bool *holds)
{
	enum sw_mechanism mechanism = b->sizing->problem->fleet[size->fleet].mechanism;
	struct sw_prediction predicted;
	const sw_prepared *prepared;
	enum sw_status st = sw__size_prepared(b->sizing, size, level, &prepared, b->err);

	if (st != SW_OK)
		return st;
	b->sizing->oracle->predict(mechanism, &prepared, 1, &predicted);
	*holds = sw_prediction_meets(&predicted, &size->tenant.slo);
	return SW_OK;
}

/* The least level up to `from` at which it holds its limits alone, into size->alone; one above `from` where it does not there. */
static enum sw_status find_alone(struct bounding *b, struct sw__size *size, size_t from)
{
	size_t low = 0, at = from;
	enum sw_status st = SW_OK;

	size->alone = from + 1;
	while (low < size->alone && st == SW_OK) {
		bool holds = false;

		st = holds_alone(b, size, at, &holds);
		*(holds ? &size->alone : &low) = holds ? at : at + 1;
		at = low + (size->alone - low) / 2;
	}
	return st;
}

/* What both say, one resource at a time: no less than either way takes. */
static void take_less(struct sw__parts *parts, const struct sw__parts *other)
{
	for (size_t bin = 0; bin < SW__PRESSURES; bin++) {
		for (int r = 0; r < SW__PARTS; r++)
			parts[bin].of[r] = fmin(parts[bin].of[r], other[bin].of[r]);
	}
}

static enum sw_status add_division(struct bounding *b, const struct sw__size *size,
				   unsigned replicas, size_t from, struct sw__parts *parts)
{
	struct sw__size one = divided(b, size, replicas);
	const struct sw__levels *levels = &b->sizing->levels[size->fleet];
	struct sw__parts other[SW__PRESSURES];
	enum sw_status st = find_alone(b, &one, from);

	if (st == SW_OK && one.alone < levels->n && one.alone <= from) {
		st = sw__pressed_parts(b->sizing, &one, SW__PRESSURES, other, b->err);
		take_less(parts, other);
	}
	for (size_t level = 0; level < levels->n; level++) {
		if (one.prepared[level])
			b->sizing->oracle->release(one.prepared[level]);
	}
	return st;
}

/* The most of the GPU's compute that it takes in any bin. */
static double most_compute(const struct sw__parts *parts)
{
	double most = 0;

	for (size_t bin = 0; bin < SW__PRESSURES; bin++)
		most = fmax(most, parts[bin].of[0]);
	return most;
}

/* By more engines than hold the limits, where these could do with less. */
static enum sw_status add_divisions(struct bounding *b, const struct sw__size *size,
				    struct sw__parts *parts)
{
	const struct sw_workload *workload = &b->sizing->problem->workloads[size->workload];
	const struct sw__levels *levels = &b->sizing->levels[size->fleet];
	enum sw_status st = SW_OK;

	for (unsigned r = size->replicas + 1;
	     r <= size->replicas + MORE_ENGINES && st == SW_OK && !workload->replicas; r++) {
		double most = fmin(r, most_compute(parts));
		size_t level = sw__level_within(levels, most / r);

		if (!(r > workload->load.concurrency) && levels->level[level].share * r <= most)
			st = add_division(b, size, r, level, parts);
	}
	return st;
}

/* Of a kind on which one engine does not do, and more were not looked at. */
static enum sw_status parts_of_several(struct bounding *b, const struct sw__size *one,
				       struct sw__parts *parts)
{
	struct sw__need need;
	enum sw_status st = sw__need_of_several(b->sizing, one, &need, b->err);

	for (size_t bin = 0; bin < SW__PRESSURES; bin++)
		parts[bin] = (struct sw__parts){{need.part[0], need.part[1], need.part[2], 0}};
	return st;
}

static enum sw_status fill_cell(struct bounding *b, size_t workload, size_t row, size_t fleet,
				double cheapest)
{
	struct sw__parts *parts = parts_of(b, row, fleet), other[SW__PRESSURES];
	struct sw__size *size;
	enum sw_status st = sw__size_fewest(b->sizing, workload, fleet, &size, b->err);

	for (size_t bin = 0; bin < SW__PRESSURES; bin++)
		parts[bin] = (struct sw__parts){{INFINITY, INFINITY, INFINITY, INFINITY}};
	if (st == SW_OK && size->passed_over)
		return parts_of_several(b, size, parts);
	if (st != SW_OK || !size->possible)
		return st;
	st = sw__pressed_parts(b->sizing, size,
			       price_alone(b, size) > never_chosen * cheapest ? 1 : SW__PRESSURES,
			       parts, b->err);
	if (st == SW_OK && size->other) {
		st = sw__pressed_parts(b->sizing, size->other, SW__PRESSURES, other, b->err);
		take_less(parts, other);
	}
	return st == SW_OK && size->share_matters ? add_divisions(b, size, parts) : st;
}

static enum sw_status fill_row(struct bounding *b, size_t workload, size_t row)
{
	double cheapest = INFINITY;
	enum sw_status st = SW_OK;

	for (size_t f = 0; f < b->n_fleet && st == SW_OK; f++) {
		struct sw__size *size;

		st = sw__size_fewest(b->sizing, workload, f, &size, b->err);
		if (st == SW_OK)
			cheapest = fmin(cheapest, price_alone(b, size));
	}
	for (size_t f = 0; f < b->n_fleet && st == SW_OK; f++)
		st = fill_cell(b, workload, row, f, cheapest);
	return st;
}

/* Each kind of GPU at each pressure is a kind of its own: whatever a plan's GPU is, it is one of them. */
static enum sw_status solve(const struct bounding *b, const struct sw__parts *parts,
			    double *per_hour)
{
	size_t n_kinds = b->n_fleet * SW__PRESSURES;
	struct sw__part_table table = {b->n, n_kinds, parts};
	struct sw__kind_weight *weight = calloc(n_kinds + 1, sizeof(*weight));
	double *price = calloc(n_kinds + 1, sizeof(*price));
	enum sw_status st = weight && price
				    ? SW_OK
				    : sw_fail(b->err, SW_NO_MEMORY, "%zu kinds of GPU", n_kinds);

	for (size_t k = 0; st == SW_OK && k < n_kinds; k++)
		price[k] = b->sizing->problem->fleet[k / SW__PRESSURES].price_per_hour;
	if (st == SW_OK && b->n <= LP_WORKLOADS_MAX)
		st = sw__kind_prices_lp(&table, price, weight, per_hour, b->err);
	else if (st == SW_OK)
		st = sw__kind_prices(&table, price, weight, per_hour, b->err);
	free(weight);
	free(price);
	return st;
}

/* All parts but those that a sum of compute leaves out. */
static enum sw_status see_parts(const struct bounding *b, const bool *placed, const bool *both,
				enum sw__compute_sum sum, struct sw__parts *seen)
{
	const struct sw_problem *problem = b->sizing->problem;
	size_t row = 0;
	enum sw_status st = SW_OK;

	(void)memcpy(seen, b->parts, b->n * b->n_fleet * SW__PRESSURES * sizeof(*seen));
	for (size_t w = 0; w < problem->n_workloads && st == SW_OK; w++) {
		for (size_t f = 0; placed[w] && f < b->n_fleet && st == SW_OK; f++) {
			struct sw__parts *cell = &seen[(row * b->n_fleet + f) * SW__PRESSURES];
			struct sw__size *fewest;

			st = sw__size_fewest(b->sizing, w, f, &fewest, b->err);
			for (size_t i = 0; st == SW_OK && both[f] && i < SW__PRESSURES; i++)
				if (isfinite(cell[i].of[0]) && sw__sum_leaves_out(sum, fewest))
					cell[i].of[0] = 0;
		}
		row += placed[w];
	}
	return st;
}

/* The best of what either sum of compute says, where there are two. */
static enum sw_status solve_under_sums(const struct bounding *b, const bool *placed,
				       double *per_hour)
{
	size_t cells = b->n * b->n_fleet * SW__PRESSURES;
	bool *both = calloc(b->n_fleet + 1, sizeof(*both)), any = false;
	struct sw__parts *seen = calloc(cells + 1, sizeof(*seen));
	enum sw_status st = both && seen ? sw__compute_sums(b->sizing, placed, both, b->err)
					 : sw_fail(b->err, SW_NO_MEMORY, "%zu workloads", b->n);

	for (size_t f = 0; st == SW_OK && f < b->n_fleet; f++)
		any = any || both[f];
	for (int sum = 0; st == SW_OK && sum < (any ? SW__COMPUTE_SUMS : 1); sum++) {
		double proved = 0;

		st = see_parts(b, placed, both, (enum sw__compute_sum)sum, seen);
		if (st == SW_OK)
			st = solve(b, seen, &proved);
		*per_hour = fmax(*per_hour, proved);
	}
	free(both);
	free(seen);
	return st;
}

/* Engines that may be lost, or have unequal parts: what more of them would need is not looked at here. */
static bool parts_are_plain(const struct sw_problem *problem)
{
	for (size_t w = 0; w < problem->n_workloads; w++) {
		if (sw__spare_replicas(&problem->workloads[w]) > 0 ||
		    sw__parts_differ(&problem->workloads[w]))
			return false;
	}
	return true;
}

/* Memory comes with a MIG level, so a lower one may be none for the settings of a size; and nobody presses anybody there. */
static bool has_mig(const struct sw_problem *problem)
{
	for (size_t f = 0; f < problem->n_fleet; f++) {
		if (problem->fleet[f].mechanism == SW_MIG)
			return true;
	}
	return false;
}

enum sw_status sw__pressed_bound(struct sw__sizing *sizing, const bool *placed, double *per_hour,
				 struct sw_error *err)
{
	const struct sw_problem *problem = sizing->problem;
	size_t cells = problem->n_workloads * problem->n_fleet * SW__PRESSURES;
	struct bounding b = {.sizing = sizing, .n_fleet = problem->n_fleet, .err = err};
	enum sw_status st = SW_OK;

	*per_hour = 0;
	if (problem->n_workloads > WORKLOADS_MAX || has_mig(problem) || !parts_are_plain(problem))
		return SW_OK;
	b.parts = calloc(cells + 1, sizeof(*b.parts));
	if (!b.parts)
		return sw_fail(err, SW_NO_MEMORY, "%zu workloads", problem->n_workloads);
	for (size_t w = 0; w < problem->n_workloads && st == SW_OK; w++) {
		if (placed[w])
			st = fill_row(&b, w, b.n++);
	}
	if (st == SW_OK)
		st = solve_under_sums(&b, placed, per_hour);
	free(b.parts);
	return st;
}
