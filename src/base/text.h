/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file text.h
 * A growing string. `{0}` is a valid empty one. A failed allocation is remembered: later calls do nothing, and
 * sw_text_ok() tells at the end, so that a writer needs one check instead of one a line.
 */
#ifndef SLICEWISE_BASE_TEXT_H
#define SLICEWISE_BASE_TEXT_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

struct sw_text {
	char *data; /* NUL-terminated once anything was added; NULL before */
	size_t size;
	size_t capacity;
	bool failed;
};

void sw_text_add(struct sw_text *text, const char *bytes, size_t size);
void sw_text_puts(struct sw_text *text, const char *string);
void sw_text_addf(struct sw_text *text, const char *format, ...) SW__PRINTF(2, 3);
void sw_text_vaddf(struct sw_text *text, const char *format, va_list args) SW__PRINTF(2, 0);
/** Append `count` copies of `c`. */
void sw_text_fill(struct sw_text *text, char c, size_t count);
/** The characters so far, "" when empty. Valid until the next change. */
const char *sw_text_string(const struct sw_text *text);
bool sw_text_ok(const struct sw_text *text);
void sw_text_free(struct sw_text *text);

/** Copy `from` into the array `to`; false (and `to` truncated) where it does not fit. */
bool sw_copy_name(char *to, size_t capacity, const char *from);

/**
 * The decimal number that `text` is from its first to its last character: no blanks, no hexadecimal, no words such as
 * "nan". Too large a one is INFINITY.
 */
bool sw_decimal(const char *text, double *out);

/**
 * Whether `text` is free of control characters and line ends. Names must be: they reach terminals, tables and the comments
 * of command lines, where such characters do things.
 */
bool sw_is_plain(const char *text);

/** Edits (insert, delete, replace, swap of neighbours) from a to b: for "did you mean". */
size_t sw_edit_distance(const char *a, const char *b);

#endif
