/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file obstacle.h
 * What stands against engines sharing a GPU, in numbers: the rule that forbids it, or the limit that breaks at the best slices
 * there are.
 */
#ifndef SLICEWISE_PLAN_OBSTACLE_H
#define SLICEWISE_PLAN_OBSTACLE_H

#include "base/text.h"
#include "plan/together.h"

/** The nearest limit of a prediction as an obstacle: SW_OBSTACLE_NONE where all hold. */
struct sw_obstacle sw__obstacle_of_prediction(const struct sw_prediction *predicted,
					      const struct sw_slo *slo, size_t workload);

/** What stands against `engines` (n > 0, any of them may be impossible) on one GPU of entry `fleet`. *set: where they fit. */
enum sw_status sw__obstacle_of_set(struct sw__groups *groups, size_t fleet,
				   struct sw__size *const *engines, size_t n,
				   struct sw_obstacle *out, const struct sw__together **set,
				   struct sw_error *err);

/** How far it is from being none: found over allowed; INFINITY where no number says so. For comparing. */
double sw__obstacle_ratio(const struct sw_obstacle *obstacle);

/** "chat: tpot_p95 bound 43.1 of 40 ms", "61.2 of 47.3 GiB of memory"; the name is left out where it is `self` (may be SW_NONE). */
void sw__obstacle_say(const struct sw_problem *problem, const struct sw_obstacle *obstacle,
		      size_t self, struct sw_text *text);

#endif
