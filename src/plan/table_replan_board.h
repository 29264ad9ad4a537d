/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file table_replan_board.h
 * What runs of measured workloads, on which GPUs, and what of it may go on: README-tables.md.
 */
#ifndef SLICEWISE_PLAN_TABLE_REPLAN_BOARD_H
#define SLICEWISE_PLAN_TABLE_REPLAN_BOARD_H

#include "plan/mig_beside.h"
#include "plan/running.h"

/** An engine of a table that runs. */
struct sw__table_board_engine {
	const struct sw_planned_row *planned; /* borrowed from the file */
	size_t gpu; /* of the board */
	size_t workload; /* SW__NONE: not wanted any more */
	struct sw__mig_place place; /* mig */
	const struct sw_table_row *row; /* as what it may go on; NULL: it may not */
	char why_not[200]; /* not wanted or may not go on: why */
};

/** A GPU that runs, or that the plan of the language models takes. */
struct sw__table_board_gpu {
	const struct sw_planned_gpu
		*planned; /* borrowed from the file; NULL: it does not run yet */
	size_t fleet; /* SW__NONE: not in the fleet any more */
	size_t in_plan; /* of the language models' plan; SW__NONE: none is on it */
	size_t first, n; /* its engines */
	size_t n_models; /* mig: instances that the language models have */
	struct sw__mig_place models[SW_TENANTS_MAX];
	double cores; /* that they want */
};

struct sw__table_board {
	const struct sw_problem *problem;
	size_t n_gpus, n_engines;
	struct sw__table_board_gpu *gpus; /* running ones in file order, then the plan's others */
	struct sw__table_board_engine *engines;
	unsigned *engines_of; /* per workload: engines that run */
};

/**
 * `plan` has the language models' engines; where they are MIG instances, those that run keep their places, and the others get places
 * beside the tables' where there are such. SW_OK: release *out with sw__table_board_close(); the arguments must outlive it. SW_NO_MEMORY.
 */
enum sw_status sw__table_board_open(const struct sw_problem *problem,
				    const struct sw_plan_mixes *running, struct sw_plan *plan,
				    struct sw__table_board *out, struct sw_error *err);
void sw__table_board_close(struct sw__table_board *board);

/** Whether the engine may go on where it is, whatever its neighbours. */
bool sw__table_board_may_stay(const struct sw__table_board *board, size_t engine);

#endif
