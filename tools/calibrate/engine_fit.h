/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file engine_fit.h
 * The small kernels and the sampler, fitted to a per-layer profile of an engine.
 */
#ifndef SLICEWISE_CALIBRATE_ENGINE_FIT_H
#define SLICEWISE_CALIBRATE_ENGINE_FIT_H

#include "step/engine_part.h"

/** One measured small kernel: its traffic, and whether it is the sampler (bytes: one pass over the logits). */
struct engine_row {
	double bytes;
	bool sampler;
	double us;
};

/** Values that no profile shows, and where the fit starts: see the comments in engine_fit.c. */
struct sw__engine_cal engine_start(void);

/** The prediction for a row. */
double engine_row_us(const struct sw__engine_cal *cal, const struct sw__device *dev,
		     const struct engine_row *row);

/** Fit to n rows; statuses as robust_fit(). */
enum sw_status fit_engine(const struct engine_row *rows, size_t n, const struct sw__device *dev,
			  struct sw__engine_cal *cal, struct sw_error *err);

#endif
