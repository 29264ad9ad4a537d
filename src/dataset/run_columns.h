/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file run_columns.h
 * What rows of runs have as columns: one table for the header, the cells and the documented schema.
 */
#ifndef SLICEWISE_DATASET_RUN_COLUMNS_H
#define SLICEWISE_DATASET_RUN_COLUMNS_H

#include "base/text.h"
#include "slicewise/dataset.h"

enum sw__column_type { SW__TEXT, SW__WHOLE, SW__REAL, SW__TRUTH };

/** "text", "integer", "double", "boolean". Static. */
const char *sw__column_type_name(enum sw__column_type type);

/** One engine of one run. */
struct sw__run_row {
	const sw_catalog *catalog; /* whose ids need no description; NULL: ids do, as they stand */
	const struct sw_run *run;
	size_t tenant;
	bool resolved; /* every setting of the engine, not only those that were given */
};

/** What a cell says. */
struct sw__cell {
	bool known;
	const char *text; /* SW__TEXT: borrowed from the row or from the scratch */
	double number; /* SW__REAL, SW__TRUTH */
	uint64_t whole; /* SW__WHOLE */
};

struct sw__run_column {
	const char *name;
	enum sw__column_type type;
	const char *unit; /* "" where there is none */
	const char *meaning;
	struct sw__cell (*get)(const struct sw__run_row *row, size_t index,
			       struct sw_text *scratch);
	size_t index; /* which of several that `get` knows */
};

extern const struct sw__run_column sw__run_columns[];
extern const size_t sw__run_columns_n;

#endif
