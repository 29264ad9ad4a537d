/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file warm_up.h
 * Where the beginning of a run stops to matter: MSER-5 (White 1997, White, Cobb and Spratt 2000).
 */
#ifndef SLICEWISE_SIM_WARM_UP_H
#define SLICEWISE_SIM_WARM_UP_H

#include <stddef.h>

/**
 * How many of the first observations to leave out: the number that makes the standard error of the mean of the rest
 * smallest, in batches of five, and at most half of them. 0 for fewer than twenty.
 */
size_t sw__warm_up(const double *observations, size_t n);

#endif
