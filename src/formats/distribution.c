// SPDX-License-Identifier: Apache-2.0
#include "formats/distribution.h"

#include "base/error.h"
#include "math/normal.h"
#include "math/ordered.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Probabilities between the bins: even in the bulk, and fine where p95 and p99 of latencies come from. */
static const double edges[SW__LENGTH_BINS + 1] = {0,    0.04,  0.10,  0.18,  0.28, 0.38,
						  0.48, 0.58,  0.68,  0.77,  0.85, 0.91,
						  0.95, 0.975, 0.990, 0.997, 1};

static const double normal_p95 = 1.6448536269514722;
static const double ratio_max =
	3.86; /* p95/mean beyond which no lognormal exists is exp(z^2/2) = 3.868 */
static const double shortest =
	1; /* token; there is no request without a prompt or without an answer */

static double probability_below(const struct sw__lengths *l, double tokens)
{
	if (l->log_sd <= 0)
		return log(tokens) > l->log_mean ? 1 : 0;
	return sw__normal_cdf((log(tokens) - l->log_mean) / l->log_sd);
}

/* E[X^k; a < U < b] of the untouched lognormal, U its probability. */
static double partial_moment(const struct sw__lengths *l, int k, double a, double b)
{
	double s = k * l->log_sd;
	double whole = exp(k * l->log_mean + 0.5 * s * s);

	if (b <= a)
		return 0;
	return whole * (sw__normal_cdf(sw__normal_quantile(b) - s) -
			sw__normal_cdf(sw__normal_quantile(a) - s));
}

/* The lognormal held between 1 and `longest`: the probabilities beyond. */
struct held {
	double longest, below, upto;
};

static struct held hold(const struct sw__lengths *l, double longest)
{
	return (struct held){longest, probability_below(l, shortest),
			     probability_below(l, longest)};
}

/* partial_moment() with X held. */
static double held_moment(const struct sw__lengths *l, int k, double a, double b,
			  const struct held *held)
{
	double low = fmin(fmax(held->below, a), b);
	double high = fmax(fmin(held->upto, b), low);

	return (low - a) * pow(shortest, k) + partial_moment(l, k, low, high) +
	       (b > high ? (b - high) * pow(held->longest, k) : 0);
}

static double lognormal_quantile(const struct sw__lengths *l, double u)
{
	return fmax(shortest, exp(l->log_mean + l->log_sd * sw__normal_quantile(u)));
}

static void fill_lognormal(struct sw__lengths *l, double longest)
{
	struct held held = hold(l, longest);

	l->n_bins = SW__LENGTH_BINS;
	for (size_t i = 0; i < l->n_bins; i++) {
		double a = edges[i], b = edges[i + 1];

		l->weight[i] = b - a;
		l->value[i] = held_moment(l, 1, a, b, &held) / (b - a);
		l->upper[i] = fmin(longest, b < 1 ? lognormal_quantile(l, b) : INFINITY);
	}
	l->mean = held_moment(l, 1, 0, 1, &held);
	l->mean_square = held_moment(l, 2, 0, 1, &held);
	l->p95 = fmin(longest, lognormal_quantile(l, 0.95));
}

enum sw_status sw__lengths_constant(double tokens, struct sw__lengths *out, struct sw_error *err)
{
	if (!(tokens >= shortest && isfinite(tokens)))
		return sw_fail(err, SW_BAD_INPUT, "a length of %g tokens: expected at least 1",
			       tokens);
	*out = (struct sw__lengths){
		.form = SW__LENGTH_CONSTANT,
		.mean = tokens,
		.mean_square = tokens * tokens,
		.p95 = tokens,
		.log_mean = NAN,
		.log_sd = NAN,
		.n_bins = 1,
		.value = {tokens},
		.weight = {1},
		.upper = {tokens},
	};
	return SW_OK;
}

enum sw_status sw__lengths_lognormal(double mean, double p95, struct sw__lengths *out,
				     struct sw_error *err)
{
	double ratio = p95 / mean;
	double sd;

	if (!(mean >= shortest && isfinite(mean)))
		return sw_fail(err, SW_BAD_INPUT, "mean %g tokens: expected at least 1", mean);
	if (!(ratio > 1 && ratio <= ratio_max))
		return sw_fail(err, SW_BAD_INPUT,
			       "p95 %g with mean %g: expected a p95 above the mean and at most %g "
			       "times it",
			       p95, mean, ratio_max);
	sd = normal_p95 - sqrt(normal_p95 * normal_p95 - 2 * log(ratio));
	*out = (struct sw__lengths){
		.form = SW__LENGTH_LOGNORMAL,
		.log_mean = log(mean) - 0.5 * sd * sd,
		.log_sd = sd,
	};
	fill_lognormal(out, INFINITY);
	return SW_OK;
}

static void fill_trace(struct sw__lengths *l, const double *sorted, size_t n)
{
	size_t from = 0;

	for (size_t bin = 0; bin < SW__LENGTH_BINS; bin++) {
		size_t to = (size_t)(edges[bin + 1] * (double)n + 0.5);
		double sum = 0;

		if (to == from)
			continue;
		for (size_t i = from; i < to; i++) {
			sum += sorted[i];
			l->mean_square += sorted[i] * sorted[i] / (double)n;
		}
		l->value[l->n_bins] = sum / (double)(to - from);
		l->weight[l->n_bins] = (double)(to - from) / (double)n;
		l->upper[l->n_bins] = sorted[to - 1];
		l->mean += sum / (double)n;
		l->n_bins++;
		from = to;
	}
	l->p95 = sw__sorted_quantile(sorted, n, 0.95);
}

enum sw_status sw__lengths_trace(const double *tokens, size_t n, struct sw__lengths *out,
				 struct sw_error *err)
{
	double *sorted;

	if (n == 0)
		return sw_fail(err, SW_BAD_INPUT, "a trace without requests");
	sorted = calloc(n, sizeof(*sorted));
	if (!sorted)
		return sw_fail(err, SW_NO_MEMORY, "%zu lengths", n);
	for (size_t i = 0; i < n; i++) {
		if (!(tokens[i] >= 0 && isfinite(tokens[i]))) {
			free(sorted);
			return sw_fail(err, SW_BAD_INPUT, "request %zu has %g tokens", i + 1,
				       tokens[i]);
		}
		sorted[i] = fmax(shortest, tokens[i]);
	}
	qsort(sorted, n, sizeof(*sorted), sw__ascending);
	*out = (struct sw__lengths){.form = SW__LENGTH_TRACE, .log_mean = NAN, .log_sd = NAN};
	fill_trace(out, sorted, n);
	free(sorted);
	return SW_OK;
}

/* Of a trace only the bins are left to cut; within the bin that `max_tokens` falls in, the part above is not known. */
static void cut_bins(struct sw__lengths *l, double max_tokens)
{
	for (size_t i = 0; i < l->n_bins; i++) {
		double held = fmin(l->value[i], max_tokens);

		l->mean -= l->weight[i] * (l->value[i] - held);
		l->mean_square -= l->weight[i] * (l->value[i] * l->value[i] - held * held);
		l->value[i] = held;
		l->upper[i] = fmin(l->upper[i], max_tokens);
	}
	l->p95 = fmin(l->p95, max_tokens);
}

void sw__lengths_cut(struct sw__lengths *lengths, double max_tokens)
{
	if (lengths->form == SW__LENGTH_LOGNORMAL)
		fill_lognormal(lengths, fmax(shortest, max_tokens));
	else
		cut_bins(lengths, fmax(shortest, max_tokens));
}

double sw__lengths_quantile(const struct sw__lengths *l, double u)
{
	double below = 0, low = shortest;
	size_t i = 0;

	if (l->form == SW__LENGTH_CONSTANT)
		return l->value[0];
	if (l->form == SW__LENGTH_LOGNORMAL)
		return fmin(l->upper[l->n_bins - 1], lognormal_quantile(l, u));
	while (i + 1 < l->n_bins && below + l->weight[i] < u) {
		below += l->weight[i];
		low = l->upper[i++];
	}
	return low + (l->upper[i] - low) * fmin(1, (u - below) / l->weight[i]);
}
