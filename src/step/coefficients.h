/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file coefficients.h
 * Tables of the fitted numbers of a calibration: one list a kernel makes the structure, the file and the documentation.
 */
#ifndef SLICEWISE_STEP_COEFFICIENTS_H
#define SLICEWISE_STEP_COEFFICIENTS_H

#include <stddef.h>

#include "base/text.h"
#include "formats/document.h"

/** One double of a structure, or an array of them: a list in files. */
struct sw__coefficient {
	const char *name;
	const char *unit;
	const char *meaning;
	size_t offset;
	size_t count; /* of an array; 0: a number */
};

/** A row of such a table for a list X(field, unit, meaning) of the structure `type`. */
#define SW__COEFFICIENT(type, field, unit, meaning) \
	{#field, unit, meaning, offsetof(type, field), 0},

/** The row of an array field. */
#define SW__COEFFICIENT_ARRAY(type, field, unit, meaning)           \
	{                                                           \
#field, unit, meaning, offsetof(type, field),       \
			sizeof(((type *)0)->field) / sizeof(double) \
	}

/** Read a map with exactly the table's keys, each a finite number (or as many as the array has), into `into`. */
enum sw_status sw__coefficients_read(const struct sw_node *node,
				     const struct sw__coefficient *table, size_t n, void *into,
				     struct sw_error *err);

/** Append `"name": value` lines for the table, indented by `tabs`, shortest digits that read back the same. */
void sw__coefficients_write(struct sw_text *text, const struct sw__coefficient *table, size_t n,
			    const void *from, int tabs);

/** How many doubles a row stands for. */
size_t sw__coefficient_size(const struct sw__coefficient *row);

/** The i-th of them; 0 for a number. */
double sw__coefficient_get(const struct sw__coefficient *row, const void *from, size_t i);
void sw__coefficient_set(const struct sw__coefficient *row, void *into, size_t i, double value);

/** Append a number so that strtod() gives it back, with as few digits as that takes (NAN: null). */
void sw__number_write(struct sw_text *text, double value);

#endif
