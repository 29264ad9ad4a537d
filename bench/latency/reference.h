/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file reference.h
 * A token-level simulator of continuous batching, written only to judge the closed form of src/predict: every request,
 * every step, every KV block. It shares the step curve with what it judges and nothing else.
 *
 * SW__MIXED_STEPS is vLLM v1's scheduler: running requests first, in order of admission, each one token or the next
 * prefill chunk within the token budget; then waiting ones, first come first served, while sequences, budget and blocks
 * last; no block left: the last admitted request loses its blocks, goes back to the head of the queue and is computed
 * again. SW__PREFILL_FIRST runs a prefill-only step whenever a prompt waits that fits, decode-only steps otherwise.
 */
#ifndef SLICEWISE_BENCH_REFERENCE_H
#define SLICEWISE_BENCH_REFERENCE_H

#include "predict/queueing.h"

#include <stdbool.h>
#include <stddef.h>

struct reference_request {
	double arrival_ms; /* in: open loop and traces; out: closed loop */
	int prompt_tokens, output_tokens;
	double first_token_ms, last_token_ms; /* out: absolute */
};

struct reference_setup {
	const struct sw__step_curve *curve;
	struct sw__batching batching;
	double prefix_hit_ratio;
	int concurrency; /* 0: open loop */
	double client_delay_ms; /* closed loop: from the last token to the next request's arrival */
	double start_spread_ms; /* closed loop: the first requests arrive evenly over it */
};

/* Over the time from the arrival of request `warm_up` to the last arrival. */
struct reference_totals {
	double span_ms, step_ms, gpu_ms; /* gpu_ms leaves out the host's part of the steps */
	double running_ms; /* time integral of admitted requests */
	double kv_ms; /* time integral of used KV tokens, whole blocks */
	double output_tokens;
	size_t steps, preemptions;
	bool drowning; /* the queue grew over most of the run: offered more than is sustained */
};

/** Runs all requests to their end. False if memory is short or a request can never fit. */
bool reference_run(const struct reference_setup *setup, struct reference_request *requests,
		   size_t n, size_t warm_up, struct reference_totals *totals);

#endif
