/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file plan_run.h
 * `slicewise plan` as users start it, and what its plan says.
 */
#ifndef SLICEWISE_BENCH_PLAN_RUN_H
#define SLICEWISE_BENCH_PLAN_RUN_H

#include <stdbool.h>

struct planned {
	double seconds, mib, gpus, per_hour, gap_pct, exclusive_per_hour;
};

/** Run a command with its output into a file; seconds from its start to its end. False: it could not be started, or failed. */
bool planned_run(char **command, const char *output, struct planned *out);

/** Totals, bound and the price without sharing of a plan in JSON. False: it has none. */
bool planned_read(const char *path, struct planned *out);

#endif
