/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file paged_attention.h
 * Attention of one layer over a paged KV cache, for a batch of sequences with any number of new tokens each.
 *
 * Caches: [block][kv_head][16 tokens][head_dim] bf16. Queries and outputs: [token][head][head_dim] bf16, the tokens of a sequence side
 * by side. New tokens' keys and values are in the cache before the call. Causal: token i of the new ones sees the
 * context and the new ones up to itself. All pointers are device memory. Grouped heads share their KV head's tiles.
 */
#ifndef SLICEWISE_CUDA_PAGED_ATTENTION_H
#define SLICEWISE_CUDA_PAGED_ATTENTION_H

#include <stdint.h>

#include "portable_types.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { KV_BLOCK_TOKENS = 16, ATTENTION_GROUP_MAX = 16, ATTENTION_SPLITS_MAX = 64 };

/** One call. Of a sequence s: queries from q_start[s] to q_start[s + 1], kv_length[s] tokens of context with the new ones. */
struct attention_call {
	const struct bf16 *q;
	struct bf16 *out;
	const struct bf16 *keys, *values; /* the layer's caches */
	const int32_t *q_start; /* n + 1 */
	const int32_t *kv_length; /* n; 0: nothing to do */
	const int32_t *block_table; /* rows of table_width */
	const int32_t *table_row; /* n: whose row is whose; NULL: in order */
	uint32_t n; /* sequences */
	uint32_t table_width;
	uint32_t heads, kv_heads, head_dim; /* head_dim 64 or 128; heads / kv_heads up to 16 */
	uint32_t q_stride; /* elements from token to token in q; out has heads * head_dim */
	uint32_t longest_q; /* of any sequence */
	uint32_t window; /* tokens a query looks back, itself included; 0: all */
};

/** Prompts: every sequence's queries in tiles of 64 rows. */
void attention_prefill(const struct attention_call *call, void *stream);

/**
 * One new token each: contexts are cut into `splits` parts that run side by side. `workspace` holds
 * attention_workspace_floats() floats.
 */
void attention_decode(const struct attention_call *call, uint32_t splits, float *workspace,
		      void *stream);

uint64_t attention_workspace_floats(uint32_t n, uint32_t heads, uint32_t head_dim, uint32_t splits);

/** Parts that keep `sms` multiprocessors busy with n sequences. */
uint32_t attention_splits(uint32_t n, uint32_t kv_heads, uint32_t sms);

#ifdef __cplusplus
}
#endif

#endif
