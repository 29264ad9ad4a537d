/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file ordered_pool.h
 * Work by several threads whose results are taken in order: what is kept does not depend on who was faster.
 */
#ifndef SLICEWISE_PROFILE_ORDERED_POOL_H
#define SLICEWISE_PROFILE_ORDERED_POOL_H

#include <stdbool.h>
#include <stddef.h>

#include "slicewise/status.h"

struct sw__ordered_work {
	size_t n; /* pieces */
	unsigned threads;
	void *context;
	/* Do piece i; any thread. The result is the context's affair. */
	void (*work)(void *context, size_t i);
	/* Take piece i, in order, by the thread that called. False: no more; the threads end what they have begun. */
	bool (*take)(void *context, size_t i);
	/* Piece i was done and is not wanted any more. */
	void (*drop)(void *context, size_t i);
};

/** Returns when all threads have ended. SW_IO: no thread could be started; SW_NO_MEMORY. */
enum sw_status sw__ordered_run(const struct sw__ordered_work *work, struct sw_error *err);

#endif
