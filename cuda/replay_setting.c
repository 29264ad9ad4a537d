// SPDX-License-Identifier: Apache-2.0
#include "replay_setting.h"

#include <math.h>

#include "base/error.h"
#include "paged_attention.h"

static enum sw_status check(const struct sw_tenant *t, struct sw_error *err)
{
	const struct sw_engine *e = &t->engine;

	if (e->quantization != SW_QUANT_NONE || t->model.quantization != SW_QUANT_NONE)
		return sw_fail(
			err, SW_BAD_INPUT,
			"%s: found quantised weights, expected none: this engine computes in "
			"bfloat16",
			t->name);
	if (e->dtype == SW_FP32 || e->kv_cache_dtype == SW_FP32 || e->kv_cache_dtype == SW_FP8)
		return sw_fail(err, SW_BAD_INPUT,
			       "%s: found dtype %s and kv_cache_dtype %s, expected 16 bits: this "
			       "engine computes in bfloat16",
			       t->name, sw_dtype_name(e->dtype), sw_dtype_name(e->kv_cache_dtype));
	return SW_OK;
}

static double gib(uint64_t bytes)
{
	return (double)bytes / 1073741824.0;
}

/* Blocks that memory leaves, or that the tenant was given. */
static enum sw_status kv_blocks(const struct replay_ask *ask,
				const struct transformer_limits *limits, uint64_t *blocks,
				struct sw_error *err)
{
	const struct sw_tenant *t = ask->tenant;
	struct transformer_bytes bytes = transformer_bytes_of(&t->model, limits, ask->sms);
	uint64_t fixed = bytes.weights + bytes.workspace;
	uint64_t one = (limits->max_model_len + KV_BLOCK_TOKENS - 1) / KV_BLOCK_TOKENS;

	if (fixed > ask->memory_bytes)
		return sw_fail(
			err, SW_INFEASIBLE,
			"%s: %s takes %.2f GiB for weights and %.2f for a step, found %.2f GiB",
			t->name, t->model.id, gib(bytes.weights), gib(bytes.workspace),
			gib(ask->memory_bytes));
	*blocks = (ask->memory_bytes - fixed) / bytes.kv_block;
	if (sw_known(t->engine.kv_cache_tokens)) {
		uint64_t given = (uint64_t)(t->engine.kv_cache_tokens / KV_BLOCK_TOKENS);

		if (given > *blocks)
			return sw_fail(err, SW_INFEASIBLE,
				       "%s: kv_cache_tokens: found %.0f, expected at most the %.0f "
				       "that memory leaves",
				       t->name, t->engine.kv_cache_tokens,
				       (double)*blocks * KV_BLOCK_TOKENS);
		*blocks = given;
	}
	if (*blocks < one)
		return sw_fail(
			err, SW_INFEASIBLE,
			"%s: one request of max_model_len %u takes %.2f GiB of KV cache, found "
			"%.2f GiB",
			t->name, limits->max_model_len, gib(one * bytes.kv_block),
			gib(*blocks * bytes.kv_block));
	return SW_OK;
}

enum sw_status replay_setting_of(const struct replay_ask *ask, struct engine_setting *out,
				 struct sw_error *err)
{
	const struct sw_tenant *t = ask->tenant;
	const struct sw_engine *e = &t->engine;
	struct transformer_limits limits = {e->max_num_batched_tokens, e->max_num_seqs,
					    e->max_model_len, 0};
	enum sw_status st = check(t, err);

	if (st == SW_OK)
		st = kv_blocks(ask, &limits, &limits.kv_blocks, err);
	if (st != SW_OK)
		return st;
	*out = (struct engine_setting){
		.model = t->model,
		.serving = {.policy = e->kind == SW_SGLANG ? SW__SERVE_PREFILL_FIRST
							   : SW__SERVE_MIXED,
			    .max_num_seqs = e->max_num_seqs,
			    .max_num_batched_tokens = e->max_num_batched_tokens,
			    .max_model_len = e->max_model_len,
			    .kv_blocks = limits.kv_blocks,
			    .block_tokens = KV_BLOCK_TOKENS,
			    .prefix_caching = e->prefix_caching},
		.load = t->load,
		.seed = ask->seed,
		.duration_s = ask->duration_s,
		.cuda_graphs = e->cuda_graphs,
	};
	return SW_OK;
}

enum sw_status replay_sms_of(double share, uint32_t gpu_sms, uint32_t *sms, struct sw_error *err)
{
	double exact = share * gpu_sms;

	if (!(share > 0 && share <= 1) || exact < 1)
		return sw_fail(
			err, SW_BAD_INPUT,
			"share: found %g, expected at least one of %u SMs (%.4g) and at most 1",
			share, gpu_sms, 1.0 / gpu_sms);
	*sms = (uint32_t)(exact + 0.5);
	return SW_OK;
}
