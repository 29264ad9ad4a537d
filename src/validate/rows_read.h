/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file rows_read.h
 * One measured row of each schema, predicted.
 */
#ifndef SLICEWISE_VALIDATE_ROWS_READ_H
#define SLICEWISE_VALIDATE_ROWS_READ_H

#include "base/text.h"
#include "formats/csv.h"
#include "slicewise/step.h"
#include "slicewise/validate.h"

enum { SW__ROW_COLUMNS_MAX = 10, SW__GROUP_NAME_MAX = 128 };

/** What predicting a file's rows needs; GPUs are looked up once a name, models once a run of rows. */
struct sw__row_context {
	const sw_catalog *catalog;
	const char *gpu_id; /* of operator rows: an id or a path */
	const char *calibration_path; /* or NULL */
	size_t n_gpus;
	struct sw__row_gpu *gpus;
	char *model_name; /* NULL: none yet */
	struct sw_model model;
};

/** A schema: the columns that make it, and how a row is predicted. */
struct sw__row_schema {
	enum sw_rows rows;
	const char *columns[SW__ROW_COLUMNS_MAX +
			    1]; /* NULL-terminated; the last one is what was measured, in ms */
	bool needs_gpu;
	/** Predict row `row`; `columns` are the positions of the schema's columns. `group` names what it belongs to. */
	enum sw_status (*predict)(struct sw__row_context *context, const struct sw_csv *csv,
				  size_t row, const size_t *columns, double *predicted_ms,
				  char *group, struct sw_error *err);
};

/** The schema whose columns the header has all of; NULL for none. */
const struct sw__row_schema *sw__row_schema_of(const struct sw_csv *csv);

/** "gpu,model,... or dtype,m,..." for messages; appended. */
void sw__row_schemas_list(struct sw_text *text);

void sw__row_context_free(struct sw__row_context *context);

#endif
