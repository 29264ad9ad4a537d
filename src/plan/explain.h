/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file explain.h
 * Why a plan is as it is, in words with numbers.
 */
#ifndef SLICEWISE_PLAN_EXPLAIN_H
#define SLICEWISE_PLAN_EXPLAIN_H

#include "plan/together.h"

/**
 * What keeps the slice of engine i from being smaller: its nearest limit and, where `lower`, what it would be one level lower, which
 * takes as long as sizing it did; into `text`. `t` holds levels that were chosen, `predicted` what they give.
 */
enum sw_status sw__explain_slice(struct sw__sizing *sizing, const struct sw__together *t, size_t i,
				 const struct sw_prediction *predicted, bool lower, char *text,
				 size_t size, struct sw_error *err);

/** `why` of every workload of a plan that is otherwise complete. */
enum sw_status sw__explain_workloads(struct sw__sizing *sizing, struct sw_plan *plan,
				     struct sw_error *err);

#endif
