/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file fake_gpu.h
 * A GPU with fixed times in the simulator's place: an engine's steps take FAKE_STEP_S over its share one after the other
 * while it has requests, a prompt takes FAKE_PROMPT_STEPS, every other step gives every running request a token.
 */
#ifndef SLICEWISE_TESTS_FAKE_GPU_H
#define SLICEWISE_TESTS_FAKE_GPU_H

#include "emulate/pacer.h"

enum { FAKE_PROMPT_STEPS = 2, FAKE_BLOCKS = 4096, FAKE_BLOCK_TOKENS = 16 };

static const double FAKE_STEP_S = 0.02, FAKE_START_S = 0.5;

/** The prompt of this many tokens makes the engine give the request up after its second token. */
enum { FAKE_PROMPT_OF_DOOM = 666 };

extern const struct sw__gpu_ops fake_gpu;

#endif
