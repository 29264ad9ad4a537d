/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file fit_bounds.h
 * Bounds that hold: from how far mixes that were held out lay from what was predicted. README.md, "Bounds".
 */
#ifndef SLICEWISE_FIT_FIT_BOUNDS_H
#define SLICEWISE_FIT_FIT_BOUNDS_H

#include "fit/fit_cases.h"

/**
 * The one-sided bound that the next of exchangeable scores stays below with probability `level`: the ceil((n + 1) level)-th of n.
 * Too few of them for that: beyond the largest by as much again as it is from the median. Sorts them. NAN of none.
 */
double sw__conformal(double *scores, size_t n, double level);

/**
 * Bounds and range of every group of `fit`, and the errors of `report` (may be NULL). `without` is what sw__fit_without() found.
 */
enum sw_status sw__fit_bounds(const struct sw__cases *cases, const double *without,
			      struct sw_fit *fit, struct sw_fit_report *report,
			      struct sw_error *err);

/** The ranges alone, of what the cases' plays say is running. */
void sw__fit_ranges(const struct sw__cases *cases, struct sw_fit *fit);

#endif
