// SPDX-License-Identifier: Apache-2.0
#include "predict/played_statistics.h"

#include <math.h>
#include <stdlib.h>

#include "math/ordered.h"

static const double PARTS_LEAST = 6; /* that tell how means wander */
static const double QUANTILES[SW_STATISTIC_COUNT] = {NAN, 0.5, 0.95, 0.99};

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* Between those beside it; values are in order. */
static double quantile(const double *values, size_t n, double part)
{
	double at = part * (double)(n - 1);
	size_t low = (size_t)at;

	return values[low] +
	       (at - (double)low) * (values[low + 1 < n ? low + 1 : low] - values[low]);
}

static void statistics(double *values, size_t n, double *out)
{
	double sum = 0;

	if (n > 0)
		qsort(values, n, sizeof(*values), by_value);
	for (size_t i = 0; i < n; i++)
		sum += values[i];
	out[SW_MEAN] = n ? sum / (double)n : NAN;
	for (int s = SW_P50; s < SW_STATISTIC_COUNT; s++)
		out[s] = n ? quantile(values, n, QUANTILES[s]) : NAN;
}

/* Of so many independent ones, relative to their mean. */
static double error_of_mean(double n, double sum, double squares)
{
	double mean = sum / n;

	return sqrt(sw__larger(0, squares / n - mean * mean) / (n - 1)) / mean;
}

/* Means of parts of the time differ by chance: so does the mean of all of it, by as much less as there are parts. Of too few
 * requests for that, they themselves do. */
double sw__played_chance(const struct sw__played_engine *e, enum sw_metric metric)
{
	const double *ms = metric == SW_TTFT ? e->ttft_ms : e->tpot_ms;
	size_t all = metric == SW_TTFT ? e->n_ttft : e->n_tpot;
	double n = 0, sum = 0, squares = 0;

	for (int i = 0; i < SW__PLAYED_PARTS; i++) {
		const struct sw__played_part *part = &e->part[i];
		double mean = part->sum[metric] / part->n[metric];

		if (part->n[metric] < 2)
			continue;
		n++;
		sum += mean;
		squares += mean * mean;
	}
	if (n >= PARTS_LEAST)
		return error_of_mean(n, sum, squares);
	if (all < 3)
		return NAN;
	n = sum = squares = 0;
	for (size_t i = 0; i < all; i++) {
		n++;
		sum += ms[i];
		squares += ms[i] * ms[i];
	}
	return error_of_mean(n, sum, squares);
}

/* Of n independent values, those between ranks a standard deviation below and above the quantile's hold it in two of three cases; those
 * of one play depend on each other as much as makes the mean's chance what it is. Values are in order. */
static void percentile_chances(const double *values, size_t n, const double *ms, double mean_chance,
			       double *out)
{
	double squares = 0, alone;

	out[SW_MEAN] = mean_chance;
	for (size_t i = 0; i < n; i++)
		squares += (values[i] - ms[SW_MEAN]) * (values[i] - ms[SW_MEAN]);
	alone = sqrt(squares / ((double)n - 1) / (double)n) / ms[SW_MEAN];
	for (int s = SW_P50; s < SW_STATISTIC_COUNT; s++) {
		double q = QUANTILES[s], by = sqrt(q * (1 - q) / (double)n);
		double low = quantile(values, n, sw__larger(0, q - by));
		double high = quantile(values, n, sw__smaller(1, q + by));

		out[s] = (high - low) / 2 / ms[s] *
			 sw__larger(1, alone > 0 ? mean_chance / alone : 1);
	}
}

static void set_chances(const struct sw__played_engine *e, struct sw__played *out)
{
	for (int m = 0; m < SW_METRIC_COUNT; m++) {
		size_t n = m == SW_TTFT ? e->n_ttft : e->n_tpot;

		out->chance[m] = sw__played_chance(e, (enum sw_metric)m);
		for (int s = 0; s < SW_STATISTIC_COUNT; s++)
			out->chance_at[m][s] = NAN;
		if (n > 2)
			percentile_chances(m == SW_TTFT ? e->ttft_ms : e->tpot_ms, n, out->ms[m],
					   out->chance[m], out->chance_at[m]);
	}
}

void sw__played_sum_up(struct sw__played_engine *e, struct sw__played *out)
{
	statistics(e->ttft_ms, e->n_ttft, out->ms[SW_TTFT]);
	statistics(e->tpot_ms, e->n_tpot, out->ms[SW_TPOT]);
	set_chances(e, out);
}
