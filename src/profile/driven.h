/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file driven.h
 * One run against engines that serve: load on all of them at once, metrics beside it.
 */
#ifndef SLICEWISE_PROFILE_DRIVEN_H
#define SLICEWISE_PROFILE_DRIVEN_H

#include <sys/types.h>

#include "profile/backend.h"
#include "profile/collector.h"

/** One engine of the experiment's mix, in its order. */
struct sw__driven {
	const char *url;
	const char *served_name; /* NULL: what it serves */
	pid_t pid; /* 0: not known */
};

/**
 * Load every engine as the mix says, over the same window: warm-up, what counts, and as long again as the warm-up, so that the
 * last counted requests still have their neighbours. A request counts by when it was due. SW_IO: an engine answered nothing at
 * all, or it was stopped.
 */
enum sw_status sw__drive_all(struct sw__backend *backend, const struct sw_experiment *e,
			     unsigned repeat, const struct sw__driven *engines,
			     const struct sw__watched_gpu *watched, struct sw__outcome *out,
			     struct sw_error *err);

/** Processor and cores of this machine, and the driver of the watched GPU. */
struct sw_machine sw__this_machine(const struct sw__watched_gpu *watched);

/** Wait a little; for loops that look for an end. */
void sw__sleep_s(double seconds);

/** Seconds since 1970. */
double sw__unix_s(void);

/** The moment `unix_s` on CLOCK_MONOTONIC, as the two clocks stand now. */
uint64_t sw__origin_ns(double unix_s);

#endif
