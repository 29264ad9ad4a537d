/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file pricing.h
 * The set of engines on one GPU that is worth most at given prices of workloads, and a bound on what any is worth: best first.
 * README.md, "The exact search".
 */
#ifndef SLICEWISE_PLAN_PRICING_H
#define SLICEWISE_PLAN_PRICING_H

#include "plan/cover.h"

/** An engine that may be part of a set. */
struct sw__priced_item {
	struct sw__size *size;
	double compute,
		memory; /* parts of a GPU that it takes at the least, beside any neighbours */
	unsigned copies; /* at most, on one GPU */
};

/** A kind of GPU with what may be on it. */
struct sw__priced_kind {
	size_t fleet;
	size_t n;
	struct sw__priced_item *item;
};

enum { SW__PRICED_MOST = 24 };

/** What a search found. */
struct sw__priced {
	size_t n; /* sets worth more than `least`, the dearest first */
	const struct sw__together *set[SW__PRICED_MOST];
	double worth[SW__PRICED_MOST];
	double bound; /* no set is worth more */
	size_t looks; /* sets that were looked at */
};

/**
 * Sets worth more than `least`. The search ends when nothing is worth more, when `out` is full, or after `looks`; `bound` holds in
 * each case.
 */
enum sw_status sw__price(struct sw__groups *groups, const struct sw__priced_kind *kind,
			 const double *prices, double least, size_t looks, struct sw__priced *out,
			 struct sw_error *err);

#endif
