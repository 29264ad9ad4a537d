/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file state.h
 * A plan while it is searched for: a list of sets of engines, each on a GPU of its own, and what found no place.
 */
#ifndef SLICEWISE_PLAN_STATE_H
#define SLICEWISE_PLAN_STATE_H

#include <stdint.h>

#include "plan/together.h"

struct sw__state {
	const struct sw_problem *problem;
	size_t n; /* GPUs in use */
	size_t capacity;
	const struct sw__together **gpu; /* borrowed from the groups */
	unsigned *replicas; /* per workload: into how many the load is divided */
	unsigned *unplaced; /* per workload: how many of them have no GPU */
	size_t *used; /* per fleet entry: GPUs in use */
	bool places_matter; /* sw__places_matter() */
};

#define SW__NEW_GPU SIZE_MAX

/** What is minimised, the first difference decides. */
struct sw__cost {
	double unplaced; /* workloads without GPUs, those of which engines are missing in part */
	double per_hour;
	double gpus;
	double share;
};

enum sw_status sw__state_new(const struct sw_problem *problem, struct sw__state *out,
			     struct sw_error *err);
void sw__state_free(struct sw__state *state);

/** Make `to` (of the same problem) equal to `from`. */
enum sw_status sw__state_copy(struct sw__state *to, const struct sw__state *from,
			      struct sw_error *err);

struct sw__cost sw__state_cost(const struct sw__state *state);

/** Whether a is better than b by more than rounding. */
bool sw__cost_less(const struct sw__cost *a, const struct sw__cost *b);

/** Open another GPU, put another set in the place of GPU i, close GPU i. */
enum sw_status sw__state_open(struct sw__state *state, const struct sw__together *together,
			      struct sw_error *err);
void sw__state_replace(struct sw__state *state, size_t i, const struct sw__together *together);
void sw__state_close(struct sw__state *state, size_t i);

/**
 * Whether the fleet has places for the sets of the state and for `set`, which comes in the place of GPU `at`, or on one more GPU
 * (SW__NEW_GPU). SW_NO_MEMORY.
 */
enum sw_status sw__state_takes(const struct sw__state *state, size_t at,
			       const struct sw__together *set, bool *takes, struct sw_error *err);

/** Whether it has for the state as it is. */
enum sw_status sw__state_holds(const struct sw__state *state, bool *holds, struct sw_error *err);

/** Whether the fleet has another GPU of this kind. */
bool sw__state_has_another(const struct sw__state *state, size_t fleet);

#endif
