/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file habits_fit.h
 * The table of gemm_habits.h: what measured products take beyond the formula, least absolute relative error.
 */
#ifndef SLICEWISE_CALIBRATE_HABITS_FIT_H
#define SLICEWISE_CALIBRATE_HABITS_FIT_H

#include "gemm_fit.h"

/**
 * Fit cal->habits to n rows, the other fields as they are. SW_NO_MEMORY: *cal is unchanged.
 *
 * A number that few rows speak for stays near 0. Equal rows in equal order give equal bits.
 */
enum sw_status sw__fit_habits(const struct sw__gemm_row *rows, size_t n,
			      const struct sw__device *dev, struct sw__gemm_cal *cal,
			      struct sw_error *err);

#endif
