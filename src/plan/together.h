/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file together.h
 * Engines together on one GPU: whether all their limits hold there, and with which slices.
 *
 * The answer depends on the set alone, not on the order in which engines came, and every set is worked out once. That makes
 * plans plain lists of sets: cheap to copy, to change and to compare.
 */
#ifndef SLICEWISE_PLAN_TOGETHER_H
#define SLICEWISE_PLAN_TOGETHER_H

#include "plan/sizing.h"

/** A set of engines on one GPU. Never changes once made. */
struct sw__together {
	bool fits; /* all limits hold, as far as neighbours are believed to matter */
	size_t fleet, n;
	struct sw__size **engines; /* by workload, then id */
	unsigned char *level; /* of each engine; meaningful where it fits */
	double share, memory_gib; /* sums */
	double bound; /* the sum of the shares that have an effect */
	unsigned long hash;
};

/** What is believed of neighbours. */
enum sw__neighbours {
	SW__NEIGHBOURS_COUNT, /* slices grow until every limit holds beside them */
	SW__NEIGHBOURS_IGNORE, /* every engine gets the slice it needs alone (ffd) */
	SW__NEIGHBOURS_NONE, /* everyone is alone and has the whole GPU (exclusive) */
	SW__NEIGHBOURS_EVEN /* the same, and every slice is one of so many equal ones (even-split) */
};

struct sw__groups {
	struct sw__sizing *sizing;
	enum sw__neighbours neighbours;
	const unsigned *parts; /* per fleet entry, for even slices; borrowed */
	struct sw__together **slot; /* open addressing; capacity is a power of two */
	size_t n, capacity;
};

void sw__groups_open(struct sw__sizing *sizing, enum sw__neighbours neighbours,
		     struct sw__groups *out);
void sw__groups_close(struct sw__groups *groups);

/**
 * The set of `engines` (n > 0, any order, all of the fleet entry `fleet`); borrowed. *out is NULL where a rule forbids it
 * at once (memory, tenants, shares, isolation, spread); else out->fits tells whether the limits hold. SW_NO_MEMORY.
 */
enum sw_status sw__together_get(struct sw__groups *groups, size_t fleet,
				struct sw__size *const *engines, size_t n,
				const struct sw__together **out, struct sw_error *err);

/**
 * The same, by the least levels that hold: `least` are levels below which the engines are known not to hold their limits there. Slower
 * where much must be raised, quicker where little need be, and where nothing holds; no set that holds is missed.
 */
enum sw_status sw__together_try(struct sw__groups *groups, size_t fleet,
				struct sw__size *const *engines, const unsigned char *least,
				size_t n, const struct sw__together **out, struct sw_error *err);

/** `with` (may be NULL: an empty GPU) and one more engine. */
enum sw_status sw__together_add(struct sw__groups *groups, const struct sw__together *with,
				struct sw__size *engine, const struct sw__together **out,
				struct sw_error *err);

/**
 * The share of engine i of a set that fits, in whole percent: its level's; where that does not matter, an equal part of what
 * those for whom it does leave, since turns are all that is given out there.
 */
double sw__together_share(const struct sw__sizing *sizing, const struct sw__together *t, size_t i);

/** Engines beyond this many on one GPU cannot be predicted, so they are not planned, whatever the fleet says. */
enum { SW__TOGETHER_MAX = 16 };

/** Predict a set at the levels given; `out` has n elements. */
enum sw_status sw__together_predict(struct sw__sizing *sizing, size_t fleet,
				    struct sw__size *const *engines, const unsigned char *level,
				    size_t n, struct sw_prediction *out, struct sw_error *err);

/** The same of a set that was made, with the largest rates. */
enum sw_status sw__together_predict_all(struct sw__sizing *sizing, const struct sw__together *t,
					struct sw_prediction *out, struct sw_error *err);

#endif
