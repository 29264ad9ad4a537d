// SPDX-License-Identifier: Apache-2.0
#include "observe/engine_window.h"

#include <math.h>

static const struct sw__interval unknown = {NAN, NAN};
static const double MS_PER_S = 1e3;

static double grown(const struct sw__engine_reading *before, const struct sw__engine_reading *after,
		    int number)
{
	return after->number[number] - before->number[number];
}

/* Buckets of an answer that was cut, or of another version, do not fit each other. */
static bool same_buckets(const struct sw__seen_histogram *a, const struct sw__seen_histogram *b)
{
	bool same = a->n == b->n;

	for (size_t i = 0; same && i < a->n; i++)
		same = a->bound[i] == b->bound[i];
	return same;
}

static struct sw__seen_values values_between(const struct sw__seen_histogram *before,
					     const struct sw__seen_histogram *after)
{
	struct sw__seen_values out = {.count = after->count - before->count};

	out.mean = out.count > 0 ? (after->sum - before->sum) / out.count : NAN;
	out.values.count = out.count;
	out.values.sum = after->sum - before->sum;
	if (!same_buckets(before, after))
		return out;
	out.values.n = after->n;
	for (size_t i = 0; i < after->n; i++) {
		out.values.bound[i] = after->bound[i];
		out.values.below[i] = after->below[i] - before->below[i];
	}
	return out;
}

static bool is_restarted(const struct sw__engine_reading *before,
			 const struct sw__engine_reading *after)
{
	double started = grown(before, after, SW__SEEN_STARTED_S);

	/* The process knows its start to a hundredth of a second. */
	if (fabs(started) > 1)
		return true;
	for (int i = 0; i < SW__SEEN_COUNTERS; i++)
		if (grown(before, after, i) < 0)
			return true;
	for (int i = 0; i < SW__SEEN_HISTOGRAMS; i++)
		if (after->histogram[i].count < before->histogram[i].count)
			return true;
	return false;
}

static void know_nothing(struct sw__engine_window *out)
{
	*out = (struct sw__engine_window){.rate = NAN,
					  .finished_s = NAN,
					  .prompt_tok_s = NAN,
					  .output_tok_s = NAN,
					  .preemptions = NAN};
	for (int i = 0; i < SW__SEEN_HISTOGRAMS; i++)
		out->seen[i] = (struct sw__seen_values){.count = NAN, .mean = NAN};
}

/* Engines that count no requests count the values of their histograms. */
static double finished(const struct sw__engine_reading *before,
		       const struct sw__engine_reading *after)
{
	double requests = grown(before, after, SW__SEEN_REQUESTS);

	return isnan(requests) ? after->histogram[SW__SEEN_OUTPUT_TOKENS].count -
					 before->histogram[SW__SEEN_OUTPUT_TOKENS].count
			       : requests;
}

void sw__engine_window(const struct sw__engine_reading *before,
		       const struct sw__engine_reading *after, double span_s,
		       struct sw__engine_window *out)
{
	double ended = finished(before, after);

	know_nothing(out);
	out->span_s = span_s;
	out->running = after->number[SW__SEEN_RUNNING];
	out->waiting = after->number[SW__SEEN_WAITING];
	out->kv_used = after->number[SW__SEEN_KV_USED];
	out->restarted = is_restarted(before, after);
	if (out->restarted || !(span_s > 0))
		return;
	out->finished_s = ended / span_s;
	out->rate = fmax(0, ended + grown(before, after, SW__SEEN_RUNNING) +
				    grown(before, after, SW__SEEN_WAITING)) /
		    span_s;
	if (isnan(ended) || isnan(grown(before, after, SW__SEEN_RUNNING)) ||
	    isnan(grown(before, after, SW__SEEN_WAITING)))
		out->rate = out->finished_s;
	out->prompt_tok_s = grown(before, after, SW__SEEN_PROMPTS) / span_s;
	out->output_tok_s = grown(before, after, SW__SEEN_OUTPUTS) / span_s;
	out->preemptions = grown(before, after, SW__SEEN_PREEMPTIONS);
	for (int i = 0; i < SW__SEEN_HISTOGRAMS; i++)
		out->seen[i] = values_between(&before->histogram[i], &after->histogram[i]);
	/* Without a histogram the seconds of all requests over their tokens are the mean of a token. */
	if (isnan(out->seen[SW__SEEN_ITL_S].count)) {
		double tokens = grown(before, after, SW__SEEN_OUTPUTS);

		out->seen[SW__SEEN_ITL_S].mean =
			tokens > 0 ? grown(before, after, SW__SEEN_OUTPUTS_S) / tokens : NAN;
	}
}

struct sw__interval sw__seen_percentile(const struct sw__seen_histogram *values, double q)
{
	double rank = ceil(q * values->count - 1e-9), before = 0;

	if (!(values->count > 0) || values->n == 0)
		return unknown;
	rank = fmax(1, rank);
	for (size_t i = 0; i < values->n; i++) {
		if (values->below[i] >= rank)
			return (struct sw__interval){before, values->bound[i]};
		before = values->bound[i];
	}
	return (struct sw__interval){before, INFINITY};
}

struct sw__interval sw__seen_above(const struct sw__seen_histogram *values, double limit)
{
	double surely = 0, maybe = 1;

	if (!(values->count > 0) || values->n == 0)
		return unknown;
	for (size_t i = 0; i < values->n; i++) {
		double above = 1 - values->below[i] / values->count;

		if (values->bound[i] <= limit)
			maybe = above;
		if (values->bound[i] >= limit) {
			surely = above;
			break;
		}
	}
	return (struct sw__interval){surely, maybe};
}

static struct sw__seen_latency latency_of(const struct sw__seen_values *seen)
{
	static const double q[SW_STATISTIC_COUNT] = {
		[SW_MEAN] = NAN, [SW_P50] = 0.5, [SW_P95] = 0.95, [SW_P99] = 0.99};
	struct sw__seen_latency out = {.count = seen->count, .mean_ms = seen->mean * MS_PER_S};

	for (int s = 0; s < SW_STATISTIC_COUNT; s++) {
		out.at_ms[s] = isnan(q[s]) ? unknown : sw__seen_percentile(&seen->values, q[s]);
		out.at_ms[s].low *= MS_PER_S;
		out.at_ms[s].high *= MS_PER_S;
	}
	return out;
}

struct sw__seen_latency sw__seen_latency(const struct sw__engine_window *window,
					 enum sw_metric metric)
{
	const struct sw__seen_values *tpot = &window->seen[SW__SEEN_TPOT_S];

	if (metric == SW_TTFT)
		return latency_of(&window->seen[SW__SEEN_TTFT_S]);
	return latency_of(isnan(tpot->count) ? &window->seen[SW__SEEN_ITL_S] : tpot);
}
