// SPDX-License-Identifier: Apache-2.0
#include "sim/samples.h"

#include <stdlib.h>

#include "math/ordered.h"

enum { FIRST_ROOM = 64 };

bool sw__samples_add(struct sw__samples *samples, double x)
{
	if (samples->n == samples->room) {
		size_t room = samples->room ? 2 * samples->room : FIRST_ROOM;
		double *bigger = realloc(samples->x, room * sizeof(*bigger));

		if (!bigger)
			return false;
		samples->x = bigger;
		samples->room = room;
	}
	samples->x[samples->n++] = x;
	return true;
}

void sw__samples_free(struct sw__samples *samples)
{
	free(samples->x);
	*samples = (struct sw__samples){0};
}

void sw__samples_describe(struct sw__samples *samples, double *out)
{
	static const double level[SW_STATISTIC_COUNT] = {
		[SW_P50] = 0.5, [SW_P95] = 0.95, [SW_P99] = 0.99};
	double deviation;

	for (int s = 0; s < SW_STATISTIC_COUNT; s++)
		out[s] = NAN;
	if (samples->n == 0)
		return;
	qsort(samples->x, samples->n, sizeof(*samples->x), sw__ascending);
	for (int s = SW_P50; s < SW_STATISTIC_COUNT; s++)
		out[s] = sw__sorted_quantile(samples->x, samples->n, level[s]);
	sw__mean_deviation(samples->x, samples->n, &out[SW_MEAN], &deviation);
}

void sw__mean_deviation(const double *x, size_t n, double *mean, double *deviation)
{
	double sum = 0, squares = 0;

	for (size_t i = 0; i < n; i++)
		sum += x[i];
	*mean = n > 0 ? sum / (double)n : NAN;
	for (size_t i = 0; i < n; i++)
		squares += (x[i] - *mean) * (x[i] - *mean);
	*deviation = n > 1 ? sqrt(squares / (double)(n - 1)) : NAN;
}
