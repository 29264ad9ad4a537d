/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file rows_read.h
 * One measured row of each schema, predicted.
 */
#ifndef SLICEWISE_VALIDATE_ROWS_READ_H
#define SLICEWISE_VALIDATE_ROWS_READ_H

#include "slicewise/validate.h"
#include "validate/row_engines.h"

enum { SW__ROW_COLUMNS_MAX = 10, SW__GROUP_NAME_MAX = 128 };

/** Rows that have several measured columns and are predicted all at once (mixes_predict.h, pairs_predict.h). */
struct sw__row_family {
	const struct sw__row_metric *metrics;
	size_t n_metrics; /* at most SW_ROW_METRICS_MAX */
	/** Fill v->predicted and v->skipped of rows whose v->metrics and v->measured stand. */
	enum sw_status (*predict)(struct sw__row_context *context, struct sw_validation *v,
				  struct sw_error *err);
	const char *group_column; /* rows are grouped by it, a metric each */
};

/** A schema: the columns that make it, and how a row is predicted. */
struct sw__row_schema {
	enum sw_rows rows;
	/* NULL-terminated; without a family the last one is what was measured, in ms */
	const char *columns[SW__ROW_COLUMNS_MAX + 1];
	/** Predict row `row`; `columns` are the positions of the schema's columns. `group` names what it belongs to. */
	enum sw_status (*predict)(struct sw__row_context *context, const struct sw_csv *csv,
				  size_t row, const size_t *columns, double *predicted_ms,
				  char *group, struct sw_error *err);
	const struct sw__row_family *family; /* instead; NULL: rows are predicted one by one */
};

/** The schema whose columns the header has all of; NULL for none. */
const struct sw__row_schema *sw__row_schema_of(const struct sw_csv *csv);

/** Whether what the rows do not say is given: SW_USAGE names the options that are missing. */
enum sw_status sw__row_schema_check(const struct sw__row_schema *schema, const struct sw_csv *csv,
				    const struct sw_rows_given *given, struct sw_error *err);

/** "gpu,model,... or dtype,m,..." for messages; appended. */
void sw__row_schemas_list(struct sw_text *text);

#endif
