/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file refute.h
 * Numbers of GPUs of each kind that provably cannot serve the workloads, and so the least cost that might do.
 */
#ifndef SLICEWISE_PLAN_REFUTE_H
#define SLICEWISE_PLAN_REFUTE_H

#include "slicewise/plan.h"

enum { SW__RESOURCES = 3 }; /* compute, memory, places for engines */

/** The parts of one GPU of a kind that a workload needs at least, all its engines together; INFINITY: cannot run there. */
struct sw__need {
	double part[SW__RESOURCES];
};

/** Needs of the workloads that are to be served: need[workload * n_fleet + fleet]. */
struct sw__needs {
	size_t n_workloads, n_fleet;
	const struct sw__need *need;
};

/**
 * The sum over workloads of the least price of their weighted parts: what any plan costs at least, whatever the `prices` and
 * for any `weight` that adds up to 1. Kinds of price INFINITY cannot be used; INFINITY where a workload has none left.
 */
double sw__weighted_bound(const struct sw__needs *needs, const double *price, const double *weight);

/** The largest of it over a grid of weights with `steps` steps. */
double sw__best_bound(const struct sw__needs *needs, const double *price, int steps);

/**
 * The least cost, from `from` on, of whole GPUs that cannot be refuted; `upto` where all cheaper ones can, or where there are too
 * many to look at `from`. `fleet` gives prices and counts. SW_NO_MEMORY.
 */
enum sw_status sw__least_not_refuted(const struct sw__needs *needs,
				     const struct sw_fleet_entry *fleet, double from, double upto,
				     double *out, struct sw_error *err);

#endif
