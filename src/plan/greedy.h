/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file greedy.h
 * Placing engines one after another, each where it costs least at that moment.
 */
#ifndef SLICEWISE_PLAN_GREEDY_H
#define SLICEWISE_PLAN_GREEDY_H

#include <stdint.h>

#include "plan/state.h"

/** In which order engines are placed. The larger first, by ... */
enum sw__order {
	SW__ORDER_LARGER_OF_BOTH,
	SW__ORDER_SHARE,
	SW__ORDER_MEMORY,
	SW__ORDER_COUNT,
	SW__ORDER_RANDOM /* of rule->random */
};

/** Which kind of GPU is opened for an engine that fits nowhere. */
enum sw__opening {
	SW__OPEN_EFFICIENT, /* least price for the part of it that the engine takes */
	SW__OPEN_CHEAPEST, /* least price */
	SW__OPEN_COUNT,
	SW__OPEN_RANDOM, /* any that takes it, by rule->random */
	SW__OPEN_NONE /* none: what fits nowhere stays without a place */
};

/** Which of the open GPUs an engine joins. */
enum sw__joining {
	SW__JOIN_LEAST_EXTRA, /* least extra share forced on all who are there; then the fullest */
	SW__JOIN_FIRST, /* the first that takes it */
	SW__JOIN_NONE /* none: everyone has a GPU to itself */
};

enum { SW__ANY_FLEET = -1 };

struct sw__rule {
	enum sw__order order;
	enum sw__opening opening;
	enum sw__joining joining;
	long only_fleet; /* open no other kind; SW__ANY_FLEET */
	uint64_t *random; /* state of sw__random(), for the rules that need it */
};

/** The next of a sequence of numbers that look random and are always the same. */
uint64_t sw__random(uint64_t *state);

/** An engine to be placed: one of the replicas of a workload. */
struct sw__item {
	size_t workload;
	double key; /* larger ones first */
};

/** Place one engine of `workload` (state->replicas says how its load is divided); counts it as unplaced where it cannot. */
enum sw_status sw__place(struct sw__groups *groups, struct sw__state *state, size_t workload,
			 const struct sw__rule *rule, struct sw_error *err);

/** Order the items by the rule, ties by workload, and place them. */
enum sw_status sw__place_all(struct sw__groups *groups, struct sw__state *state,
			     struct sw__item *items, size_t n, const struct sw__rule *rule,
			     struct sw_error *err);

/** From nothing: choose replicas by the rule, then place everything. */
enum sw_status sw__build(struct sw__groups *groups, struct sw__state *state,
			 const struct sw__rule *rule, struct sw_error *err);

/** The larger of the parts of a GPU's compute (where it is given out in parts) and memory that an engine takes alone. */
double sw__footprint(const struct sw__sizing *sizing, const struct sw__size *size);

#endif
