/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file fields_write.h
 * The way back: what a table of fields reads (formats/document.h), written as a JSON object by the same table.
 */
#ifndef SLICEWISE_FORMATS_FIELDS_WRITE_H
#define SLICEWISE_FORMATS_FIELDS_WRITE_H

#include <jansson.h>

#include "formats/document.h"

/**
 * An object of what `from` holds: fields with a given_bit where `given` has it, numbers that are known, names that are not
 * empty. SW_FIELD_CALL fields are the caller's to add. Numbers are written so that reading gives the same bits. What could
 * not be had for lack of memory sets *ok to false.
 */
json_t *sw__fields_json(const struct sw_field *fields, size_t n, const void *from, unsigned given,
			bool *ok);

/** A number; without a fraction where it has none. NULL where it is not finite. */
json_t *sw__number_json(double x);

/** json_object_set_new() that remembers failure. A NULL `value` is one. */
void sw__put_json(json_t *object, const char *key, json_t *value, bool *ok);

#endif
