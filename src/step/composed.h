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

/** What products took, by the tokens (of layers) or the sequences (of lm_head) of a step; 0, 0: nothing is known here. */
struct sw__known_product {
	double n, us;
};

/** Of one model on one slice: a number replaces another one that falls on the same place. */
struct sw__known_products {
	unsigned bits; /* 2^bits places */
	struct sw__known_product at[]; /* so many of layers, then so many of lm_head */
};

/** Empty; free() it. NULL: out of memory. */
struct sw__known_products *sw__known_products_make(unsigned bits);

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

/** Its attention_ms alone: what sw__composed_step() says of it, without the products. */
double sw__composed_attention_ms(const struct sw_calibration *calibration,
				 const struct sw__step_setting *setting,
				 const struct sw__model_ops *ops, const struct sw_step_work *work);

struct sw__composed_time sw__composed_step(const struct sw_calibration *calibration,
					   const struct sw__step_setting *setting,
					   const struct sw__model_ops *ops,
					   const struct sw_step_work *work);

#endif
