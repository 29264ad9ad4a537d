/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file failing_memory.h
 * The allocator of the program with one allocation that fails.
 */
#ifndef SLICEWISE_TESTS_FAILING_MEMORY_H
#define SLICEWISE_TESTS_FAILING_MEMORY_H

#include <stdbool.h>
#include <stddef.h>

/** Let the n-th allocation from here fail, once; 0: none. Counts begin anew. */
void memory_arm(size_t n);

/** Stop counting. How many allocations were asked for since memory_arm(); *fired tells whether one failed. */
size_t memory_disarm(bool *fired);

/** malloc() that is neither made to fail nor counted among those asked for. */
void *memory_that_never_fails(size_t size);

/** Blocks that are allocated now; 0 where a sanitizer looks for leaks instead. */
long memory_blocks(void);

#endif
