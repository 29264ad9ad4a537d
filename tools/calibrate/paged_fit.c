// SPDX-License-Identifier: Apache-2.0
#include "paged_fit.h"

#include <math.h>

#include "robust_fit.h"
#include "sharing/mechanism.h"

/* The start is also the prior's centre. Efficiencies: large fp16 products on an A100 reach 70-85 % of the tensor peak.
 * Bandwidths: the time of a one-sequence decode at 30 % and 100 % of the SMs. The tile choice (large_tile_rows and its
 * exponent) is read off the rows of full and 30 % share: where doubling the rows stops costing whole waves of 128. */
struct sw__paged_cal paged_start(void)
{
	return (struct sw__paged_cal){
		.tile256_efficiency = 0.85,
		.tile128_efficiency = 0.82,
		.tile64_efficiency = 0.8,
		.tile32_efficiency = 0.4,
		.prologue_k = 100,
		.tile_us = 1.5,
		.split_us = 2,
		.lone_tile = 0.9,
		.large_tile_rows = 320,
		.large_tile_exponent = 1.2,
		.product_ceiling = 228.0 / 312.0,
		.overlap = 4,
		.sm_gb_s = 32,
		.dram_efficiency = 1500.0 / 2039.0,
		.dram_sharpness = 4,
		.layer_us = 50,
		.token_layer_us = 0.45,
		.token_layer_sms = 0.1,
		.prefill_attention_efficiency = 0.3,
		.kv_efficiency = 1,
		.cta_us = 1.9,
		.cta_latency_us = 3,
		.kv_token_us = 0.08,
		.attention_overlap = 3,
		.step_ms = 0.8,
		.prefill_layer_us = 430,
	};
}

#define AT(field) offsetof(struct sw__paged_cal, field)
/* Strong priors where rows of one model cannot tell two causes apart: weights read and fixed time per layer. */
static const struct fit_parameter parameters[] = {
	{AT(tile256_efficiency), 0.3, 1.2, 0.5},
	{AT(tile128_efficiency), 0.3, 1.2, 0.5},
	{AT(tile64_efficiency), 0.2, 4, 3},
	{AT(tile32_efficiency), 0.1, 2, 3},
	{AT(prologue_k), 10, 1000, 0.5},
	{AT(tile_us), 0.1, 20, 3},
	{AT(split_us), 0.1, 20, 3},
	{AT(lone_tile), 0.3, 1, 3},
	{AT(product_ceiling), 0.3, 1, 0.5},
	{AT(sm_gb_s), 5, 100, 0.25},
	{AT(dram_efficiency), 0.3, 1, 0.25},
	{AT(layer_us), 1, 500, 0.5},
	{AT(token_layer_us), 0.01, 5, 3},
	{AT(token_layer_sms), 0.01, 2, 3},
	{AT(kv_efficiency), 0.3, 1.5, 3},
	{AT(cta_us), 0.1, 20, 3},
	{AT(cta_latency_us), 0.1, 50, 3},
	{AT(kv_token_us), 0.001, 1, 3},
	{AT(step_ms), 0.05, 10, 0.5},
	{AT(prefill_layer_us), 10, 2000, 3},
};

struct context {
	const struct step_row *rows;
	const struct sw_gpu *gpu;
};

static struct sw_step_work row_work(const struct step_row *row)
{
	if (row->decode)
		return (struct sw_step_work){.n_decode = row->batch,
					     .decode_kv_tokens = row->batch * row->seq_len};
	return (struct sw_step_work){.n_prefill = row->batch,
				     .prefill_tokens = row->batch * row->seq_len};
}

double paged_row_ms(const struct sw__paged_cal *cal, const struct sw_gpu *gpu,
		    const struct step_row *row)
{
	struct sw__device dev = {.sms = sw__mechanism_sms(SW_MPS, gpu, row->share),
				 .gpu_sms = gpu->sms,
				 .clock_mhz = gpu->boost_clock_mhz,
				 .peak_tflops = gpu->peak_tflops[SW_FP16],
				 .dram_gb_s = gpu->dram_gb_s,
				 .l2_mib = gpu->l2_mib,
				 .element_bytes = 2};
	struct sw__model_ops ops = sw__model_ops(&row->model);
	struct sw_step_work work = row_work(row);
	struct sw__paged_time t = sw__paged_step(cal, &dev, &ops, &work);

	return t.gemm_ms + t.attention_ms + t.other_ms + t.step_ms + t.floor_ms;
}

static double residual(const void *from, size_t i, const void *context)
{
	const struct context *c = context;

	return log(paged_row_ms(from, c->gpu, &c->rows[i]) / c->rows[i].ms);
}

enum sw_status fit_paged(const struct step_row *rows, size_t n, const struct sw_gpu *gpu,
			 struct sw__paged_cal *cal, struct sw_error *err)
{
	struct context context = {rows, gpu};
	struct fit_problem problem = {
		.parameters = parameters,
		.n_parameters = sizeof(parameters) / sizeof(parameters[0]),
		.n_rows = n,
		.residual = residual,
		.context = &context,
		.knee = 0.03,
		.prior_weight = 1,
		.n_starts = 8,
		.scatter_sd = 0.1,
	};

	return robust_fit(&problem, cal, sizeof(*cal), err);
}
