/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file table_replan_keep.h
 * The covering of measured workloads where some of their engines run: which go on, what is cut beside them, and what that costs within
 * the horizon. README-tables.md.
 */
#ifndef SLICEWISE_PLAN_TABLE_REPLAN_KEEP_H
#define SLICEWISE_PLAN_TABLE_REPLAN_KEEP_H

#include "plan/table_cover.h"
#include "plan/table_replan_board.h"

/** Engines of the board that go on where a GPU is cut in some way: bit i is engine first + i. */
typedef unsigned long sw__staying_set;

struct sw__keep {
	const struct sw__table_board *board;
	struct sw__table_cover cover; /* of new GPUs: kinds, demands, rows */
	struct sw__covering
		covering; /* groups: one per fleet entry for new GPUs, then one per GPU of the board */
	size_t *demand_of; /* per workload; SW__NONE */
	/* What the covering borrows. */
	struct sw__cut *cuts;
	sw__staying_set *stays; /* per cut */
	size_t cuts_room;
	double *group_count, *start_price, *again_price, *pool_count;
	size_t *pool;
	bool *stays_open;
	struct sw__again *again;
};

/**
 * All tables of the board's problem. With `all_stay` whatever may go on does, as far as nothing forbids it, and no GPU that has
 * something is closed. SW_OK: release *out with sw__keep_close(); the board must outlive it. SW_NO_MEMORY.
 */
enum sw_status sw__keep_open(const struct sw__table_board *board, const struct sw_plan *plan,
			     const struct sw_replan_options *options, bool all_stay,
			     struct sw__keep *out, struct sw_error *err);
void sw__keep_close(struct sw__keep *keep);

/**
 * The same with new GPUs alone; then each GPU of the board in a way of its own, sw__keep_end() before it is used. The first cuts are those
 * of a sw__table_cover for new GPUs, in its order. SW_NO_MEMORY.
 */
enum sw_status sw__keep_begin(const struct sw__table_board *board, const struct sw_plan *plan,
			      const struct sw_replan_options *options, struct sw__keep *out,
			      struct sw_error *err);

/** Cut a GPU of the board so: engines first + i whose bit is in `stays` go on, with count[] slices beside them. */
enum sw_status sw__keep_add(struct sw__keep *keep, const struct sw_replan_options *options,
			    size_t gpu, sw__staying_set stays, const unsigned char *count,
			    struct sw_error *err);
void sw__keep_end(struct sw__keep *keep);

/** The group of a GPU of the board. */
size_t sw__keep_group(const struct sw__keep *keep, size_t gpu);

#endif
