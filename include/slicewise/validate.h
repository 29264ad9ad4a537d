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
#define SW_ROWS_LIST(X)                   \
	X(SW_ROWS_STEP, "step")           \
	X(SW_ROWS_GEMM, "gemm")           \
	X(SW_ROWS_ATTENTION, "attention") \
	X(SW_ROWS_MIX, "mix")             \
	X(SW_ROWS_PAIR, "pair")

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
	double covered; /* part of the rows that have an upper bound and lie below it (meant to: 0.95); NAN: none has */
};

/** Rows that were read and are not compared, or not all of what they measured, for one reason. */
struct sw_skipped_rows {
	char *why; /* "green-context: no prediction" */
	size_t rows;
};

enum { SW_ROW_METRICS_MAX = 9 };

/** A measured file with its predictions: every row in order, with everything it had. */
struct sw_validation {
	enum sw_rows rows;
	size_t n_columns, n_rows;
	size_t n_metrics; /* columns that were predicted: 1 but for rows of mixes and pairs */
	const char
		*metrics[SW_ROW_METRICS_MAX]; /* their names: "latency_ms", "tpot_p50_ms"; static */
	double *measured; /* n_rows x n_metrics, row by row; NAN where the file does not say */
	double *predicted; /* the same; NAN where a row cannot be predicted */
	double *upper; /* its one-sided 95 % bound; NAN: none */
	const char **binds; /* n_rows: what limits the row's engine; NULL: not said. Static */
	size_t n_groups;
	struct sw_error_group *groups; /* the first is "all" */
	/*
	 * Of mixes and pairs alone, by reason: a mechanism that is not predicted, a model that does not fit, an engine that is offered
	 * more than it sustains (its throughput is compared, its latencies are not). A row has one reason at most.
	 */
	size_t n_skipped;
	struct sw_skipped_rows *skipped;
	struct sw_csv *table; /* what the following three read */
};

/** The name of a column, and a cell: "" where empty. Borrowed. */
SW_API const char *sw_validation_column(const struct sw_validation *validation, size_t column);
SW_API const char *sw_validation_cell(const struct sw_validation *validation, size_t row,
				      size_t column);

/** The line of the file on which a row begins. */
SW_API int sw_validation_line(const struct sw_validation *validation, size_t row);

/** What a file may leave to its reader; a column of the file goes before. All borrowed; zeroes: nothing. */
struct sw_validate_settings {
	const char *gpu, *model; /* ids or paths; of operators and of pairs */
	double prompt_tokens, output_tokens; /* of pairs; 0: not given */
	const char *calibration; /* the path of a file instead of the shipped ones */
	const char *fit; /* of mixes and pairs: the path of a fit instead of the shipped one */
};

/**
 * Read a CSV (or .gz) of steps, operators, mixes or pairs (docs/formats/rows.md) and predict every row. `settings` may be NULL.
 *
 * SW_OK: *out is the caller's, release it with sw_validation_free(). SW_BAD_INPUT names file, line and column; SW_USAGE:
 * neither file nor settings say the GPU of operators, or GPU, model and lengths of pairs; SW_IO: the file or the calibration cannot
 * be read.
 */
SW_API enum sw_status sw_validate_file(const sw_catalog *catalog, const char *path,
				       const struct sw_validate_settings *settings,
				       struct sw_validation **out, struct sw_error *err);

/** Release it; NULL is fine. */
SW_API void sw_validation_free(struct sw_validation *validation);

#ifdef __cplusplus
}
#endif

#endif
