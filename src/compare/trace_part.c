// SPDX-License-Identifier: Apache-2.0
#include "compare/trace_part.h"

#include <stdlib.h>

#include "base/error.h"
#include "base/random.h"
#include "formats/distribution.h"

/* Streams of chance. */
enum { BEGINNING = 1, ROUTES, PROMPTS, OUTPUTS };
enum { FIRST_CAPACITY = 64 };
/* Requests per second where none came: one in a hundred repetitions of this length. */
static const double next_to_nothing = 0.01;

/* Lengths from the trace, or drawn. */
struct lengths {
	bool drawn;
	struct sw__lengths prompt, output;
	struct sw__random prompts, outputs;
};

static enum sw_status length_of(const struct sw_length *length, struct sw__lengths *out,
				struct sw_error *err)
{
	return sw_known(length->p95) ? sw__lengths_lognormal(length->mean, length->p95, out, err)
				     : sw__lengths_constant(length->mean, out, err);
}

static enum sw_status lengths_open(const struct sw__trace_part_ask *ask, struct lengths *out,
				   struct sw_error *err)
{
	enum sw_status st = SW_OK;

	out->drawn = ask->prompt_tokens != NULL;
	if (!out->drawn)
		return SW_OK;
	out->prompts = sw__random_make(ask->engine_seed, PROMPTS);
	out->outputs = sw__random_make(ask->engine_seed, OUTPUTS);
	st = length_of(ask->prompt_tokens, &out->prompt, err);
	return st == SW_OK ? length_of(ask->output_tokens, &out->output, err) : st;
}

static bool grow(struct sw_trace *t, size_t *capacity)
{
	size_t wanted = *capacity ? 2 * *capacity : FIRST_CAPACITY;
	double **columns[] = {&t->arrival_s, &t->prompt_tokens, &t->output_tokens};

	for (int i = 0; i < 3; i++) {
		double *more = realloc(*columns[i], wanted * sizeof(double));

		if (!more)
			return false;
		*columns[i] = more;
	}
	*capacity = wanted;
	return true;
}

static void put(struct sw_trace *t, const struct sw_trace *from, size_t row, double at_s,
		struct lengths *lengths)
{
	t->arrival_s[t->n] = at_s;
	t->prompt_tokens[t->n] = from->prompt_tokens[row];
	t->output_tokens[t->n] = from->output_tokens[row];
	if (lengths->drawn) {
		t->prompt_tokens[t->n] = round(sw__lengths_quantile(
			&lengths->prompt, sw__random_uniform(&lengths->prompts)));
		t->output_tokens[t->n] = round(sw__lengths_quantile(
			&lengths->output, sw__random_uniform(&lengths->outputs)));
	}
	t->n++;
}

/* The trace goes round: its first request comes again a mean gap after its last one. */
static bool cut(const struct sw__trace_part_ask *ask, struct lengths *lengths, struct sw_trace *out)
{
	const struct sw_trace *t = ask->trace;
	double n = (double)t->n, lap_s = t->arrival_s[t->n - 1] * n / (n - 1);
	struct sw__random beginning = sw__random_make(ask->workload_seed, BEGINNING);
	struct sw__random routes = sw__random_make(ask->engine_seed, ROUTES);
	double from_s = sw__random_uniform(&beginning) * lap_s;
	size_t row = 0, capacity = 0;

	while (row < t->n && t->arrival_s[row] < from_s)
		row++;
	for (double lap = 0;; row++) {
		double at_s;

		if (row == t->n) {
			row = 0;
			lap++;
		}
		at_s = (lap * lap_s + t->arrival_s[row] - from_s) * ask->stretch;
		if (at_s >= ask->duration_s)
			return true;
		if (sw__random_uniform(&routes) >= ask->kept)
			continue;
		if (out->n == capacity && !grow(out, &capacity))
			return false;
		put(out, t, row, at_s, lengths);
	}
}

static void play_once(const struct sw_trace *trace, struct sw_load *load)
{
	double n = (double)trace->n;

	load->trace = trace;
	load->trace_once = true;
	load->trace_stretch = 1;
	load->rate = (n - 1) / trace->arrival_s[trace->n - 1];
	load->concurrency = NAN;
}

static void play_nothing(double duration_s, struct sw_load *load)
{
	load->trace = NULL;
	load->trace_once = false;
	load->trace_stretch = 0;
	load->rate = next_to_nothing / duration_s;
	load->burstiness = 1;
}

enum sw_status sw__trace_part(const struct sw__trace_part_ask *ask, struct sw_load *load,
			      struct sw_trace **trace, struct sw_error *err)
{
	struct lengths lengths = {0};
	enum sw_status st = lengths_open(ask, &lengths, err);
	struct sw_trace *part = NULL;

	*trace = NULL;
	if (st == SW_OK)
		part = calloc(1, sizeof(*part));
	if (st == SW_OK && (!part || !cut(ask, &lengths, part)))
		st = sw_fail(err, SW_NO_MEMORY, "a part of a trace: out of memory");
	if (st == SW_OK && part->n >= 2 && part->arrival_s[part->n - 1] > 0) {
		play_once(part, load);
		*trace = part;
		return SW_OK;
	}
	if (st == SW_OK)
		play_nothing(ask->duration_s, load);
	sw__trace_part_free(part);
	return st;
}

void sw__trace_part_free(struct sw_trace *trace)
{
	if (!trace)
		return;
	free(trace->arrival_s);
	free(trace->prompt_tokens);
	free(trace->output_tokens);
	free(trace);
}
