/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file partial.h
 * The best use of a fleet that cannot serve everything: as many workloads as possible whole, before parts of others.
 */
#ifndef SLICEWISE_PLAN_PARTIAL_H
#define SLICEWISE_PLAN_PARTIAL_H

#include "plan/greedy.h"

/**
 * Where engines of `state` have no place: take out all engines of the workloads they belong to, and put these back whole, the smaller
 * first; then what else of them finds room. Who was whole stays where it is. SW_NO_MEMORY.
 */
enum sw_status sw__partial(struct sw__groups *groups, struct sw__state *state,
			   struct sw_error *err);

#endif
