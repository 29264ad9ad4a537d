/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file strategies.h
 * The ways of planning that can be compared: one table of names and functions.
 */
#ifndef SLICEWISE_PLAN_STRATEGIES_H
#define SLICEWISE_PLAN_STRATEGIES_H

#include "plan/greedy.h"
#include "plan/peer_board.h"
#include "plan/state.h"

struct sw__peer;

/* What a strategy works with: sets stay alive as long as the groups they came from. */
struct sw__planning {
	struct sw__sizing *sizing;
	struct sw__groups groups; /* neighbours count */
	struct sw__groups unmindful; /* for strategies that take neighbours for nothing */
	unsigned *parts; /* of unmindful, where slices are equal */
	struct sw__groups alone; /* everyone has a GPU to itself */
	double parameter; /* what came after the strategy's name; NAN: nothing */
	struct sw__made made; /* sets that did not come from groups */
	struct sw__peer *peer; /* what is seen through other eyes (peer.h); NULL: nothing */
	double proved_per_hour; /* of engines as they are sized: a bound that the strategy found on the way; 0: none */
};

/** Release what strategies made: groups, sets, the peer. The sizing is the caller's. */
void sw__planning_close(struct sw__planning *planning);

/** The sizing that the sets of a state belong to after a strategy has planned. */
struct sw__sizing *sw__planning_seen(const struct sw__planning *planning);

struct sw__strategy {
	const char *name;
	bool takes_number; /* after a colon: "packed:0.6" */
	enum sw_status (*plan)(struct sw__planning *planning, struct sw__state *out,
			       struct sw_error *err);
	bool minds_neighbours; /* its sets are of `groups`: it can say why it did not place an engine elsewhere */
};

/**
 * NULL: "slicewise". A strategy that takes a number may have one after a colon; `*parameter` is NAN where there is none.
 * SW_BAD_INPUT names the strategies there are, SW_USAGE what is expected after the colon.
 */
enum sw_status sw__strategy_find(const char *name, const struct sw__strategy **out,
				 double *parameter, struct sw_error *err);

/** One GPU per engine, each the cheapest that does, for the comparison that every plan carries. */
enum sw_status sw__strategy_cheapest_exclusive(struct sw__planning *planning, struct sw__state *out,
					       struct sw_error *err);

/** Build by a rule on any kind of GPU, opened by price or by efficiency, and on each kind for itself; the cheapest of these. */
enum sw_status sw__strategy_best_kind(struct sw__groups *groups, const struct sw__rule *rule,
				      struct sw__state *out, struct sw_error *err);

/** Ours; the default. */
enum sw_status sw__strategy_slicewise(struct sw__planning *planning, struct sw__state *out,
				      struct sw_error *err);

#endif
