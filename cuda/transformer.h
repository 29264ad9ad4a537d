/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file transformer.h
 * A decoder-only transformer with random weights on a device: llama, mistral, qwen2 and qwen3 shapes.
 *
 * One call computes one step of an engine: a batch of sequences with any number of new tokens each, over a paged KV cache. Weights
 * are a function of the seed (layers_weight()), so that transformer_reference.h can compute the same model on a CPU.
 */
#ifndef SLICEWISE_CUDA_TRANSFORMER_H
#define SLICEWISE_CUDA_TRANSFORMER_H

#include "device.h"
#include "slicewise/types.h"

#ifdef __cplusplus
extern "C" {
#endif

struct transformer_limits {
	uint32_t max_tokens; /* of a step */
	uint32_t max_sequences; /* of a step */
	uint32_t max_model_len;
	uint64_t kv_blocks; /* of 16 tokens */
};

/**
 * One step, on the host. Sequences with one new token whose context is there (decodes) come first, `n_decode` of them; then
 * prompts and chunks. Tokens of a sequence stand side by side.
 */
struct transformer_step {
	uint32_t n_tokens, n_sequences, n_decode;
	uint32_t n_samples, n_updates;
	uint32_t longest_prompt; /* new tokens of any sequence after the decodes */
	int32_t *token; /* n_tokens: ids */
	int32_t *position; /* n_tokens */
	int64_t *slot; /* n_tokens: block * 16 + place; negative: not kept */
	int32_t *q_start; /* n_sequences + 1 */
	int32_t *kv_length; /* n_sequences, with the new tokens; 0: a place that nobody has */
	int32_t *table_row; /* n_sequences: below max_sequences, each of its own */
	int32_t *sample_row; /* n_samples: tokens of the step after which one is sampled */
	int32_t *update_place, *update_value; /* n_updates: table_row * width + place; block */
};

typedef struct transformer transformer;

/** Bytes of weights, of a KV block in all layers, and of everything else, for these limits. Exact. */
struct transformer_bytes {
	uint64_t weights, kv_block, workspace;
};
struct transformer_bytes transformer_bytes_of(const struct sw_model *model,
					      const struct transformer_limits *limits,
					      uint32_t sms);

/** SW_INFEASIBLE: this family or head size is not built here, or memory does not suffice. SW_OK: *out is the caller's. */
enum sw_status transformer_new(struct device *device, const struct sw_model *model,
			       const struct transformer_limits *limits, uint64_t seed,
			       transformer **out, struct sw_error *err);
void transformer_free(transformer *t);

/** The step to fill in: host memory of the transformer's. Blocks per row of the table: transformer_table_width(). */
struct transformer_step *transformer_input(transformer *t);
uint32_t transformer_table_width(const transformer *t);

/** How many updates of the table one step may carry; transformer_flush() sends those that are there and makes room for more. */
uint32_t transformer_updates_max(const transformer *t);
enum sw_status transformer_flush(transformer *t, struct sw_error *err);

/** Queue the step that is filled in; its samples are at transformer_samples() after the device's synchronize(). */
enum sw_status transformer_run(transformer *t, struct sw_error *err);

/** Capture graphs for steps of decodes alone, of the usual batch sizes up to max_sequences; transformer_run() then uses them. */
enum sw_status transformer_capture(transformer *t, struct sw_error *err);

/** n_samples token ids, on the host. */
const int32_t *transformer_samples(const transformer *t);

/** Logits of the last step's samples, n_samples x vocabulary, copied to `to`. */
enum sw_status transformer_logits(transformer *t, struct bf16 *to, struct sw_error *err);

/* Which weights a number of layers_weight() belongs to. */
enum transformer_weight {
	WEIGHT_EMBEDDING,
	WEIGHT_LM_HEAD,
	WEIGHT_QKV,
	WEIGHT_QKV_BIAS,
	WEIGHT_OUT,
	WEIGHT_GATE_UP,
	WEIGHT_DOWN,
	WEIGHT_KINDS
};

/** The seed of one tensor of weights, and the deviation of its numbers. Norms are 1. */
uint64_t transformer_seed(uint64_t seed, uint32_t layer, enum transformer_weight what);
float transformer_deviation(const struct sw_model *model, enum transformer_weight what);

/** Where rotations and norms come from, which sw_model does not keep: these are the same for every family here. */
#define TRANSFORMER_THETA   10000.0f
#define TRANSFORMER_EPSILON 1e-5f

#ifdef __cplusplus
}
#endif

#endif
