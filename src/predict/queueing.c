// SPDX-License-Identifier: Apache-2.0
#include "predict/queueing.h"
#include "predict/queueing_parts.h"

#include <math.h>
#include <string.h>

/* -ln(1 - p) of SW_P50, SW_P95, SW_P99. */
static const double levels[] = {0.6931471805599453, 2.995732273553991, 4.605170185988091};
static const double close_enough =
	2e-3; /* of a rate, against the 4 % that the largest rate is good for */
enum { LEVELS = sizeof(levels) / sizeof(levels[0]), CAPACITY_ROUNDS = 6 };

/* Mean and percentiles, and the standard deviation in *sd: what they are of a similar distribution on entry, or NAN. */
static void statistics(struct sw__mixture *m, double *out, double *sd)
{
	double guess[LEVELS], mean = sw__mixture_mean(m), now = sw__mixture_deviation(m);
	bool known = *sd > 0 && now > 0;

	for (int i = 0; known && i < LEVELS; i++)
		guess[i] = mean + (out[SW_P50 + i] - out[SW_MEAN]) * (now / *sd);
	out[SW_MEAN] = mean;
	*sd = now;
	sw__mixture_quantiles(m, levels, LEVELS, known ? guess : NULL, out + SW_P50);
}

static struct sw__latency unknown(void)
{
	struct sw__latency l = {
		.ttft_sd_ms = NAN,
		.tpot_sd_ms = NAN,
		.requests_per_s = NAN,
		.output_tok_s = NAN,
		.running = NAN,
		.utilisation = NAN,
		.gpu_busy = NAN,
		.kv_tokens = NAN,
	};

	for (int i = 0; i < SW_STATISTIC_COUNT; i++) {
		l.ttft_ms[i] = NAN;
		l.tpot_ms[i] = NAN;
	}
	return l;
}

static void solve_mixtures(const struct sw__queue *q, const struct sw__steps *s,
			   const struct sw__wait *w, struct sw__solution *out)
{
	sw__ttft_mixture(q, &out->running, w, &out->ttft);
	sw__tpot_mixture(q, &out->running, s, w, &out->tpot);
	out->wait_ms = w->mean_ms * (1 - w->idle);
	out->seat = w->seat;
	out->mean_step_ms = s->mean_ms;
}

bool sw__solve_open(struct sw__queue *q, struct sw__solution *out)
{
	struct sw__steps s;
	struct sw__wait w;

	out->running = sw__running_open(q);
	if (out->running.overload)
		return false;
	s = sw__steps_of(q, &out->running);
	w = sw__wait_open(q, &out->running, &s);
	solve_mixtures(q, &s, &w, out);
	return true;
}

static void solve_closed(struct sw__queue *q, struct sw__solution *out)
{
	struct sw__steps s;
	struct sw__wait w;

	out->running = sw__running_closed(q, &s, &w);
	solve_mixtures(q, &s, &w, out);
}

static void solve_lockstep(struct sw__queue *q, struct sw__solution *out)
{
	const struct sw__running *r = &out->running;

	out->running = sw__running_lockstep(q, &out->ttft, &out->tpot);
	out->seat_ms = r->full_ms;
	out->seat = r->full_ms > 0 ? 1 : 0;
	out->wait_ms = sw__mixture_mean(&out->ttft) - r->at.carry_ms;
	out->mean_step_ms = r->token_ms;
}

/* What holds the engine back most, where anything does. */
static enum sw_binds binding(const struct sw__queue *q, const struct sw__solution *s)
{
	static const double often = 0.05; /* of the arrivals: what a p95 limit would notice */
	const struct sw__running *r = &s->running;

	if (s->seat > often)
		return q->kv_binds || r->kv_full > 0.5 * s->seat ? SW_BINDS_KV : SW_BINDS_SEQS;
	if (r->full_steps || s->wait_ms > 2 * r->at.decode_ms + r->at.mean_ms)
		return SW_BINDS_QUEUE;
	return SW_BINDS_NOTHING;
}

static void fill(const struct sw__queue *q, struct sw__solution *s, const struct sw__latency *like,
		 struct sw__latency *out)
{
	const struct sw__traffic *t = q->traffic;
	const struct sw__running *r = &s->running;

	if (like) {
		memcpy(out->ttft_ms, like->ttft_ms, sizeof(out->ttft_ms));
		memcpy(out->tpot_ms, like->tpot_ms, sizeof(out->tpot_ms));
		out->ttft_sd_ms = like->ttft_sd_ms;
		out->tpot_sd_ms = like->tpot_sd_ms;
	}
	statistics(&s->ttft, out->ttft_ms, &out->ttft_sd_ms);
	statistics(&s->tpot, out->tpot_ms, &out->tpot_sd_ms);
	for (int i = 0; i < SW_STATISTIC_COUNT; i++)
		out->ttft_ms[i] += s->seat_ms;
	out->requests_per_s = r->rate * 1e3;
	out->output_tok_s = out->requests_per_s * t->output_tokens;
	out->running = r->decodes + r->prefilling;
	out->utilisation = 1 - r->idle;
	out->gpu_busy = out->utilisation * fmax(0, 1 - q->curve->host_ms / s->mean_step_ms);
	out->kv_tokens = fmin(q->batching->kv_cache_tokens, r->decodes * t->context_tokens);
	out->binds = binding(q, s);
}

static void fill_overload(const struct sw__queue *q, struct sw__latency *out)
{
	out->overload = true;
	out->binds = SW_BINDS_OVERLOAD;
	out->requests_per_s = sw__queue_max_rate(q->curve, q->batching, q->traffic);
	out->output_tok_s = out->requests_per_s * q->traffic->output_tokens;
}

struct sw__latency sw__queue_latency(const struct sw__step_curve *curve,
				     const struct sw__batching *batching,
				     const struct sw__traffic *traffic)
{
	return sw__queue_latency_like(curve, batching, traffic, NULL);
}

struct sw__latency sw__queue_latency_like(const struct sw__step_curve *curve,
					  const struct sw__batching *batching,
					  const struct sw__traffic *traffic,
					  const struct sw__latency *like)
{
	struct sw__queue q = sw__queue_make(curve, batching, traffic, traffic->rate_per_s);
	struct sw__latency out = unknown();
	struct sw__solution s;
	bool solved = true;

	s.seat_ms = 0;
	if (sw__lockstep_applies(&q))
		solve_lockstep(&q, &s);
	else if (isfinite(traffic->concurrency))
		solve_closed(&q, &s);
	else if (traffic->pace.n > 0)
		solved = sw__solve_paced(&q, &s);
	else
		solved = sw__solve_open(&q, &s);
	if (solved)
		fill(&q, &s, like, &out);
	else
		fill_overload(&q, &out);
	return out;
}

double sw__queue_max_rate(const struct sw__step_curve *curve, const struct sw__batching *batching,
			  const struct sw__traffic *traffic)
{
	double rate = 0;

	/* Prompts that share steps cost less, and share more the more there are. */
	for (int round = 0; round < CAPACITY_ROUNDS; round++) {
		struct sw__queue q = sw__queue_make(curve, batching, traffic, rate * 1e3);
		struct sw__prefill most = sw__prefill_beside(&q, q.most_decodes);
		struct sw__prefill p = sw__prefill_crowded(&q, &most);

		if (fabs(p.crowded_rate - rate) < close_enough * rate)
			return p.crowded_rate * 1e3;
		rate = round < 2 ? p.crowded_rate : 0.5 * (rate + p.crowded_rate);
	}
	return rate * 1e3;
}
