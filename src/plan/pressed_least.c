// SPDX-License-Identifier: Apache-2.0
#include "plan/pressed_least.h"

#include <string.h>

#include "plan/bound.h"
#include "plan/pressed_division.h"

/* A workload that is priced. */
struct pricing {
	struct sw__sizing *sizing;
	const struct sw_workload *workload;
	const struct sw__kind_weight *weight;
	const bool *no_compute;
	double least;
	size_t kind; /* where that is: of the kinds' bins */
	struct sw_error *err;
};

static double compute_weight(const struct pricing *p, size_t fleet, size_t bin)
{
	return p->no_compute[fleet] ? 0 : p->weight[fleet * SW__PRESSURES + bin].of[0];
}

static double price_of(const struct pricing *p, size_t fleet, size_t bin,
		       const struct sw__parts *parts)
{
	const struct sw__kind_weight *weight = &p->weight[fleet * SW__PRESSURES + bin];
	double sum = compute_weight(p, fleet, bin) * parts->of[0];

	if (isinf(parts->of[0]))
		return INFINITY;
	for (int r = 1; r < SW__PARTS; r++)
		sum += weight->of[r] * parts->of[r];
	return p->sizing->problem->fleet[fleet].price_per_hour * sum;
}

static enum sw_status look(struct pricing *p, struct sw__pressed_walk *walk, size_t bin)
{
	struct sw__parts parts;
	enum sw_status st = sw__pressed_look(p->sizing, walk, bin, &parts, p->err);
	double price = st == SW_OK ? price_of(p, walk->size->fleet, bin, &parts) : INFINITY;

	if (price >= p->least)
		return st;
	p->least = price;
	p->kind = walk->size->fleet * SW__PRESSURES + bin;
	return st;
}

/* One way to serve it, in all bins. */
static enum sw_status try_size(struct pricing *p, struct sw__size *size)
{
	struct sw__pressed_walk walk = sw__pressed_begin(size);
	enum sw_status st = SW_OK;

	for (size_t bin = 0; bin < SW__PRESSURES && walk.holds && st == SW_OK; bin++) {
		struct sw__parts parts = sw__pressed_floor(p->sizing, &walk);

		if (price_of(p, size->fleet, bin, &parts) >= p->least)
			continue;
		st = look(p, &walk, bin);
	}
	return st;
}

/* Where another was cheapest: the more is known at first, the less is looked at. */
static enum sw_status try_first(struct pricing *p, struct sw__size *size, size_t bin)
{
	struct sw__pressed_walk walk = sw__pressed_begin(size);

	return look(p, &walk, bin);
}

/* Of `replicas` engines the largest share each with which they could cost less than what is found, and 1 at the most; below 0: none. */
static double share_worth_a_look(const struct pricing *p, const struct sw__size *size,
				 unsigned replicas)
{
	struct sw__pressed_walk walk = sw__pressed_begin((struct sw__size *)size);
	struct sw__parts parts = sw__pressed_floor(p->sizing, &walk);
	double most = -1, times = (double)replicas / size->replicas;

	for (int r = 0; r < SW__PARTS; r++)
		parts.of[r] *= r > 0 ? times : 0;
	for (size_t bin = 0; bin < SW__PRESSURES; bin++) {
		double left = p->least - price_of(p, size->fleet, bin, &parts);
		double each = p->sizing->problem->fleet[size->fleet].price_per_hour * replicas *
			      compute_weight(p, size->fleet, bin);

		if (left > 0)
			most = fmax(most, each > 0 ? fmin(1, left / each) : 1);
	}
	return most;
}

static enum sw_status try_division(struct pricing *p, const struct sw__size *size,
				   unsigned replicas)
{
	const struct sw__levels *levels = &p->sizing->levels[size->fleet];
	double most = share_worth_a_look(p, size, replicas);
	size_t level = sw__level_within(levels, most);
	struct sw__size one;
	bool holds;
	enum sw_status st;

	if (levels->level[level].share > most)
		return SW_OK;
	st = sw__division_make(p->sizing, size, replicas, level, &one, &holds, p->err);
	if (st == SW_OK && holds)
		st = try_size(p, &one);
	sw__division_clear(p->sizing, &one);
	return st;
}

static enum sw_status try_divisions(struct pricing *p, const struct sw__size *size)
{
	enum sw_status st = SW_OK;

	for (unsigned r = size->replicas + 1; r <= size->replicas + SW__MORE_ENGINES && st == SW_OK;
	     r++) {
		if (sw__division_allowed(p->workload, r))
			st = try_division(p, size, r);
	}
	return st;
}

/* Of a kind on which one engine does not do, and more were not looked at. */
static enum sw_status try_several(struct pricing *p, const struct sw__size *one)
{
	struct sw__need need;
	struct sw__parts parts;
	enum sw_status st = sw__need_of_several(p->sizing, one, &need, p->err);

	parts = (struct sw__parts){{need.part[0], need.part[1], need.part[2], 0}};
	for (size_t bin = 0; bin < SW__PRESSURES && st == SW_OK; bin++)
		p->least = fmin(p->least, price_of(p, one->fleet, bin, &parts));
	return st;
}

/* What is prepared for this and for nobody else is given back: of ten thousand workloads it would be too much. */
static enum sw_status try_and_forget(struct pricing *p, struct sw__size *size, bool first)
{
	sw_prepared *before[SW__LEVELS_MAX];
	size_t bin = p->kind % SW__PRESSURES;
	enum sw_status st = SW_OK;

	(void)memcpy((void *)before, (void *)size->prepared, sizeof(before));
	if (first)
		st = try_first(p, size, bin);
	if (st == SW_OK)
		st = try_size(p, size);
	for (size_t level = 0; level < p->sizing->levels[size->fleet].n; level++) {
		if (size->prepared[level] && !before[level]) {
			p->sizing->oracle->release(size->prepared[level]);
			size->prepared[level] = NULL;
		}
	}
	return st;
}

static enum sw_status try_kind(struct pricing *p, struct sw__size *size, bool first)
{
	enum sw_status st;

	if (size->passed_over)
		return try_several(p, size);
	if (!size->possible)
		return SW_OK;
	st = try_and_forget(p, size, first);
	if (st == SW_OK && size->other)
		st = try_and_forget(p, size->other, false);
	return st == SW_OK && size->share_matters ? try_divisions(p, size) : st;
}

enum sw_status sw__pressed_least(struct sw__sizing *sizing, size_t workload,
				 const struct sw__kind_weight *weight, const bool *no_compute,
				 size_t *kind, double *least, struct sw_error *err)
{
	struct pricing p = {.sizing = sizing,
			    .workload = &sizing->problem->workloads[workload],
			    .weight = weight,
			    .no_compute = no_compute,
			    .least = INFINITY,
			    .kind = *kind,
			    .err = err};
	size_t n_fleet = sizing->problem->n_fleet, from = *kind / SW__PRESSURES;
	enum sw_status st = SW_OK;

	for (size_t i = 0; i < n_fleet && st == SW_OK; i++) {
		struct sw__size *size;

		st = sw__size_fewest(sizing, workload, (from + i) % n_fleet, &size, err);
		if (st == SW_OK)
			st = try_kind(&p, size, i == 0);
	}
	*least = p.least;
	*kind = p.kind;
	return st;
}
