/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file kind_prices.h
 * What the resources of each kind of GPU are worth, so that serving every workload by its cheapest parts costs as much as can be
 * proved: README.md, "The lower bound".
 */
#ifndef SLICEWISE_PLAN_KIND_PRICES_H
#define SLICEWISE_PLAN_KIND_PRICES_H

#include <stddef.h>

#include "slicewise/status.h"

/** Of a GPU: compute, memory, places for engines, DRAM bandwidth. */
enum { SW__PARTS = 4 };

/** The parts of one GPU of a kind that a workload takes, all its engines together; the first INFINITY: cannot run there. */
struct sw__parts {
	double of[SW__PARTS];
};

/** What workloads take: parts[workload * n_fleet + fleet]. */
struct sw__part_table {
	size_t n_workloads, n_fleet;
	const struct sw__parts *parts;
};

/** Of one kind: which part of its price each resource stands for; they add up to 1. */
struct sw__kind_weight {
	double of[SW__PARTS];
};

/** The price of the parts that workload `w` takes of kind `f`; INFINITY: not there. */
double sw__price_of_parts(const struct sw__part_table *table, size_t w, size_t f, double price,
			  const struct sw__kind_weight *weight);

/** The sum over the workloads of their least price; of workloads that have no kind nothing. */
double sw__sum_of_least(const struct sw__part_table *table, const double *price,
			const struct sw__kind_weight *weight);

/**
 * Weights (n_fleet of them, into `out`) that make the sum over the workloads of their least price as large as a search over each
 * kind in turn gets it, and that sum: where parts add up, nothing serves them for less, whatever the weights. `price` per kind;
 * INFINITY: cannot be used. *sum leaves out workloads that have no kind. SW_NO_MEMORY.
 */
enum sw_status sw__kind_prices(const struct sw__part_table *table, const double *price,
			       struct sw__kind_weight *out, double *sum, struct sw_error *err);

/** The same with the best weights there are, by linear programming: for some thousands of workloads times kinds. 0: not solved. */
enum sw_status sw__kind_prices_lp(const struct sw__part_table *table, const double *price,
				  struct sw__kind_weight *out, double *sum, struct sw_error *err);

#endif
