// SPDX-License-Identifier: Apache-2.0
#include "sim/warm_up.h"

#include <math.h>

enum { BATCH = 5, LEAST = 20 };

static double batch_mean(const double *x, size_t batch)
{
	double sum = 0;

	for (size_t i = 0; i < BATCH; i++)
		sum += x[batch * BATCH + i];
	return sum / BATCH;
}

size_t sw__warm_up(const double *observations, size_t n)
{
	size_t batches = n / BATCH, best = 0;
	double mean = 0, squares = 0, least = INFINITY;

	if (n < LEAST)
		return 0;
	/* From the end on, so that every candidate costs one addition; deviations from the mean so far (Welford 1962), because
	 * a sum of squares loses what varies little, and is not 0 where nothing varies. */
	for (size_t left = batches; left-- > 0;) {
		double kept = (double)(batches - left), error;
		double off = batch_mean(observations, left) - mean;

		mean += off / kept;
		squares += off * off * (kept - 1) / kept;
		error = squares / (kept * kept);
		if (left <= batches / 2 && error <= least) {
			least = error;
			best = left;
		}
	}
	return best * BATCH;
}

bool sw__onset_add(struct sw__onset *onset, const double *observations, size_t n)
{
	struct sw__samples *sum = &onset->sum;
	bool ok = true;

	if (onset->runs++ == 0) {
		for (size_t i = 0; i < n && ok; i++)
			ok = sw__samples_add(sum, observations[i]);
		return ok;
	}
	sum->n = n < sum->n ? n : sum->n;
	for (size_t i = 0; i < sum->n; i++)
		sum->x[i] += observations[i];
	return true;
}

/* The sum will do: a factor changes no minimum. */
size_t sw__onset_warm_up(const struct sw__onset *onset)
{
	return sw__warm_up(onset->sum.x, onset->sum.n);
}
