/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file document_out.h
 * JSON documents on their way out: numbers as Slicewise writes them, one document, a newline at the end.
 */
#ifndef SLICEWISE_CLI_DOCUMENT_OUT_H
#define SLICEWISE_CLI_DOCUMENT_OUT_H

#include <jansson.h>
#include <stdio.h>

/** Significant digits of numbers in JSON and CSV: far beyond every model's accuracy, short enough to read. */
enum { NUMBER_DIGITS = 9 };

/** A number; null where it is not finite; without a fraction where it has none. */
json_t *json_number(double x);

/** Write `document` and release it. */
void json_print(json_t *document, FILE *out);

#endif
