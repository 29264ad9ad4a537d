/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file distribution.h
 * Lengths of prompts and outputs, in tokens, as users give them: a constant, {mean, p95}, or those of a trace.
 *
 * Every form ends as the same thing: a few bins, each with its probability and its mean length, finer towards the long
 * end, and the exact first two moments. A value: copy it, nothing to free.
 */
#ifndef SLICEWISE_FORMATS_DISTRIBUTION_H
#define SLICEWISE_FORMATS_DISTRIBUTION_H

#include "slicewise/status.h"

#include <stddef.h>

#define SW__LENGTH_BINS 16

enum sw__length_form { SW__LENGTH_CONSTANT, SW__LENGTH_LOGNORMAL, SW__LENGTH_TRACE };

struct sw__lengths {
	enum sw__length_form form;
	double mean; /* tokens */
	double mean_square; /* tokens^2 */
	double p95; /* tokens */
	double log_mean; /* of the lognormal form, else NAN */
	double log_sd;
	size_t n_bins; /* 1 for a constant */
	double value[SW__LENGTH_BINS]; /* mean length of the bin, increasing */
	double weight[SW__LENGTH_BINS]; /* probability of the bin; they sum to 1 */
	double upper
		[SW__LENGTH_BINS]; /* largest length of the bin; INFINITY or the largest seen in the last */
};

/** Every request has this length. SW_BAD_INPUT unless tokens is finite and >= 1. */
enum sw_status sw__lengths_constant(double tokens, struct sw__lengths *out, struct sw_error *err);

/**
 * Lognormal with the given mean and 95th percentile. With z = 1.645 and r = p95/mean two standard deviations of the
 * logarithm fit, z -+ sqrt(z^2 - 2 ln r); the smaller one is meant. SW_BAD_INPUT unless mean >= 1 and r in (1, 3.86].
 */
enum sw_status sw__lengths_lognormal(double mean, double p95, struct sw__lengths *out,
				     struct sw_error *err);

/**
 * The lengths of a trace: bins over its quantiles. `tokens` is borrowed and need not be sorted.
 * SW_BAD_INPUT where n is 0 or a length is not finite or < 0; a length of 0 counts as 1. SW_NO_MEMORY.
 */
enum sw_status sw__lengths_trace(const double *tokens, size_t n, struct sw__lengths *out,
				 struct sw_error *err);

/** The same lengths with everything above `max_tokens` cut to it (an engine's max_model_len). */
void sw__lengths_cut(struct sw__lengths *lengths, double max_tokens);

/** Length at probability 0 < u < 1, for sampling; a trace is interpolated within its bins. At least 1, not rounded. */
double sw__lengths_quantile(const struct sw__lengths *lengths, double u);

#endif
