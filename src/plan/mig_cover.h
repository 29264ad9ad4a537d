/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file mig_cover.h
 * How many GPUs are cut in which way, and how many engines of which workload lie on which slices, so that every rate is served for
 * the least price: README-tables.md.
 */
#ifndef SLICEWISE_PLAN_MIG_COVER_H
#define SLICEWISE_PLAN_MIG_COVER_H

#include "slicewise/plan.h"

/** An engine that goes on as it runs where its GPU is cut in some way. */
struct sw__staying {
	size_t demand;
	double capacity;
};

/** A way of cutting one GPU of a group. */
struct sw__cut {
	size_t group;
	double price; /* 0: the GPU is there already */
	size_t first_kind; /* of slices: count[i] of kind first_kind + i */
	unsigned char count[SW_MIG_PROFILES_MAX];
	size_t n_stay; /* of a group of one GPU: engines that go on beside these slices */
	const struct sw__staying *stay;
	double stopped; /* shares of those that run there and do not go on, for ties */
};

/** Engines of a demand that run on a group's only GPU: they may be started anew there, on another slice, for less than elsewhere. */
struct sw__again {
	size_t group, demand;
	unsigned n; /* of them run there */
	const double *price; /* per kind of slice */
};

struct sw__covering {
	size_t n_kinds; /* of slices */
	const double *share; /* per kind, for ties */
	size_t n_cuts;
	const struct sw__cut *cuts;
	size_t n_groups;
	const double *group_count; /* GPUs there are in each; INFINITY: unlimited */
	size_t n_demands;
	const double *rate; /* per demand */
	const unsigned *exactly; /* per demand: engines it has; 0: any number */
	const bool *spread; /* per demand: no two of them on one GPU */
	const double *
		capacity; /* [demand * n_kinds + kind], rate of one engine there; 0: it cannot be there */
	int nodes; /* of the search, at most */
	/* Where some GPUs run already; else all is zero. */
	const double *start_price; /* per kind: of an engine that is started there; NULL: nothing */
	size_t n_pools;
	const size_t *pool; /* per group: the groups of one pool have together */
	const double *pool_count; /* ... no more GPUs than this */
	const bool *stays_open; /* per group: its GPU is not closed; NULL: all may be */
	size_t n_again;
	const struct sw__again *again;
	double cutoff; /* 0, or a price of everything that is known to be possible: where nothing is below it nothing is served */
};

struct sw__covered {
	unsigned *times; /* per cut */
	unsigned *engines; /* [demand * n_kinds + kind] */
	unsigned *again; /* [again * n_kinds + kind] */
	bool *served; /* per demand */
	double per_hour; /* of the cuts, and of what is started */
	double bound_per_hour; /* below the price of every way to serve what is served here; the price itself where it is proved */
};

/**
 * Serve as many demands as can be, then for the least price, then with the fewest GPUs, then with the smallest shares. SW_OK: release
 * *out with sw__covered_free(). SW_NO_MEMORY; SW_INTERNAL: the solver failed.
 */
enum sw_status sw__mig_cover(const struct sw__covering *covering, struct sw__covered *out,
			     struct sw_error *err);
void sw__covered_free(struct sw__covered *covered);

#endif
