/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file table_cover.h
 * The measured workloads of a problem as a covering: what slices there are, what each can serve there: README-tables.md.
 */
#ifndef SLICEWISE_PLAN_TABLE_COVER_H
#define SLICEWISE_PLAN_TABLE_COVER_H

#include "plan/mig_cover.h"

/** A kind of slice: a MIG profile of a fleet entry, or a whole GPU of it. */
struct sw__slice_kind {
	size_t fleet;
	const struct sw_mig_profile *profile; /* borrowed from the fleet; NULL: all of the GPU */
	double share, memory_gib;
};

/** GPUs of a group: new ones of a fleet entry, or some of a plan that are alike. */
struct sw__gpu_group {
	size_t fleet;
	bool is_new;
	size_t n; /* GPUs of the plan */
	size_t *gpu;
};

struct sw__table_cover {
	const struct sw_problem *problem;
	struct sw__covering covering;
	struct sw__slice_kind *kinds;
	size_t *first_kind; /* per fleet entry */
	struct sw__gpu_group *groups;
	size_t *workload; /* per demand */
	const struct sw_table_row **row; /* [demand * n_kinds + kind]; NULL: it cannot be there */
	bool complete; /* every way of cutting is there */
	/* What the covering borrows. */
	struct sw__cut *cuts;
	size_t cuts_room;
	double *share, *group_count, *rate, *capacity;
	unsigned *exactly;
	bool *spread;
};

/**
 * All workloads of `problem` that are tables, on GPUs that `plan` (may be NULL) does not use and beside the engines on those of its
 * MIG GPUs that have room. SW_OK: release *out with sw__table_cover_free(); problem and plan must outlive it. SW_NO_MEMORY.
 */
enum sw_status sw__table_cover_of(const struct sw_problem *problem, const struct sw_plan *plan,
				  struct sw__table_cover *out, struct sw_error *err);
void sw__table_cover_free(struct sw__table_cover *cover);

/** How many engines a GPU of a fleet entry takes, beside engines there that want `cores` host cores. */
size_t sw__most_engines(const struct sw_fleet_entry *entry, size_t there, double cores);

#endif
