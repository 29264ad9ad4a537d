/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file pressed_bound.h
 * A lower bound that knows what neighbours do: README.md, "The bound by pressure".
 */
#ifndef SLICEWISE_PLAN_PRESSED_BOUND_H
#define SLICEWISE_PLAN_PRESSED_BOUND_H

#include "plan/sizing.h"

/**
 * What plans cost at least that serve the workloads for which `placed` is true by engines as they are sized, at most two more of each
 * workload than hold its limits. 0 where nothing can be told. SW_NO_MEMORY.
 */
enum sw_status sw__pressed_bound(struct sw__sizing *sizing, const bool *placed, double *per_hour,
				 struct sw_error *err);

#endif
