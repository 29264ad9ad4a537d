// SPDX-License-Identifier: Apache-2.0
#include "step/work.h"

#include <math.h>

#include "base/error.h"

static const double FLOP_PER_TFLOP = 1e12;

struct sw__model_ops sw__model_ops(const struct sw_model *model)
{
	double h = model->hidden, f = model->intermediate;
	double q = (double)model->heads * model->head_dim;
	double kv = (double)model->kv_heads * model->head_dim;
	double up = model->gated_mlp ? 2 * f : f;
	/* Norm and residual are one kernel: it reads both and writes both. A parallel block has one norm. */
	double norms = model->parallel_block ? 1 : 2;

	return (struct sw__model_ops){
		.layers = model->layers,
		.layer_gemm = {{q + 2 * kv, h}, {h, q}, {up, h}, {h, f}},
		.lm_head = {model->vocab, h},
		.heads = model->heads,
		.kv_heads = model->kv_heads,
		.head_dim = model->head_dim,
		.hidden = h,
		.norm_elements = norms * 4 * h,
		.rope_elements = 2 * (q + kv) * (model->qk_norm ? 2 : 1),
		.act_elements = up + f,
		.small_kernels = norms + 2 + (model->qk_norm ? 2 : 0),
		.window = model->sliding_window ? (double)model->sliding_window : (double)INFINITY,
		.window_layers = model->sliding_window ? model->window_layers : 0,
	};
}

double sw__linear_tflop(const struct sw__model_ops *ops, double tokens, double sampling_sequences)
{
	double flop = 0;

	for (int i = 0; i < SW__GEMMS_A_LAYER; i++)
		flop += 2 * tokens * ops->layer_gemm[i].n * ops->layer_gemm[i].k;
	flop *= ops->layers;
	flop += 2 * sampling_sequences * ops->lm_head.n * ops->lm_head.k;
	return flop / FLOP_PER_TFLOP;
}

double sw__work_tokens(const struct sw_step_work *work)
{
	return work->n_decode + work->prefill_tokens;
}

enum sw_status sw__work_check(const struct sw_step_work *work, struct sw_error *err)
{
	const double parts[] = {work->n_decode, work->decode_kv_tokens, work->n_prefill,
				work->prefill_tokens, work->prefill_kv_tokens};

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		if (!isfinite(parts[i]) || parts[i] < 0)
			return sw_fail(err, SW_BAD_INPUT,
				       "step: found a count of %g, expected finite and at least 0",
				       parts[i]);
	}
	if (sw__work_tokens(work) <= 0)
		return sw_fail(err, SW_BAD_INPUT, "step: found no tokens, expected at least one");
	if (work->n_prefill <= 0 && work->prefill_tokens > 0)
		return sw_fail(err, SW_BAD_INPUT,
			       "step: found %g prefill tokens of no prompt, expected a prompt",
			       work->prefill_tokens);
	return SW_OK;
}
