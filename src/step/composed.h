/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file composed.h
 * A step of a current engine (vLLM v1, SGLang) put together from its kernels: products, attention, small kernels,
 * sampling, CPU time. README.md, "Steps from kernels", has the method.
 */
#ifndef SLICEWISE_STEP_COMPOSED_H
#define SLICEWISE_STEP_COMPOSED_H

#include "step/calibration.h"

/** Milliseconds by origin, and what the step asks of DRAM and of the tensor cores. */
struct sw__composed_time {
	double gemm_ms, attention_ms, other_ms, sampling_ms, host_ms;
	double dram_gb, tflop;
};

/** Steps of so many tokens, and of so many sequences, are remembered. */
enum { SW__TOKENS_KNOWN = 8192, SW__SEQUENCES_KNOWN = 512 };

/** What the products of one model on one slice took, by the tokens of the step; 0: not yet known. Begins as zeros. */
struct sw__known_products {
	double layer_us[SW__TOKENS_KNOWN + 1];
	double head_us[SW__SEQUENCES_KNOWN + 1];
};

/** What of the GPU a step sees, and how its engine runs. */
struct sw__step_setting {
	struct sw__device dev;
	double kv_bytes; /* per element of K and V */
	double weight_bytes; /* per weight of the linear layers */
	bool cuda_graphs;
	double host_exposed; /* sw__host_exposed() */
	struct sw__known_products
		*known; /* of this setting and one model; NULL: none are remembered */
};

struct sw__composed_time sw__composed_step(const struct sw_calibration *calibration,
					   const struct sw__step_setting *setting,
					   const struct sw__model_ops *ops,
					   const struct sw_step_work *work);

#endif
