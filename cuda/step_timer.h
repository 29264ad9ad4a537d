/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file step_timer.h
 * How long single steps of a model take on a device, without a load: what replay_steps.h and replay_speed.h measure with.
 */
#ifndef SLICEWISE_CUDA_STEP_TIMER_H
#define SLICEWISE_CUDA_STEP_TIMER_H

#include "transformer.h"

/** A step of sequences that are all alike. */
struct step_shape {
	uint32_t batch; /* sequences */
	uint32_t tokens; /* of each, the new ones with them */
	uint32_t fresh; /* new tokens of each; 1 behind others: a decode, else a prompt */
};

struct step_timer {
	struct device *device;
	struct transformer_limits limits;
	transformer *transformer;
};

/**
 * The model with random weights on a device, within these limits; with `graphs`, decodes run from graphs. SW_INFEASIBLE as
 * transformer_new(), and where the device has no graphs. Whatever comes back, release *out with step_timer_close().
 */
enum sw_status step_timer_open(struct device *device, const struct sw_model *model,
			       const struct transformer_limits *limits, uint64_t seed, bool graphs,
			       struct step_timer *out, struct sw_error *err);
void step_timer_close(struct step_timer *timer);

/** Whether a step is within the limits; others cannot be measured. */
bool step_shape_fits(const struct step_shape *shape, const struct transformer_limits *limits);

bool step_shape_is_decode(const struct step_shape *shape);

/** KV blocks that so many tokens of one sequence take. */
uint32_t step_shape_blocks(uint32_t tokens);

/** The median of a few runs, device time from the first copy to the last sample: what an engine waits for. */
enum sw_status step_timer_median(struct step_timer *timer, const struct step_shape *shape,
				 double *ms, struct sw_error *err);

#endif
