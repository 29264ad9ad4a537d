/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file peer_packer.h
 * Engines one after another, the more needful first, each onto the open GPU where a strategy likes it best; what none takes
 * opens another. What a strategy knows and wants is a table of operations.
 */
#ifndef SLICEWISE_PLAN_PEER_PACKER_H
#define SLICEWISE_PLAN_PEER_PACKER_H

#include "plan/peer_board.h"

/** A strategy's view of a GPU that an engine may join. */
struct sw__seating {
	struct sw__board *board;
	const struct sw__board_gpu *before;
	struct sw__board_gpu *gpu; /* with the newcomer; settle() may change levels */
	struct sw__size *newcomer;
};

struct sw__packer {
	const void *context;
	bool uncapped; /* of boards: peer_board.h */

	/** What an engine needs of its GPU, alone, for the order and for what is opened: above 0. */
	enum sw_status (*need)(const struct sw__packer *packer, struct sw__board *board,
			       struct sw__size *size, double *out, struct sw_error *err);

	/** The level an engine starts with. */
	size_t (*first_level)(const struct sw__packer *packer, const struct sw__sizing *sizing,
			      const struct sw__size *size);

	/**
	 * Whether the newcomer may stay, by what the strategy knows; `*dislike` says how little it likes that (the first of
	 * equals is taken). What may not be on a GPU by rules and sums never gets here, but may leave so.
	 */
	enum sw_status (*settle)(const struct sw__packer *packer, struct sw__seating *seating,
				 bool *stays, double *dislike, struct sw_error *err);
};

/* For strategies that size engines alone. */

/** packer->first_level: the smallest that does alone. */
size_t sw__level_alone(const struct sw__packer *packer, const struct sw__sizing *sizing,
		       const struct sw__size *size);

/** packer->need: the share of that level; where turns are taken, the part of the GPU's time that the engine takes alone. */
enum sw_status sw__need_alone(const struct sw__packer *packer, struct sw__board *board,
			      struct sw__size *size, double *out, struct sw_error *err);

/** The sum of what the engines of a GPU need alone. */
enum sw_status sw__load_alone(const struct sw__seating *seating, double *out, struct sw_error *err);

/**
 * Plan all workloads of the sizing's problem: each kind of GPU for itself and all together, opened by price or by price for
 * what is needed of it; the cheapest of these. SW_OK: *out is the caller's, sw__board_close().
 */
enum sw_status sw__pack(const struct sw__packer *packer, struct sw__sizing *sizing,
			struct sw__board *out, struct sw_error *err);

/** The same, handed over: sw__board_hand_over(). */
enum sw_status sw__pack_into(const struct sw__packer *packer, struct sw__sizing *sizing,
			     struct sw__made *made, struct sw__state *out, struct sw_error *err);

#endif
