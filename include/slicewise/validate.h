/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file validate.h
 * Predicted beside measured, for a user's own rows.
 */
#ifndef SLICEWISE_VALIDATE_H
#define SLICEWISE_VALIDATE_H

#include "slicewise/catalog.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Which schema the header line of a file showed. X(name, id). */
#define SW_ROWS_LIST(X)         \
	X(SW_ROWS_STEP, "step") \
	X(SW_ROWS_GEMM, "gemm") \
	X(SW_ROWS_ATTENTION, "attention")

enum sw_rows {
#define SW_ROWS_ENUM(name, id) name,
	SW_ROWS_LIST(SW_ROWS_ENUM)
#undef SW_ROWS_ENUM
};

/** Errors of one group of rows (a phase at a share, an operator), all against measured. */
struct sw_error_group {
	char name[128];
	size_t rows; /* compared */
	double mape; /* mean of |predicted - measured| / measured */
	double median_ape, p95_ape;
	double bias; /* mean of (predicted - measured) / measured */
	double r2; /* of the logarithms against the best constant; NAN where measured is constant */
};

/** A measured file with its predictions. */
struct sw_validation {
	enum sw_rows rows;
	size_t n_columns;
	char **columns; /* the header as read */
	size_t n_rows;
	char ***cells; /* every input row in order, as read */
	double *measured; /* per row, ms */
	double *predicted; /* per row, ms; NAN where a row cannot be predicted */
	size_t n_groups;
	struct sw_error_group *groups; /* the first is "all" */
	size_t n_skipped; /* rows without prediction */
	char *note; /* why rows were skipped, defaults taken; or NULL */
};

/**
 * Read a CSV (or .gz) of steps, operators or pairs and predict every row. `gpu_id` is needed for operator rows, which do
 * not name their GPU; else NULL. `calibration_path` may be NULL. SW_OK: *out is the caller's.
 */
SW_API enum sw_status sw_validate_file(const sw_catalog *catalog, const char *path,
				       const char *gpu_id, const char *calibration_path,
				       struct sw_validation **out, struct sw_error *err);
SW_API void sw_validation_free(struct sw_validation *validation);

#ifdef __cplusplus
}
#endif

#endif
