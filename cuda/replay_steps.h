/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file replay_steps.h
 * Single steps of a model on a device, without a load: rows of steps (docs/formats/rows.md).
 */
#ifndef SLICEWISE_CUDA_REPLAY_STEPS_H
#define SLICEWISE_CUDA_REPLAY_STEPS_H

#include <stdio.h>

#include "engine.h"
#include "replay_report.h"

struct replay_steps_ask {
	struct device *device;
	const struct engine_setting *setting; /* model, limits, cache, graphs or not */
	const char *gpu, *mechanism; /* columns of the rows */
	double share;
	double budget_s; /* begin no further step after this long; INFINITY: all of them */
	double (*now_s)(void *context);
	/* What the GPU did since from_s on that clock; NULL: nobody knows. */
	void (*gpu_since)(void *context, double from_s, struct replay_gpu *out);
	void *context;
};

/**
 * Prompts of 64 to max_num_batched_tokens tokens, then decodes of batches and contexts as far as limits and cache go; the median
 * of a few runs each, device time. A row is written as soon as it is measured. *n counts the rows.
 */
enum sw_status replay_steps(const struct replay_steps_ask *ask, FILE *out, unsigned *n,
			    struct sw_error *err);

/** The header of the rows: gpu,model,mechanism,share,phase,batch,seq_len,latency_ms,sms,cuda_graphs and what the GPU did. */
enum sw_status replay_steps_header(FILE *out, struct sw_error *err);

#endif
