/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file held_out.h
 * The table of errors on rows left out, and which rows are left out together.
 */
#ifndef SLICEWISE_CALIBRATE_HELD_OUT_H
#define SLICEWISE_CALIBRATE_HELD_OUT_H

#include "base/text.h"
#include "math/error_summary.h"

/** A CSV of "gpu,what,left_out,rows,mape,median,p95,bias" lines. */
void errors_header(struct sw_text *csv);
void errors_line(struct sw_text *csv, const char *gpu, const char *what, const char *left_out,
		 const struct sw__error_summary *errors);

/**
 * Append `old` to `merged`, with its lines that begin with `prefix` replaced by the text `lines` where the first of them
 * stood, or at the end.
 */
void errors_merge(const char *old, const char *prefix, const char *lines, struct sw_text *merged);

/** Of 0 to folds - 1, from n numbers alone: equal shapes are always left out together. */
size_t fold_of(const double *numbers, size_t n, size_t folds);

#endif
