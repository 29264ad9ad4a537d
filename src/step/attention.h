/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file attention.h
 * Time, DRAM traffic and useful operations of one layer's attention on a GPU or on a part of its SMs.
 *
 * Invariants: pure and without allocation; finite for every finite, non-negative input; never negative; never falls
 * when a prompt or a context grows, nor when a batch does, but for what combining fewer splits saves; never rises when
 * SMs are added. Counts are doubles, so that a mean over steps may be asked for. README-attention.md has the method.
 *
 * A calibration is plain numbers. Its table (SW__PREFILL_CAL_LIST and so on) is the one source of the fields, of their
 * names in data/calibration and of their documentation. The fields above launch_us describe the kernel and are not
 * fitted to kernels on a whole GPU.
 */
#ifndef SLICEWISE_STEP_ATTENTION_H
#define SLICEWISE_STEP_ATTENTION_H

#include "step/kernel.h"

/* X(field, unit, meaning). "tile": one CTA's rows of queries times one block of context. */
#define SW__PREFILL_CAL_LIST(X)                                                                   \
	X(tile_rows, "rows", "query rows of a tile, padded up to")                                \
	X(tile_elements, "elements", "context of a tile times head_dim, rounded to a power of 2") \
	X(packs_heads, "0 or 1", "query heads of one KV head share a tile's rows")                \
	X(ctas_per_sm, "CTAs", "tiles that fit an SM's shared memory together")                   \
	X(bandwidth_knee, "share", "share of SMs at which DRAM bandwidth bends; large: linear")   \
	X(launch_us, "us", "launches and what does not depend on the work")                       \
	X(cta_cycles, "cycles", "a CTA's start, first loads and write-back")                      \
	X(tile_cycles, "cycles", "latency of one tile that tensor cores do not explain")          \
	X(mma_efficiency, "1", "tensor peak reached inside a tile")                               \
	X(head_dim_exponent, "1", "tile time goes with (head_dim / 128) to this power")           \
	X(raggedness, "1", "part of the longest CTA that a ragged last wave adds")                \
	X(l2_reach, "1", "part of L2 that keeps tensors from kernel to kernel")                   \
	X(l2_sharpness, "1", "how sharply L2 hits end beyond that")                               \
	X(dram_efficiency, "1", "datasheet DRAM bandwidth reached")                               \
	X(kv_traffic, "1", "bytes moved per byte of new K and V")                                 \
	X(write_ns, "ns", "writing one token into the KV cache, one KV head of 128")              \
	X(write_exponent, "1", "KV width's effect on that")                                       \
	X(overlap, "1", "p-norm of computing and memory time: 1 adds, large takes the longer")

#define SW__DECODE_CAL_LIST(X)                                                                    \
	X(tile_rows, "rows", "query heads of one KV head that share a tile")                      \
	X(tile_elements, "elements", "context of a tile times head_dim, rounded to a power of 2") \
	X(packs_heads, "0 or 1",                                                                  \
	  "the kernel packs heads itself: no reordering, single heads split")                     \
	X(ctas_per_sm, "CTAs", "tiles that fit an SM's shared memory together")                   \
	X(split_ctas_per_sm, "CTAs", "CTAs per SM that splitting a context aims at")              \
	X(split_min_blocks, "blocks", "fewest blocks of context of a split")                      \
	X(split_max, "splits", "most splits of a context")                                        \
	X(bandwidth_knee, "share", "share of SMs at which DRAM bandwidth bends; large: linear")   \
	X(launch_us, "us", "launches and what does not depend on the work")                       \
	X(reorder_us, "us", "launches that put heads of one KV head together and back")           \
	X(reorder_efficiency, "1", "datasheet DRAM bandwidth at which they copy")                 \
	X(combine_us, "us", "launch that combines splits")                                        \
	X(combine_split_us, "us", "combining, per split")                                         \
	X(cta_cycles, "cycles", "a CTA's start, first loads and write-back")                      \
	X(tile_cycles, "cycles", "one tile of 16384 elements of K and as many of V")              \
	X(head_dim_exponent, "1", "CTA time goes with (head_dim / 128) to this power")            \
	X(crowding, "1", "slowdown of a CTA by another one on its SM; 1: they take turns")        \
	X(wave_quantum, "1", "how far a last, partial wave takes a whole one's time")             \
	X(l2_reach, "1", "part of L2 that keeps K and V from call to call")                       \
	X(dram_efficiency, "1", "datasheet DRAM bandwidth reached")                               \
	X(write_ns, "ns", "writing one token into the KV cache, one KV head of 128")              \
	X(write_exponent, "1", "KV width's effect on that")                                       \
	X(overlap, "1", "p-norm of CTA and memory time: 1 adds, large takes the longer")

/* Tiles are the prefill kernel's: a mixed batch runs in it, decodes as prompts of one token. */
#define SW__MIXED_CAL_LIST(X)                                                             \
	X(launch_us, "us", "launches and what does not depend on the work")               \
	X(cta_cycles, "cycles", "a CTA's start, first loads and write-back")              \
	X(idle_cta_cycles, "cycles", "a CTA of the grid that finds nothing to do")        \
	X(tile_ratio, "1", "tile time over that of a prefill-only batch")                 \
	X(raggedness, "1", "part of the longest CTA that a ragged last wave adds")        \
	X(l2_reach, "1", "part of L2 within which query heads share one KV head's reads") \
	X(l2_sharpness, "1", "how sharply that ends")                                     \
	X(reread_exponent, "1", "sharing among heads that run at once, to this power")    \
	X(dram_efficiency, "1", "datasheet DRAM bandwidth reached")                       \
	X(overlap, "1", "p-norm of CTA and DRAM time")

#define SW__CAL_FIELD(field, unit, meaning) double field;
struct sw__prefill_cal {
	SW__PREFILL_CAL_LIST(SW__CAL_FIELD)
};
struct sw__decode_cal {
	SW__DECODE_CAL_LIST(SW__CAL_FIELD)
};
struct sw__mixed_cal {
	SW__MIXED_CAL_LIST(SW__CAL_FIELD)
};
#undef SW__CAL_FIELD

struct sw__attention_cal {
	struct sw__prefill_cal prefill;
	struct sw__decode_cal decode;
	struct sw__mixed_cal mixed;
};

/* One layer's heads. kv_in_l2: 1 when the same layer's K and V were read just before (a benchmark loop), 0 in an
 * engine's step, where other layers and weights pass between. */
struct sw__attention_shape {
	double heads;
	double kv_heads;
	double head_dim;
	double kv_bytes; /* per element of K and V */
	double kv_in_l2;
};

/* `prompts` prompts of `chunk` new tokens each after `kv_prefill` tokens of context, beside `decodes` sequences of one
 * new token each, the contexts of which (new tokens included) sum to `kv_decode`. */
struct sw__attention_batch {
	double prompts;
	double chunk;
	double kv_prefill;
	double decodes;
	double kv_decode;
};

/* What a kernel costs: time, and what it asks of DRAM and of the tensor cores (padding left out). */
struct sw__attention_cost {
	double us;
	double dram_gb;
	double tflop;
};

/** Query-key pairs of causal attention of `tokens` new tokens after `kv_before` older ones. */
double sw__attention_pairs(double tokens, double kv_before);

/** `batch` prompts of `input_len` tokens each, `kv_before` tokens of context before each. */
struct sw__attention_cost sw__prefill_attention(const struct sw__prefill_cal *cal,
						const struct sw__device *dev,
						const struct sw__attention_shape *shape,
						double batch, double input_len, double kv_before);

/** One new token for each of `batch` sequences; `kv_tokens` is the sum of their contexts, new tokens included. */
struct sw__attention_cost sw__decode_attention(const struct sw__decode_cal *cal,
					       const struct sw__device *dev,
					       const struct sw__attention_shape *shape,
					       double batch, double kv_tokens);

/** Any batch of an engine's step: prompts alone, decodes alone, or both in one kernel. */
struct sw__attention_cost sw__attention(const struct sw__attention_cal *cal,
					const struct sw__device *dev,
					const struct sw__attention_shape *shape,
					const struct sw__attention_batch *batch);

/* Time alone, for callers that need no more. */
double sw__prefill_attention_us(const struct sw__prefill_cal *cal, const struct sw__device *dev,
				const struct sw__attention_shape *shape, double batch,
				double input_len, double kv_before);
double sw__decode_attention_us(const struct sw__decode_cal *cal, const struct sw__device *dev,
			       const struct sw__attention_shape *shape, double batch,
			       double kv_tokens);
double sw__attention_us(const struct sw__attention_cal *cal, const struct sw__device *dev,
			const struct sw__attention_shape *shape,
			const struct sw__attention_batch *batch);

/* The counts the times are made of; shared with the tests, which count them again one by one. */
struct sw__tiling {
	double per_kv; /* tiles of context that the new tokens' longest tile passes */
	double first; /* ... the first one passes */
	double ctas; /* tiles of rows of one sequence and head (or KV head, where heads are packed) */
	double blocks; /* tiles of context passed by all of them */
	double columns; /* of context in a tile */
};
struct sw__tiling sw__tile_sequence(double tile_rows, double tile_elements, double head_dim,
				    double rows_per_token, double tokens, double kv_before);

#endif
