/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file strategies.h
 * The ways of planning that can be compared: one table of names and functions.
 */
#ifndef SLICEWISE_PLAN_STRATEGIES_H
#define SLICEWISE_PLAN_STRATEGIES_H

#include "plan/state.h"

/* What a strategy works with: sets stay alive as long as the groups they came from. */
struct sw__planning {
	struct sw__sizing *sizing;
	struct sw__groups groups; /* neighbours count */
	struct sw__groups unmindful; /* for strategies that take neighbours for nothing */
	struct sw__groups alone; /* everyone has a GPU to itself */
	double proved_per_hour; /* of engines as they are sized: a bound that the strategy found on the way; 0: none */
};

struct sw__strategy {
	const char *name;
	enum sw_status (*plan)(struct sw__planning *planning, struct sw__state *out,
			       struct sw_error *err);
	bool minds_neighbours; /* its sets are of `groups`: it can say why it did not place an engine elsewhere */
};

/** NULL: "slicewise". SW_BAD_INPUT names the strategies there are. */
enum sw_status sw__strategy_find(const char *name, const struct sw__strategy **out,
				 struct sw_error *err);

/** One GPU per engine, for the comparison that every plan carries. */
enum sw_status sw__strategy_exclusive(struct sw__planning *planning, struct sw__state *out,
				      struct sw_error *err);

#endif
