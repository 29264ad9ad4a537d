/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file robust_fit.h
 * Robust least squares over the doubles of a structure: bounded parameters, priors, several starts. Deterministic.
 *
 * The residual of a row is usually log(predicted / measured). Beyond `knee` a row pulls with constant force ("soft l1"),
 * because measurements have outliers. A parameter with a prior is pulled towards its start by (log(value / start) / sd),
 * which keeps what the rows cannot tell apart from drifting to where it means nothing.
 */
#ifndef SLICEWISE_CALIBRATE_ROBUST_FIT_H
#define SLICEWISE_CALIBRATE_ROBUST_FIT_H

#include <stddef.h>

#include "slicewise/status.h"

/** One fitted double at `offset` of the structure, within [low, high]; low > 0: searched by ratio. */
struct fit_parameter {
	size_t offset;
	double low, high;
	double prior_sd; /* of log(value / start); 0: none */
};

struct fit_problem {
	const struct fit_parameter *parameters;
	size_t n_parameters;
	size_t n_rows;
	/** The residual of row i for the structure `from`. */
	double (*residual)(const void *from, size_t i, const void *context);
	const void *context;
	double knee; /* residual from which a row pulls with constant force */
	double prior_weight; /* rows' worth of one prior; 1 counts like a row */
	size_t n_starts; /* the first from the structure as it is, others scattered around it */
	double scatter_sd; /* of log(value) of further starts */
};

/**
 * Fit *cal (in: start, out: the best found; `size` bytes). SW_BAD_INPUT: fewer rows than parameters, or a residual that
 * is not finite at the start. SW_NO_MEMORY. *cal is unchanged on failure.
 */
enum sw_status robust_fit(const struct fit_problem *problem, void *cal, size_t size,
			  struct sw_error *err);

#endif
