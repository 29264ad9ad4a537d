// SPDX-License-Identifier: Apache-2.0
#include "serving/arrivals.h"

#include <stdlib.h>

#include "base/error.h"
#include "base/random.h"
#include "formats/distribution.h"

/* Streams of chance. */
enum { GAPS = 1, PROMPTS, OUTPUTS, PARTS };

/* Rates of plan files end at the ninth digit: so close to all of a trace is all of it. */
static const double nearly_all = 1 - 1e-8;
/* Requests passed over at once at most: no number of laps that anybody waits for. */
static const double most_passed = 1e15;

/* A coefficient of variation below this is none: a gamma of shape 10^6 differs from its mean by a thousandth. */
static const double even = 1e-3;

struct sw__arrivals {
	struct sw_load load;
	uint32_t max_tokens;
	bool repeat;
	struct sw__random gaps, prompts, outputs, parts;
	struct sw__lengths prompt, output; /* where there is no trace */
	double now_s;
	double stretch; /* seconds played per second of the trace */
	double kept; /* part of the trace's requests that comes here: the others go to other replicas */
	uint64_t row; /* of the trace, its rounds counted through */
};

static enum sw_status lengths_of(const struct sw_length *length, struct sw__lengths *out,
				 struct sw_error *err)
{
	return sw_known(length->p95) ? sw__lengths_lognormal(length->mean, length->p95, out, err)
				     : sw__lengths_constant(length->mean, out, err);
}

static enum sw_status check(const struct sw_load *load, struct sw_error *err)
{
	bool open = sw_known(load->rate) && load->rate > 0;
	bool closed = sw_known(load->concurrency) && load->concurrency >= 1;

	if (open == closed)
		return sw_fail(err, SW_BAD_INPUT,
			       "load: found %s, expected either a rate or a concurrency",
			       open ? "both" : "neither");
	if (!(load->prefix_hit_ratio >= 0 && load->prefix_hit_ratio < 1))
		return sw_fail(err, SW_BAD_INPUT, "prefix_hit_ratio: found %g, expected [0, 1)",
			       load->prefix_hit_ratio);
	if (load->trace && load->trace->n < 2)
		return sw_fail(err, SW_BAD_INPUT, "trace: found %zu requests, expected at least 2",
			       load->trace->n);
	return SW_OK;
}

/*
 * How fast a trace is played and which part of it: the rate is that of the part. Without a word about the whole (a mix built
 * by hand) the part is all of it.
 */
static void set_pace(sw__arrivals *a)
{
	const struct sw_load *load = &a->load;
	const struct sw_trace *t = load->trace;
	double own_rate;

	a->stretch = a->kept = 1;
	if (!t || !sw_known(load->rate))
		return;
	/* The gaps over the span. */
	own_rate = (double)(t->n - 1) / t->arrival_s[t->n - 1];
	a->stretch = load->trace_stretch > 0 ? load->trace_stretch : own_rate / load->rate;
	a->kept = load->rate * a->stretch / own_rate;
	if (a->kept > nearly_all)
		a->kept = 1;
}

enum sw_status sw__arrivals_new(const struct sw__arrivals_ask *ask, sw__arrivals **out,
				struct sw_error *err)
{
	enum sw_status st = check(ask->load, err);
	sw__arrivals *a;

	*out = NULL;
	if (st == SW_OK && ask->max_tokens < 2)
		st = sw_fail(err, SW_BAD_INPUT,
			     "requests of at most %u tokens: expected at least 2", ask->max_tokens);
	if (st != SW_OK)
		return st;
	a = calloc(1, sizeof(*a));
	if (!a)
		return sw_fail(err, SW_NO_MEMORY, "arrivals");
	a->load = *ask->load;
	a->max_tokens = ask->max_tokens;
	a->repeat = ask->repeat;
	a->gaps = sw__random_make(ask->seed, GAPS);
	a->prompts = sw__random_make(ask->seed, PROMPTS);
	a->outputs = sw__random_make(ask->seed, OUTPUTS);
	a->parts = sw__random_make(ask->seed, PARTS);
	set_pace(a);
	if (!a->load.trace) {
		st = lengths_of(&a->load.prompt_tokens, &a->prompt, err);
		if (st == SW_OK)
			st = lengths_of(&a->load.output_tokens, &a->output, err);
	}
	if (st != SW_OK) {
		free(a);
		return st;
	}
	*out = a;
	return SW_OK;
}

void sw__arrivals_free(sw__arrivals *arrivals)
{
	free(arrivals);
}

bool sw__arrivals_closed(const sw__arrivals *arrivals)
{
	return sw_known(arrivals->load.concurrency);
}

static uint32_t whole(double tokens, uint32_t most)
{
	if (tokens >= most)
		return most;
	return tokens < 1 ? 1 : (uint32_t)(tokens + 0.5);
}

static void set_lengths(const sw__arrivals *a, double prompt, double output,
			struct sw__arrival *out)
{
	out->prompt_tokens = whole(prompt, a->max_tokens - 1);
	out->output_tokens = whole(output, a->max_tokens - out->prompt_tokens);
	out->cached_tokens = (uint32_t)(a->load.prefix_hit_ratio * out->prompt_tokens);
}

/* A router sends each request to any replica: as many in a row go elsewhere as chance says. */
static uint64_t passed_over(sw__arrivals *a)
{
	if (a->kept == 1)
		return 0;
	return (uint64_t)fmin(most_passed, log(sw__random_uniform(&a->parts)) / log1p(-a->kept));
}

static bool next_of_trace(sw__arrivals *a, struct sw__arrival *out)
{
	const struct sw_trace *t = a->load.trace;
	/* The first request again comes a mean gap after the last one. */
	double lap_s = t->arrival_s[t->n - 1] * (double)t->n / (double)(t->n - 1);
	uint64_t row = a->row + passed_over(a), lap = row / t->n;

	a->row = row;
	if (lap > 0 && !a->repeat)
		return false;
	row %= t->n;
	out->at_s = ((double)lap * lap_s + t->arrival_s[row]) * a->stretch;
	set_lengths(a, t->prompt_tokens[row], t->output_tokens[row], out);
	a->row++;
	return true;
}

static double next_gap(sw__arrivals *a)
{
	double cv = a->load.burstiness, mean = 1 / a->load.rate;

	if (cv < even)
		return mean;
	return mean * (cv == 1 ? sw__random_exponential(&a->gaps)
			       : sw__random_gamma(&a->gaps, 1 / (cv * cv)));
}

bool sw__arrivals_next(sw__arrivals *arrivals, double ended_s, struct sw__arrival *out)
{
	sw__arrivals *a = arrivals;

	if (a->load.trace)
		return next_of_trace(a, out);
	if (sw__arrivals_closed(a)) {
		out->at_s = ended_s;
	} else {
		a->now_s += next_gap(a);
		out->at_s = a->now_s;
	}
	set_lengths(a, sw__lengths_quantile(&a->prompt, sw__random_uniform(&a->prompts)),
		    sw__lengths_quantile(&a->output, sw__random_uniform(&a->outputs)), out);
	return true;
}
