// SPDX-License-Identifier: Apache-2.0
#include "engine_fit.h"

#include <math.h>
#include <stddef.h>

#include "robust_fit.h"

/* Not in any profile of kernels:
 *   host_ms, host_sequence_us  vLLM 0.19 spends 1.3-1.9 ms per step outside the GPU (replay of 300 real requests on the
 *                              RTX PRO 6000 with 1 to 128 sequences); doubt: half of it, by CPU.
 *   eager_layer_us             launching a layer's kernels one by one; the fit of whole eager steps on an A100's host
 *                              gives 430 us (paged_step.prefill_layer_us); doubt: a factor of 1.5 by CPU.
 *   dram_sm_share              decode steps on an A100 under MPS read at 65 % of the full bandwidth with 30 % of the SMs. */
struct sw__engine_cal engine_start(void)
{
	return (struct sw__engine_cal){
		.small_kernel_us = 2.5,
		.l2_speed = 4,
		.l2_reach = 0.5,
		.dram_efficiency = 0.9,
		.dram_sm_share = 0.33,
		.sampler_us = 25,
		.sampler_passes = 3,
		.host_ms = 1.6,
		.host_sequence_us = 4,
		.eager_layer_us = 430,
	};
}

#define AT(field) offsetof(struct sw__engine_cal, field)
static const struct fit_parameter parameters[] = {
	{AT(small_kernel_us), 0.5, 10, 0}, {AT(l2_speed), 1, 20, 0},
	{AT(l2_reach), 0.05, 2, 0},        {AT(dram_efficiency), 0.3, 1, 0},
	{AT(sampler_us), 1, 200, 0},       {AT(sampler_passes), 0.5, 20, 0},
};

struct context {
	const struct engine_row *rows;
	const struct sw__device *dev;
};

double engine_row_us(const struct sw__engine_cal *cal, const struct sw__device *dev,
		     const struct engine_row *row)
{
	if (row->sampler)
		return cal->sampler_us +
		       sw__small_kernel_us(cal, dev, row->bytes * cal->sampler_passes) -
		       cal->small_kernel_us;
	return sw__small_kernel_us(cal, dev, row->bytes);
}

static double residual(const void *from, size_t i, const void *context)
{
	const struct context *c = context;

	return log(engine_row_us(from, c->dev, &c->rows[i]) / c->rows[i].us);
}

enum sw_status fit_engine(const struct engine_row *rows, size_t n, const struct sw__device *dev,
			  struct sw__engine_cal *cal, struct sw_error *err)
{
	struct context context = {rows, dev};
	struct fit_problem problem = {
		.parameters = parameters,
		.n_parameters = sizeof(parameters) / sizeof(parameters[0]),
		.n_rows = n,
		.residual = residual,
		.context = &context,
		.knee = 0.1,
		.prior_weight = 0,
		.n_starts = 4,
		.scatter_sd = 0.2,
	};

	return robust_fit(&problem, cal, sizeof(*cal), err);
}
