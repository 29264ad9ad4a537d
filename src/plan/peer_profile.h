/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file peer_profile.h
 * The runs that a strategy of others is fitted on: its workloads a few at a time on one GPU, each on the slice it needs alone.
 * Our predictor stands for the GPU that they were measured on.
 */
#ifndef SLICEWISE_PLAN_PEER_PROFILE_H
#define SLICEWISE_PLAN_PEER_PROFILE_H

#include "plan/peer_lens.h"
#include "plan/sizing.h"

enum { SW__PROFILE_TOGETHER = 3, SW__PROFILE_MODELS = 24 };

/** Engines that ran together. */
struct sw__profile_run {
	size_t n;
	const struct sw__traits *alone[SW__PROFILE_TOGETHER];
	double slowdown[SW__PROFILE_TOGETHER]; /* of the mean latency: traits.latency_ms */
};

struct sw__profile {
	size_t models; /* at most so many workloads, evenly from all; at most SW__PROFILE_MODELS */
	size_t together; /* engines in a run, copies of one among them: 2 or 3 */
	void (*take)(void *context, const struct sw__profile_run *run);
	void *context;
};

/**
 * Run every mix of a kind of GPU that its slices allow, in a fixed order; mixes with an engine that is overloaded are left out.
 * SW_NO_MEMORY.
 */
enum sw_status sw__profile(const struct sw__profile *profile, struct sw__sizing *sizing,
			   size_t fleet, struct sw_error *err);

#endif
