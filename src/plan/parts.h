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

/**
 * How much more than on average one window in forty brings, as a part of it: 2 √((c² + v) / (rate window_s)), c the gaps'
 * coefficient of variation (burstiness), c² the dispersion of counts in the long run (Cox 1962), v the larger of the squared
 * coefficients of variation of prompts and outputs, as lognormals of their mean and p95. 0: of a closed loop, of a trace, which says itself how busy
 * it gets, and without a window.
 */
double sw__window_growth(double window_s, const struct sw_load *part);

/**
 * The load with which one of `replicas` engines must hold the limits: those that may be lost are, the load has grown, and it is a
 * busy window.
 */
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
