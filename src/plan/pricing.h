/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file pricing.h
 * The set of engines on one GPU that is worth most at given prices of workloads, and a bound on what any is worth: best first.
 * README.md, "The exact search".
 */
#ifndef SLICEWISE_PLAN_PRICING_H
#define SLICEWISE_PLAN_PRICING_H

#include "plan/cover.h"

/**
 * What engines take of a GPU. Shares of those that are held to one add up to 1, and so do the times of those that take turns; but not
 * one and the other: who is held to a share need not use it up.
 */
enum sw__priced_part { SW__PART_SHARE, SW__PART_TURNS, SW__PART_MEMORY, SW__PRICED_PARTS };

/** An engine that may be part of a set. */
struct sw__priced_item {
	struct sw__size *size;
	double part[SW__PRICED_PARTS]; /* at the least, beside any neighbours */
	unsigned copies; /* at most, on one GPU */
};

/** A kind of GPU with what may be on it. */
struct sw__priced_kind {
	size_t fleet;
	size_t n;
	struct sw__priced_item *item;
};

/** One of the engines of `size`. */
struct sw__priced_item sw__priced_item(const struct sw__sizing *sizing, struct sw__size *size);

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
