// SPDX-License-Identifier: Apache-2.0
/* How busy the busiest of forty windows is; worked out here once more, so that a slip in parts.c is seen. */
#include "plan/verify_checks.h"

static const double sds = 2, z_p95 = 1.6448536269514722;
enum { HALVINGS = 60 };

/* E[X²] / E[X]² - 1 of a lognormal: its p95 lies exp(z s - s²/2) above its mean. */
static double spread(const struct sw_length *length)
{
	double s;

	if (!sw_known(length->p95) || length->p95 <= length->mean)
		return 0;
	s = z_p95 - sqrt(fmax(0, z_p95 * z_p95 - 2 * log(length->p95 / length->mean)));
	return expm1(s * s);
}

double sw__verify_busy(const struct sw_workload *w, double mean)
{
	double cv = w->load.burstiness, kept, variance;

	if (!sw_known(w->load.rate) || w->load.trace || !(w->window_s > 0))
		return mean;
	kept = mean / (w->load.rate * (1 + w->room));
	variance = kept * cv * cv + 1 - kept +
		   fmax(spread(&w->load.prompt_tokens), spread(&w->load.output_tokens));
	return mean + sds * sqrt(variance * mean / w->window_s);
}

double sw__verify_mean(const struct sw_workload *w, double busy)
{
	double low = 0, high = busy;

	for (int i = 0; i < HALVINGS; i++) {
		double middle = (low + high) / 2;

		if (sw__verify_busy(w, middle) > busy)
			high = middle;
		else
			low = middle;
	}
	return high;
}
