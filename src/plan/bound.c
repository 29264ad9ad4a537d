// SPDX-License-Identifier: Apache-2.0
#include "plan/bound.h"

#include <stdlib.h>

#include "base/error.h"
#include "plan/idle.h"
#include "plan/rules.h"

enum { RESOURCES = 3, WEIGHT_STEPS = 20 };

/* Kinds of GPU and GPUs up to which sums of prices are enumerated to round a bound up. */
enum { ROUNDED_KINDS = 4, ROUNDED_GPUS = 200 };

static const double rounding = 1e-9;

/* Of one GPU of a kind, the parts that a workload needs at least, all its engines together; INFINITY: cannot run there. */
struct need {
	double part[RESOURCES]; /* compute, memory, places for engines */
};

/*
 * The least share over all numbers of replicas. It is known for the fewest that hold the limits; n engines of more have at
 * least n times the share that an idle engine needs, so the bound falls only where an idle one does with less than its part.
 */
static enum sw_status least_share(struct sw__sizing *sizing, const struct sw__size *fewest,
				  double *out, struct sw_error *err)
{
	const struct sw__levels *levels = &sizing->levels[fewest->fleet];
	double most = sizing->problem->workloads[fewest->workload].load.concurrency;
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
		bool meets;

		if (undercut >= *out)
			continue;
		st = sw__idle_meets(sizing, fewest->workload, fewest->fleet, level, &meets, err);
		if (!meets)
			break;
		*out = undercut;
	}
	return st;
}

static enum sw_status need_of(struct sw__sizing *sizing, size_t workload, size_t fleet,
			      struct need *out, struct sw_error *err)
{
	const struct sw_fleet_entry *entry = &sizing->problem->fleet[fleet];
	struct sw__size *fewest;
	double share = 0;
	enum sw_status st = sw__size_fewest(sizing, workload, fleet, &fewest, err);

	*out = (struct need){{INFINITY, INFINITY, INFINITY}};
	if (st != SW_OK || !fewest->possible)
		return st;
	st = least_share(sizing, fewest, &share, err);
	if (entry->mechanism == SW_EXCLUSIVE)
		share = fewest->replicas;
	/* least_work is a part of the load of one replica, and the parts add up to that of all. */
	out->part[0] = fmax(share, fewest->replicas * fewest->least_work);
	out->part[1] =
		fewest->replicas * fewest->least_memory_gib / sw_gpu_visible_gib(&entry->gpu);
	out->part[2] = (double)fewest->replicas / entry->max_tenants;
	return st;
}

/* For weights that add up to 1, every GPU offers at most 1 of the weighted parts: the cheapest kind for each workload. */
static double weighted_bound(const struct sw_problem *problem, const struct need *needs,
			     const bool *placed, const double *weight, bool count_only)
{
	double sum = 0;

	for (size_t w = 0; w < problem->n_workloads; w++) {
		double least = INFINITY;

		for (size_t f = 0; f < problem->n_fleet && placed[w]; f++) {
			const struct need *need = &needs[w * problem->n_fleet + f];
			double price = count_only ? 1 : problem->fleet[f].price_per_hour;
			double part = 0;

			for (int r = 0; r < RESOURCES && isfinite(need->part[0]); r++)
				part += weight[r] * need->part[r];
			if (isfinite(need->part[0]))
				least = fmin(least, price * part);
		}
		if (isfinite(least))
			sum += least;
	}
	return sum;
}

/* The best of all weights on a grid: each of them is a valid bound. */
static double best_bound(const struct sw_problem *problem, const struct need *needs,
			 const bool *placed, bool count_only)
{
	double best = 0;

	for (int i = 0; i <= WEIGHT_STEPS; i++) {
		for (int j = 0; i + j <= WEIGHT_STEPS; j++) {
			const double weight[RESOURCES] = {
				(double)i / WEIGHT_STEPS,
				(double)j / WEIGHT_STEPS,
				(double)(WEIGHT_STEPS - i - j) / WEIGHT_STEPS,
			};

			best = fmax(best,
				    weighted_bound(problem, needs, placed, weight, count_only));
		}
	}
	return best;
}

/* The dearest of what each workload needs at the very least: one GPU of the cheapest kind that can serve it. */
static double single_bound(const struct sw_problem *problem, const struct need *needs,
			   const bool *placed, bool count_only)
{
	double most = 0;

	for (size_t w = 0; w < problem->n_workloads; w++) {
		double least = INFINITY;

		for (size_t f = 0; f < problem->n_fleet && placed[w]; f++) {
			if (isfinite(needs[w * problem->n_fleet + f].part[0]))
				least = fmin(least,
					     count_only ? 1 : problem->fleet[f].price_per_hour);
		}
		if (isfinite(least))
			most = fmax(most, least);
	}
	return most;
}

/* The least sum of whole GPUs of the kinds from `kind` on that is at least `wanted`. */
static double round_up(const double *price, size_t n, double wanted, double spent)
{
	double best = INFINITY;

	if (n == 1)
		return spent + price[0] * ceil(fmax(0, wanted - spent) / price[0] - rounding);
	for (int k = 0; k <= ROUNDED_GPUS; k++) {
		double now = spent + k * price[0];

		best = fmin(best, round_up(price + 1, n - 1, wanted, now));
		if (now >= wanted - rounding)
			break;
	}
	return best;
}

/* Distinct prices of the kinds that any workload could use; 0 where they are too many to enumerate. */
static size_t distinct_prices(const struct sw_problem *problem, const struct need *needs,
			      double *price)
{
	size_t n = 0;

	for (size_t f = 0; f < problem->n_fleet; f++) {
		bool useful = false, known = false;

		for (size_t w = 0; w < problem->n_workloads; w++)
			useful |= isfinite(needs[w * problem->n_fleet + f].part[0]);
		for (size_t i = 0; i < n; i++)
			known |= price[i] == problem->fleet[f].price_per_hour;
		if (!useful || known)
			continue;
		if (n == ROUNDED_KINDS)
			return 0;
		price[n++] = problem->fleet[f].price_per_hour;
	}
	return n;
}

static double whole_gpus(const struct sw_problem *problem, const struct need *needs,
			 double per_hour)
{
	double price[ROUNDED_KINDS], dearest = 0;
	size_t n = distinct_prices(problem, needs, price);

	for (size_t i = 0; i < n; i++)
		dearest = fmax(dearest, price[i]);
	/* Far from zero a whole GPU more or less no longer matters, and the enumeration would. */
	if (n == 0 || (n > 1 && per_hour > dearest * ROUNDED_GPUS / (double)(n * n * n)))
		return per_hour;
	return fmax(per_hour, round_up(price, n, per_hour, 0));
}

enum sw_status sw__bound_of(struct sw__sizing *sizing, const bool *placed, struct sw__bound *out,
			    struct sw_error *err)
{
	const struct sw_problem *problem = sizing->problem;
	struct need *needs = calloc(problem->n_workloads * problem->n_fleet + 1, sizeof(*needs));
	enum sw_status st = SW_OK;

	if (!needs)
		return sw_fail(err, SW_NO_MEMORY, "%zu workloads", problem->n_workloads);
	for (size_t w = 0; w < problem->n_workloads; w++) {
		for (size_t f = 0; f < problem->n_fleet && st == SW_OK; f++)
			st = need_of(sizing, w, f, &needs[w * problem->n_fleet + f], err);
	}
	if (st == SW_OK) {
		double per_hour = fmax(best_bound(problem, needs, placed, false),
				       single_bound(problem, needs, placed, false));
		double gpus = fmax(best_bound(problem, needs, placed, true),
				   single_bound(problem, needs, placed, true));

		out->per_hour = whole_gpus(problem, needs, per_hour);
		out->gpus = ceil(gpus - rounding);
	}
	free(needs);
	return st;
}
