/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file gemm_fit.h
 * A GEMM calibration fitted to measured products: least absolute relative error, by evolution (tile choices and waves
 * leave no derivative) and, for the habits, by least squares with changing weights.
 *
 * Equal rows in equal order give equal bits.
 */
#ifndef SLICEWISE_CALIBRATE_GEMM_FIT_H
#define SLICEWISE_CALIBRATE_GEMM_FIT_H

#include <stddef.h>

#include "slicewise/status.h"
#include "step/gemm.h"

/** One measured product and its time. */
struct sw__gemm_row {
	struct sw__gemm_shape shape;
	double us;
};

/** Relative errors of predictions. */
struct sw__gemm_errors {
	size_t rows;
	double mape; /* mean absolute */
	double p95; /* of the absolute ones */
	double bias; /* mean */
};

/** Values to start a fit from; the DRAM bandwidth's dependence on SMs is not in these rows and stays as it is. */
void sw__gemm_start(struct sw__gemm_cal *cal);

/**
 * Fit *cal (in: start, out: fitted) to n rows measured on the whole GPU *dev; under a minute.
 *
 * Not all rows are used: a fixed, even choice of a few thousand. errors (may be NULL) is over all of them. SW_BAD_INPUT:
 * fewer rows than parameters, or a time that is not positive. SW_NO_MEMORY. *cal is unchanged on failure.
 */
enum sw_status sw__fit_gemm(const struct sw__gemm_row *rows, size_t n, const struct sw__device *dev,
			    struct sw__gemm_cal *cal, struct sw__gemm_errors *errors,
			    struct sw_error *err);

/** Errors of *cal on n rows. SW_NO_MEMORY. */
enum sw_status sw__gemm_errors(const struct sw__gemm_row *rows, size_t n,
			       const struct sw__device *dev, const struct sw__gemm_cal *cal,
			       struct sw__gemm_errors *errors, struct sw_error *err);

/** Of 0 to folds - 1, from the shape alone: rows of one shape are always left out together. */
size_t sw__gemm_fold(const struct sw__gemm_shape *shape, size_t folds);

/** The same from n and k: all rows of a weight matrix are left out together. */
size_t sw__gemm_pair_fold(const struct sw__gemm_shape *shape, size_t folds);

#endif
