/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file work.h
 * What one step of a model consists of: its matrix products and the traffic of the rest, layer by layer.
 *
 * Counts only; no GPU and no time here.
 */
#ifndef SLICEWISE_STEP_WORK_H
#define SLICEWISE_STEP_WORK_H

#include "slicewise/step.h"

enum { SW__GEMMS_A_LAYER = 4 };

/** C[m,n] = A[m,k] B[k,n]; m is the number of tokens of the step (lm_head: of sequences that sample). */
struct sw__gemm_op {
	double n, k;
};

/** The shapes of one model that every step repeats. */
struct sw__model_ops {
	double layers;
	struct sw__gemm_op layer_gemm[SW__GEMMS_A_LAYER]; /* qkv, o, up (with gate), down */
	struct sw__gemm_op lm_head;
	double heads, kv_heads, head_dim, hidden;
	double norm_elements; /* read and written per token and layer by norms and residuals */
	double rope_elements; /* ... by rotary embedding and query-key norms */
	double act_elements; /* ... by the activation between the MLP's products */
	double small_kernels; /* of the above, per layer */
	double window; /* longest context a layer attends to; INFINITY without a sliding window */
	double window_layers;
};

struct sw__model_ops sw__model_ops(const struct sw_model *model);

/** Tensor operations of the linear layers of a step, 10^12 (a multiply-add is two). */
double sw__linear_tflop(const struct sw__model_ops *ops, double tokens, double sampling_sequences);

/** Tokens of a step: one for each decode, and the chunks. */
double sw__work_tokens(const struct sw_step_work *work);

/** SW_BAD_INPUT unless the work is finite, not negative, not empty and consistent (no tokens without a sequence). */
enum sw_status sw__work_check(const struct sw_step_work *work, struct sw_error *err);

#endif
