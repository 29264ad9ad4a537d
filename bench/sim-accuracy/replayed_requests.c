// SPDX-License-Identifier: Apache-2.0
#include <math.h>
#include <stdlib.h>

#include "common/made_mix.h"
#include "common/real_requests.h"
#include "sim-accuracy/accuracy_sections.h"
#include "slicewise/simulate.h"

/* Of the first requests no one waits for a seat: what they say of TTFT is the engine's doing, not the line's. */
enum { BEFORE_LINE = 110, SEEDS = 5 };

/* What is said of requests. */
struct statement {
	double ttft_p50, ttft_p95, tpot_mean, early_ttft_p50, early_tpot_mean, tokens_per_s;
};

/* Requests, measured or simulated, by arrival. */
struct sample {
	size_t n;
	double ttft[REAL_REQUESTS_MAX], tpot[REAL_REQUESTS_MAX];
	double tokens, span_s;
};

static int compare_doubles(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double quantile(const double *from, size_t n, double level)
{
	double sorted[REAL_REQUESTS_MAX];

	for (size_t i = 0; i < n; i++)
		sorted[i] = from[i];
	qsort(sorted, n, sizeof(*sorted), compare_doubles);
	return sorted[(size_t)(level * (double)(n - 1) + 0.5)];
}

static double mean(const double *x, size_t n)
{
	double sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += x[i];
	return sum / (double)n;
}

static struct statement state(const struct sample *s)
{
	size_t early = s->n < BEFORE_LINE ? s->n : BEFORE_LINE;

	return (struct statement){
		.ttft_p50 = quantile(s->ttft, s->n, 0.5),
		.ttft_p95 = quantile(s->ttft, s->n, 0.95),
		.tpot_mean = mean(s->tpot, s->n),
		.early_ttft_p50 = quantile(s->ttft, early, 0.5),
		.early_tpot_mean = mean(s->tpot, early),
		.tokens_per_s = s->tokens / s->span_s,
	};
}

static struct statement state_measured(const struct real_request *r, size_t n)
{
	struct sample s = {.n = n};

	for (size_t i = 0; i < n; i++) {
		s.ttft[i] = r[i].first_ms - r[i].arrival_ms;
		s.tpot[i] = (r[i].last_ms - r[i].first_ms) / (r[i].output_tokens - 1);
		s.tokens += r[i].output_tokens;
		s.span_s = fmax(s.span_s, r[i].last_ms / 1e3);
	}
	return state(&s);
}

static struct statement state_simulated(const struct sw_simulated *simulated)
{
	struct sample s = {0};

	for (size_t i = 0; i < simulated->n_requests && i < REAL_REQUESTS_MAX; i++) {
		const struct sw_simulated_request *r = &simulated->requests[i];

		s.ttft[i] = r->ttft_ms;
		s.tpot[i] = r->tpot_ms;
		s.tokens += r->output_tokens;
		s.span_s = fmax(s.span_s, r->arrival_s + r->e2e_ms / 1e3);
		s.n++;
	}
	return state(&s);
}

static void add(struct statement *sum, const struct statement *one, double weight)
{
	sum->ttft_p50 += weight * one->ttft_p50;
	sum->ttft_p95 += weight * one->ttft_p95;
	sum->tpot_mean += weight * one->tpot_mean;
	sum->early_ttft_p50 += weight * one->early_ttft_p50;
	sum->early_tpot_mean += weight * one->early_tpot_mean;
	sum->tokens_per_s += weight * one->tokens_per_s;
}

/* Arrivals are given; what differs between seeds is the jitter of steps alone. */
static enum sw_status simulate(const struct sw_mix *mix, struct statement *out,
			       struct sw_error *err)
{
	struct sw_simulate_settings settings = sw_simulate_defaults();
	enum sw_status st = SW_OK;

	settings.alone = false;
	settings.repetitions = 1;
	*out = (struct statement){0};
	for (settings.seed = 1; settings.seed <= SEEDS && st == SW_OK; settings.seed++) {
		struct sw_simulated *simulated;
		struct statement one;

		st = sw_simulate(mix, &settings, &simulated, err);
		if (st != SW_OK)
			break;
		one = state_simulated(simulated);
		add(out, &one, 1.0 / SEEDS);
		sw_simulated_free(simulated);
	}
	return st;
}

struct trace_of {
	double arrival_s[REAL_REQUESTS_MAX], prompt[REAL_REQUESTS_MAX], output[REAL_REQUESTS_MAX];
	struct sw_trace trace;
};

static void make_trace(const struct real_request *r, size_t n, struct trace_of *out)
{
	for (size_t i = 0; i < n; i++) {
		out->arrival_s[i] = r[i].arrival_ms / 1e3;
		out->prompt[i] = r[i].prompt_tokens;
		out->output[i] = r[i].output_tokens;
	}
	out->trace = (struct sw_trace){.n = n,
				       .arrival_s = out->arrival_s,
				       .prompt_tokens = out->prompt,
				       .output_tokens = out->output};
}

static enum sw_status replay(const sw_catalog *catalog, const struct real_request *r, size_t n,
			     struct statement *out, struct sw_error *err)
{
	struct sw_engine engine = made_engine();
	struct sw_load load = {
		.concurrency = NAN, .burstiness = 1, .trace_once = true, .trace_stretch = 1};
	struct trace_of trace;
	struct made_mix mix;
	enum sw_status st;

	make_trace(r, n, &trace);
	load.trace = &trace.trace;
	load.rate = (double)(n - 1) / trace.arrival_s[n - 1];
	engine.max_num_seqs = 128;
	engine.max_num_batched_tokens = 2048;
	engine.max_model_len = 8192;
	engine.given = SW_KEY_MAX_NUM_SEQS | SW_KEY_MAX_NUM_BATCHED_TOKENS | SW_KEY_MAX_MODEL_LEN;
	if (!made_mix_start(catalog, "rtx-pro-6000-server", SW_EXCLUSIVE, &mix))
		return SW_BAD_INPUT;
	st = made_mix_add(catalog, &mix, "llama-3.1-8b", &engine, 1, NAN, &load, err);
	return st == SW_OK ? simulate(&mix.mix, out, err) : st;
}

static void report(const struct statement *found, const struct statement *expected,
		   struct figures *figures)
{
	const struct figure all[] = {
		{"all", "ttft_p50_ms", expected->ttft_p50, found->ttft_p50, 0.10},
		{"all", "ttft_p95_ms", expected->ttft_p95, found->ttft_p95, 0.15},
		{"all", "tpot_mean_ms", expected->tpot_mean, found->tpot_mean, 0.05},
		{"all", "output_tok_s", expected->tokens_per_s, found->tokens_per_s, 0.03},
		{"first 110: nobody in line", "ttft_p50_ms", expected->early_ttft_p50,
		 found->early_ttft_p50, NAN},
		{"first 110: nobody in line", "tpot_mean_ms", expected->early_tpot_mean,
		 found->early_tpot_mean, NAN},
	};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		figures_add(figures, &all[i]);
}

void section_requests(const sw_catalog *catalog, struct figures *figures)
{
	struct real_request r[REAL_REQUESTS_MAX];
	size_t n = real_requests_read(r);
	struct statement found, expected;
	struct sw_error err = {.message = ""};

	figures_section(figures, "requests",
			"300 requests to vLLM 0.19, Llama-3.1-8B, RTX PRO 6000, 10 requests/s, "
			"replayed; means over five seeds.\n"
			"The steps were calibrated on that GPU's kernels, the CPU's part on such "
			"replays.");
	if (n == 0) {
		section_skipped(figures);
		return;
	}
	expected = state_measured(r, n);
	if (replay(catalog, r, n, &found, &err) != SW_OK)
		figures_say(figures, "  %s", err.message);
	else
		report(&found, &expected, figures);
}
