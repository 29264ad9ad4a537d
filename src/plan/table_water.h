/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file table_water.h
 * A bound for very many measured workloads: whole slices for each, as if they were cut from nothing.
 */
#ifndef SLICEWISE_PLAN_TABLE_WATER_H
#define SLICEWISE_PLAN_TABLE_WATER_H

#include "plan/table_cover.h"

/**
 * Below the price per hour of every plan that serves the demands for which `served` is true: each takes at least the compute slices
 * that serve its rate, wherever those are cheapest, and a GPU has no more than it has. SW_NO_MEMORY.
 */
enum sw_status sw__tables_water(const struct sw__table_cover *cover, const bool *served,
				double *per_hour, struct sw_error *err);

#endif
