// SPDX-License-Identifier: Apache-2.0
#include "math/mixture.h"

#include <math.h>

/* Shapes beyond: the root transformation fails below, and above a gamma is as good as a point. */
static const double shape_min = 0.15, shape_max = 1e6;
static const double tolerance = 1e-3; /* of x: far below what any model of latency can claim */
static const double least_width = 1e-9; /* of the larger end: narrower is a point */

/* Abramowitz and Stegun 26.2.18. */
static inline double normal_cdf(double z)
{
	double a = fabs(z);
	double p = 1 + a * (0.196854 + a * (0.115194 + a * (0.000344 + a * 0.019527)));
	double tail;

	p *= p;
	tail = 0.5 / (p * p);
	return z > 0 ? 1 - tail : tail;
}

void sw__mixture_clear(struct sw__mixture *m)
{
	m->n_uniform = 0;
	m->n_gamma = 0;
	m->weight = 0;
	m->mean = 0;
	m->square = 0;
}

void sw__mixture_add_uniform(struct sw__mixture *m, double weight, double low, double high)
{
	double width = fmax(high - low, fabs(high) * least_width + 1e-300);
	double middle = 0.5 * (low + high);

	if (!(weight > 0) || m->n_uniform == SW__MIXTURE_PARTS)
		return;
	m->uniform[m->n_uniform++] = (struct sw__mixture_uniform){weight, low, 1 / width};
	m->weight += weight;
	m->mean += weight * middle;
	m->square += weight * (middle * middle + width * width / 12);
}

void sw__mixture_add_gamma(struct sw__mixture *m, double weight, double shift, double mean,
			   double variance)
{
	double whole = shift + mean;
	double shape, spread;

	if (!(weight > 0) || m->n_gamma == SW__MIXTURE_PARTS)
		return;
	shape = fmin(fmax(mean * mean / variance, shape_min), shape_max);
	spread = 0.25 / sqrt(shape);
	m->gamma[m->n_gamma++] = (struct sw__mixture_gamma){
		.weight = weight,
		.shift = shift,
		.per_mean = 1 / mean,
		.centre = (1 - 1.5 * spread * spread) / spread, /* 3/(32 k) = 1.5 spread^2 */
		.per_spread = 1 / spread,
	};
	m->weight += weight;
	m->mean += weight * whole;
	m->square += weight * (whole * whole + variance);
}

double sw__mixture_mean(const struct sw__mixture *m)
{
	return m->weight > 0 ? m->mean / m->weight : NAN;
}

static double below(const struct sw__mixture *m, double x)
{
	double sum = 0;

	for (size_t i = 0; i < m->n_uniform; i++) {
		const struct sw__mixture_uniform *u = &m->uniform[i];
		double part = (x - u->low) * u->per_width;

		part = part > 0 ? part : 0;
		sum += u->weight * (part < 1 ? part : 1);
	}
	for (size_t i = 0; i < m->n_gamma; i++) {
		const struct sw__mixture_gamma *g = &m->gamma[i];
		double y = (x - g->shift) * g->per_mean;

		if (y > 0)
			sum += g->weight * normal_cdf(sqrt(sqrt(y)) * g->per_spread - g->centre);
	}
	return sum;
}

double sw__mixture_cdf(const struct sw__mixture *m, double x)
{
	return m->weight > 0 ? below(m, x) / m->weight : NAN;
}

/* Regula falsi with the Illinois rule between two points that enclose the level; a bisection every third time keeps
 * steps of the distribution function from stalling it. */
static double enclose(const struct sw__mixture *m, double level, double low, double f_low,
		      double high, double f_high)
{
	for (int i = 0; i < 60 && high - low > tolerance * high; i++) {
		double x = i % 3 == 2 || f_high <= f_low
				   ? 0.5 * (low + high)
				   : low + (high - low) * (level - f_low) / (f_high - f_low);
		double f;

		x = fmin(fmax(x, low + 0.02 * (high - low)), high - 0.02 * (high - low));
		f = below(m, x);
		if (f < level) {
			low = x;
			f_low = f;
		} else {
			high = x;
			f_high = f;
		}
	}
	return low +
	       (high - low) *
		       (f_high > f_low ? fmin(1, fmax(0, (level - f_low) / (f_high - f_low))) : 1);
}

void sw__mixture_quantiles(const struct sw__mixture *m, const double *levels, size_t n, double *out)
{
	double mean = sw__mixture_mean(m);
	double sd = m->weight > 0 ? sqrt(fmax(0, m->square / m->weight - mean * mean)) : NAN;
	double low = 0, f_low = 0;

	for (size_t i = 0; i < n; i++) {
		double level = levels[i] * m->weight;
		double high = mean + (0.5 + 2.5 * (levels[i] - 0.5)) * sd + tolerance * mean;
		double f_high;

		out[i] = NAN;
		if (!(m->weight > 0 && isfinite(sd)))
			continue;
		high = fmax(high, low * (1 + tolerance));
		f_high = below(m, high);
		while (f_high < level && high < 1e15) {
			low = high;
			f_low = f_high;
			high = high + fmax(sd, 0.5 * (high - mean));
			f_high = below(m, high);
		}
		out[i] = enclose(m, level, low, f_low, high, f_high);
		low = out[i] * (1 - tolerance);
		f_low = fmin(level, f_low);
	}
}
