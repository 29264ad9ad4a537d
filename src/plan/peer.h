/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file peer.h
 * What a strategy works with that sees engines, limits or replicas otherwise than we do: a lens, a problem of its own and
 * sizes through both. Once it has planned, everything is seen as it is, and the plan is judged like any other.
 */
#ifndef SLICEWISE_PLAN_PEER_H
#define SLICEWISE_PLAN_PEER_H

#include "plan/peer_lens.h"
#include "plan/strategies.h"

/** How it sees; 0 and NULL everywhere: as we do. */
struct sw__view {
	bool points; /* predictions without bounds */
	bool one_replica; /* of every workload that one engine can serve somewhere */
	double part_of_limits; /* how much of every limit may be used; 0: all of it */
	sw__slowdown_form form;
	const void *form_context; /* borrowed until the peer looks clear */
};

struct sw__peer {
	struct sw__lens lens;
	const struct sw_problem *real;
	struct sw_problem problem; /* as it sees it: with workloads of its own */
	struct sw__sizing sizing; /* of that, through the lens */
	struct sw__planning planning; /* for strategies that search over it */
};

/** Make planning->peer. SW_NO_MEMORY. */
enum sw_status sw__peer_open(struct sw__planning *planning, const struct sw__view *view,
			     struct sw_error *err);

/** From now on everything is seen as it is: lens, limits. The sizes stay as they were chosen. */
void sw__peer_look_clear(struct sw__peer *peer);

/** NULL is fine. */
void sw__peer_close(struct sw__peer *peer);

/** Plan with `search` through the view: it gets a planning and a state of the peer's problem. */
enum sw_status sw__peer_search(struct sw__planning *planning, const struct sw__view *view,
			       enum sw_status (*search)(struct sw__planning *planning,
							struct sw__state *out,
							struct sw_error *err),
			       struct sw__state *out, struct sw_error *err);

#endif
