/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file held_out.h
 * Errors of predictions against measurements, and the table they are reported in.
 */
#ifndef SLICEWISE_CALIBRATE_HELD_OUT_H
#define SLICEWISE_CALIBRATE_HELD_OUT_H

#include <stddef.h>

#include "base/text.h"

/** All relative to measured, as fractions. */
struct errors {
	size_t rows;
	double mape, median, p95, bias;
	double log_sd; /* standard deviation around 0 of log(measured / predicted) */
};

/** SW_NO_MEMORY only. */
enum sw_status errors_of(const double *predicted, const double *measured, size_t n,
			 struct errors *out, struct sw_error *err);

/** A CSV of "gpu,what,left_out,rows,mape,median,p95,bias" lines. */
void errors_header(struct sw_text *csv);
void errors_line(struct sw_text *csv, const char *gpu, const char *what, const char *left_out,
		 const struct errors *errors);

/** Of 0 to folds - 1, from n numbers alone: equal shapes are always left out together. */
size_t fold_of(const double *numbers, size_t n, size_t folds);

#endif
