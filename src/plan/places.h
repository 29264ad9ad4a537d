/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file places.h
 * Which GPUs of the fleet the sets of a plan are on: their numbers, and so their nodes.
 *
 * To a search most GPUs of a kind are alike. They are not where a workload is pinned to single ones ("l4/0"), where engines must
 * survive the loss of a node, and where the host cores of a node are shared by its GPUs unevenly. Then a plan needs a GPU of its
 * own for every set. GPUs of a kind are numbered from 0; so many as a node has, one after another, are a node.
 */
#ifndef SLICEWISE_PLAN_PLACES_H
#define SLICEWISE_PLAN_PLACES_H

#include "plan/together.h"

/** Whether it can matter which GPU of a kind it is. */
bool sw__places_matter(const struct sw_problem *problem);

/**
 * Numbers for `n` sets, all on fleet entry `fleet`, so that pins, nodes to be survived and host cores hold; *holds false where
 * none are found: the larger ones first, each on the first node that takes it. `number` may be NULL. SW_NO_MEMORY.
 */
enum sw_status sw__places_find(const struct sw_problem *problem, size_t fleet,
			       const struct sw__together *const *sets, size_t n, long *number,
			       bool *holds, struct sw_error *err);

/** The node of a GPU; -1: not known. */
long sw__place_node(const struct sw_fleet_entry *entry, long number);

/** Whether some GPU of the kind is one that all of these engines may be on. */
bool sw__pins_agree(const struct sw_problem *problem, size_t fleet, struct sw__size *const *engines,
		    size_t n);

/** Whether a workload may be on this kind of GPU, by its `gpus` and the nodes whose loss it is to survive. */
bool sw__may_run(const struct sw_problem *problem, size_t workload, size_t fleet);

/** Host cores that a set of engines needs of its node. */
double sw__cores_of(const struct sw_fleet_entry *entry, struct sw__size *const *engines, size_t n);

/** The number behind the slash of "l4/3"; -1: a kind, not a single GPU. */
long sw__pinned_number(const char *gpu);

/** Whether `gpu` ("l4" or "l4/3") names GPUs of this id. */
bool sw__names_kind(const char *gpu, const char *id);

#endif
