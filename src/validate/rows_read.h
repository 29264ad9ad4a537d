/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file rows_read.h
 * One measured row of each schema, predicted.
 */
#ifndef SLICEWISE_VALIDATE_ROWS_READ_H
#define SLICEWISE_VALIDATE_ROWS_READ_H

#include "validate/row_cells.h"

enum { SW__ROW_COLUMNS_MAX = 10, SW__GROUP_NAME_MAX = 128 };

/** A schema: the columns that make it, and how a row is predicted. */
struct sw__row_schema {
	enum sw_rows rows;
	/* NULL-terminated; but for mixes the last one is what was measured, in ms */
	const char *columns[SW__ROW_COLUMNS_MAX + 1];
	bool needs_gpu;
	/**
	 * Predict row `row`; `columns` are the positions of the schema's columns. `group` names what it belongs to. NULL: rows
	 * are not predicted one by one (mix_rows.h).
	 */
	enum sw_status (*predict)(struct sw__row_context *context, const struct sw_csv *csv,
				  size_t row, const size_t *columns, double *predicted_ms,
				  char *group, struct sw_error *err);
};

/** The schema whose columns the header has all of; NULL for none. */
const struct sw__row_schema *sw__row_schema_of(const struct sw_csv *csv);

/** "gpu,model,... or dtype,m,..." for messages; appended. */
void sw__row_schemas_list(struct sw_text *text);

#endif
