/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file bench_clock.h
 * The steady clock.
 */
#ifndef SLICEWISE_BENCH_BENCH_CLOCK_H
#define SLICEWISE_BENCH_BENCH_CLOCK_H

#include <time.h>

static inline double bench_now_s(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

#endif
