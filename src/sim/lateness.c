// SPDX-License-Identifier: Apache-2.0
#include "sim/lateness.h"

#include <math.h>
#include <string.h>

static const double allowed[SW_STATISTIC_COUNT] = {
	[SW_MEAN] = 1, [SW_P50] = 0.5, [SW_P95] = 0.05, [SW_P99] = 0.01};

/* The bound at the highest percentile; NAN without any. */
static double last_bound(const double *bounds)
{
	for (int s = SW_STATISTIC_COUNT - 1; s > SW_MEAN; s--)
		if (sw_known(bounds[s]))
			return bounds[s];
	return NAN;
}

int sw__late(const struct sw_slo *slo, const double latency_ms[SW_METRIC_COUNT])
{
	int late = -1;

	for (int m = 0; m < SW_METRIC_COUNT; m++) {
		double bound = last_bound(slo->bound_ms[m]);

		if (!isnan(bound) && latency_ms[m] > bound)
			late = 1;
		else if (!isnan(bound) && late < 0)
			late = 0;
	}
	return late;
}

static double excess_of_window(const struct sw__lateness *l)
{
	double most = 0;

	for (int m = 0; m < SW_METRIC_COUNT; m++)
		for (int s = 0; s < SW_STATISTIC_COUNT; s++)
			most = fmax(most, l->over[m][s] - allowed[s] * l->window_requests);
	return most;
}

void sw__lateness_close(struct sw__lateness *lateness)
{
	lateness->excess += excess_of_window(lateness);
	lateness->window_requests = lateness->window_end_s = 0;
	memset(lateness->over, 0, sizeof(lateness->over));
}

void sw__lateness_add(struct sw__lateness *lateness, const struct sw_slo *slo, double arrival_s,
		      const double latency_ms[SW_METRIC_COUNT])
{
	if (arrival_s >= lateness->window_end_s) {
		sw__lateness_close(lateness);
		lateness->window_end_s =
			(floor(arrival_s / SW__LATE_WINDOW_S) + 1) * SW__LATE_WINDOW_S;
	}
	lateness->requests++;
	lateness->window_requests++;
	lateness->late += sw__late(slo, latency_ms) == 1;
	for (int m = 0; m < SW_METRIC_COUNT; m++)
		for (int s = SW_P50; s < SW_STATISTIC_COUNT; s++)
			lateness->over[m][s] += sw_known(slo->bound_ms[m][s]) &&
						latency_ms[m] > slo->bound_ms[m][s];
}
