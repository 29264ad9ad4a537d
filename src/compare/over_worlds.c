// SPDX-License-Identifier: Apache-2.0
#include "compare/over_worlds.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/random.h"
#include "math/ordered.h"

/* The ends of a 95 % interval move by a few percent of its width from one thousand resamples to the next. */
enum { RESAMPLES = 1000, SEED = 20, STREAM = 1 };
static const double LOW = 0.025, HIGH = 0.975, WORST_PART = 0.1;

static double worst_mean(const double *sorted, size_t n)
{
	size_t worst = (size_t)ceil(WORST_PART * (double)n - 1e-9);
	double sum = 0;

	for (size_t i = n - worst; i < n; i++)
		sum += sorted[i];
	return sum / (double)worst;
}

static void sort(double *values, size_t n)
{
	qsort(values, n, sizeof(*values), sw__ascending);
}

/* `room` holds n values and two times RESAMPLES figures. */
static void set_intervals(const double *values, size_t n, double *room, struct sw__over_worlds *out)
{
	struct sw__random random = sw__random_make(SEED, STREAM);
	double *drawn = room, *median = room + n, *worst = median + RESAMPLES;

	for (int r = 0; r < RESAMPLES; r++) {
		for (size_t i = 0; i < n; i++)
			drawn[i] = values[sw__random_below(&random, n)];
		sort(drawn, n);
		median[r] = sw__sorted_quantile(drawn, n, 0.5);
		worst[r] = worst_mean(drawn, n);
	}
	sort(median, RESAMPLES);
	sort(worst, RESAMPLES);
	out->median.low = sw__sorted_quantile(median, RESAMPLES, LOW);
	out->median.high = sw__sorted_quantile(median, RESAMPLES, HIGH);
	out->worst.low = sw__sorted_quantile(worst, RESAMPLES, LOW);
	out->worst.high = sw__sorted_quantile(worst, RESAMPLES, HIGH);
}

enum sw_status sw__over_worlds(const double *values, size_t n, bool intervals,
			       struct sw__over_worlds *out, struct sw_error *err)
{
	double *room;

	*out = (struct sw__over_worlds){{NAN, NAN, NAN}, {NAN, NAN, NAN}};
	for (size_t i = 0; i < n; i++)
		if (isnan(values[i]))
			return SW_OK;
	if (n == 0)
		return SW_OK;
	room = calloc(n + (size_t)2 * RESAMPLES, sizeof(*room));
	if (!room)
		return sw_fail(err, SW_NO_MEMORY, "%zu worlds", n);
	(void)memcpy(room, values, n * sizeof(*values));
	sort(room, n);
	out->median.value = sw__sorted_quantile(room, n, 0.5);
	out->worst.value = worst_mean(room, n);
	if (intervals && n >= SW__WORLDS_FOR_INTERVALS)
		set_intervals(values, n, room, out);
	free(room);
	return SW_OK;
}
