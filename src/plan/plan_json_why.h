/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file plan_json_why.h
 * Reasons and relaxations of a plan as JSON.
 */
#ifndef SLICEWISE_PLAN_PLAN_JSON_WHY_H
#define SLICEWISE_PLAN_PLAN_JSON_WHY_H

#include <jansson.h>

#include "slicewise/plan.h"

/** New references; a failed allocation is a NULL or sets *ok to false. */
json_t *sw__reasons_json(const struct sw_problem *problem, const struct sw_plan *plan, bool *ok);
json_t *sw__relaxations_json(const struct sw_problem *problem, const struct sw_plan *plan,
			     bool *ok);

#endif
