// SPDX-License-Identifier: Apache-2.0
#include "step/host_step.h"

#include <math.h>
#include <stdio.h>

/* 10^9 operations per second of one core in products with many columns. Origin: llama.cpp, 16-bit weights, AVX2, one thread of a
 * server CPU at 2.6 GHz: 25 to 28 for models of 7 and 41 million parameters. Doubt: a factor of 4 (AVX-512, 8-bit weights, old cores). */
static const double PRODUCTS_GFLOP_S = 25;
/* 10^9 bytes of weights per second read by a step of few tokens. Origin: the same, 9 from DRAM and 19 where 14 MB stay in L3.
 * Doubt: a factor of 3. */
static const double WEIGHTS_GB_S = 10;
/* 10^9 bytes of K and V per second read by decodes: short vectors, one position after the other. Origin: the same; doubt: a factor
 * of 2. */
static const double KV_GB_S = 4;
/* ms of a step besides: the batch, the graph of operations. Origin: the same; doubt: a factor of 3. */
static const double STEP_MS = 0.2;
/* ms of a token besides: sampled, put into words, sent. Origin: the same, streams of single tokens over loopback; doubt: a factor of 3. */
static const double TOKEN_MS = 0.4;

/* Of the number of further sequences: kernels of few columns gain with each column, until a step of a hundred sequences costs as much for
 * each as a prompt does for a token. Origin: llama.cpp, steps of one to four decodes, 0.73 and 0.80 for models of 19 and 7 million
 * parameters. Doubt: 0.5 to 1. */
static const double MORE_COLUMNS = 0.8;

const double sw__host_doubt = 1.5;
const double sw__host_reread = 0.8;

/* Sequences that read the weights, together or one after the other: decodes, and what has prompts as one more. */
static double readers(const struct sw_step_work *w)
{
	return w->n_decode + (w->n_prefill > 0);
}

static double linear_weights(const struct sw__model_ops *ops)
{
	double n = 0;

	for (int i = 0; i < SW__GEMMS_A_LAYER; i++)
		n += ops->layer_gemm[i].n * ops->layer_gemm[i].k;
	return ops->layers * n;
}

/* Every prompt token looks at those before it and, on average, at half of its own chunk. */
static double prompt_pairs(const struct sw_step_work *w)
{
	double chunk = w->n_prefill > 0 ? w->prefill_tokens / w->n_prefill : 0;

	return w->n_prefill > 0 ? w->prefill_tokens * chunk / 2 + w->prefill_kv_tokens * chunk : 0;
}

struct sw__host_time sw__host_step(const struct sw__step_setting *setting,
				   const struct sw__model_ops *ops, const struct sw_step_work *w,
				   double reread)
{
	double head = ops->lm_head.n * ops->lm_head.k;
	double kv_gb = w->decode_kv_tokens * ops->layers * 2 * ops->kv_heads * ops->head_dim *
		       setting->kv_bytes / 1e9;
	double weights_gb = (linear_weights(ops) + head) * setting->weight_bytes / 1e9;
	double pair_flop = ops->layers * 4 * ops->heads * ops->head_dim;
	double prompt_tflop = sw__linear_tflop(ops, w->prefill_tokens, w->n_prefill);
	double pairs_tflop = prompt_pairs(w) * pair_flop / 1e12;
	double decode_tflop = sw__linear_tflop(ops, w->n_decode, w->n_decode);
	double weights_ms = weights_gb / WEIGHTS_GB_S * 1e3, kv_ms = kv_gb / KV_GB_S * 1e3;
	struct sw__host_time t = {
		.engine_ms = STEP_MS + TOKEN_MS * (w->n_decode + w->n_prefill),
		.read_gb = weights_gb + kv_gb,
		.tflop = prompt_tflop + pairs_tflop + decode_tflop,
	};

	t.prompt_ms = (prompt_tflop + pairs_tflop) / PRODUCTS_GFLOP_S * 1e6;
	t.decode_ms = weights_ms * (1 + reread * pow(readers(w) - 1, MORE_COLUMNS)) + kv_ms;
	t.attention_ms = pairs_tflop / PRODUCTS_GFLOP_S * 1e6 + kv_ms;
	return t;
}

struct sw_calibration sw__host_calibration(const struct sw_gpu *host)
{
	struct sw_calibration c = {
		.info = {.prefill_doubt = sw__host_doubt, .decode_doubt = sw__host_doubt},
		.gpu = *host,
	};

	c.gpu.dram_gb_s = WEIGHTS_GB_S;
	for (int i = 0; i < SW_DTYPE_COUNT; i++)
		c.gpu.peak_tflops[i] = PRODUCTS_GFLOP_S / 1e3;
	(void)snprintf(c.info.id, sizeof(c.info.id), "host");
	(void)snprintf(c.info.basis, sizeof(c.info.basis),
		       "one core of a nominal CPU; nothing is known of %s", host->id);
	return c;
}
