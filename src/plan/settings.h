/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file settings.h
 * Which batch limits an engine gets, and the smallest slice that goes with them.
 */
#ifndef SLICEWISE_PLAN_SETTINGS_H
#define SLICEWISE_PLAN_SETTINGS_H

#include "plan/sizing.h"

/**
 * Try the settings that the user left open for a started size. Where one holds the limits alone: size->possible, tenant,
 * alone, prepared and the least_ members; else size->miss and size->why_not. Statuses: SW_OK, SW_NO_MEMORY.
 */
enum sw_status sw__settings_choose(struct sw__sizing *sizing, struct sw__size *size,
				   struct sw_error *err);

#endif
