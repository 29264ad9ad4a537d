/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file engine_part.h
 * What a step costs besides matrix products and attention: the small kernels of each layer, sampling, and the engine's
 * own CPU time. README.md, "The rest of a step", has the method.
 */
#ifndef SLICEWISE_STEP_ENGINE_PART_H
#define SLICEWISE_STEP_ENGINE_PART_H

#include <stdbool.h>

#include "step/kernel.h"
#include "step/work.h"

/* X(field, unit, meaning) */
#define SW__ENGINE_CAL_LIST(X)                                                           \
	X(small_kernel_us, "us", "a kernel that moves next to nothing")                  \
	X(l2_speed, "1",                                                                 \
	  "bandwidth of traffic that stays in L2 over the datasheet's DRAM bandwidth")   \
	X(l2_reach, "1", "part of L2 that keeps a kernel's traffic")                     \
	X(dram_efficiency, "1", "datasheet DRAM bandwidth reached by small kernels")     \
	X(dram_sm_share, "1", "part of the SMs that reaches 70 % of the DRAM bandwidth") \
	X(sampler_us, "us", "sampling, however few sequences")                           \
	X(sampler_passes, "1", "passes over the logits (4 bytes each)")                  \
	X(host_ms, "ms", "engine's CPU time per step that the GPU waits for")            \
	X(host_sequence_us, "us", "... per sequence of the step")                        \
	X(eager_layer_us, "us",                                                          \
	  "launching one layer's kernels without CUDA graphs: the least a layer takes")

struct sw__engine_cal {
#define SW__ENGINE_FIELD(field, unit, meaning) double field;
	SW__ENGINE_CAL_LIST(SW__ENGINE_FIELD)
#undef SW__ENGINE_FIELD
};

/** Time of one small kernel that moves `bytes`, us. */
double sw__small_kernel_us(const struct sw__engine_cal *cal, const struct sw__device *dev,
			   double bytes);

/** Norms, rope and activation of all layers, embedding and final norm, us. */
double sw__small_kernels_us(const struct sw__engine_cal *cal, const struct sw__device *dev,
			    const struct sw__model_ops *ops, double tokens);

/** Sampling for `sequences` sequences over the vocabulary, us. */
double sw__sampler_us(const struct sw__engine_cal *cal, const struct sw__device *dev,
		      const struct sw__model_ops *ops, double sequences);

/**
 * CPU time that the GPU waits for, ms, given the GPU time that launches can hide behind. `exposed` is the part of the engine's own
 * work between steps that its scheduler does not hide: sw__host_exposed().
 */
double sw__host_ms(const struct sw__engine_cal *cal, const struct sw__model_ops *ops,
		   double sequences, bool cuda_graphs, double exposed, double gpu_ms);

/** Of the work that vLLM exposes between steps, what this engine does. */
double sw__host_exposed(enum sw_engine_kind kind);

#endif
