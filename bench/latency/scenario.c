// SPDX-License-Identifier: Apache-2.0
#include "latency/scenario.h"

#include <math.h>
#include <stdlib.h>

static const size_t saturated_requests = 3000;
static const double warm_up_share = 0.1;
static const double client_delay_ms =
	1.0; /* a client's next request misses the step that starts right away */

double scenario_uniform(struct scenario_random *random)
{
	uint64_t z = random->state += 0x9e3779b97f4a7c15u; /* splitmix64 */

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	z ^= z >> 31;
	return ((double)(z >> 11) + 0.5) * 0x1p-53;
}

double scenario_normal(struct scenario_random *random)
{
	double radius = sqrt(-2 * log(scenario_uniform(random)));

	return radius * cos(2 * 3.14159265358979323846 * scenario_uniform(random));
}

/* Marsaglia and Tsang's squeeze for shape >= 1, and their power of a uniform below. */
double scenario_gamma(struct scenario_random *random, double shape)
{
	double d, c, x, v;

	if (shape < 1)
		return scenario_gamma(random, shape + 1) * (shape + 1) / shape *
		       pow(scenario_uniform(random), 1 / shape);
	d = shape - 1.0 / 3;
	c = 1 / sqrt(9 * d);
	do {
		do {
			x = scenario_normal(random);
			v = 1 + c * x;
		} while (v <= 0);
		v = v * v * v;
	} while (log(scenario_uniform(random)) > 0.5 * x * x + d - d * v + d * log(v));
	return d * v / shape;
}

static double log_uniform(struct scenario_random *r, double low, double high)
{
	return low * exp(scenario_uniform(r) * log(high / low));
}

/* No difference, one kernel's, and what one takes whose grid has room for the longest prompt of the step. */
static void draw_mixed(struct scenario_random *r, struct sw__mixed_decode *mixed)
{
	double kind = scenario_uniform(r);

	*mixed = (struct sw__mixed_decode){.n = 1, .decodes = {1}, .factor = {1}};
	if (kind < 0.5)
		return;
	mixed->factor[0] = kind < 0.75 ? 1.8 : 3.5;
	if (kind < 0.75)
		return;
	mixed->chunk = 512;
	mixed->per_token = 1e-3;
}

/* Weights are read once per step or the tensor cores are busy, whichever is longer, with a soft bend. */
static void draw_curve(struct scenario_random *r, struct sw__step_curve *c)
{
	static const double knots[] = {1, 16, 64, 128, 192, 256, 384, 512, 1024, 2048, 4096, 8192};
	double params = log_uniform(r, 0.5, 14); /* 1e9 */
	double bandwidth = log_uniform(r, 0.3, 3); /* TB/s */
	double compute = bandwidth * log_uniform(r, 100, 300) * 1e12; /* useful op/s */
	double overhead = log_uniform(r, 0.3, 3); /* ms: launches and small kernels */
	double kv_bytes = 25e3 * sqrt(params) * log_uniform(r, 0.7, 3); /* per token */
	double per_token = 0.15e-3 * sqrt(params) / bandwidth; /* norms, activations: ms */

	*c = (struct sw__step_curve){.n_knots = sizeof(knots) / sizeof(knots[0])};
	for (size_t i = 0; i < c->n_knots; i++) {
		double memory = 2 * params / bandwidth; /* ms */
		double work = 2 * params * 1e9 * knots[i] / compute * 1e3;

		c->tokens[i] = knots[i];
		c->linear_ms[i] = overhead + per_token * knots[i] +
				  pow(pow(memory, 6) + pow(work, 6), 1.0 / 6);
	}
	c->decode_ms_per_seq = 2e-3 * sqrt(params);
	c->decode_ms_per_kv_token = kv_bytes / (bandwidth * 0.8e12) * 1e3;
	draw_mixed(r, &c->mixed);
	c->prefill_ms_per_token = 1e-3 * sqrt(params) / bandwidth * 0.3;
	c->prefill_ms_per_pair = 4 * 4096 * 8 * sqrt(params) / compute * 1e3 * 2;
	c->sample_ms_per_seq = 2e-3;
	c->host_ms = log_uniform(r, 0.3, 4);
}

static void draw_lengths(struct scenario_random *r, double low, double high,
			 struct sw__lengths *out)
{
	double mean = log_uniform(r, low, high);
	double kind = scenario_uniform(r);

	if (kind < 0.15 || mean < 2)
		sw__lengths_constant(floor(mean + 0.5), out, NULL);
	else
		sw__lengths_lognormal(mean, mean * (1.3 + 2.4 * scenario_uniform(r)), out, NULL);
}

void scenario_draw(uint64_t index, struct scenario *s)
{
	struct scenario_random r = {.state = index * 7919 + 12345};
	double kind = scenario_uniform(&r);
	double resident;

	*s = (struct scenario){.burstiness = 1, .rate_per_s = NAN};
	s->kind = kind < 0.68 ? SCENARIO_POISSON : kind < 0.82 ? SCENARIO_BURSTY : SCENARIO_LOOP;
	draw_curve(&r, &s->curve);
	draw_lengths(&r, 50, 4000, &s->prompt);
	draw_lengths(&r, 2, 1000, &s->output);
	s->max_model_len = 16384;
	sw__lengths_cut(&s->prompt, s->max_model_len);
	sw__lengths_cut(&s->output, s->max_model_len);
	s->prefix_hit_ratio = scenario_uniform(&r) < 0.25 ? 0.8 * scenario_uniform(&r) : 0;
	s->batching.policy = scenario_uniform(&r) < 0.8 ? SW__MIXED_STEPS : SW__PREFILL_FIRST;
	s->batching.max_num_seqs = floor(log_uniform(&r, 8, 257));
	s->batching.max_num_batched_tokens = floor(log_uniform(&r, 512, 8193));
	s->batching.schedule_ahead = scenario_uniform(&r) < 0.5;
	if (s->batching.max_num_batched_tokens < s->batching.max_num_seqs)
		s->batching.max_num_batched_tokens = s->batching.max_num_seqs;
	resident = s->batching.max_num_seqs * (s->prompt.mean + s->output.mean);
	s->batching.kv_cache_tokens =
		fmax(2.2 * s->max_model_len, resident * log_uniform(&r, 0.3, 6));
	if (s->kind == SCENARIO_BURSTY)
		s->burstiness = log_uniform(&r, 0.5, 3);
}

static int draw_length(struct scenario_random *r, const struct sw__lengths *l, double longest)
{
	double x = l->form == SW__LENGTH_LOGNORMAL
			   ? exp(l->log_mean + l->log_sd * scenario_normal(r))
			   : sw__lengths_quantile(l, scenario_uniform(r));

	return (int)(fmin(fmax(x, 1), longest) + 0.5);
}

static struct reference_request *draw_requests(const struct scenario *s, size_t n, uint64_t seed)
{
	struct reference_request *requests = calloc(n, sizeof(*requests));
	struct scenario_random r = {.state = seed};
	double shape = 1 / (s->burstiness * s->burstiness);
	double now = 0;

	for (size_t i = 0; requests && i < n; i++) {
		if (s->kind != SCENARIO_LOOP && isfinite(s->rate_per_s))
			now += scenario_gamma(&r, shape) * 1e3 / s->rate_per_s;
		requests[i].arrival_ms = now;
		requests[i].prompt_tokens = draw_length(&r, &s->prompt, s->max_model_len);
		requests[i].output_tokens = draw_length(&r, &s->output, s->max_model_len);
	}
	return requests;
}

/* Constant answers would keep in step for ever if all began at once. */
static double one_residence_ms(const struct scenario *s)
{
	double n = s->batching.max_num_seqs;
	struct sw__step_batch batch = {.n_decode = n,
				       .kv_tokens = n * (s->prompt.mean + s->output.mean)};

	return s->output.mean * sw__step_ms(&s->curve, &batch);
}

static bool saturated_rate(const struct scenario *s, double *per_s)
{
	struct reference_setup setup = {
		.curve = &s->curve,
		.batching = s->batching,
		.prefix_hit_ratio = s->prefix_hit_ratio,
		.concurrency = (int)(2 * s->batching.max_num_seqs),
		.start_spread_ms = 2 * one_residence_ms(s),
	};
	size_t n = saturated_requests + 8 * (size_t)setup.concurrency;
	struct reference_request *requests = draw_requests(s, n, 99);
	struct reference_totals totals;
	bool ok = requests && reference_run(&setup, requests, n, n / 3, &totals);

	if (ok)
		*per_s = totals.output_tokens / totals.span_ms * 1e3 / s->output.mean;
	free(requests);
	return ok;
}

bool scenario_set_load(struct scenario *s, double load)
{
	if (!saturated_rate(s, &s->capacity_per_s))
		return false;
	s->load = load;
	if (s->kind == SCENARIO_LOOP)
		s->concurrency = (int)fmax(1, floor(load * s->batching.max_num_seqs + 0.5));
	else
		s->rate_per_s = load * s->capacity_per_s;
	return true;
}

static int compare_doubles(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void summarise(double *sample, size_t n, double out[4])
{
	static const double levels[] = {0.5, 0.95, 0.99};
	double sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += sample[i];
	out[0] = n > 0 ? sum / (double)n : NAN;
	qsort(sample, n, sizeof(*sample), compare_doubles);
	for (size_t k = 0; k < 3; k++)
		out[k + 1] = n > 0 ? sample[(size_t)(levels[k] * (double)(n - 1) + 0.5)] : NAN;
}

static bool latencies(const struct reference_request *requests, size_t n, size_t warm_up,
		      struct scenario_truth *out)
{
	double *ttft = calloc(n, sizeof(*ttft)), *tpot = calloc(n, sizeof(*tpot));
	bool ok = ttft && tpot;
	size_t n_ttft = 0, n_tpot = 0;

	for (size_t i = warm_up; ok && i < n - warm_up / 2; i++) {
		const struct reference_request *r = &requests[i];

		ttft[n_ttft++] = r->first_token_ms - r->arrival_ms;
		if (r->output_tokens > 1)
			tpot[n_tpot++] =
				(r->last_token_ms - r->first_token_ms) / (r->output_tokens - 1);
	}
	if (ok) {
		summarise(ttft, n_ttft, out->ttft);
		summarise(tpot, n_tpot, out->tpot);
	}
	free(ttft);
	free(tpot);
	return ok;
}

static bool run_requests(const struct scenario *s, struct reference_request *requests, size_t n,
			 struct scenario_truth *out)
{
	struct reference_setup setup = {
		.curve = &s->curve,
		.batching = s->batching,
		.prefix_hit_ratio = s->prefix_hit_ratio,
		.concurrency = s->kind == SCENARIO_LOOP ? s->concurrency : 0,
		.client_delay_ms = client_delay_ms,
	};
	struct reference_totals t;
	size_t warm_up = (size_t)(warm_up_share * (double)n);

	if (!requests || !reference_run(&setup, requests, n, warm_up, &t))
		return false;
	*out = (struct scenario_truth){
		.output_tok_s = t.output_tokens / t.span_ms * 1e3,
		.running = t.running_ms / t.span_ms,
		.kv_tokens = t.kv_ms / t.span_ms,
		.utilisation = t.step_ms / t.span_ms,
		.gpu_busy = t.gpu_ms / t.span_ms,
		.requests = n,
		.preemptions = t.preemptions,
		.drowning = t.drowning,
	};
	out->requests_per_s = out->output_tok_s / s->output.mean;
	return latencies(requests, n, warm_up, out);
}

bool scenario_run(const struct scenario *s, size_t n, uint64_t seed, struct scenario_truth *out)
{
	struct reference_request *requests = draw_requests(s, n, seed);
	bool ok = run_requests(s, requests, n, out);

	free(requests);
	return ok;
}

bool scenario_run_trace(const struct scenario *s, const struct sw_trace *trace, double stretch,
			struct scenario_truth *out)
{
	struct reference_request *requests = calloc(trace->n, sizeof(*requests));
	bool ok;

	for (size_t i = 0; requests && i < trace->n; i++)
		requests[i] = (struct reference_request){
			.arrival_ms = trace->arrival_s[i] * 1e3 * stretch,
			.prompt_tokens = (int)trace->prompt_tokens[i],
			.output_tokens = (int)trace->output_tokens[i],
		};
	ok = run_requests(s, requests, trace->n, out);
	free(requests);
	return ok;
}
