/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file replay_check.h
 * Whether this machine's GPU computes what it should, and how fast it is at most: commands of slicewise-replay.
 */
#ifndef SLICEWISE_CUDA_REPLAY_CHECK_H
#define SLICEWISE_CUDA_REPLAY_CHECK_H

#include "device_cuda.h"

/* What tests call a test that cannot run here. */
enum { REPLAY_NO_GPU = 77 };

/** Small models beside their reference, kernel by kernel and from graphs. Returns the exit status: 0, 1, REPLAY_NO_GPU. */
int replay_check(const struct device_cuda_ask *ask);

/**
 * The check; then the GPU's ceilings, and how near an engine's steps come to them (replay_speed.h), which does not touch the
 * exit status; then the check again on two halves of the GPU.
 */
int replay_self_test(const struct device_cuda_ask *ask);

#endif
