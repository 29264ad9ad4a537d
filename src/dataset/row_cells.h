/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file row_cells.h
 * What cells of measured rows say: GPUs and models by name, by path, or described in full as an export has those that no
 * catalogue has; one of a few words; whole numbers. Every refusal is SW_BAD_INPUT and names file, line and column.
 */
#ifndef SLICEWISE_DATASET_ROW_CELLS_H
#define SLICEWISE_DATASET_ROW_CELLS_H

#include "base/text.h"
#include "formats/csv.h"
#include "slicewise/dataset.h"
#include "slicewise/step.h"

/** A GPU by the name that the rows or --gpu have for it; its calibration is opened when a row first needs it. */
struct sw__row_gpu {
	char *name;
	struct sw_gpu gpu;
	sw_calibration *calibration;
};

/** What reading a file's rows, and predicting them, needs; GPUs are looked up once a name, models once a run of rows. */
struct sw__row_context {
	const sw_catalog *catalog;
	struct sw_rows_given given; /* for what the rows do not say */
	const char *calibration; /* the path of a file instead of the shipped ones; NULL */
	const sw_fit *fit; /* that rows are predicted with; borrowed, NULL */
	size_t n_gpus;
	struct sw__row_gpu *gpus;
	char *model_name; /* NULL: none yet */
	struct sw_model model;
};

void sw__row_context_free(struct sw__row_context *context);

/** The GPU in a cell; *out is valid until the next one is looked up. */
enum sw_status sw__row_gpu(struct sw__row_context *context, const struct sw_csv *csv, size_t row,
			   size_t column, struct sw__row_gpu **out, struct sw_error *err);

/** The same where it may also be a host, which the catalogue does not have: engines on CPU cores. */
enum sw_status sw__row_place(struct sw__row_context *context, const struct sw_csv *csv, size_t row,
			     size_t column, struct sw__row_gpu **out, struct sw_error *err);

/** Open the calibration of a GPU where that has not been done. */
enum sw_status sw__calibrate(const struct sw__row_context *context, struct sw__row_gpu *gpu,
			     struct sw_error *err);

/** The GPU of rows that name none: context->given.gpu. */
enum sw_status sw__given_gpu(struct sw__row_context *context, struct sw__row_gpu **gpu,
			     struct sw_error *err);

/** The model of rows that name none, into context->model: context->given.model. */
enum sw_status sw__given_model(struct sw__row_context *context, struct sw_error *err);

/** The model in a cell, into context->model. */
enum sw_status sw__row_model(struct sw__row_context *context, const struct sw_csv *csv, size_t row,
			     size_t column, struct sw_error *err);

/** The index of a cell among `choices` (NULL-terminated). */
enum sw_status sw__row_choice(const struct sw_csv *csv, size_t row, size_t column,
			      const char *const *choices, int *out, struct sw_error *err);

/** A path in a cell, beside the file of the rows unless it is absolute; appended to *out. SW_NO_MEMORY only. */
enum sw_status sw__row_path(const struct sw_csv *csv, size_t row, size_t column,
			    struct sw_text *out, struct sw_error *err);

/** A number without a fraction, within `range`. */
enum sw_status sw__row_whole(const struct sw_csv *csv, size_t row, size_t column,
			     const struct sw_csv_range *range, double *out, struct sw_error *err);

#endif
