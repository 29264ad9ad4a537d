/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file table_reasons.h
 * Why the engines of measured workloads are not otherwise: the next cheaper ways, and what stands against each.
 */
#ifndef SLICEWISE_PLAN_TABLE_REASONS_H
#define SLICEWISE_PLAN_TABLE_REASONS_H

#include "slicewise/plan.h"

/**
 * plan->reasons of the tables of a plan that is otherwise complete and has none. None where the plan has more engines than the problem
 * wants explained. What is missing is said as an overload: `found` requests per second are offered, `allowed` served. SW_NO_MEMORY,
 * SW_INTERNAL.
 */
enum sw_status sw__tables_reasons(const struct sw_problem *problem, struct sw_plan *plan,
				  struct sw_error *err);

#endif
