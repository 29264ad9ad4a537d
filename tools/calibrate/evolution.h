/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file evolution.h
 * A minimum of a function that has steps and no useful derivative: evolution with covariance matrix adaptation.
 *
 * After N. Hansen, "The CMA Evolution Strategy: A Tutorial" (2016), with its default constants. For a dozen or two
 * variables in a box. Equal inputs give equal bits: random numbers come from a fixed seed.
 */
#ifndef SLICEWISE_CALIBRATE_EVOLUTION_H
#define SLICEWISE_CALIBRATE_EVOLUTION_H

#include <stddef.h>

#include "slicewise/status.h"

enum { SW__EVOLUTION_MAX = 32, SW__EVOLUTION_POPULATION_MAX = 128 };

struct sw__evolution {
	size_t n; /* variables, each in [0, 1], up to SW__EVOLUTION_MAX */
	double (*value)(const double *x, void *data); /* called inside the box only */
	void *data;
	double sigma; /* first standard deviation of the search, in box widths */
	size_t population; /* points of a generation, 4 to SW__EVOLUTION_POPULATION_MAX; more see past more valleys */
	size_t evaluations; /* about how many calls of value() */
};

/**
 * Lower value(x): x is the start on entry, the best point seen on return, and *best its value.
 *
 * SW_BAD_INPUT: no variables or too many, or such a population. SW_NO_MEMORY. On failure x is unchanged.
 */
enum sw_status sw__evolve(const struct sw__evolution *search, double *x, double *best,
			  struct sw_error *err);

#endif
