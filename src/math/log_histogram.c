// SPDX-License-Identifier: Apache-2.0
#include "math/log_histogram.h"

#include <math.h>
#include <stddef.h>

static const double smallest = 1e-6;
static const double width = 2 * SW__HISTOGRAM_ERROR; /* of a bin, in the logarithm */

static size_t bin_of(double value)
{
	double bin = value > smallest ? log(value / smallest) / width : 0;

	return bin < SW__HISTOGRAM_BINS ? (size_t)bin : SW__HISTOGRAM_BINS - 1;
}

void sw__histogram_add(struct sw__histogram *histogram, double value)
{
	double v = value > 0 ? value : 0;

	histogram->n++;
	histogram->sum += v;
	if (v > histogram->max)
		histogram->max = v;
	histogram->bins[bin_of(v)]++;
}

double sw__histogram_mean(const struct sw__histogram *histogram)
{
	return histogram->n ? histogram->sum / (double)histogram->n : NAN;
}

double sw__histogram_quantile(const struct sw__histogram *histogram, double u)
{
	double wanted = u * (double)histogram->n, seen = 0;
	size_t bin = 0;

	if (!histogram->n)
		return NAN;
	for (; bin < SW__HISTOGRAM_BINS - 1; bin++) {
		seen += (double)histogram->bins[bin];
		if (seen >= wanted)
			break;
	}
	return fmin(smallest * exp(((double)bin + 0.5) * width), histogram->max);
}
