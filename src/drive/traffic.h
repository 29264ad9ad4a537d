/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file traffic.h
 * What a drive's settings ask for, checked: the arrivals, and the trace behind them.
 */
#ifndef SLICEWISE_DRIVE_TRAFFIC_H
#define SLICEWISE_DRIVE_TRAFFIC_H

#include "serving/arrivals.h"
#include "slicewise/drive.h"

struct sw__traffic {
	struct sw_load load;
	struct sw_trace *trace; /* NULL: none */
	sw__arrivals *arrivals;
};

/** Numbers out of range: SW_BAD_INPUT naming the setting. */
enum sw_status sw__traffic_check(const struct sw_drive_settings *settings, struct sw_error *err);

/** SW_OK: release it with sw__traffic_free(). `out` must not be moved: the arrivals point into it. */
enum sw_status sw__traffic_init(struct sw__traffic *out, const struct sw_drive_settings *settings,
				struct sw_error *err);
void sw__traffic_free(struct sw__traffic *traffic);

#endif
