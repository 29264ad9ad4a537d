/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file kept.h
 * Sizes of engines that go on with the settings they run with: what they need of a GPU by now.
 */
#ifndef SLICEWISE_PLAN_KEPT_H
#define SLICEWISE_PLAN_KEPT_H

#include "plan/running.h"

struct sw__kept {
	struct sw__sizing *sizing;
	const struct sw__running *running;
	struct sw__size **
		of; /* per running engine: its sizes, one per number of replicas and limit; owned */
};

/** *out is the caller's, release it with sw__kept_close() before the sizing. */
enum sw_status sw__kept_open(struct sw__sizing *sizing, const struct sw__running *running,
			     struct sw__kept *out, struct sw_error *err);
void sw__kept_close(struct sw__kept *kept);

/**
 * The size of running engine `engine` as it is set, where the load of its workload is divided by `replicas` and its gateway lets in
 * `limit` requests at once (0: all), on its kind of GPU. *out is NULL where it may not stay as it is; borrowed. SW_NO_MEMORY only.
 */
enum sw_status sw__kept_size(struct sw__kept *kept, size_t engine, unsigned replicas,
			     unsigned limit, struct sw__size **out, struct sw_error *err);

/** The same for who only predicts it: but for `hopeless`, whether it is possible, and its smallest level alone, are not looked for. */
enum sw_status sw__kept_unmeasured(struct sw__kept *kept, size_t engine, unsigned replicas,
				   unsigned limit, struct sw__size **out, struct sw_error *err);

#endif
