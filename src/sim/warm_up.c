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
	double sum = 0, squares = 0, least = INFINITY;

	if (n < LEAST)
		return 0;
	/* From the end on, so that every candidate costs one addition. */
	for (size_t left = batches; left-- > 0;) {
		double mean = batch_mean(observations, left), kept = (double)(batches - left);
		double error;

		sum += mean;
		squares += mean * mean;
		error = fmax(0, squares - sum * sum / kept) / (kept * kept);
		if (left <= batches / 2 && error <= least) {
			least = error;
			best = left;
		}
	}
	return best * BATCH;
}
