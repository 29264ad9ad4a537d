/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file pricing.h
 * Sets of engines on one GPU that are worth most at given prices of workloads, and a bound on what any is worth: by what engines
 * take at the least at each pressure, the predictor being asked only of sets that would be worth having. README.md, "The exact search".
 */
#ifndef SLICEWISE_PLAN_PRICING_H
#define SLICEWISE_PLAN_PRICING_H

#include "plan/cover.h"
#include "plan/pressed.h"

/**
 * What engines take of a GPU. Shares of those that are held to one add up to 1, and so do the times of those that take turns; but not
 * one and the other: who is held to a share need not use it up.
 */
enum sw__priced_part {
	SW__PART_SHARE,
	SW__PART_TURNS,
	SW__PART_MEMORY,
	SW__PART_PLACE,
	SW__PART_PRESSURE,
	SW__PRICED_PARTS
};

struct sw__priced_parts {
	double of[SW__PRICED_PARTS];
};

/** An engine that may be part of a set. */
struct sw__priced_item {
	struct sw__size *size;
	struct sw__priced_parts
		part[SW__PRESSURES]; /* at the least, on GPUs of each bin; INFINITY: not there */
	unsigned copies; /* at most, on one GPU */
};

/** A kind of GPU with what may be on it. */
struct sw__priced_kind {
	size_t fleet;
	size_t n;
	struct sw__priced_item *item;
};

/** One of the engines of `size`. SW_NO_MEMORY. */
enum sw_status sw__priced_item(struct sw__sizing *sizing, struct sw__size *size,
			       struct sw__priced_item *out, struct sw_error *err);

/** What is looked for. */
struct sw__pricing {
	const double *prices; /* of workloads */
	double least; /* sets worth more than this */
	size_t most; /* so many of them, the dearest; 0: all */
	size_t looks; /* sets of which the predictor is asked, at most */
	size_t nodes; /* of the search, at most */
};

/** What a search found. */
struct sw__priced {
	size_t n, room; /* sets worth more than `least`, the dearest first where they are not all */
	const struct sw__together **set; /* the array is the caller's: sw__priced_free() */
	double *worth;
	double bound; /* no set that is not among them is worth more, nor any of them; `least` at the least */
	bool complete; /* all sets were looked at that may be worth more than the least that was kept */
	size_t looks, nodes;
};

/** `bound` holds however early the search ended. SW_NO_MEMORY; *out is the caller's in any case. */
enum sw_status sw__price(struct sw__groups *groups, const struct sw__priced_kind *kind,
			 const struct sw__pricing *asked, struct sw__priced *out,
			 struct sw_error *err);
void sw__priced_free(struct sw__priced *priced);

#endif
