/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file sustained_rates.h
 * Rates of a mix from parts of what its engines sustain.
 */
#ifndef SLICEWISE_PROFILE_SUSTAINED_RATES_H
#define SLICEWISE_PROFILE_SUSTAINED_RATES_H

#include "slicewise/predict.h"

/**
 * Give each engine the part `parts[i]` of what it sustains alone on its slice, as predicted with `fit` (NULL: nothing was measured);
 * then make all slower together until each has room beside the others. Engines are resolved on their slices. Errors are those of
 * sw_prepare().
 */
enum sw_status sw__sustained_rates(const sw_calibration *calibration, const sw_fit *fit,
				   const double *parts, struct sw_mix *mix, struct sw_error *err);

#endif
