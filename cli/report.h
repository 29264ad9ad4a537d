/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file report.h
 * Messages: one line each on stderr, "slicewise: ...".
 */
#ifndef SLICEWISE_CLI_REPORT_H
#define SLICEWISE_CLI_REPORT_H

#include "slicewise/status.h"

/** Fill `err` and return `status`. */
enum sw_status fail(struct sw_error *err, enum sw_status status, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/** One line to stderr. */
void say(const char *format, ...) __attribute__((format(printf, 1, 2)));

/** What is legal and worth a word, one message a line; NULL: nothing. */
void say_warnings(const char *lines);

#endif
