/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file compute_sums.h
 * Which engines' parts of a GPU's compute add up to 1 at most. Under a launch limiter that does not see CUDA graphs some are held to a
 * share, which they need not use up, and others take turns: each kind has a sum of its own, and there is none of both.
 */
#ifndef SLICEWISE_PLAN_COMPUTE_SUMS_H
#define SLICEWISE_PLAN_COMPUTE_SUMS_H

#include "plan/sizing.h"

/** What a bound counts of the compute of the kinds where both are. Either is a bound, and so is the larger one. */
enum sw__compute_sum { SW__SUM_OF_SHARES, SW__SUM_OF_TURNS, SW__COMPUTE_SUMS };

/** Per kind of GPU whether both may be there: of the workloads that are `placed`. `both` has n_fleet elements. SW_NO_MEMORY. */
enum sw_status sw__compute_sums(struct sw__sizing *sizing, const bool *placed, bool *both,
				struct sw_error *err);

/** Whether the sum leaves out a workload's compute, on a kind of GPU where both are; by the size with the fewest replicas. */
bool sw__sum_leaves_out(enum sw__compute_sum sum, const struct sw__size *fewest);

#endif
