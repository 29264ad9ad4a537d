// SPDX-License-Identifier: Apache-2.0
#include "math/normal.h"

#include <float.h>
#include <math.h>

static const double sqrt_half = 0.70710678118654752440; /* sqrt(1/2) */
static const double density_at_0 = 0.39894228040143267794; /* 1/sqrt(2 pi) */
static const double logistic_scale =
	0.5513; /* sqrt(3)/pi: a logistic of variance 1 starts the search */

/* Steps triple the digits: once one moves less than this, the next would change nothing. */
static const double SETTLED = 1e-6;
enum { STEPS_MAX = 6 };

double sw__normal_cdf(double z)
{
	return 0.5 * erfc(-z * sqrt_half);
}

/* Halley's step on the upper tail, where erfc keeps its relative precision. */
static double refine(double z, double tail)
{
	double error = 0.5 * erfc(z * sqrt_half) - tail;
	double step = error / (density_at_0 * exp(-0.5 * z * z));

	return z + step / (1 - 0.5 * z * step);
}

double sw__normal_quantile(double p)
{
	double tail = p < 0.5 ? p : 1 - p;
	double z;

	if (!(p >= 0 && p <= 1))
		return NAN;
	if (tail < DBL_MIN) /* 0, or too small to divide by its density */
		return p < 0.5 ? -INFINITY : INFINITY;
	/* Beyond the bulk the logistic tail is too heavy; sqrt(-2 ln tail) is the right order there. */
	z = fmin(logistic_scale * log((1 - tail) / tail), sqrt(-2 * log(tail)));
	for (int i = 0; i < STEPS_MAX; i++) {
		double before = z;

		z = refine(z, tail);
		if (fabs(z - before) <= SETTLED * fabs(z))
			break;
	}
	return p < 0.5 ? -z : z;
}
