/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file contender.h
 * A strategy with the plans it makes by each margin, of which one will be taken.
 */
#ifndef SLICEWISE_COMPARE_CONTENDER_H
#define SLICEWISE_COMPARE_CONTENDER_H

#include "compare/mix_book.h"
#include "slicewise/compare.h"

/** What a strategy plans when limits are multiplied by `margin`; of packed, when a GPU may be as full as that. */
struct sw__candidate {
	double margin;
	bool complete; /* every workload has its engines: else `why` */
	char why[512];
	double planning_ms;
	double bound_gpus, bound_cost_per_hour; /* NAN: none is proved */
	struct sw_plan *plan; /* NULL: none */
	struct sw__usage usage;
	size_t *mixes; /* in the book, of each GPU */
	double excess; /* of the worst workload in the nominal world; NAN: not simulated, or no limits */
	bool simulated;
};

struct sw__contender {
	const char *strategy;
	size_t n;
	struct sw__candidate *candidates; /* from the cheapest on, those without a plan last */
	size_t next; /* the one to be simulated next */
	const struct sw__candidate *taken; /* NULL: not yet, or none has a plan */
};

/** Margins are no matter of these: their bounds are their margin. */
bool sw__has_bounds(const char *strategy);

/** Plan one candidate: strategy and margin are set, the rest is filled. SW_NO_MEMORY only: else `why` says what went wrong. */
enum sw_status sw__candidate_plan(const sw_catalog *catalog, const struct sw_problem *problem,
				  const char *strategy, struct sw__candidate *candidate,
				  struct sw_error *err);

/** Put the GPUs of all candidates into the book and the candidates in order. SW_NO_MEMORY. */
enum sw_status sw__contender_enter(struct sw__contender *contender,
				   const struct sw_problem *problem, struct sw__book *book,
				   struct sw_error *err);

/** The candidate to be simulated next, or NULL: the choice is made. */
struct sw__candidate *sw__contender_asks(const struct sw__contender *contender);

/** It has been simulated: `excess` of its worst workload. Makes the choice where it can be made. */
void sw__contender_hears(struct sw__contender *contender, double excess);

void sw__contender_clear(struct sw__contender *contender);

#endif
