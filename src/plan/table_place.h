/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file table_place.h
 * Measured workloads onto the GPUs of a plan: README-tables.md.
 */
#ifndef SLICEWISE_PLAN_TABLE_PLACE_H
#define SLICEWISE_PLAN_TABLE_PLACE_H

#include "plan/table_cover.h"

/**
 * Put the engines that `covered` counts onto the plan's GPUs and onto new ones, which are added to it. Each gets its part of the rate
 * by what it can serve, as a router with weights sends it. Sets `met` of the workloads; replicas are not numbered and GPUs have no
 * names yet. SW_NO_MEMORY.
 */
enum sw_status sw__tables_place(const struct sw__table_cover *cover,
				const struct sw__covered *covered, struct sw_plan *plan,
				struct sw_error *err);

/**
 * Divide the rate of a workload among its engines in the plan by what their rows serve. Whose engines do not all have a place is left
 * with what they serve.
 */
void sw__table_share_rate(struct sw_plan *plan, const struct sw_workload *asked, size_t workload);

#endif
