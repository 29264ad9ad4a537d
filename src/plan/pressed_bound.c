// SPDX-License-Identifier: Apache-2.0
#include "plan/pressed_bound.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/random.h"
#include "plan/bound.h"
#include "plan/compute_sums.h"
#include "plan/parts.h"
#include "plan/pressed.h"
#include "plan/pressed_division.h"
#include "plan/pressed_least.h"

/* Kinds of GPU that cost so many times the cheapest one's, neighbours left out, are never what a bound turns on. */
static const double never_chosen = 1.5;
/* What resources are worth is asked of so many workloads, drawn from all over the file: any weights prove something, and those of more
 * of them hardly more. */
enum { SAMPLE = 150 };

struct bounding {
	struct sw__sizing *sizing;
	const bool *placed; /* workloads, n_placed of them */
	bool *chosen; /* of these the ones that weights are found for, n of them */
	size_t n_fleet, n_placed, n;
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
	struct sw__size one;
	struct sw__parts other[SW__PRESSURES];
	bool holds;
	enum sw_status st =
		sw__division_make(b->sizing, size, replicas, from, &one, &holds, b->err);

	if (st == SW_OK && holds) {
		st = sw__pressed_parts(b->sizing, &one, SW__PRESSURES, other, b->err);
		take_less(parts, other);
	}
	sw__division_clear(b->sizing, &one);
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

	for (unsigned r = size->replicas + 1; r <= size->replicas + SW__MORE_ENGINES && st == SW_OK;
	     r++) {
		double most = fmin(r, most_compute(parts));
		size_t level = sw__level_within(levels, most / r);

		if (sw__division_allowed(workload, r) && levels->level[level].share * r <= most)
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

/* What all that are placed cost at the least by these weights. Each is priced by itself. */
static enum sw_status price_all(const struct bounding *b, const struct sw__kind_weight *weight,
				const bool *both, enum sw__compute_sum sum, bool *no_compute,
				double *per_hour)
{
	const struct sw_problem *problem = b->sizing->problem;
	size_t kind = 0;
	enum sw_status st = SW_OK;

	*per_hour = 0;
	for (size_t w = 0; w < problem->n_workloads && st == SW_OK; w++) {
		double least;

		for (size_t f = 0; b->placed[w] && f < b->n_fleet && st == SW_OK; f++) {
			struct sw__size *fewest;

			st = sw__size_fewest(b->sizing, w, f, &fewest, b->err);
			no_compute[f] = st == SW_OK && both[f] && sw__sum_leaves_out(sum, fewest);
		}
		if (!b->placed[w] || st != SW_OK)
			continue;
		st = sw__pressed_least(b->sizing, w, weight, no_compute, &kind, &least, b->err);
		*per_hour += st == SW_OK && isfinite(least) ? least : 0;
	}
	return st;
}

/* All parts but those that a sum of compute leaves out. */
static enum sw_status see_parts(const struct bounding *b, const bool *both,
				enum sw__compute_sum sum, struct sw__parts *seen)
{
	const struct sw_problem *problem = b->sizing->problem;
	size_t row = 0;
	enum sw_status st = SW_OK;

	(void)memcpy(seen, b->parts, b->n * b->n_fleet * SW__PRESSURES * sizeof(*seen));
	for (size_t w = 0; w < problem->n_workloads && st == SW_OK; w++) {
		for (size_t f = 0; b->chosen[w] && f < b->n_fleet && st == SW_OK; f++) {
			struct sw__parts *cell = &seen[(row * b->n_fleet + f) * SW__PRESSURES];
			struct sw__size *fewest;

			st = sw__size_fewest(b->sizing, w, f, &fewest, b->err);
			for (size_t i = 0; st == SW_OK && both[f] && i < SW__PRESSURES; i++)
				if (isfinite(cell[i].of[0]) && sw__sum_leaves_out(sum, fewest))
					cell[i].of[0] = 0;
		}
		row += b->chosen[w];
	}
	return st;
}

/* Each kind of GPU at each pressure is a kind of its own: whatever a plan's GPU is, it is one of them. */
struct kinds {
	struct sw__parts *seen;
	struct sw__kind_weight *weight;
	double *price;
	bool *both, *no_compute; /* per kind of GPU */
};

static void kinds_free(struct kinds *k)
{
	free(k->seen);
	free(k->weight);
	free(k->price);
	free(k->both);
	free(k->no_compute);
}

static enum sw_status kinds_make(const struct bounding *b, struct kinds *out)
{
	size_t n = b->n_fleet * SW__PRESSURES;

	*out = (struct kinds){.seen = calloc(b->n * n + 1, sizeof(*out->seen)),
			      .weight = calloc(n + 1, sizeof(*out->weight)),
			      .price = calloc(n + 1, sizeof(*out->price)),
			      .both = calloc(b->n_fleet + 1, sizeof(bool)),
			      .no_compute = calloc(b->n_fleet + 1, sizeof(bool))};
	if (!out->seen || !out->weight || !out->price || !out->both || !out->no_compute)
		return sw_fail(b->err, SW_NO_MEMORY, "%zu workloads", b->n);
	for (size_t k = 0; k < n; k++)
		out->price[k] = b->sizing->problem->fleet[k / SW__PRESSURES].price_per_hour;
	return SW_OK;
}

/* What is proved under one sum of compute. */
static enum sw_status solve(const struct bounding *b, const struct kinds *k,
			    enum sw__compute_sum sum, double *per_hour)
{
	struct sw__part_table table = {b->n, b->n_fleet * SW__PRESSURES, k->seen};
	enum sw_status st = see_parts(b, k->both, sum, k->seen);

	if (st == SW_OK)
		st = sw__kind_prices_lp(&table, k->price, k->weight, per_hour, b->err);
	if (st != SW_OK || b->n == b->n_placed || *per_hour <= 0)
		return st;
	return price_all(b, k->weight, k->both, sum, k->no_compute, per_hour);
}

/* The best of what either sum of compute says, where there are two. */
static enum sw_status solve_under_sums(const struct bounding *b, double *per_hour)
{
	struct kinds kinds;
	bool any = false;
	enum sw_status st = kinds_make(b, &kinds);

	if (st == SW_OK)
		st = sw__compute_sums(b->sizing, b->placed, kinds.both, b->err);
	for (size_t f = 0; st == SW_OK && f < b->n_fleet; f++)
		any = any || kinds.both[f];
	for (int sum = 0; st == SW_OK && sum < (any ? SW__COMPUTE_SUMS : 1); sum++) {
		double proved = 0;

		st = solve(b, &kinds, (enum sw__compute_sum)sum, &proved);
		*per_hour = fmax(*per_hour, proved);
	}
	kinds_free(&kinds);
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

/* At random: files repeat themselves, and every third workload might be like every other third one. Of those that are left each has
 * the same chance (selection sampling; Knuth, volume 2, 3.4.2). */
static void choose(struct bounding *b)
{
	const struct sw_problem *problem = b->sizing->problem;
	struct sw__random random = sw__random_make(1, 0);
	size_t left;

	for (size_t w = 0; w < problem->n_workloads; w++)
		b->n_placed += b->placed[w];
	left = b->n_placed;
	for (size_t w = 0; w < problem->n_workloads; w++) {
		if (!b->placed[w])
			continue;
		b->chosen[w] =
			left <= SAMPLE - b->n || sw__random_below(&random, left) < SAMPLE - b->n;
		b->n += b->chosen[w];
		left--;
	}
}

static enum sw_status fill(struct bounding *b)
{
	const struct sw_problem *problem = b->sizing->problem;
	size_t row = 0;
	enum sw_status st = SW_OK;

	b->parts = calloc(b->n * b->n_fleet * SW__PRESSURES + 1, sizeof(*b->parts));
	if (!b->parts)
		return sw_fail(b->err, SW_NO_MEMORY, "%zu workloads", b->n);
	for (size_t w = 0; w < problem->n_workloads && st == SW_OK; w++)
		if (b->chosen[w])
			st = fill_row(b, w, row++);
	return st;
}

enum sw_status sw__pressed_bound(struct sw__sizing *sizing, const bool *placed, double *per_hour,
				 struct sw_error *err)
{
	const struct sw_problem *problem = sizing->problem;
	struct bounding b = {
		.sizing = sizing, .placed = placed, .n_fleet = problem->n_fleet, .err = err};
	enum sw_status st;

	*per_hour = 0;
	if ((sizing->economical && !sizing->prove) || has_mig(problem) || !parts_are_plain(problem))
		return SW_OK;
	b.chosen = calloc(problem->n_workloads + 1, sizeof(*b.chosen));
	if (!b.chosen)
		return sw_fail(err, SW_NO_MEMORY, "%zu workloads", problem->n_workloads);
	choose(&b);
	st = fill(&b);
	if (st == SW_OK)
		st = solve_under_sums(&b, per_hour);
	free(b.parts);
	free(b.chosen);
	return st;
}
