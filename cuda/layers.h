/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file layers.h
 * The small kernels of a transformer layer, and what stands before and behind the layers. All pointers are device memory, bf16
 * unless said otherwise, rows side by side; `stream` is a cudaStream_t.
 */
#ifndef SLICEWISE_CUDA_LAYERS_H
#define SLICEWISE_CUDA_LAYERS_H

#include <stdint.h>

#include "portable_types.h"

#ifdef __cplusplus
extern "C" {
#endif

/** n random weights, uniform with this standard deviation; element i is layers_weight(seed, i, deviation) to the bit. */
void layers_fill(struct bf16 *weights, uint64_t n, uint64_t seed, float deviation, void *stream);

/** n times the same value. */
void layers_fill_value(struct bf16 *to, uint64_t n, float value, void *stream);

/** The i-th number that layers_fill() makes, before rounding to bf16: the CPU's reference computes with the same weights. */
float layers_weight(uint64_t seed, uint64_t i, float deviation);

/** out[t] = table[token[t]]; `width` a multiple of 8. */
void layers_embed(const struct bf16 *table, const int32_t *token, uint32_t n, uint32_t width,
		  struct bf16 *out, void *stream);

/** out[r] = in[row[r]] / rms(in[row[r]]) * weight; row NULL: r itself. `width` a multiple of 8. */
void layers_norm(const struct bf16 *in, const int32_t *row, const struct bf16 *weight, uint32_t n,
		 uint32_t width, float epsilon, struct bf16 *out, void *stream);

/** Positions and the cache. Every token's row in qkv: heads queries, then kv_heads keys, then values, head_dim each. */
struct rope_call {
	struct bf16 *qkv; /* queries are turned in place */
	const struct bf16 *bias; /* (heads + 2 kv_heads) * head_dim, or NULL */
	const struct bf16 *q_norm, *k_norm; /* head_dim each, or NULL */
	const int32_t *position; /* n */
	const int64_t *slot; /* n: block * 16 + place in it; negative: nothing is written */
	struct bf16 *keys, *values; /* the layer's caches, as in paged_attention.h */
	uint32_t n, heads, kv_heads, head_dim;
	float theta, epsilon;
};

/** Bias, norms, rotation by position (halves side by side), and keys and values into the cache. */
void layers_rope(const struct rope_call *call, void *stream);

/** out[t][i] = silu(in[t][i]) * in[t][width + i]; `width` a multiple of 2. */
void layers_silu(const struct bf16 *in, uint32_t n, uint32_t width, struct bf16 *out, void *stream);

/** to[place[i]] = value[i]: n numbers of a table that is elsewhere left as it is. */
void layers_scatter(const int32_t *place, const int32_t *value, uint32_t n, int32_t *to,
		    void *stream);

/** token[r] = the place of the largest logit of row r; the first of equal ones. */
void layers_argmax(const struct bf16 *logits, uint32_t n, uint32_t vocabulary, int32_t *token,
		   void *stream);

#ifdef __cplusplus
}
#endif

#endif
