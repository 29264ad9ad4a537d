// SPDX-License-Identifier: Apache-2.0
/* `load:` of a tenant or workload: what arrives, and how long it is. */
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "formats/distribution.h"
#include "formats/trace.h"
#include "predict/tenant_read.h"

/* What is believed; beyond it a number is a slip. */
#define RATE_MAX        1e6 /* requests per second; no front end passes more */
#define CONCURRENCY_MAX 1e6 /* requests in flight */

enum {
	GIVEN_RATE = 1 << 0,
	GIVEN_CONCURRENCY = 1 << 1,
	GIVEN_TRACE = 1 << 2,
	GIVEN_SCALE = 1 << 3,
	GIVEN_PROMPT = 1 << 4,
	GIVEN_OUTPUT = 1 << 5,
	GIVEN_BURSTINESS = 1 << 6
};

/* A load while it is read. */
struct reading {
	struct sw_load load;
	double scale;
	bool once; /* a plan file's word that the trace is played as it is */
};

static enum sw_status read_length(const struct sw_node *node, void *into, void *source,
				  struct sw_error *err);
static enum sw_status read_trace(const struct sw_node *node, void *into, void *source,
				 struct sw_error *err);

#define LOAD(member)             offsetof(struct reading, load.member)
#define RANGE(min_, max_, unit_) .min = min_, .max = max_, .unit = unit_

static const struct sw_field load_fields[] = {
	{.key = "rate",
	 .type = SW_FIELD_NUMBER,
	 .offset = LOAD(rate),
	 .min_open = true,
	 RANGE(0, RATE_MAX, "requests per second"),
	 .given_bit = GIVEN_RATE},
	{.key = "concurrency",
	 .type = SW_FIELD_NUMBER,
	 .offset = LOAD(concurrency),
	 RANGE(1, CONCURRENCY_MAX, "requests in flight"),
	 .given_bit = GIVEN_CONCURRENCY},
	{.key = "trace",
	 .type = SW_FIELD_CALL,
	 .offset = LOAD(trace),
	 .read = read_trace,
	 .given_bit = GIVEN_TRACE},
	{.key = "scale",
	 .type = SW_FIELD_NUMBER,
	 .offset = offsetof(struct reading, scale),
	 .min_open = true,
	 RANGE(0, RATE_MAX, "times the trace's rate"),
	 .given_bit = GIVEN_SCALE},
	{.key = "prompt_tokens",
	 .type = SW_FIELD_CALL,
	 .offset = LOAD(prompt_tokens),
	 .read = read_length,
	 .given_bit = GIVEN_PROMPT},
	{.key = "output_tokens",
	 .type = SW_FIELD_CALL,
	 .offset = LOAD(output_tokens),
	 .read = read_length,
	 .given_bit = GIVEN_OUTPUT},
	{.key = "prefix_hit_ratio",
	 .type = SW_FIELD_NUMBER,
	 .offset = LOAD(prefix_hit_ratio),
	 RANGE(0, SW__HIT_RATIO_MAX, "fraction of the prompt tokens")},
	{.key = "burstiness",
	 .type = SW_FIELD_NUMBER,
	 .offset = LOAD(burstiness),
	 RANGE(0, SW__BURSTINESS_MAX, "coefficient of variation of the gaps"),
	 .given_bit = GIVEN_BURSTINESS},
	{.key = "trace_once", .type = SW_FIELD_BOOL, .offset = offsetof(struct reading, once)},
};

/* The last one is the plan file's alone. */
enum { PLANNED_FIELDS = sizeof(load_fields) / sizeof(load_fields[0]), FIELDS = PLANNED_FIELDS - 1 };

static const struct sw_field length_fields[] = {
	{.key = "mean",
	 .type = SW_FIELD_NUMBER,
	 .offset = offsetof(struct sw_length, mean),
	 RANGE(1, SW__TOKENS_MAX, "tokens"),
	 .required = true},
	{.key = "p95",
	 .type = SW_FIELD_NUMBER,
	 .offset = offsetof(struct sw_length, p95),
	 RANGE(1, SW__TOKENS_MAX, "tokens"),
	 .required = true},
};

/* What was measured may be a mean. */
static enum sw_status read_constant(const struct sw_node *node, const struct sw__source *source,
				    struct sw_length *length, struct sw_error *err)
{
	double tokens = node->number;
	bool whole = source->measured || tokens == floor(tokens);

	if (!(tokens >= 1 && tokens <= SW__TOKENS_MAX && whole))
		return sw_node_refuse(node, err, "a whole number (tokens) from 1 to %.0f",
				      SW__TOKENS_MAX);
	*length = (struct sw_length){.mean = tokens, .p95 = NAN};
	return SW_OK;
}

static enum sw_status read_length(const struct sw_node *node, void *into, void *source,
				  struct sw_error *err)
{
	struct sw_length *length = into;
	struct sw__lengths lengths;
	struct sw_error inner;
	enum sw_status st;

	if (node->kind == SW_NODE_NUMBER)
		return read_constant(node, source, length, err);
	if (node->kind != SW_NODE_MAP)
		return sw_node_refuse(node, err, "a number of tokens or {mean: , p95: }");
	st = sw_node_read(node, length_fields, sizeof(length_fields) / sizeof(length_fields[0]),
			  false, length, source, NULL, err);
	if (st != SW_OK)
		return st;
	return sw__relay(node, sw__lengths_lognormal(length->mean, length->p95, &lengths, &inner),
			 &inner, err);
}

enum sw_status sw__read_length(const struct sw_node *node, void *length, void *source,
			       struct sw_error *err)
{
	return read_length(node, length, source, err);
}

static const struct sw_trace *known_trace(const struct sw__source *source, const char *path)
{
	for (size_t i = 0; i < source->n_traces; i++) {
		if (strcmp(source->traces[i]->path, path) == 0)
			return source->traces[i];
	}
	return NULL;
}

static enum sw_status add_trace(struct sw__source *source, const char *path,
				const struct sw_trace **out, struct sw_error *err)
{
	struct sw_trace **more;
	enum sw_status st;

	*out = known_trace(source, path);
	if (*out)
		return SW_OK;
	more = realloc((void *)source->traces, (source->n_traces + 1) * sizeof(struct sw_trace *));
	if (!more)
		return sw_fail(err, SW_NO_MEMORY, "%s: out of memory", path);
	source->traces = more;
	st = sw__trace_load(path, &more[source->n_traces], err);
	if (st == SW_OK)
		*out = more[source->n_traces++];
	return st;
}

static enum sw_status read_trace(const struct sw_node *node, void *into, void *source,
				 struct sw_error *err)
{
	const struct sw_trace **trace = into;
	struct sw__source *from = source;
	struct sw_text path = {0};
	struct sw_error inner;
	enum sw_status st;

	if (node->kind != SW_NODE_STRING || !*node->text)
		return sw_node_refuse(node, err, "the path of a trace");
	st = sw_file_beside(from->path, node->text, &path, err);
	if (st == SW_OK)
		st = sw__relay(node, add_trace(from, path.data, trace, &inner), &inner, err);
	sw_text_free(&path);
	return st;
}

/* Which keys exclude or need each other. */
static enum sw_status check_keys(const struct sw_node *node, unsigned given, struct sw_error *err)
{
	static const struct {
		unsigned with,
			without; /* refused where all of `with` and none of `without` is given */
		const char *why;
	} rules[] = {
		{GIVEN_RATE | GIVEN_CONCURRENCY, 0, "both rate and concurrency"},
		{GIVEN_TRACE | GIVEN_CONCURRENCY, 0, "both trace and concurrency"},
		{GIVEN_RATE | GIVEN_SCALE, 0, "both rate and scale"},
		{GIVEN_SCALE, GIVEN_TRACE, "scale without a trace"},
		{GIVEN_TRACE | GIVEN_PROMPT, 0, "both trace and prompt_tokens"},
		{GIVEN_TRACE | GIVEN_OUTPUT, 0, "both trace and output_tokens"},
		{GIVEN_TRACE | GIVEN_BURSTINESS, 0, "both trace and burstiness"},
		{GIVEN_CONCURRENCY | GIVEN_BURSTINESS, 0, "both concurrency and burstiness"},
		{0, GIVEN_RATE | GIVEN_CONCURRENCY | GIVEN_TRACE, "no rate, concurrency or trace"},
		{0, GIVEN_PROMPT | GIVEN_TRACE, "no prompt_tokens"},
		{0, GIVEN_OUTPUT | GIVEN_TRACE, "no output_tokens"},
	};

	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		if ((given & rules[i].with) == rules[i].with && !(given & rules[i].without))
			return sw_node_complain(
				node, err,
				"found %s, expected rate or concurrency with prompt_tokens "
				"and output_tokens, or trace with rate, scale or neither",
				rules[i].why);
	}
	return SW_OK;
}

/* Lengths, rate and stretch of a trace that stands; a rate that is not known: played once. */
static enum sw_status follow_trace(struct sw_load *load, struct sw_error *err)
{
	const struct sw_trace *trace = load->trace;
	double own_rate = sw__trace_rate(trace);
	enum sw_status st;

	load->trace_once = !sw_known(load->rate);
	if (load->trace_once)
		load->rate = own_rate;
	load->trace_stretch = own_rate / load->rate;
	load->burstiness = sw__trace_burstiness(trace);
	st = sw__trace_lengths(trace->prompt_tokens, trace->n, &load->prompt_tokens, err);
	if (st == SW_OK)
		st = sw__trace_lengths(trace->output_tokens, trace->n, &load->output_tokens, err);
	return st;
}

enum sw_status sw__load_trace(struct sw__source *source, const char *path, struct sw_load *load,
			      struct sw_error *err)
{
	enum sw_status st = add_trace(source, path, &load->trace, err);

	return st == SW_OK ? follow_trace(load, err) : st;
}

static enum sw_status from_trace(const struct sw_node *node, struct reading *reading,
				 struct sw_error *err)
{
	struct sw_load *load = &reading->load;
	double own_rate = sw__trace_rate(load->trace), rate;

	if (sw_known(reading->scale))
		load->rate = own_rate * reading->scale;
	rate = sw_known(load->rate) ? load->rate : own_rate;
	if (rate > RATE_MAX)
		return sw_node_complain(node, err,
					"found %.6g requests per second, expected at most %g", rate,
					RATE_MAX);
	return follow_trace(load, err);
}

static struct reading nothing_read(void)
{
	return (struct reading){
		.load = {.rate = NAN, .concurrency = NAN, .burstiness = 1},
		.scale = NAN,
	};
}

/* What the keys come to once it is known which are there. */
static enum sw_status finish(const struct sw_node *node, const struct sw__source *source,
			     struct reading *reading, unsigned given, struct sw_load *out,
			     struct sw_error *err)
{
	enum sw_status st = check_keys(node, given, err);

	if (st == SW_OK && !source->measured && sw_known(reading->load.concurrency) &&
	    reading->load.concurrency != floor(reading->load.concurrency))
		st = sw_node_refuse(sw_node_get(node, "concurrency"), err,
				    "a whole number of requests in flight");
	if (st == SW_OK && reading->load.trace)
		st = from_trace(node, reading, err);
	if (st == SW_OK)
		*out = reading->load;
	return st;
}

enum sw_status sw__read_load(const struct sw_node *node, void *load, void *source,
			     struct sw_error *err)
{
	struct reading reading = nothing_read();
	unsigned given = 0;
	enum sw_status st =
		sw_node_read(node, load_fields, FIELDS, false, &reading, source, &given, err);

	return st == SW_OK ? finish(node, source, &reading, given, load, err) : st;
}

enum sw_status sw__read_planned_load(const struct sw_node *node, void *load, void *source,
				     struct sw_error *err)
{
	struct reading reading = nothing_read();
	unsigned given = 0;
	enum sw_status st = sw_node_read(node, load_fields, PLANNED_FIELDS, false, &reading, source,
					 &given, err);

	if (st != SW_OK)
		return st;
	if (reading.load.trace)
		given &= ~(unsigned)(GIVEN_PROMPT | GIVEN_OUTPUT);
	if (reading.load.trace || sw_known(reading.load.concurrency))
		given &= ~(unsigned)GIVEN_BURSTINESS;
	if (reading.load.trace && reading.once)
		reading.load.rate = NAN;
	return finish(node, source, &reading, given, load, err);
}
