/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file queueing.h
 * From the time of a step to latency under load, for one engine: README-queueing.md has the method and its limits.
 *
 * Prepare the traffic once (sw__traffic_prepare()), then ask for latencies with any step curve: a call costs a few
 * microseconds, allocates nothing and depends on its arguments alone. Times are ms, rates per second.
 */
#ifndef SLICEWISE_PREDICT_QUEUEING_H
#define SLICEWISE_PREDICT_QUEUEING_H

#include "formats/distribution.h"
#include "predict/pace.h"
#include "predict/step_curve.h"
#include "slicewise/predict.h"

#include <stdbool.h>

/** How an engine forms its steps. */
enum sw__batching_policy {
	SW__MIXED_STEPS, /* decodes first, then prefill chunks within the token budget (vLLM v1) */
	SW__PREFILL_FIRST, /* prefill-only steps while prompts wait, decode-only steps otherwise (SGLang) */
};

struct sw__batching {
	enum sw__batching_policy policy;
	double max_num_seqs;
	double max_num_batched_tokens;
	double kv_cache_tokens; /* INFINITY: never short */
	bool schedule_ahead; /* a step is composed while the one before runs: arrivals wait one step more */
};

#define SW__CLASSES \
	8 /* of prompts and of outputs: enough for p99 of latency, few enough for microseconds */

/** What arrives at an engine, reduced to what queueing asks of it. Filled by sw__traffic_prepare() alone. */
struct sw__traffic {
	double rate_per_s; /* open loop, else NAN */
	double concurrency; /* closed loop, else NAN */
	double burstiness; /* coefficient of variation of the gaps */
	struct sw__pace pace; /* how the rate wanders; burstiness is then that of a window */
	double pace_stretch; /* seconds played per second recorded */
	double context_tokens; /* mean KV of a decoding sequence at a random moment */
	double context_variance;
	double growth_tokens; /* mean tokens such a sequence will still add */
	size_t n_prompts;
	struct sw__prompt_class {
		double weight;
		double tokens; /* to compute: without those in the prefix cache */
		double pairs; /* query-key pairs of them */
		double low, high; /* tokens at the ends of the class */
	} prompt[SW__CLASSES];
	double prompt_tokens, prompt_pairs; /* means over requests */
	double prompt_variability; /* squared coefficient of variation of the tokens to compute */
	double output_tokens; /* mean, the first token included */
	double after_tokens; /* mean, the first token left out */
	double after_variability; /* squared coefficient of variation of that */
	size_t n_outputs; /* 0: nobody asks for more than one token */
	struct sw__output_class {
		double weight; /* among requests with more than one token */
		double after; /* tokens after the first: harmonic mean of the class */
	} output[SW__CLASSES];
};

/** One loop is open (rate_per_s > 0, concurrency NAN) or closed (the other way round). */
struct sw__traffic_ask {
	const struct sw__lengths *prompt, *output; /* borrowed */
	double prefix_hit_ratio; /* [0, 1) */
	double rate_per_s, concurrency;
	double burstiness; /* 1: Poisson; not used in a closed loop */
	const struct sw_trace *trace; /* whose pace the rate has, or NULL; borrowed */
	double trace_stretch; /* seconds played per second recorded */
};

/** SW_BAD_INPUT where not exactly one of rate and concurrency is known or a number is out of its range. */
enum sw_status sw__traffic_prepare(const struct sw__traffic_ask *ask, struct sw__traffic *out,
				   struct sw_error *err);

/** Long-run steady state of one engine. All latencies are NAN under overload. */
struct sw__latency {
	double ttft_ms[SW_STATISTIC_COUNT];
	double tpot_ms
		[SW_STATISTIC_COUNT]; /* over requests: (last - first token) / (output - 1); NAN without such */
	double ttft_sd_ms, tpot_sd_ms; /* standard deviations */
	double requests_per_s;
	double output_tok_s;
	double running; /* mean sequences admitted */
	double utilisation; /* fraction of time a step runs */
	double gpu_busy; /* fraction of time the GPU works: the host's part of steps left out */
	double kv_tokens; /* mean KV in use */
	bool overload; /* more is offered than is sustained; throughput is then what is sustained */
	enum sw_binds binds; /* SW_BINDS_NOTHING, _QUEUE (prefill), _SEQS, _KV or _OVERLOAD */
};

/** Latency of `traffic` at an engine whose steps take `curve`. */
struct sw__latency sw__queue_latency(const struct sw__step_curve *curve,
				     const struct sw__batching *batching,
				     const struct sw__traffic *traffic);

/** The same, found faster with what a similar question had for an answer; `like` may be NULL. */
struct sw__latency sw__queue_latency_like(const struct sw__step_curve *curve,
					  const struct sw__batching *batching,
					  const struct sw__traffic *traffic,
					  const struct sw__latency *like);

/** The largest open-loop rate sustained with these lengths, requests per second; rate and concurrency do not matter. */
double sw__queue_max_rate(const struct sw__step_curve *curve, const struct sw__batching *batching,
			  const struct sw__traffic *traffic);

#endif
