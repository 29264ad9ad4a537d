/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file pair_rows.h
 * Rows of equal engines on a GPU as a published study of GPU sharing has them (NVIDIA Dynamo): a row is a GPU with
 * `models_per_gpu` of one engine, each with `concurrency_per_model` requests in flight.
 */
#ifndef SLICEWISE_DATASET_PAIR_ROWS_H
#define SLICEWISE_DATASET_PAIR_ROWS_H

#include "dataset/row_cells.h"

/** The columns without which rows are none of pairs. */
#define SW__PAIR_COLUMNS_NEEDED                                                  \
	{                                                                        \
		"config", "mechanism", "models_per_gpu", "concurrency_per_model" \
	}

/** Columns that are read; those behind the clients may be missing. */
enum sw__pair_column {
	SW__PAIR_CONFIG,
	SW__PAIR_MECHANISM,
	SW__PAIR_MODELS,
	SW__PAIR_CLIENTS,
	SW__PAIR_SHARE,
	SW__PAIR_MEMORY,
	SW__PAIR_UTILIZATION,
	SW__PAIR_SEQS,
	SW__PAIR_GPU,
	SW__PAIR_MODEL,
	SW__PAIR_PROMPT,
	SW__PAIR_OUTPUT,
	SW__PAIR_COLUMNS
};

struct sw__pair_rows {
	struct sw__row_context *context;
	const struct sw_csv *csv;
	size_t at[SW__PAIR_COLUMNS]; /* SIZE_MAX: no such column */
};

/** A row: `n` engines like `tenant`, on `gpu` (until the next row is read). What it leaves open is not filled in. */
struct sw__pair {
	struct sw__row_gpu *gpu;
	struct sw_tenant tenant;
	size_t n;
};

struct sw__pair_rows sw__pair_rows(struct sw__row_context *context, const struct sw_csv *csv);

/** A cell; "" where there is no such column. */
const char *sw__pair_cell(const struct sw__pair_rows *rows, size_t row,
			  enum sw__pair_column column);

/** SW_USAGE: neither the file nor `given` says GPU, model or lengths; names the options that are missing. */
enum sw_status sw__pair_rows_check(const struct sw_csv *csv, const struct sw_rows_given *given,
				   struct sw_error *err);

/** SW_BAD_INPUT names file, line and column. */
enum sw_status sw__pair_row(const struct sw__pair_rows *rows, size_t row, struct sw__pair *out,
			    struct sw_error *err);

#endif
