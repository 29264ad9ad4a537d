/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file mixture.h
 * Percentiles of a mixture of uniform and shifted gamma distributions, fast enough for a planner's inner loop.
 *
 * Gamma distributions are taken by the fourth root: (X/mean)^(1/4) of a gamma of shape k is close to normal with mean
 * 1 - 3/(32 k) and variance 1/(16 k) (Hawkins and Wixley 1986), within 1 % of the mean at p50 and p95 and 6 % of the
 * value at p99 for an exponential, better above. The normal distribution is a polynomial without exponentials
 * (Abramowitz and Stegun 26.2.18, error below 2.5e-4). A value; nothing to free.
 */
#ifndef SLICEWISE_MATH_MIXTURE_H
#define SLICEWISE_MATH_MIXTURE_H

#include <stddef.h>

#define SW__MIXTURE_PARTS 192 /* of each kind; a multiple of SW__MIXTURE_LANES */
#define SW__MIXTURE_LANES 4 /* parts that are evaluated at a time */

/* Columns of single precision: a distribution function needs no more, and four of them fit in a register. */
struct sw__mixture {
	size_t n_uniform, n_gamma;
	double weight, mean, square; /* sums of weight, weight * mean, weight * E[X^2] */
	_Alignas(16) float uniform_weight[SW__MIXTURE_PARTS];
	_Alignas(16) float uniform_low[SW__MIXTURE_PARTS];
	_Alignas(16) float uniform_per_width[SW__MIXTURE_PARTS];
	_Alignas(16) float gamma_weight[SW__MIXTURE_PARTS];
	_Alignas(16) float gamma_shift[SW__MIXTURE_PARTS];
	_Alignas(16) float gamma_per_mean[SW__MIXTURE_PARTS];
	_Alignas(16) float gamma_centre[SW__MIXTURE_PARTS];
	_Alignas(16) float gamma_per_spread[SW__MIXTURE_PARTS];
};

/** Empty it: the parts themselves are left as they are. */
void sw__mixture_clear(struct sw__mixture *m);

/** Uniform on [low, high]; a point where they are equal. Ignored where weight <= 0 or the mixture is full. */
void sw__mixture_add_uniform(struct sw__mixture *m, double weight, double low, double high);

/** shift + gamma of this mean (> 0) and variance; a point where the variance is tiny. Ignored as above. */
void sw__mixture_add_gamma(struct sw__mixture *m, double weight, double shift, double mean,
			   double variance);

/** Add another mixture, whose weights sum to 1, with this weight. What does not fit is left out. */
void sw__mixture_append(struct sw__mixture *m, const struct sw__mixture *other, double weight);

double sw__mixture_mean(const struct sw__mixture *m);

/** Standard deviation. */
double sw__mixture_deviation(const struct sw__mixture *m);

/** P(X <= x) over the weights added so far. */
double sw__mixture_cdf(struct sw__mixture *m, double x);

/**
 * The x with P(X > x) = exp(-rarity[i]), rarities increasing from above 0, to about 1 % of x; NAN for an empty mixture. The search
 * begins at `guess`: what out is likely to be, or NULL; a good guess halves the time.
 */
void sw__mixture_quantiles(struct sw__mixture *m, const double *rarity, size_t n,
			   const double *guess, double *out);

#endif
