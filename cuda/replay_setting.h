/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file replay_setting.h
 * From a tenant of a mix file to an engine on a device: the same file that `slicewise predict` reads.
 */
#ifndef SLICEWISE_CUDA_REPLAY_SETTING_H
#define SLICEWISE_CUDA_REPLAY_SETTING_H

#include "engine.h"
#include "slicewise/predict.h"

struct replay_ask {
	const struct sw_tenant *tenant; /* resolved, as sw_mix_load() leaves it */
	uint64_t seed;
	double duration_s;
	uint32_t sms; /* that the device's work may use */
	uint64_t
		memory_bytes; /* that the engine may have in all: KV gets what weights and workspace leave */
};

/**
 * SW_INFEASIBLE: weights and workspace do not fit, or one request of max_model_len does not. SW_BAD_INPUT: what this engine does not do
 * (quantised weights, a KV cache in another type than bfloat16).
 */
enum sw_status replay_setting_of(const struct replay_ask *ask, struct engine_setting *out,
				 struct sw_error *err);

/** SMs of a share: whole ones, rounded to nearest as MPS does it; SW_BAD_INPUT below one. */
enum sw_status replay_sms_of(double share, uint32_t gpu_sms, uint32_t *sms, struct sw_error *err);

#endif
