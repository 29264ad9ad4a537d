/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file must.h
 * Memory that a short-lived program either gets or does not go on without: a failure says so and exits with 4.
 */
#ifndef SLICEWISE_CLI_MUST_H
#define SLICEWISE_CLI_MUST_H

#include <stddef.h>

/** malloc() that does not fail. */
void *must_malloc(size_t size);

/** calloc() that does not fail. */
void *must_alloc(size_t n, size_t size);

/** reallocarray() that does not fail. */
void *must_grow(void *old, size_t n, size_t size);

/** printf() into a new string; free(). */
char *must_format(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
