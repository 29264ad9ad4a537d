/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file mix_measured.h
 * Engines that ran together, as rows of measurements and data sets describe them: what they leave open is filled in.
 */
#ifndef SLICEWISE_PREDICT_MIX_MEASURED_H
#define SLICEWISE_PREDICT_MIX_MEASURED_H

#include "slicewise/predict.h"

/**
 * Fill in the memory and the settings of `n` tenants as a mix file's reader would, but a context that fits: the engines ran.
 *
 * SW_INFEASIBLE: one does not fit by our reckoning; all are filled in all the same. SW_BAD_INPUT: a setting that cannot be.
 */
enum sw_status sw__settle_measured(const struct sw_gpu *gpu, enum sw_mechanism mechanism,
				   struct sw_tenant *tenants, size_t n, struct sw_error *err);

#endif
