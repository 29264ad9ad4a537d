/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file segments.h
 * A step of an engine as what the GPU and the host do one after the other: README.md, "A step".
 *
 * The layers of a step are taken in a few groups, each of its products, its attention and its small kernels. That is
 * coarse against kernels of microseconds and fine against slices and steps of milliseconds.
 */
#ifndef SLICEWISE_SIM_SEGMENTS_H
#define SLICEWISE_SIM_SEGMENTS_H

#include "serving/scheduler.h"
#include "sim/overlap.h"
#include "step/step_time.h"

enum {
	SW__SIM_GROUPS = 4, /* of layers */
	/* Products, attention, small kernels and a gap per group; sampling; the host's part. */
	SW__SIM_SEGMENTS_MAX = SW__SIM_GROUPS * 4 + 2
};

/** Alone on its slice. */
struct sw__sim_segment {
	bool on_gpu; /* else the host works and the GPU waits for it */
	double ms;
	double blocks; /* thread blocks that are launched one by one, not from a graph */
	struct sw__sim_kernel kernel;
};

struct sw__sim_segments {
	size_t n;
	struct sw__sim_segment segment[SW__SIM_SEGMENTS_MAX];
};

/** What makes steps into segments: an engine on its slice. */
struct sw__sim_steps {
	const sw_calibration *calibration; /* borrowed */
	const struct sw_engine *engine; /* borrowed, resolved */
	struct sw__step_setting setting;
	struct sw__model_ops ops;
	double prefill_pace, decode_pace, host_pace; /* factors of a world */
	const struct sw__sim_constants *constants; /* borrowed */
};

/** What the scheduler's step asks of the GPU. */
struct sw_step_work sw__sim_work(const struct sw__step *step);

/** The segments of a step. Pieces that take no time are left out; there is at least one. */
void sw__sim_segments(const struct sw__sim_steps *steps, const struct sw_step_work *work,
		      struct sw__sim_segments *out);

#endif
