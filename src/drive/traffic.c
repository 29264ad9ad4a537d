// SPDX-License-Identifier: Apache-2.0
#include "drive/traffic.h"

#include "base/error.h"
#include "formats/distribution.h"
#include "formats/trace.h"

/* What is believed; beyond it a number is a slip. */
#define RATE_MAX        1e6 /* requests per second */
#define CONCURRENCY_MAX 1e5 /* requests in flight */
#define BURSTINESS_MAX  100 /* coefficient of variation; the burstiest public trace has 13 */
#define SECONDS_MAX     1e7 /* 116 days */
#define TOKENS_MAX      1e6 /* of one prompt or output */

struct range {
	const char *name;
	double value;
	double min, max;
	bool may_be_unknown;
};

static enum sw_status check_ranges(const struct range *ranges, size_t n, struct sw_error *err)
{
	for (size_t i = 0; i < n; i++) {
		const struct range *r = &ranges[i];

		if (isnan(r->value) && r->may_be_unknown)
			continue;
		if (!(r->value >= r->min && r->value <= r->max))
			return sw_fail(err, SW_BAD_INPUT,
				       "%s: found %g, expected a number from %g to %g", r->name,
				       r->value, r->min, r->max);
	}
	return SW_OK;
}

static enum sw_status check_load(const struct sw_drive_settings *s, struct sw_error *err)
{
	const struct sw_load *load = &s->load;
	const struct range ranges[] = {
		{"rate", load->rate, 1e-6, RATE_MAX, true},
		{"concurrency", load->concurrency, 1, CONCURRENCY_MAX, true},
		{"burstiness", load->burstiness, 0, BURSTINESS_MAX, false},
		{"prefix_hit_ratio", load->prefix_hit_ratio, 0, 0.999, false},
		{"scale", s->scale, 1e-6, RATE_MAX, true},
		{"prompt_tokens", load->prompt_tokens.mean, 1, TOKENS_MAX, s->trace != NULL},
		{"output_tokens", load->output_tokens.mean, 1, TOKENS_MAX, s->trace != NULL},
		{"prompt_tokens", load->prompt_tokens.p95, 1, TOKENS_MAX, true},
		{"output_tokens", load->output_tokens.p95, 1, TOKENS_MAX, true},
	};

	return check_ranges(ranges, sizeof(ranges) / sizeof(ranges[0]), err);
}

static enum sw_status check_run(const struct sw_drive_settings *s, struct sw_error *err)
{
	const struct range ranges[] = {
		{"warm_up_s", s->warm_up_s, 0, SECONDS_MAX, false},
		{"duration_s", s->duration_s, 0.001, SECONDS_MAX, true},
		{"timeout_s", s->timeout_s, 0.001, SECONDS_MAX, false},
		{"in_flight_max", s->in_flight_max, 1, CONCURRENCY_MAX, false},
		{"max_model_len", s->max_model_len, 2, 2 * TOKENS_MAX, false},
		{"ttft_limit_ms", s->ttft_limit_ms, 0, INFINITY, true},
		{"tpot_limit_ms", s->tpot_limit_ms, 0, INFINITY, true},
	};

	return check_ranges(ranges, sizeof(ranges) / sizeof(ranges[0]), err);
}

/* Which settings exclude or need each other. */
static enum sw_status check_together(const struct sw_drive_settings *s, struct sw_error *err)
{
	bool closed = sw_known(s->load.concurrency), rate = sw_known(s->load.rate);
	const struct {
		bool wrong;
		const char *found;
	} rules[] = {
		{!s->endpoint, "no endpoint"},
		{closed && rate, "both rate and concurrency"},
		{closed && s->trace, "both trace and concurrency"},
		{!closed && !rate && !s->trace, "no rate, concurrency or trace"},
		{sw_known(s->scale) && !s->trace, "scale without a trace"},
		{sw_known(s->scale) && rate, "both scale and rate"},
		{closed && s->load.concurrency != floor(s->load.concurrency),
		 "a fraction of a request in flight"},
		{s->chat && s->token_id_last, "token ids in a chat"},
		{s->token_id_last && s->token_id_last < s->token_id_first,
		 "token ids whose last is below their first"},
		{!sw_known(s->duration_s) && !s->requests && !s->trace,
		 "no duration, number of requests or trace"},
		{sw_known(s->load.concurrency) && s->load.concurrency > s->in_flight_max,
		 "more requests in flight than may be"},
	};

	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		if (rules[i].wrong)
			return sw_fail(err, SW_BAD_INPUT, "load: found %s", rules[i].found);
	}
	return SW_OK;
}

/* Whether a lognormal has this mean and 95th percentile. */
static enum sw_status check_length(const char *name, const struct sw_length *length,
				   struct sw_error *err)
{
	struct sw__lengths lengths;
	enum sw_status st;

	if (!sw_known(length->p95))
		return SW_OK;
	st = sw__lengths_lognormal(length->mean, length->p95, &lengths, err);
	return st == SW_OK ? SW_OK : sw_fail_in(err, st, "%s", name);
}

enum sw_status sw__traffic_check(const struct sw_drive_settings *settings, struct sw_error *err)
{
	enum sw_status st = check_together(settings, err);

	if (st == SW_OK)
		st = check_load(settings, err);
	if (st == SW_OK && !settings->trace)
		st = check_length("prompt_tokens", &settings->load.prompt_tokens, err);
	if (st == SW_OK && !settings->trace)
		st = check_length("output_tokens", &settings->load.output_tokens, err);
	if (st == SW_OK)
		st = check_run(settings, err);
	return st;
}

/* A trace that is not rescaled is played once; else as often as the run is long. */
static enum sw_status add_trace(struct sw__traffic *traffic, const struct sw_drive_settings *s,
				struct sw_error *err)
{
	enum sw_status st = sw__trace_load(s->trace, &traffic->trace, err);
	double own;

	if (st != SW_OK)
		return st;
	own = sw__trace_rate(traffic->trace);
	traffic->load.trace = traffic->trace;
	traffic->load.trace_once = !sw_known(s->load.rate) && !sw_known(s->scale);
	if (sw_known(s->scale))
		traffic->load.rate = own * s->scale;
	else if (traffic->load.trace_once)
		traffic->load.rate = own;
	return SW_OK;
}

enum sw_status sw__traffic_init(struct sw__traffic *out, const struct sw_drive_settings *settings,
				struct sw_error *err)
{
	struct sw__arrivals_ask ask = {
		.load = &out->load,
		.seed = settings->seed,
		.max_tokens = settings->max_model_len,
	};
	enum sw_status st = sw__traffic_check(settings, err);

	*out = (struct sw__traffic){.load = settings->load};
	out->load.trace = NULL;
	if (st == SW_OK && settings->trace)
		st = add_trace(out, settings, err);
	ask.repeat =
		!out->load.trace_once && (sw_known(settings->duration_s) || settings->requests);
	if (st == SW_OK)
		st = sw__arrivals_new(&ask, &out->arrivals, err);
	if (st != SW_OK)
		sw__traffic_free(out);
	return st;
}

void sw__traffic_free(struct sw__traffic *traffic)
{
	sw__arrivals_free(traffic->arrivals);
	sw__trace_free(traffic->trace);
	*traffic = (struct sw__traffic){.trace = NULL};
}
