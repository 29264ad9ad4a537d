// SPDX-License-Identifier: Apache-2.0
#include "base/error.h"
#include "math/ordered.h"
#include "predict/queueing.h"

#include <math.h>

static const double burstiness_max = 100; /* beyond lies no trace; the formulas square it */
/* Points per class at which output lengths are rounded to whole tokens: short answers live on the grid. */
enum { POINTS_PER_CLASS = 16 };

/* Bins of a distribution per class: all of it in one class if it is a constant. */
static size_t bins_per_class(const struct sw__lengths *l)
{
	return (l->n_bins + SW__CLASSES - 1) / SW__CLASSES;
}

static void add_prompt_class(struct sw__traffic *t, const struct sw__lengths *l, size_t from,
			     size_t to, double hit)
{
	struct sw__prompt_class *c = &t->prompt[t->n_prompts++];
	double whole = 0;

	*c = (struct sw__prompt_class){.low = from > 0 ? l->upper[from - 1] : 1,
				       .high = l->upper[to - 1]};
	if (l->form == SW__LENGTH_CONSTANT)
		c->low = c->high;
	for (size_t i = from; i < to; i++) {
		c->weight += l->weight[i];
		whole += l->weight[i] * l->value[i];
	}
	whole /= c->weight;
	/* Two bins beyond the mean of the last class stand in for "as long as they come". */
	c->high = isfinite(c->high) ? c->high : 2 * whole - c->low;
	c->tokens = (1 - hit) * whole;
	c->pairs = c->tokens * (hit * whole + (c->tokens + 1) / 2);
	c->low = sw__smaller(c->low, whole) * (1 - hit);
	c->high = sw__larger(c->high, whole) * (1 - hit);
	t->prompt_tokens += c->weight * c->tokens;
	t->prompt_pairs += c->weight * c->pairs;
}

static void fill_prompts(struct sw__traffic *t, const struct sw__lengths *l, double hit)
{
	size_t step = bins_per_class(l);

	for (size_t from = 0; from < l->n_bins; from += step)
		add_prompt_class(t, l, from, from + step < l->n_bins ? from + step : l->n_bins,
				 hit);
}

/* Requests of one token have no time per output token and are left out. */
static void add_output_class(struct sw__traffic *t, const struct sw__lengths *l, double low,
			     double weight)
{
	double longest = l->upper[l->n_bins - 1];
	double reciprocals = 0;
	int seen = 0;

	for (int k = 0; k < POINTS_PER_CLASS; k++) {
		double u = low + weight * (k + 0.5) / POINTS_PER_CLASS;
		double after = floor(sw__smaller(sw__lengths_quantile(l, u), longest) + 0.5) - 1;

		if (after >= 1) {
			reciprocals += 1 / after;
			seen++;
		}
	}
	if (seen > 0)
		t->output[t->n_outputs++] = (struct sw__output_class){
			weight * seen / POINTS_PER_CLASS, seen / reciprocals};
}

static void fill_outputs(struct sw__traffic *t, const struct sw__lengths *l)
{
	size_t step = bins_per_class(l);
	double low = 0, sum = 0;

	for (size_t from = 0; from < l->n_bins; from += step) {
		double weight = 0;

		for (size_t i = from; i < from + step && i < l->n_bins; i++)
			weight += l->weight[i];
		add_output_class(t, l, low, weight);
		low += weight;
	}
	for (size_t j = 0; j < t->n_outputs; j++)
		sum += t->output[j].weight;
	for (size_t j = 0; j < t->n_outputs; j++)
		t->output[j].weight /= sum;
}

static double after_cube(const struct sw__lengths *l)
{
	double sum = 0;

	for (size_t i = 0; i < l->n_bins; i++)
		sum += l->weight[i] * pow(l->value[i] - 1, 3);
	return sum;
}

/* A sequence met at a random moment belongs to a long answer more often than not: means are weighted by length. */
static void fill_residence(struct sw__traffic *t, const struct sw__traffic_ask *ask)
{
	double after_square = ask->output->mean_square - 2 * ask->output->mean + 1;

	t->prompt_variability = sw__larger(
		0, ask->prompt->mean_square / (ask->prompt->mean * ask->prompt->mean) - 1);
	t->output_tokens = ask->output->mean;
	t->after_tokens = ask->output->mean - 1;
	t->growth_tokens = t->after_tokens > 0 ? after_square / (2 * t->after_tokens) : 0;
	t->context_tokens = ask->prompt->mean + t->growth_tokens;
	t->context_variance =
		sw__larger(0, ask->prompt->mean_square - ask->prompt->mean * ask->prompt->mean) +
		sw__larger(0, after_cube(ask->output) / (3 * sw__larger(t->after_tokens, 1)) -
				      t->growth_tokens * t->growth_tokens);
	t->after_variability =
		t->after_tokens > 0
			? sw__larger(0, after_square / (t->after_tokens * t->after_tokens) - 1)
			: 0;
}

/* Where this is one of several replicas' part of the trace, bursts are thinned as in sw__load_to_hold(); the pace is not. */
static void set_pace(const struct sw__traffic_ask *ask, struct sw__traffic *out)
{
	double played = (double)(ask->trace->n - 1) /
			(ask->trace->arrival_s[ask->trace->n - 1] * ask->trace_stretch);
	double kept = sw__smaller(1, ask->rate_per_s / played), local;

	sw__pace_of(ask->trace, &out->pace);
	out->pace_stretch = ask->trace_stretch;
	if (out->pace.n == 0)
		return;
	local = out->pace.burstiness;
	out->burstiness = sqrt(1 + kept * (local * local - 1));
}

enum sw_status sw__traffic_prepare(const struct sw__traffic_ask *ask, struct sw__traffic *out,
				   struct sw_error *err)
{
	bool open = isfinite(ask->rate_per_s);

	if (open == isfinite(ask->concurrency))
		return sw_fail(err, SW_BAD_INPUT, "expected either a rate or a concurrency");
	if (open ? !(ask->rate_per_s > 0) : !(ask->concurrency >= 1))
		return sw_fail(err, SW_BAD_INPUT,
			       open ? "a rate of %g: expected more than 0"
				    : "a concurrency of %g: expected at least 1",
			       open ? ask->rate_per_s : ask->concurrency);
	if (!(ask->prefix_hit_ratio >= 0 && ask->prefix_hit_ratio < 1))
		return sw_fail(err, SW_BAD_INPUT, "a prefix hit ratio of %g: expected [0, 1)",
			       ask->prefix_hit_ratio);
	if (open && !(ask->burstiness >= 0 && ask->burstiness <= burstiness_max))
		return sw_fail(err, SW_BAD_INPUT, "a burstiness of %g: expected [0, %g]",
			       ask->burstiness, burstiness_max);
	*out = (struct sw__traffic){
		.rate_per_s = ask->rate_per_s,
		.concurrency = ask->concurrency,
		.burstiness = open ? ask->burstiness : 1,
	};
	if (open && ask->trace)
		set_pace(ask, out);
	fill_prompts(out, ask->prompt, ask->prefix_hit_ratio);
	fill_outputs(out, ask->output);
	fill_residence(out, ask);
	return SW_OK;
}
