/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file csv.h
 * A table from a CSV file, whole in memory, whose refusals name file, line and column.
 *
 * The first line is the header. Cells are text: trimmed of blanks unless quoted; "" is an empty cell, which means "not
 * known". Quotes, doubled quotes and line breaks inside quotes, CRLF and CR line ends, a byte order mark, blank lines
 * and gzip are understood. Rows with another number of cells than the header, NUL bytes, stray quotes and duplicate
 * column names are refused. Rows and columns count from 0, lines from 1. Strings belong to the table.
 */
#ifndef SLICEWISE_FORMATS_CSV_H
#define SLICEWISE_FORMATS_CSV_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

/* What a reader may be asked to hold: far above any published file, far below what hurts a machine. */
enum { SW_CSV_BYTES_MAX = 256 << 20, SW_CSV_COLUMNS_MAX = 1024, SW_CSV_CELLS_MAX = 1 << 25 };

struct sw_csv {
	char *name; /* of the file, as given */
	size_t n_columns;
	size_t n_rows; /* without the header */
	const char **cells; /* (1 + n_rows) * n_columns, header first; use sw_csv_cell() */
	int *lines; /* 1 + n_rows; where the row starts */
	char *text; /* what the cells point into */
};

/** What a number in a cell may be. `min_open`: min itself is not allowed. `unit` (may be NULL) is for messages. */
struct sw_csv_range {
	double min, max;
	bool min_open;
	const char *unit;
};

/** SW_OK: *out is the caller's, release it with sw_csv_free(). SW_BAD_INPUT names file and line; SW_NO_MEMORY. */
enum sw_status sw_csv_parse(const char *text, size_t size, const char *name, struct sw_csv **out,
			    struct sw_error *err);

/** sw_csv_parse() of a file's content, unpacked where it is gzip. SW_IO where it cannot be read. */
enum sw_status sw_csv_load(const char *path, struct sw_csv **out, struct sw_error *err);

void sw_csv_free(struct sw_csv *table);

/** Name of a column, cell of a row: never NULL, "" when empty. */
const char *sw_csv_header(const struct sw_csv *table, size_t column);
const char *sw_csv_cell(const struct sw_csv *table, size_t row, size_t column);

/** Line of the file on which a row starts. */
int sw_csv_line(const struct sw_csv *table, size_t row);

/** Find a column by name; false (and *column untouched) where there is none. */
bool sw_csv_find(const struct sw_csv *table, const char *name, size_t *column);

/** The same, SW_BAD_INPUT naming the columns there are. */
enum sw_status sw_csv_column(const struct sw_csv *table, const char *name, size_t *column,
			     struct sw_error *err);

/** Whether the header is exactly the comma-separated `names`, in this order. */
bool sw_csv_header_is(const struct sw_csv *table, const char *names);

/** A finite decimal number within `range` (NULL: any); an empty cell is NAN. SW_BAD_INPUT as sw_csv_refuse(). */
enum sw_status sw_csv_number(const struct sw_csv *table, size_t row, size_t column,
			     const struct sw_csv_range *range, double *out, struct sw_error *err);

/** The same where an empty cell is refused too. */
enum sw_status sw_csv_required(const struct sw_csv *table, size_t row, size_t column,
			       const struct sw_csv_range *range, double *out, struct sw_error *err);

/** SW_BAD_INPUT with "FILE:LINE: COLUMN: found "CELL", expected ...", the last part from `format`. */
enum sw_status sw_csv_refuse(const struct sw_csv *table, size_t row, size_t column,
			     struct sw_error *err, const char *format, ...) SW__PRINTF(5, 6);

#endif
