/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file peer_board.h
 * GPUs with engines and their slices, as strategies that do not look at sets as a whole fill them: one engine and one slice at
 * a time. A board ends as a state (state.h).
 */
#ifndef SLICEWISE_PLAN_PEER_BOARD_H
#define SLICEWISE_PLAN_PEER_BOARD_H

#include "plan/state.h"

/** The engines of one GPU, by workload, then id. */
struct sw__board_gpu {
	size_t fleet, n;
	struct sw__size *engine[SW__TOGETHER_MAX];
	unsigned char level[SW__TOGETHER_MAX];
};

struct sw__board {
	struct sw__sizing *sizing; /* borrowed */
	bool uncapped; /* shares need not add up to 1 (those of MIG do) */
	bool places_matter; /* sw__places_matter() */
	size_t n, capacity;
	struct sw__board_gpu *gpu;
	size_t *used; /* per fleet entry */
	unsigned *replicas, *unplaced; /* per workload */
	size_t n_busy;
	double *busy; /* per size, by id: sw__board_busy(); NAN: not asked yet */
};

/** Sets that a board handed over. The state borrows them. */
struct sw__made {
	size_t n, capacity;
	struct sw__together **set;
};

/** Release it with sw__board_close(). SW_NO_MEMORY. */
enum sw_status sw__board_open(struct sw__sizing *sizing, bool uncapped, struct sw__board *out,
			      struct sw_error *err);
void sw__board_close(struct sw__board *board);

/** Put an engine on a GPU; false where that has as many as can be predicted. */
bool sw__board_seat(struct sw__board_gpu *gpu, struct sw__size *engine, size_t level);

/** Whether the engines may be on one GPU with their slices. */
bool sw__board_allows(const struct sw__board *board, const struct sw__board_gpu *gpu);

/**
 * Whether the fleet has places for the board with `gpu` instead of GPU `at`, or besides (SW__NEW_GPU): pins, nodes, counts.
 * SW_NO_MEMORY.
 */
enum sw_status sw__board_takes(const struct sw__board *board, size_t at,
			       const struct sw__board_gpu *gpu, bool *takes, struct sw_error *err);

/** Predict the engines of a GPU; `out` has gpu->n elements. */
enum sw_status sw__board_predict(const struct sw__board *board, const struct sw__board_gpu *gpu,
				 struct sw_prediction *out, struct sw_error *err);

/** The part of the time in which a whole GPU works for an engine that has it for itself: "utilisation". Asked once per size. */
enum sw_status sw__board_busy(struct sw__board *board, struct sw__size *size, double *out,
			      struct sw_error *err);

/** The sum of the shares; where they have no effect all of the GPU. */
double sw__board_share(const struct sw__board *board, const struct sw__board_gpu *gpu);

/** One more GPU. */
enum sw_status sw__board_add(struct sw__board *board, const struct sw__board_gpu *gpu,
			     struct sw_error *err);

struct sw__cost sw__board_cost(const struct sw__board *board);

/** Make `state` (of a problem with the same workloads and fleet) the plan on the board; its sets live in `made`. */
enum sw_status sw__board_hand_over(const struct sw__board *board, struct sw__made *made,
				   struct sw__state *state, struct sw_error *err);

void sw__made_free(struct sw__made *made);

#endif
