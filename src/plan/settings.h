/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file settings.h
 * Which batch limits an engine gets, and the smallest slice that goes with them.
 */
#ifndef SLICEWISE_PLAN_SETTINGS_H
#define SLICEWISE_PLAN_SETTINGS_H

#include "plan/sizing.h"

struct sw__choice {
	struct sw_tenant tenant; /* settled */
	size_t level; /* smallest at which the limits hold alone */
	sw_prepared *prepared; /* at that level; handed over */
	struct sw_prediction prediction;
};

/**
 * Try the settings that the user left open for a started size. Fills size->possible and the least_ members; where it is
 * possible *out and size->prepared too, else size->miss and size->why_not. Statuses: SW_OK, SW_NO_MEMORY.
 */
enum sw_status sw__settings_choose(struct sw__sizing *sizing, struct sw__size *size,
				   struct sw__choice *out, struct sw_error *err);

#endif
