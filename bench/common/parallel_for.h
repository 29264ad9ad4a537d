/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file parallel_for.h
 * The same for every index, by all processors.
 */
#ifndef SLICEWISE_BENCH_PARALLEL_FOR_H
#define SLICEWISE_BENCH_PARALLEL_FOR_H

#include <stddef.h>

/** How many threads it takes: the processors that are there. */
unsigned parallel_threads(void);

/** Call `each(context, i)` for all i below n, in no order, and come back when all are done. */
void parallel_for(size_t n, void (*each)(void *context, size_t i), void *context);

#endif
