/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file queueing.h
 * From the time of a step to latency under load, for one engine.
 */
#ifndef SLICEWISE_PREDICT_QUEUEING_H
#define SLICEWISE_PREDICT_QUEUEING_H

#include "formats/distribution.h"
#include "predict/step_curve.h"

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

#endif
