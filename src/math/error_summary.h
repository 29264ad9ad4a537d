/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file error_summary.h
 * How wrong predictions are against measurements: one definition for `validate`, the fits and the benches.
 */
#ifndef SLICEWISE_MATH_ERROR_SUMMARY_H
#define SLICEWISE_MATH_ERROR_SUMMARY_H

#include <stddef.h>

#include "slicewise/status.h"

/** Errors are predicted / measured - 1, as fractions. NAN throughout for no rows. */
struct sw__error_summary {
	size_t rows;
	double mape; /* mean of the absolute errors */
	double median_ape; /* upper median */
	double p95_ape;
	double bias; /* mean of the signed errors */
	double log_sd; /* root mean square of log(predicted / measured) */
	double r2; /* of the logarithms, against their mean; NAN where measured is constant */
};

/** Summarise n pairs of positive numbers. SW_NO_MEMORY only. */
enum sw_status sw__summarise_errors(const double *predicted, const double *measured, size_t n,
				    struct sw__error_summary *out, struct sw_error *err);

#endif
