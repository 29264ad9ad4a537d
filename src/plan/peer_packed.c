// SPDX-License-Identifier: Apache-2.0
/*
 * packed: what is done without any predictor. Engines go where memory is left and the GPU is not busy yet, by what each engine
 * shows alone on a whole GPU (the "utilisation" of monitoring: the part of the time in which anything runs). Nobody is capped.
 */
#include "plan/miss.h"
#include "plan/peer_packer.h"
#include "plan/peers.h"

/* Of the GPU's time, how much may be busy by the sum of what engines show alone. Usual targets of utilisation are 0.7 to 0.9. */
static const double usual_utilisation = 0.8;

struct packed {
	double utilisation;
};

/* Where shares are caps nobody has one. MIG has no such thing: there it is the smallest instance that does alone. */
static size_t first_level(const struct sw__packer *packer, const struct sw__sizing *sizing,
			  const struct sw__size *size)
{
	const struct sw__levels *levels = &sizing->levels[size->fleet];

	(void)packer;
	if (!size->share_matters)
		return 0;
	return levels->level[0].profile ? size->alone : levels->n - 1;
}

static enum sw_status need(const struct sw__packer *packer, struct sw__board *board,
			   struct sw__size *size, double *out, struct sw_error *err)
{
	double gib = sw__size_memory_gib(board->sizing, size, size->alone);
	enum sw_status st = sw__board_busy(board, size, out, err);

	(void)packer;
	*out = fmax(*out,
		    gib / sw_gpu_visible_gib(&board->sizing->problem->fleet[size->fleet].gpu));
	return st;
}

static enum sw_status settle(const struct sw__packer *packer, struct sw__seating *seating,
			     bool *stays, double *dislike, struct sw_error *err)
{
	const struct packed *packed = packer->context;
	const struct sw_fleet_entry *fleet = seating->board->sizing->problem->fleet;
	bool mig = fleet[seating->gpu->fleet].mechanism == SW_MIG;
	enum sw_status st = SW_OK;
	double busy = 0;

	for (size_t i = 0; i < seating->gpu->n && st == SW_OK; i++) {
		double one;

		st = sw__board_busy(seating->board, seating->gpu->engine[i], &one, err);
		busy += one;
	}
	/* Instances have their parts of the GPU to themselves; how many there may be is by their sums. */
	*stays = busy <= packed->utilisation || mig;
	*dislike = 0; /* first fit */
	return st;
}

/* Shares that must add up to 1 (an eager engine's under hami) are equal ones. */
static void divide(struct sw__board *board)
{
	for (size_t i = 0; i < board->n; i++) {
		struct sw__board_gpu *gpu = &board->gpu[i];
		const struct sw__levels *levels = &board->sizing->levels[gpu->fleet];

		if (board->sizing->problem->fleet[gpu->fleet].mechanism != SW_HAMI)
			continue;
		for (size_t k = 0; k < gpu->n; k++) {
			if (gpu->engine[k]->share_matters)
				gpu->level[k] = (unsigned char)sw__level_within(
					levels, 1.0 / (double)gpu->n);
		}
	}
}

enum sw_status sw__peer_packed(struct sw__planning *planning, struct sw__state *out,
			       struct sw_error *err)
{
	const struct packed packed = {sw_known(planning->parameter) ? planning->parameter
								    : usual_utilisation};
	const struct sw__packer packer = {.context = &packed,
					  .uncapped = true,
					  .need = need,
					  .first_level = first_level,
					  .settle = settle};
	struct sw__board board;
	enum sw_status st = sw__pack(&packer, planning->sizing, &board, err);

	if (st != SW_OK)
		return st;
	divide(&board);
	st = sw__board_hand_over(&board, &planning->made, out, err);
	sw__board_close(&board);
	return st;
}
