/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file attention_fit.h
 * Attention calibrations fitted to measured kernels: robust least squares on the logarithm of the time.
 *
 * Start from sw__attention_start(), which sets what is known of the kernel; the fits change the other fields. Equal rows
 * in equal order give equal bits.
 */
#ifndef SLICEWISE_CALIBRATE_ATTENTION_FIT_H
#define SLICEWISE_CALIBRATE_ATTENTION_FIT_H

#include <stddef.h>

#include "slicewise/status.h"
#include "step/attention.h"

/** The attention kernels that the measured engine uses. */
enum sw__attention_kernel {
	SW__FLASH_2_LARGE, /* FlashAttention 2 where two tiles of head_dim 128 fit an SM: sm_80 */
	SW__FLASH_2_SMALL, /* ... where one does: sm_86, sm_89, sm_120 */
	SW__FLASH_3, /* sm_90 */
};

/** One measured kernel: what it worked on, and its time. */
struct sw__attention_row {
	struct sw__attention_shape shape;
	struct sw__attention_batch batch;
	double us;
	double weight; /* of its squared error; 1 is usual */
};

/** What a kernel is known to do, and values to start a fit from. */
void sw__attention_start(enum sw__attention_kernel kernel, struct sw__attention_cal *cal);

/**
 * Fit the prefill, decode or mixed part of *cal (in: start, out: fitted) to n rows of that phase.
 *
 * A mixed fit uses the prefill part as it stands. SW_BAD_INPUT: fewer rows than parameters, or a time that is not
 * positive. SW_NO_MEMORY. *cal is unchanged on failure.
 */
enum sw_status sw__fit_prefill_attention(const struct sw__attention_row *rows, size_t n,
					 const struct sw__device *dev,
					 struct sw__attention_cal *cal, struct sw_error *err);
enum sw_status sw__fit_decode_attention(const struct sw__attention_row *rows, size_t n,
					const struct sw__device *dev, struct sw__attention_cal *cal,
					struct sw_error *err);
enum sw_status sw__fit_mixed_attention(const struct sw__attention_row *rows, size_t n,
				       const struct sw__device *dev, struct sw__attention_cal *cal,
				       struct sw_error *err);

#endif
