// SPDX-License-Identifier: Apache-2.0
#include "attention_fit.h"

#include <math.h>

#include "base/error.h"
#include "robust_fit.h"

/* Fitted fields and the ranges that physics or the kernel leaves them. */
#define PREFILL(field) offsetof(struct sw__attention_cal, prefill.field)
#define DECODE(field)  offsetof(struct sw__attention_cal, decode.field)
#define MIXED(field)   offsetof(struct sw__attention_cal, mixed.field)

static const struct fit_parameter prefill_parameters[] = {
	{PREFILL(launch_us), 1, 30, 0},
	{PREFILL(cta_cycles), 10, 20000, 0},
	{PREFILL(tile_cycles), 10, 10000, 0},
	{PREFILL(mma_efficiency), 0.1, 1, 0},
	{PREFILL(head_dim_exponent), -1, 1, 0},
	{PREFILL(raggedness), 0.01, 1, 0},
	{PREFILL(l2_reach), 0.05, 2, 0},
	{PREFILL(l2_sharpness), 0.5, 12, 0},
	{PREFILL(dram_efficiency), 0.4, 0.95, 0},
	{PREFILL(kv_traffic), 1, 4, 0},
	{PREFILL(write_ns), 0.01, 50, 0},
	{PREFILL(write_exponent), 0.05, 1, 0},
	{PREFILL(overlap), 1, 8, 0},
};

static const struct fit_parameter decode_parameters[] = {
	{DECODE(launch_us), 1, 30, 0},
	{DECODE(reorder_us), 0.01, 20, 3},
	{DECODE(reorder_efficiency), 0.05, 3, 3}, /* above 1: the copies stay in L2 */
	{DECODE(combine_us), 0.01, 20, 0},
	{DECODE(combine_split_us), 0.001, 1, 0},
	{DECODE(cta_cycles), 10, 20000, 0},
	{DECODE(tile_cycles), 10, 20000, 0},
	{DECODE(head_dim_exponent), -1, 1, 0},
	{DECODE(crowding), 0.01, 1, 3},
	{DECODE(wave_quantum), 0.01, 1, 0},
	{DECODE(l2_reach), 0.05, 2, 0},
	{DECODE(dram_efficiency), 0.4, 0.97, 0},
	{DECODE(write_ns), 0.01, 50, 0},
	{DECODE(write_exponent), 0.05, 1, 0},
	{DECODE(overlap), 1, 8, 0},
};

static const struct fit_parameter mixed_parameters[] = {
	{MIXED(launch_us), 1, 30, 0},
	{MIXED(cta_cycles), 10, 20000, 0},
	{MIXED(idle_cta_cycles), 10, 5000, 0},
	{MIXED(tile_ratio), 0.5, 2, 0},
	{MIXED(raggedness), 0.01, 1, 0},
	{MIXED(l2_sharpness), 0.5, 12, 0},
	{MIXED(reread_exponent), 0.05, 2, 0},
	{MIXED(dram_efficiency), 0.4, 0.97, 0},
	{MIXED(overlap), 1, 12, 0},
};

/* Relative error from which a row pulls with constant force: outliers exist. */
static const double error_knee = 0.05;
/* Caching makes a second valley for fits that explain everything by DRAM: some starts lie in each. */
enum { N_STARTS = 4 };
static const double scatter_sd = 0.4;

struct context {
	const struct sw__attention_row *rows;
	const struct sw__device *dev;
};

static double residual(const void *from, size_t i, const void *context)
{
	const struct context *c = context;
	const struct sw__attention_row *row = &c->rows[i];

	return sqrt(row->weight) *
	       log(sw__attention_us(from, c->dev, &row->shape, &row->batch) / row->us);
}

static enum sw_status check_rows(const struct sw__attention_row *rows, size_t n,
				 struct sw_error *err)
{
	for (size_t i = 0; i < n; i++)
		if (!(rows[i].us > 0) || !(rows[i].weight >= 0))
			return sw_fail(err, SW_BAD_INPUT, "row %zu: time %g us, weight %g", i,
				       rows[i].us, rows[i].weight);
	return SW_OK;
}

static enum sw_status fit(const struct sw__attention_row *rows, size_t n,
			  const struct sw__device *dev, const struct fit_parameter *parameters,
			  size_t n_parameters, struct sw__attention_cal *cal, struct sw_error *err)
{
	struct context context = {rows, dev};
	struct fit_problem problem = {
		.parameters = parameters,
		.n_parameters = n_parameters,
		.n_rows = n,
		.residual = residual,
		.context = &context,
		.knee = error_knee,
		.prior_weight = 1,
		.n_starts = N_STARTS,
		.scatter_sd = scatter_sd,
	};
	enum sw_status status = check_rows(rows, n, err);

	return status == SW_OK ? robust_fit(&problem, cal, sizeof(*cal), err) : status;
}

#define LENGTH(table) (sizeof(table) / sizeof((table)[0]))

enum sw_status sw__fit_prefill_attention(const struct sw__attention_row *rows, size_t n,
					 const struct sw__device *dev,
					 struct sw__attention_cal *cal, struct sw_error *err)
{
	return fit(rows, n, dev, prefill_parameters, LENGTH(prefill_parameters), cal, err);
}

enum sw_status sw__fit_decode_attention(const struct sw__attention_row *rows, size_t n,
					const struct sw__device *dev, struct sw__attention_cal *cal,
					struct sw_error *err)
{
	return fit(rows, n, dev, decode_parameters, LENGTH(decode_parameters), cal, err);
}

enum sw_status sw__fit_mixed_attention(const struct sw__attention_row *rows, size_t n,
				       const struct sw__device *dev, struct sw__attention_cal *cal,
				       struct sw_error *err)
{
	return fit(rows, n, dev, mixed_parameters, LENGTH(mixed_parameters), cal, err);
}

/*
 * Tiles and splits as FlashAttention 2 (paged KV: 64 rows, context blocks of 256, 128 or 64 by head_dim) and 3 (128 rows
 * of heads and tokens packed) choose them; two tiles of head_dim 128 take 160 KiB of shared memory: sm_80 has 164.
 * The rest are round values near all fits, where the search starts.
 */
static const struct sw__attention_cal flash_2 = {
	.prefill = {.tile_rows = 64,
		    .tile_elements = 16384,
		    .packs_heads = 0,
		    .ctas_per_sm = 1,
		    .bandwidth_knee = 0.25,
		    .launch_us = 6,
		    .cta_cycles = 2000,
		    .tile_cycles = 800,
		    .mma_efficiency = 0.6,
		    .head_dim_exponent = 0,
		    .raggedness = 0.4,
		    .l2_reach = 0.7,
		    .l2_sharpness = 3,
		    .dram_efficiency = 0.8,
		    .kv_traffic = 1.5,
		    .write_ns = 1,
		    .write_exponent = 0.6,
		    .overlap = 1.5},
	.decode = {.tile_rows = 64,
		   .tile_elements = 16384,
		   .packs_heads = 0,
		   .ctas_per_sm = 1,
		   .split_ctas_per_sm = 2,
		   .split_min_blocks = 1,
		   .split_max = 128,
		   .bandwidth_knee = 0.25,
		   .launch_us = 6,
		   .reorder_us = 4,
		   .reorder_efficiency = 1,
		   .combine_us = 3.5,
		   .combine_split_us = 0.15,
		   .cta_cycles = 2500,
		   .tile_cycles = 5000,
		   .head_dim_exponent = 0,
		   .crowding = 0.5,
		   .wave_quantum = 0.8,
		   .l2_reach = 0.7,
		   .dram_efficiency = 0.85,
		   .write_ns = 5,
		   .write_exponent = 0.5,
		   .overlap = 3},
	.mixed = {.launch_us = 4,
		  .cta_cycles = 5000,
		  .idle_cta_cycles = 800,
		  .tile_ratio = 1.1,
		  .raggedness = 0.45,
		  .l2_reach = 1,
		  .l2_sharpness = 2,
		  .reread_exponent = 0.7,
		  .dram_efficiency = 0.85,
		  .overlap = 6},
};

void sw__attention_start(enum sw__attention_kernel kernel, struct sw__attention_cal *cal)
{
	*cal = flash_2;
	if (kernel == SW__FLASH_2_LARGE) {
		cal->prefill.ctas_per_sm = 2;
		cal->decode.ctas_per_sm = 2;
	}
	if (kernel == SW__FLASH_3) {
		cal->prefill.tile_rows = 128;
		cal->prefill.packs_heads = 1;
		cal->decode.packs_heads = 1;
		cal->decode.split_ctas_per_sm = 1;
		cal->decode.split_min_blocks = 4;
	}
}
