/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file error.h
 * Filling a `struct sw_error`, inside the library.
 */
#ifndef SLICEWISE_BASE_ERROR_H
#define SLICEWISE_BASE_ERROR_H

#include <stdarg.h>

#include "slicewise/status.h"

#define SW__PRINTF(string, first) __attribute__((format(printf, string, first)))

/** Write status and message into `err` (may be NULL) and return `status`, so that `return sw_fail(...)` reads well. */
enum sw_status sw_fail(struct sw_error *err, enum sw_status status, const char *format, ...)
	SW__PRINTF(3, 4);

/** Put "prefix: " in front of the message of `err` and return its status unchanged. */
enum sw_status sw_fail_in(struct sw_error *err, enum sw_status status, const char *format, ...)
	SW__PRINTF(3, 4);

/* The analyser looks at one file at a time and would believe that a failure may report success. */
#ifdef __clang_analyzer__
#define sw_fail(err, status, ...) ((void)(sw_fail)((err), (status), __VA_ARGS__), (status))
#endif

#endif
