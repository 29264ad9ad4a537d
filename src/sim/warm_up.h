/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file warm_up.h
 * Where the beginning of a run stops to matter: MSER-5 (White 1997, White, Cobb and Spratt 2000).
 */
#ifndef SLICEWISE_SIM_WARM_UP_H
#define SLICEWISE_SIM_WARM_UP_H

#include "sim/samples.h"

/**
 * How many of the first observations to leave out: the number that makes the standard error of the mean of the rest
 * smallest, in batches of five, and at most half of them. 0 for fewer than twenty.
 *
 * Not to be used on what is averaged: of a series without any beginning it leaves out what deviates by chance, and latencies
 * deviate upwards. At 0.8 of an M/D/1 queue's capacity that makes a mean of 1000 requests 4 % too small.
 */
size_t sw__warm_up(const double *observations, size_t n);

/** How runs of the same begin: their observations added up, by position. Zeroes are none; free `sum`. */
struct sw__onset {
	unsigned runs;
	struct sw__samples sum; /* as long as the shortest */
};

/** False: no memory. */
bool sw__onset_add(struct sw__onset *onset, const double *observations, size_t n);

/** How many of the first observations of another run to leave out, by sw__warm_up() of these runs' mean. */
size_t sw__onset_warm_up(const struct sw__onset *onset);

#endif
