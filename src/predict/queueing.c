// SPDX-License-Identifier: Apache-2.0
#include "predict/queueing.h"
#include "predict/queueing_parts.h"

#include <math.h>

static const double levels[] = {0.5, 0.95, 0.99}; /* SW_P50, SW_P95, SW_P99 */
enum { LEVELS = sizeof(levels) / sizeof(levels[0]), CAPACITY_ROUNDS = 6 };

static void statistics(const struct sw__mixture *m, double *out)
{
	out[SW_MEAN] = sw__mixture_mean(m);
	sw__mixture_quantiles(m, levels, LEVELS, out + SW_P50);
}

static struct sw__latency unknown(void)
{
	struct sw__latency l = {
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

static void fill_latencies(const struct sw__queue *q, const struct sw__running *r,
			   const struct sw__steps *s, const struct sw__wait *w,
			   struct sw__latency *out)
{
	struct sw__mixture mixture;

	sw__ttft_mixture(q, r, w, &mixture);
	statistics(&mixture, out->ttft_ms);
	sw__tpot_mixture(q, r, s, &mixture);
	statistics(&mixture, out->tpot_ms);
}

/* What holds the engine back most, where anything does. */
static enum sw_binds binding(const struct sw__queue *q, const struct sw__running *r,
			     const struct sw__wait *w)
{
	static const double often = 0.05; /* of the arrivals: what a p95 limit would notice */

	if (w->seat > often)
		return q->kv_binds ? SW_BINDS_KV : SW_BINDS_SEQS;
	if (r->full_steps || w->mean_ms * (1 - w->idle) > 2 * r->at.decode_ms + r->at.mean_ms)
		return SW_BINDS_QUEUE;
	return SW_BINDS_NOTHING;
}

struct sw__latency sw__queue_latency(const struct sw__step_curve *curve,
				     const struct sw__batching *batching,
				     const struct sw__traffic *traffic)
{
	struct sw__queue q = sw__queue_make(curve, batching, traffic, traffic->rate_per_s);
	struct sw__latency out = unknown();
	struct sw__running r;
	struct sw__steps s;
	struct sw__wait w;

	if (isfinite(traffic->concurrency)) {
		r = sw__running_closed(&q, &s, &w);
	} else {
		r = sw__running_open(&q);
		if (r.overload) {
			out.overload = true;
			out.binds = SW_BINDS_OVERLOAD;
			out.requests_per_s = sw__queue_max_rate(curve, batching, traffic);
			out.output_tok_s = out.requests_per_s * traffic->output_tokens;
			return out;
		}
		s = sw__steps_of(&q, &r);
		w = sw__wait_open(&q, &r, &s);
	}
	fill_latencies(&q, &r, &s, &w, &out);
	out.requests_per_s = r.rate * 1e3;
	out.output_tok_s = out.requests_per_s * traffic->output_tokens;
	out.running = r.decodes + r.prefilling;
	out.utilisation = 1 - r.idle;
	out.gpu_busy = out.utilisation * (1 - curve->host_ms / s.mean_ms);
	out.kv_tokens = fmin(batching->kv_cache_tokens, r.decodes * traffic->context_tokens);
	out.binds = binding(&q, &r, &w);
	return out;
}

double sw__queue_max_rate(const struct sw__step_curve *curve, const struct sw__batching *batching,
			  const struct sw__traffic *traffic)
{
	double rate = 0;

	/* Prompts that share steps cost less, and share more the more there are. */
	for (int round = 0; round < CAPACITY_ROUNDS; round++) {
		struct sw__queue q = sw__queue_make(curve, batching, traffic, rate * 1e3);
		struct sw__prefill p = sw__prefill_crowded(&q);

		rate = round < 2 ? p.crowded_rate : 0.5 * (rate + p.crowded_rate);
	}
	return rate * 1e3;
}
