// SPDX-License-Identifier: Apache-2.0
/* More GPUs, as few as it takes. */
#include "plan/relaxing.h"

static double fleet_size(const struct sw_problem *problem)
{
	double n = 0;

	for (size_t f = 0; f < problem->n_fleet; f++)
		n += isfinite(problem->fleet[f].count) ? problem->fleet[f].count : 0;
	return n;
}

static enum sw_status holds_with(struct sw__relaxing *r, size_t fleet, double more, bool *holds,
				 struct sw_error *err)
{
	struct sw_fleet_entry *entry = &r->others.problem.fleet[fleet];
	enum sw_status st;

	entry->count = r->problem->fleet[fleet].count + more;
	st = sw__relaxing_plan(r, holds, err);
	entry->count = r->problem->fleet[fleet].count;
	return st;
}

/* The fewest more with which a plan was found, at most `most`; the basis says whether there was one. */
static enum sw_status fewest_more(struct sw__relaxing *r, size_t fleet, double most,
				  struct sw_relaxation *found, struct sw_error *err)
{
	double fails = 0, next = most, least = most;
	enum sw_status st = SW_OK;

	while (st == SW_OK) {
		bool holds;

		st = holds_with(r, fleet, next, &holds, err);
		if (st == SW_OK && holds) {
			least = next;
			found->basis = SW_BASIS_PLANNED;
			found->cost_per_hour = r->others.per_hour;
			found->replicas =
				r->others.replicas[sw__relaxed_index(&r->others, r->workload)];
		} else {
			fails = next;
		}
		if (least - fails <= 1)
			break;
		next = floor((least + fails) / 2);
	}
	found->to = found->from + least;
	return st;
}

static enum sw_status more_of(struct sw__relaxing *r, size_t fleet, struct sw_error *err)
{
	struct sw_relaxation found = {.kind = SW_RELAX_GPUS,
				      .workload = r->workload,
				      .fleet = fleet,
				      .from = r->problem->fleet[fleet].count,
				      .basis = SW_BASIS_FREE,
				      .cost_per_hour = NAN};
	unsigned per_gpu;
	size_t engines = r->engines;
	struct sw_text words = {0};
	double most;
	enum sw_status st =
		sw__relaxed_per_gpu(&r->alone, 0, fleet, &per_gpu, &found.replicas, err);

	if (st != SW_OK || per_gpu == 0)
		return st;
	/* With so many all its engines have a place beside nobody else, and the others stay where they are. */
	most = fmax(1, ceil((double)found.replicas / per_gpu) -
			       floor(sw__relaxing_free_gpus(r, fleet)));
	r->engines = r->others_engines + found.replicas;
	st = fewest_more(r, fleet, most, &found, err);
	r->engines = engines;
	if (st != SW_OK)
		return st;
	found.relative = (found.to - found.from) / fleet_size(r->problem);
	sw_text_addf(&words, "%.0f more %s, %.0f instead of %.0f", found.to - found.from,
		     r->problem->fleet[fleet].gpu.id, found.to, found.from);
	sw__relaxing_say(r->problem, &found, &words);
	return sw__relaxing_add(r, &found, &words, err);
}

enum sw_status sw__relax_gpus(struct sw__relaxing *r, struct sw_error *err)
{
	enum sw_status st = SW_OK;

	for (size_t f = 0; f < r->problem->n_fleet && st == SW_OK; f++) {
		if (isfinite(r->problem->fleet[f].count))
			st = more_of(r, f, err);
	}
	return st;
}

/* What a plan of all with no end of GPUs uses beyond what there are; *kinds: of so many kinds, *last one of them. */
static double lacking(const struct sw__relaxing *r, struct sw_text *words, size_t *kinds,
		      size_t *last)
{
	double sum = 0;

	*kinds = 0;
	for (size_t f = 0; f < r->problem->n_fleet; f++) {
		double more = (double)r->others.used[f] - r->problem->fleet[f].count;

		if (!(more > 0))
			continue;
		sw_text_addf(words, "%s%.0f more %s", sum > 0 ? ", " : "", more,
			     r->problem->fleet[f].gpu.id);
		sum += more;
		*last = f;
		++*kinds;
	}
	return sum;
}

/* Served whole or, where no GPU can do that, not at all. */
static bool all_or_none(const struct sw__relaxed *part)
{
	for (size_t i = 0; i < part->problem.n_workloads; i++) {
		if (part->unplaced[i] && part->unplaced[i] < part->replicas[i])
			return false;
	}
	return true;
}

static enum sw_status keep_lacking(struct sw__relaxing *r, struct sw_error *err)
{
	struct sw_text words = {0};
	size_t kinds, last = SW_NONE;
	double more = lacking(r, &words, &kinds, &last);
	struct sw_relaxation found = {
		.kind = SW_RELAX_GPUS,
		.workload = SW_NONE,
		.fleet = kinds == 1 ? last : SW_NONE,
		.from = fleet_size(r->problem),
		.basis = SW_BASIS_PLANNED,
		.cost_per_hour = r->others.per_hour,
	};

	if (!(more > 0)) {
		sw_text_free(&words);
		return SW_OK;
	}
	found.to = found.from + more;
	found.relative = more / found.from;
	sw_text_addf(&words, "; %.2f per hour in all", found.cost_per_hour);
	return sw__relaxing_add(r, &found, &words, err);
}

enum sw_status sw__relax_fleet(struct sw__relaxing *r, const bool *kept, struct sw_error *err)
{
	bool holds;
	enum sw_status st = sw__relaxed_open(r->problem, r->oracle, kept, &r->others, err);

	for (size_t f = 0; st == SW_OK && f < r->problem->n_fleet; f++)
		r->others.problem.fleet[f].count = INFINITY;
	if (st == SW_OK)
		st = sw__relaxed_holds(&r->others, &holds, err);
	if (st == SW_OK && all_or_none(&r->others))
		st = keep_lacking(r, err);
	sw__relaxed_close(&r->others);
	return st;
}
