/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file cover.h
 * Sets of engines chosen so that every workload is served, for the least price: a linear programme that grows by columns, and the
 * same in whole numbers. README.md, "The exact search".
 */
#ifndef SLICEWISE_PLAN_COVER_H
#define SLICEWISE_PLAN_COVER_H

#include "plan/together.h"

struct sw__cover;

/** Prices that the linear programme puts on things: what one more of a workload, or of a kind of GPU, is worth. */
struct sw__duals {
	double *workload; /* at least 0 */
	double *fleet; /* at most 0; 0 where there are enough */
};

/**
 * For the workloads for which `wanted` is true. SW_OK: *out is the caller's, release it with sw__cover_free(); `problem` and `wanted`
 * are borrowed.
 */
enum sw_status sw__cover_new(const struct sw_problem *problem, const bool *wanted,
			     struct sw__cover **out, struct sw_error *err);
void sw__cover_free(struct sw__cover *cover);

/** One more column, unless it is there already: a set that fits, borrowed. *added may be NULL. */
enum sw_status sw__cover_add(struct sw__cover *cover, const struct sw__together *set, bool *added,
			     struct sw_error *err);

size_t sw__cover_columns(const struct sw__cover *cover);

/** Column i. */
const struct sw__together *sw__cover_set(const struct sw__cover *cover, size_t i);

/**
 * Solve the linear programme: an engine of one of r replicas serves 1/r of its workload. *value is its optimum, `duals` (room for
 * all workloads and kinds) belong to it. SW_INFEASIBLE: the columns do not serve everything.
 */
enum sw_status sw__cover_solve(struct sw__cover *cover, double *value, struct sw__duals *duals,
			       struct sw_error *err);

/**
 * In whole numbers, each workload by engines that are all one of the same number of replicas. times[i] is how often column i is
 * used; *found false: nothing cheaper than `cutoff` within `nodes` nodes of the search. *proved: nothing of the sets that are there is
 * cheaper than what was found, or than `cutoff`.
 */
enum sw_status sw__cover_whole(struct sw__cover *cover, double cutoff, int nodes, unsigned *times,
			       bool *found, bool *proved, struct sw_error *err);

#endif
