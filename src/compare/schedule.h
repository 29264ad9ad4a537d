/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file schedule.h
 * How long the simulations of a comparison are, so that all of them together keep to a budget of events.
 */
#ifndef SLICEWISE_COMPARE_SCHEDULE_H
#define SLICEWISE_COMPARE_SCHEDULE_H

#include "compare/contender.h"

/** Limits hold in windows of this length: simulations are whole numbers of them. */
#define SW__WINDOW_S 300.0

/** About how many events one second of this GPU takes, by what the planner predicts of its engines. */
double sw__events_per_s(const struct sw_plan_gpu *gpu);

/** Windows for some hundred requests of the slowest engine, at most an hour. */
unsigned sw__windows_wanted(const struct sw_plan_gpu *gpu, const struct sw_problem *problem);

/** Events of playing every contender's plan once, in at most so many windows. A contender counts by the mean of its candidates. */
double sw__events_of_all(const struct sw_problem *problem, const struct sw__contender *contenders,
			 size_t n, unsigned windows);

/**
 * The largest number of windows, at least one, that every simulation may have at most so that the contenders' plans, each played
 * `times` times, keep to `events_max`.
 */
unsigned sw__windows_allowed(const struct sw_problem *problem,
			     const struct sw__contender *contenders, size_t n, double times,
			     double events_max);

#endif
