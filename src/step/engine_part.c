// SPDX-License-Identifier: Apache-2.0
#include "step/engine_part.h"

#include <math.h>

static const double LOGIT_BYTES = 4;
static const double MIB = 1024.0 * 1024.0;
static const double GB_S_TO_BYTES_US = 1e3;

/* Bandwidth that part of the SMs can ask for, over what all can: 1 for all, 0.7 at dram_sm_share. */
static double reachable(const struct sw__engine_cal *cal, const struct sw__device *dev)
{
	static const double AT_SHARE = 0.7;
	double rate = -log(1 - AT_SHARE) / cal->dram_sm_share;

	return (1 - exp(-rate * dev->sms / dev->gpu_sms)) / (1 - exp(-rate));
}

double sw__small_kernel_us(const struct sw__engine_cal *cal, const struct sw__device *dev,
			   double bytes)
{
	double dram = dev->dram_gb_s * GB_S_TO_BYTES_US;
	double l2_us = bytes / (cal->l2_speed * dram * dev->sms / dev->gpu_sms);
	double spilled = fmax(0, bytes - cal->l2_reach * dev->l2_mib * MIB);

	return cal->small_kernel_us + l2_us +
	       spilled / (cal->dram_efficiency * dram * reachable(cal, dev));
}

double sw__small_kernels_us(const struct sw__engine_cal *cal, const struct sw__device *dev,
			    const struct sw__model_ops *ops, double tokens)
{
	double bytes = tokens * dev->element_bytes;
	double norms = ops->norm_elements / (4 * ops->hidden);
	double extra = ops->small_kernels - norms - 2;
	double layer = norms * sw__small_kernel_us(cal, dev, bytes * 4 * ops->hidden) +
		       sw__small_kernel_us(cal, dev, bytes * ops->rope_elements) +
		       sw__small_kernel_us(cal, dev, bytes * ops->act_elements) +
		       extra * cal->small_kernel_us;
	double ends = sw__small_kernel_us(cal, dev, bytes * 2 * ops->hidden) +
		      sw__small_kernel_us(cal, dev, bytes * 4 * ops->hidden);

	return ops->layers * layer + ends;
}

double sw__sampler_us(const struct sw__engine_cal *cal, const struct sw__device *dev,
		      const struct sw__model_ops *ops, double sequences)
{
	double bytes = sequences * ops->lm_head.n * LOGIT_BYTES * cal->sampler_passes;

	if (sequences <= 0)
		return 0;
	return cal->sampler_us + sw__small_kernel_us(cal, dev, bytes) - cal->small_kernel_us;
}

double sw__host_ms(const struct sw__engine_cal *cal, const struct sw__model_ops *ops,
		   double sequences, bool cuda_graphs, double exposed, double gpu_ms)
{
	double host = exposed * (cal->host_ms + sequences * cal->host_sequence_us / 1000);
	double launching = ops->layers * cal->eager_layer_us / 1000;

	/* Launches run ahead of the GPU: only what they take beyond its own time is waited for. */
	return cuda_graphs ? host : host + fmax(0, launching - gpu_ms);
}

double sw__host_exposed(enum sw_engine_kind kind)
{
	/* vLLM's is what the calibration was made with. TensorRT-LLM and SGLang prepare the next step while one runs (their
	 * documents: overlap scheduler, zero-overhead batch scheduler), llama.cpp has one C++ thread: what is left is not measured;
	 * doubt: 0.15. */
	static const double exposed[SW_ENGINE_COUNT] = {
		[SW_VLLM] = 1, [SW_SGLANG] = 0.25, [SW_TENSORRT_LLM] = 0.25, [SW_LLAMA_CPP] = 0.25};

	return exposed[kind];
}
