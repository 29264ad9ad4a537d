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

/** One double of a structure. */
struct sw__coefficient {
	const char *name;
	const char *unit;
	const char *meaning;
	size_t offset;
};

/** A row of such a table for a list X(field, unit, meaning) of the structure `type`. */
#define SW__COEFFICIENT(type, field, unit, meaning) {#field, unit, meaning, offsetof(type, field)},

/** Read a map with exactly the table's keys, each a finite number, into `into`. */
enum sw_status sw__coefficients_read(const struct sw_node *node,
				     const struct sw__coefficient *table, size_t n, void *into,
				     struct sw_error *err);

/** Append `"name": value` lines for the table, indented by `tabs`, shortest digits that read back the same. */
void sw__coefficients_write(struct sw_text *text, const struct sw__coefficient *table, size_t n,
			    const void *from, int tabs);

double sw__coefficient_get(const struct sw__coefficient *row, const void *from);
void sw__coefficient_set(const struct sw__coefficient *row, void *into, double value);

/** Append a number so that strtod() gives it back, with as few digits as that takes (NAN: null). */
void sw__number_write(struct sw_text *text, double value);

#endif
