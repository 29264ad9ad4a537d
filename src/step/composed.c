// SPDX-License-Identifier: Apache-2.0
#include "step/composed.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>

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

struct sw__known_products *sw__known_products_make(unsigned bits)
{
	size_t places = (size_t)1 << bits;
	struct sw__known_products *known =
		calloc(1, sizeof(*known) + 2 * places * sizeof(known->at[0]));

	if (known)
		known->bits = bits;
	return known;
}

/* By Fibonacci hashing (Knuth, vol. 3, 6.4): powers of two and neighbours come to lie apart. */
static struct sw__known_product *place_of(struct sw__known_products *known, double n, bool head)
{
	uint64_t mixed = (uint64_t)n * 0x9e3779b97f4a7c15u;
	size_t place = known->bits ? mixed >> (64 - known->bits) : 0;

	return &known->at[place + (head ? (size_t)1 << known->bits : 0)];
}

static double layers_us(const struct sw_calibration *calibration,
			const struct sw__step_setting *setting, const struct sw__model_ops *ops,
			double tokens)
{
	struct sw__known_product *known;

	if (!setting->known)
		return layer_products_us(calibration, setting, ops, tokens);
	known = place_of(setting->known, tokens, false);
	if (known->n != tokens)
		*known = (struct sw__known_product){
			tokens, layer_products_us(calibration, setting, ops, tokens)};
	return known->us;
}

/* lm_head, which is never quantised here. */
static double head_us(const struct sw_calibration *calibration,
		      const struct sw__step_setting *plain, const struct sw__model_ops *ops,
		      double sequences)
{
	struct sw__known_product *known;

	if (!plain->known)
		return product_us(calibration, plain, sequences, &ops->lm_head);
	known = place_of(plain->known, sequences, true);
	if (known->n != sequences)
		*known = (struct sw__known_product){
			sequences, product_us(calibration, plain, sequences, &ops->lm_head)};
	return known->us;
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

static void add_all_attention(const struct sw_calibration *calibration,
			      const struct sw__step_setting *setting,
			      const struct sw__model_ops *ops, const struct sw_step_work *work,
			      struct sw__composed_time *time)
{
	add_attention(calibration, setting, ops, work, ops->layers - ops->window_layers, INFINITY,
		      time);
	add_attention(calibration, setting, ops, work, ops->window_layers, ops->window, time);
}

double sw__composed_attention_ms(const struct sw_calibration *calibration,
				 const struct sw__step_setting *setting,
				 const struct sw__model_ops *ops, const struct sw_step_work *work)
{
	struct sw__composed_time time = {0};

	add_all_attention(calibration, setting, ops, work, &time);
	return time.attention_ms;
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
	add_all_attention(calibration, setting, ops, work, &time);
	time.other_ms =
		sw__small_kernels_us(&calibration->engine, &setting->dev, ops, tokens) / 1000;
	time.sampling_ms =
		sw__sampler_us(&calibration->engine, &setting->dev, ops, sequences) / 1000;
	gpu_ms = time.gemm_ms + time.attention_ms + time.other_ms + time.sampling_ms;
	time.host_ms = sw__host_ms(&calibration->engine, ops, sequences, setting->cuda_graphs,
				   setting->host_exposed, gpu_ms);
	return time;
}
