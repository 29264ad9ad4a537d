/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file parts.h
 * Into what a workload's load is divided: what an engine gets, and what it must hold when others are lost or the load grows.
 */
#ifndef SLICEWISE_PLAN_PARTS_H
#define SLICEWISE_PLAN_PARTS_H

#include "slicewise/plan.h"

/** Engines that may be lost at once: each is on a GPU (node) of its own, so as many as GPUs (nodes). */
unsigned sw__spare_replicas(const struct sw_workload *workload);

/** The fewest engines there may be: one more than may be lost. */
unsigned sw__least_replicas(const struct sw_workload *workload);

/** The most that have anything to do; INFINITY where any number has. */
double sw__most_replicas(const struct sw_workload *workload);

/** Whether its engines must be on different GPUs. */
bool sw__apart(const struct sw_workload *workload);

/** The load with which one of `replicas` engines must hold the limits: those that may be lost are, and the load has grown. */
struct sw_load sw__load_to_hold(const struct sw_workload *workload, unsigned replicas);

/**
 * What an engine with `times` of `replicas` parts gets, all being there: of a rate its part, of requests in flight whole ones. And,
 * where nothing is to survive, the load that it must hold.
 */
double sw__weighted_part(const struct sw_workload *workload, unsigned times, unsigned replicas);
struct sw_load sw__weighted_load(const struct sw_workload *workload, unsigned times,
				 unsigned replicas);

/** Whether its engines may have unequal parts: a router with weights, as many engines as it takes, and none that may be lost. */
bool sw__parts_differ(const struct sw_workload *workload);

#endif
