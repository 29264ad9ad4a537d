// SPDX-License-Identifier: Apache-2.0
#include "step/composed.h"

#include <math.h>

/* One product, with weights narrower than the operands where the engine quantises them: the kernel reads fewer bytes
 * and multiplies in the operands' type (weight-only), so only the memory side of the time shrinks. The saving is taken
 * off at the DRAM bandwidth that the product itself reaches when it does nothing but read. */
static double product_us(const struct sw_calibration *calibration,
			 const struct sw__step_setting *setting, double m,
			 const struct sw__gemm_op *op)
{
	double us = sw__gemm_us(&calibration->gemm, &setting->dev, m, op->n, op->k);
	double ratio = setting->weight_bytes / setting->dev.element_bytes;
	double read_us, compute_floor_us;

	if (ratio >= 1)
		return us;
	read_us = sw__gemm_us(&calibration->gemm, &setting->dev, 1, op->n, op->k) * (1 - ratio);
	compute_floor_us = 2 * m * op->n * op->k * setting->dev.gpu_sms /
			   (setting->dev.peak_tflops * setting->dev.sms * 1e6);
	return fmax(fmax(us - read_us, us * ratio), compute_floor_us);
}

static double product_gb(const struct sw__step_setting *setting, double m,
			 const struct sw__gemm_op *op)
{
	return (op->n * op->k * setting->weight_bytes +
		m * (op->k + op->n) * setting->dev.element_bytes) /
	       1e9;
}

static double layer_products_us(const struct sw_calibration *calibration,
				const struct sw__step_setting *setting,
				const struct sw__model_ops *ops, double tokens)
{
	double us = 0;

	for (int i = 0; i < SW__GEMMS_A_LAYER; i++)
		us += product_us(calibration, setting, tokens, &ops->layer_gemm[i]);
	return us;
}

/* Where a whole number of them is remembered, or NULL. */
static double *place_of(double *known, double most, double n)
{
	return known && n <= most && n == floor(n) ? &known[(size_t)n] : NULL;
}

static double layers_us(const struct sw_calibration *calibration,
			const struct sw__step_setting *setting, const struct sw__model_ops *ops,
			double tokens)
{
	double *known = place_of(setting->known ? setting->known->layer_us : NULL, SW__TOKENS_KNOWN,
				 tokens);
	double us = known ? *known : 0;

	if (us == 0)
		us = layer_products_us(calibration, setting, ops, tokens);
	if (known)
		*known = us;
	return us;
}

/* lm_head, which is never quantised here. */
static double head_us(const struct sw_calibration *calibration,
		      const struct sw__step_setting *plain, const struct sw__model_ops *ops,
		      double sequences)
{
	double *known = place_of(plain->known ? plain->known->head_us : NULL, SW__SEQUENCES_KNOWN,
				 sequences);
	double us = known ? *known : 0;

	if (us == 0)
		us = product_us(calibration, plain, sequences, &ops->lm_head);
	if (known)
		*known = us;
	return us;
}

/* Attention of one layer; `window` caps every context. */
static struct sw__attention_cost layer_attention(const struct sw_calibration *calibration,
						 const struct sw__step_setting *setting,
						 const struct sw__model_ops *ops,
						 const struct sw_step_work *work, double window)
{
	struct sw__attention_shape shape = {ops->heads, ops->kv_heads, ops->head_dim,
					    setting->kv_bytes, 0};
	struct sw__attention_batch batch = {
		.prompts = work->n_prefill,
		.decodes = work->n_decode,
		.kv_decode = work->n_decode > 0
				     ? fmin(work->decode_kv_tokens, window * work->n_decode)
				     : 0,
	};

	if (work->n_prefill > 0) {
		batch.chunk = work->prefill_tokens / work->n_prefill;
		batch.kv_prefill = fmin(work->prefill_kv_tokens / work->n_prefill, window);
	}
	return sw__attention(&calibration->attention, &setting->dev, &shape, &batch);
}

static void add_attention(const struct sw_calibration *calibration,
			  const struct sw__step_setting *setting, const struct sw__model_ops *ops,
			  const struct sw_step_work *work, double layers, double window,
			  struct sw__composed_time *time)
{
	struct sw__attention_cost cost;

	if (layers <= 0)
		return;
	cost = layer_attention(calibration, setting, ops, work, window);
	time->attention_ms += layers * cost.us / 1000;
	time->dram_gb += layers * cost.dram_gb;
	time->tflop += layers * cost.tflop;
}

struct sw__composed_time sw__composed_step(const struct sw_calibration *calibration,
					   const struct sw__step_setting *setting,
					   const struct sw__model_ops *ops,
					   const struct sw_step_work *work)
{
	double tokens = sw__work_tokens(work);
	double sequences = work->n_decode + work->n_prefill;
	struct sw__composed_time time = {0};
	struct sw__step_setting plain = *setting;
	double gpu_ms;

	plain.weight_bytes = setting->dev.element_bytes;
	time.gemm_ms = (ops->layers * layers_us(calibration, setting, ops, tokens) +
			head_us(calibration, &plain, ops, sequences)) /
		       1000;
	for (int i = 0; i < SW__GEMMS_A_LAYER; i++)
		time.dram_gb += ops->layers * product_gb(setting, tokens, &ops->layer_gemm[i]);
	time.dram_gb += product_gb(&plain, sequences, &ops->lm_head);
	time.tflop = sw__linear_tflop(ops, tokens, sequences);
	add_attention(calibration, setting, ops, work, ops->layers - ops->window_layers, INFINITY,
		      &time);
	add_attention(calibration, setting, ops, work, ops->window_layers, ops->window, &time);
	time.other_ms =
		sw__small_kernels_us(&calibration->engine, &setting->dev, ops, tokens) / 1000;
	time.sampling_ms =
		sw__sampler_us(&calibration->engine, &setting->dev, ops, sequences) / 1000;
	gpu_ms = time.gemm_ms + time.attention_ms + time.other_ms + time.sampling_ms;
	time.host_ms = sw__host_ms(&calibration->engine, ops, sequences, setting->cuda_graphs,
				   setting->host_exposed, gpu_ms);
	return time;
}
