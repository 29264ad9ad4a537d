/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file information.h
 * Which experiments teach most about a fit's coefficients: the logarithm of the determinant of their Fisher information.
 */
#ifndef SLICEWISE_PROFILE_INFORMATION_H
#define SLICEWISE_PROFILE_INFORMATION_H

#include "profile/experiment.h"

enum { SW__COEFFICIENTS_MAX = 64 };

/** How latencies depend on the coefficients of a fit: a table of operations, so that a fit may bring its own. */
struct sw__sensitivity {
	size_t n; /* coefficients, at most SW__COEFFICIENTS_MAX */
	void *self;
	/*
	 * d log(latency) / d coefficient of every metric of every engine of `mix`: `rows` has 2 * mix->n rows of n numbers. A row
	 * of zeros teaches nothing (overload; no time per token).
	 */
	enum sw_status (*rows)(void *self, const struct sw_mix *mix, double *rows,
			       struct sw_error *err);
};

/** What is expected without data: the prior deviation of each coefficient, and the scatter of a measured log latency. */
extern const double sw__prior_deviation, sw__latency_deviation;

/**
 * Choose `wanted` of `n` experiments, the most informative first: each next one raises the log determinant most, given those
 * before it; equals go by their place. order[k] is the k-th choice and gain[k] what it added, in nats. O(wanted n p^2).
 */
enum sw_status sw__choose(const struct sw__sensitivity *sensitivity,
			  const struct sw_experiment *experiments, size_t n, size_t wanted,
			  size_t *order, double *gain, struct sw_error *err);

/**
 * The default sensitivity of a campaign's mixes: of predictions, by differences, to the scales of steps with prompts, of
 * weights, of reading KV, of the host's part, of what a share gives, and to one scale for each model.
 */
enum sw_status sw__sensitivity_open(const struct sw__workbench *bench, struct sw__sensitivity *out,
				    struct sw_error *err);
void sw__sensitivity_close(struct sw__sensitivity *sensitivity);

#endif
