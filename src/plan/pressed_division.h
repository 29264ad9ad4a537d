/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file pressed_division.h
 * A workload's engines if it were divided among more of them, for the bound by pressure.
 */
#ifndef SLICEWISE_PLAN_PRESSED_DIVISION_H
#define SLICEWISE_PLAN_PRESSED_DIVISION_H

#include "plan/sizing.h"

/** Engines of a workload beyond the fewest that hold its limits that are looked at. */
enum { SW__MORE_ENGINES = 2 };

/**
 * One of `replicas` engines with the settings that were chosen for the fewest. `alone` of it is the least level up to `from` at which it
 * holds its limits by itself, and *holds says whether there is one. The caller clears it. SW_NO_MEMORY.
 */
enum sw_status sw__division_make(struct sw__sizing *sizing, const struct sw__size *fewest,
				 unsigned replicas, size_t from, struct sw__size *out, bool *holds,
				 struct sw_error *err);

void sw__division_clear(struct sw__sizing *sizing, struct sw__size *division);

/** Whether a workload may have so many engines at all. */
bool sw__division_allowed(const struct sw_workload *workload, unsigned replicas);

#endif
