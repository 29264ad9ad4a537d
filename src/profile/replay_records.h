/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file replay_records.h
 * What slicewise-replay says of each request, as JSON lines (cuda/README.md, --records), summed up.
 */
#ifndef SLICEWISE_PROFILE_REPLAY_RECORDS_H
#define SLICEWISE_PROFILE_REPLAY_RECORDS_H

#include "slicewise/dataset.h"

/** The window in which requests count, seconds of the load, by when they arrived. */
struct sw__window {
	double from_s, to_s;
};

/**
 * Read the requests of the engine called `tenant` from a file of records into `out`. Lines of other types and other engines are
 * passed over. SW_BAD_INPUT names file and line; SW_IO: it cannot be read, or no request of the engine counts.
 */
enum sw_status sw__replay_records_read(const char *path, const char *tenant,
				       const struct sw__window *window, struct sw_measured *out,
				       struct sw_error *err);

#endif
