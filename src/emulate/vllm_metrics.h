/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file vllm_metrics.h
 * What vLLM (v1) counts, under its names, with its buckets and at the moments at which it does. Not locked.
 */
#ifndef SLICEWISE_EMULATE_VLLM_METRICS_H
#define SLICEWISE_EMULATE_VLLM_METRICS_H

#include "net/prometheus.h"
#include "slicewise/simulate.h"

/** X(member, name after "vllm:", help, buckets). */
#define SW__VLLM_HISTOGRAM_LIST(X)                                                                 \
	X(ttft, "time_to_first_token_seconds", "Histogram of time to first token in seconds.",     \
	  TTFT)                                                                                    \
	X(itl, "inter_token_latency_seconds", "Histogram of inter-token latency in seconds.", ITL) \
	X(tpot, "request_time_per_output_token_seconds",                                           \
	  "Histogram of time_per_output_token_seconds per request.", ITL)                          \
	X(e2e, "e2e_request_latency_seconds", "Histogram of e2e request latency in seconds.",      \
	  LATENCY)                                                                                 \
	X(queue, "request_queue_time_seconds",                                                     \
	  "Histogram of time spent in WAITING phase for request.", LATENCY)                        \
	X(inference, "request_inference_time_seconds",                                             \
	  "Histogram of time spent in RUNNING phase for request.", LATENCY)                        \
	X(prefill, "request_prefill_time_seconds",                                                 \
	  "Histogram of time spent in PREFILL phase for request.", LATENCY)                        \
	X(decode, "request_decode_time_seconds",                                                   \
	  "Histogram of time spent in DECODE phase for request.", LATENCY)                         \
	X(prompt, "request_prompt_tokens", "Number of prefill tokens processed.", TOKENS)          \
	X(generation, "request_generation_tokens", "Number of generation tokens processed.",       \
	  TOKENS)                                                                                  \
	X(iteration, "iteration_tokens_total", "Histogram of number of tokens per engine_step.",   \
	  ITERATION)

/** X(member, name after "vllm:", help). */
#define SW__VLLM_COUNTER_LIST(X)                                                                  \
	X(prompt_tokens, "prompt_tokens_total", "Number of prefill tokens processed.")            \
	X(generation_tokens, "generation_tokens_total", "Number of generation tokens processed.") \
	X(prefix_queries, "prefix_cache_queries_total",                                           \
	  "Prefix cache queries, in terms of number of queried tokens.")                          \
	X(prefix_hits, "prefix_cache_hits_total",                                                 \
	  "Prefix cache hits, in terms of number of cached tokens.")                              \
	X(preemptions, "num_preemptions_total", "Cumulative number of preemption from the engine.")

/** X(member, label). */
#define SW__VLLM_FINISH_LIST(X)        \
	X(SW__FINISH_STOP, "stop")     \
	X(SW__FINISH_LENGTH, "length") \
	X(SW__FINISH_ABORT, "abort")   \
	X(SW__FINISH_ERROR, "error")

enum sw__vllm_finish {
#define SW__VLLM_FINISH_ENUM(member, label) member,
	SW__VLLM_FINISH_LIST(SW__VLLM_FINISH_ENUM)
#undef SW__VLLM_FINISH_ENUM
		SW__FINISH_COUNT
};

/** "stop", "length": also OpenAI's finish_reason. */
const char *sw__vllm_finish_name(enum sw__vllm_finish finish);

enum { SW__TOKEN_BOUNDS_MAX = 24 };

struct sw__vllm_metrics {
#define SW__VLLM_MEMBER(member, name, help, buckets) struct sw__histogram member;
	SW__VLLM_HISTOGRAM_LIST(SW__VLLM_MEMBER)
#undef SW__VLLM_MEMBER
#define SW__VLLM_MEMBER(member, name, help) uint64_t member;
	SW__VLLM_COUNTER_LIST(SW__VLLM_MEMBER)
#undef SW__VLLM_MEMBER
	uint64_t finished[SW__FINISH_COUNT];
	double iteration_at_s; /* of the step whose tokens are being counted; NAN: none */
	uint64_t iteration_tokens;
};

/** Bounds of histograms of token counts: 1, 2, 5, 10, ... up to max_model_len. Returns how many. */
size_t sw__vllm_token_bounds(unsigned max_model_len, double out[SW__TOKEN_BOUNDS_MAX]);

/** A process that has just begun. `token_bounds` are borrowed. */
void sw__vllm_reset(struct sw__vllm_metrics *metrics, const double *token_bounds, size_t n);

/** When things happened to a request, in seconds of one clock. */
struct sw__vllm_times {
	double arrival_s, started_s, first_s, last_s;
};

/** Output token n at at_s, the one before at before_s; the first one brings its prompt with it. */
void sw__vllm_token(struct sw__vllm_metrics *metrics, uint32_t n, uint32_t prompt_tokens,
		    double arrival_s, double before_s, double at_s);

/** A request that has got all its `n` tokens. */
void sw__vllm_finished(struct sw__vllm_metrics *metrics, enum sw__vllm_finish finish,
		       const struct sw__vllm_times *times, uint32_t prompt_tokens, uint32_t n);

/** What stands beside the counts in a scrape. */
struct sw__vllm_engine {
	const char *model;
	const struct sw_engine *settings;
	struct sw_sim_engine state;
};

/** All of it as text. A step whose tokens are still being counted is in. */
void sw__vllm_write(struct sw_text *out, const struct sw__vllm_metrics *metrics,
		    const struct sw__vllm_engine *engine);

#endif
