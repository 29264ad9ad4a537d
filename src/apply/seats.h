/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file seats.h
 * Which real GPU stands for which GPU of a plan.
 *
 * A plan's GPUs of a kind are alike, but two of a node in the plan may be asked to be on different nodes (spread), so what is on one node of the
 * plan is put on one real node where that can be, and different nodes of the plan on different real ones. The same plan and inventory
 * give the same seats.
 */
#ifndef SLICEWISE_APPLY_SEATS_H
#define SLICEWISE_APPLY_SEATS_H

#include "apply/inventory.h"
#include "slicewise/plan.h"

/**
 * `seat[i]`: the index in the inventory for plan->gpus[i]. `taken` (may be NULL) has a UUID per GPU of the plan that it has already, "" for none: such a
 * seat is kept where that GPU is there, healthy and of its kind. SW_INFEASIBLE: too few healthy GPUs of a kind, says how many of what; or an engine's memory
 * or the number of engines is more than the GPU is registered with.
 */
enum sw_status sw__seats_choose(const struct sw_plan_mixes *plan,
				const struct sw__inventory *inventory, const char *const *taken,
				size_t *seat, struct sw_error *err);

#endif
