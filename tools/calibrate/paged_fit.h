/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file paged_fit.h
 * The whole-step calibration of the paged generation, fitted to rows of measured steps.
 */
#ifndef SLICEWISE_CALIBRATE_PAGED_FIT_H
#define SLICEWISE_CALIBRATE_PAGED_FIT_H

#include "step/paged.h"

/** One measured step. */
struct step_row {
	struct sw_model model;
	double share;
	bool decode;
	double batch, seq_len;
	double ms;
};

/** Where a fit starts, and what is known before any row: see the comments in paged_fit.c. */
struct sw__paged_cal paged_start(void);

/** The prediction for a row on `gpu` (the whole of it; the row's share takes SMs as MPS does). */
double paged_row_ms(const struct sw__paged_cal *cal, const struct sw_gpu *gpu,
		    const struct step_row *row);

/** Fit to n rows measured on `gpu`; statuses as robust_fit(). */
enum sw_status fit_paged(const struct step_row *rows, size_t n, const struct sw_gpu *gpu,
			 struct sw__paged_cal *cal, struct sw_error *err);

#endif
