/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file paged.h
 * A whole step of the first generation of paged engines (vLLM 0.1-0.3): eager, one kernel after the other, attention
 * with one CTA per sequence and head. Fitted on whole measured steps, because rows of steps against the share of SMs
 * exist for this generation only. README.md, "Steps of the paged generation", has the method.
 */
#ifndef SLICEWISE_STEP_PAGED_H
#define SLICEWISE_STEP_PAGED_H

#include "step/coefficients.h"
#include "step/kernel.h"
#include "step/work.h"

/* X(field, unit, meaning) */
#define SW__PAGED_CAL_LIST(X)                                                                     \
	X(tile256_efficiency, "1", "tensor peak reached by tiles of 256 x 128")                   \
	X(tile128_efficiency, "1", "... of 128 x 128")                                            \
	X(tile64_efficiency, "1", "... of 64 x 128, of which several share an SM")                \
	X(tile32_efficiency, "1", "... of 32 x 128")                                              \
	X(prologue_k, "elements", "start of a tile, as a length of k")                            \
	X(tile_us, "us", "end of a tile")                                                         \
	X(split_us, "us", "adding up one split of k")                                             \
	X(lone_tile, "1", "time of the last tile of an SM, alone there, over one that shares it") \
	X(large_tile_rows, "rows", "fewest rows for which tiles of 256 are used on a whole GPU")  \
	X(large_tile_exponent, "1", "how that grows with fewer SMs")                              \
	X(product_ceiling, "1", "part of the GPU's tensor peak that large products reach: power") \
	X(overlap, "1", "p-norm of computing and memory time of a product")                       \
	X(sm_gb_s, "GB/s", "DRAM traffic that one SM can ask for")                                \
	X(dram_efficiency, "1", "datasheet DRAM bandwidth reached by all SMs")                    \
	X(dram_sharpness, "1", "p-norm of those two")                                             \
	X(layer_us, "us", "kernels of a layer that neither tokens nor weights explain")           \
	X(token_layer_us, "us", "norms, rope, activation, KV writes of one token in one layer")   \
	X(token_layer_sms, "1", "how far that slows with fewer SMs")                              \
	X(prefill_attention_efficiency, "1", "tensor peak reached by prefill attention")          \
	X(kv_efficiency, "1", "of the DRAM bandwidth, reached by decode attention")               \
	X(cta_us, "us", "decode attention: a CTA (sequence and head) on its SM")                  \
	X(cta_latency_us, "us", "... and the least it takes, however few there are")              \
	X(kv_token_us, "us", "... per token of its context")                                      \
	X(attention_overlap, "1", "p-norm of traffic and latency of decode attention")            \
	X(step_ms, "ms", "per step: scheduling, sampling, embedding, final norm")                 \
	X(prefill_layer_us, "us", "launching a layer's prefill kernels: the least a layer takes")

struct sw__paged_cal {
#define SW__PAGED_FIELD(field, unit, meaning) double field;
	SW__PAGED_CAL_LIST(SW__PAGED_FIELD)
#undef SW__PAGED_FIELD
};

extern const struct sw__coefficient sw__paged_table[];
extern const size_t sw__paged_table_size;

/** Milliseconds by origin; `floor_ms` is what launching adds beyond the GPU's own time. */
struct sw__paged_time {
	double gemm_ms, attention_ms, other_ms, step_ms, floor_ms;
	double dram_gb, tflop;
	double dram_bound_ms; /* of gemm_ms and attention_ms, the part that waits for DRAM */
};

/** One step, decodes and prefills; mixed steps add up (this generation ran them apart). */
struct sw__paged_time sw__paged_step(const struct sw__paged_cal *cal, const struct sw__device *dev,
				     const struct sw__model_ops *ops,
				     const struct sw_step_work *work);

#endif
