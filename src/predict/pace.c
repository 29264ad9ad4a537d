// SPDX-License-Identifier: Apache-2.0
/*
 * A gap's variation says how arrivals cluster over seconds; that the rate of an hour's trace doubles for five minutes is
 * not in it. Here time is cut into windows, and what varies between them beyond chance is kept.
 */
#include "predict/pace.h"

#include <string.h>

#include "math/ordered.h"

/* Requests that a window must have on average: with fewer, chance hides the pace. Origin: the Azure 2023 traces in bench/latency;
 * doubt: 25 to 100. */
static const double window_requests = 50;
enum { WINDOWS_MIN = 4 };
/* Part of the variation between windows that must be real, else the trace is steady. */
static const double real_least = 0.3;

struct window {
	double requests, work, last_s;
	double gaps, squares; /* of the gaps inside it, and of their squares */
};

static size_t windows_of(const struct sw_trace *trace)
{
	double n = (double)trace->n / window_requests;

	return n < WINDOWS_MIN ? 0 : (size_t)sw__smaller(n, SW__PACE_WINDOWS);
}

/* A request's part of the work: prompts and answers count half each, because what binds is not known here. */
static double work_of(const struct sw_trace *trace, size_t i, double prompt, double output)
{
	return 0.5 * (trace->prompt_tokens[i] / prompt + trace->output_tokens[i] / output);
}

static double mean(const double *values, size_t n)
{
	double sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += values[i];
	return sum / (double)n;
}

static void add(struct window *w, double at_s, double work)
{
	double gap = at_s - w->last_s;

	if (w->requests > 0) {
		w->gaps += gap;
		w->squares += gap * gap;
	}
	w->last_s = at_s;
	w->requests++;
	w->work += work;
}

/* Fills the windows; returns the mean square of a request's work. */
static double fill(const struct sw_trace *trace, struct window *windows, size_t n)
{
	double span = trace->arrival_s[trace->n - 1] * (1 + 1e-12), square = 0;
	double prompt = mean(trace->prompt_tokens, trace->n);
	double output = mean(trace->output_tokens, trace->n);

	memset(windows, 0, n * sizeof(*windows));
	for (size_t i = 0; i < trace->n; i++) {
		double work = work_of(trace, i, prompt, output);

		add(&windows[(size_t)(trace->arrival_s[i] / span * (double)n)], trace->arrival_s[i],
		    work);
		square += work * work;
	}
	return square / (double)trace->n;
}

/* Squared variation of the gaps inside windows, each against its own window's mean gap. */
static double local_variation(const struct window *windows, size_t n)
{
	double sum = 0, count = 0;

	for (size_t k = 0; k < n; k++) {
		const struct window *w = &windows[k];
		double gaps = w->requests - 1, gap = w->gaps / gaps;

		if (gaps < 2 || gap <= 0)
			continue;
		sum += gaps * (w->squares / gaps / (gap * gap) - 1);
		count += gaps;
	}
	return count > 0 ? sum / count : 1;
}

static double spread(const struct window *windows, size_t n, double mean_work)
{
	double sum = 0;

	for (size_t k = 0; k < n; k++) {
		double off = windows[k].work / mean_work - 1;

		sum += off * off;
	}
	return sum / (double)n;
}

void sw__pace_of(const struct sw_trace *trace, struct sw__pace *out)
{
	struct window windows[SW__PACE_WINDOWS];
	double square, variation, chance, seen, real, per_window;
	size_t n = windows_of(trace);

	out->n = 0;
	if (n == 0)
		return;
	per_window = (double)trace->n / (double)n;
	square = fill(trace, windows, n);
	variation = local_variation(windows, n);
	/* A window's work is a sum over a random number of requests. */
	chance = sw__larger(0, square + variation - 1) / per_window;
	seen = spread(windows, n, per_window);
	real = seen > 0 ? 1 - chance / seen : 0;
	if (real < real_least)
		return;
	out->n = n;
	out->window_s = trace->arrival_s[trace->n - 1] / (double)n;
	out->burstiness = sqrt(sw__larger(0, variation));
	for (size_t k = 0; k < n; k++)
		out->factor[k] =
			(float)sw__larger(0, 1 + sqrt(real) * (windows[k].work / per_window - 1));
}
