/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file replay_speed.h
 * How near an engine's steps come to what the GPU can do at most.
 *
 * A decode has few operations for every byte, so the memory's bandwidth bounds it; a prompt has many, so the products bound it. What a
 * step must move or compute, over its time, is held against the ceiling that was measured on the same device. Both counts are
 * the least that any engine needs, from the model's shapes alone: what an engine moves or computes beyond them makes
 * it slower, never better.
 */
#ifndef SLICEWISE_CUDA_REPLAY_SPEED_H
#define SLICEWISE_CUDA_REPLAY_SPEED_H

#include <stdio.h>

#include "device_cuda.h"
#include "step_timer.h"

/**
 * Bytes that a decode of `batch` sequences with `context` tokens each (the new ones with them) must move through DRAM, in 2 bytes an
 * element:
 *
 *     2 · (layers' matrices + output matrix)      every weight once for the whole batch: they are far larger than any L2, so
 *                                                 none is left of the step before
 *   + 2 · batch · hidden                          the rows of the embedding that are looked up; none where it is tied, for then
 *                                                 it is the output matrix
 *   + 4 · layers · kv_heads · head_dim · batch · (context + 1)      K and V: of every token read, of the new one written
 *
 * So counted, time · bandwidth >= bytes is the memory's side of a roofline (Williams, Waterman, Patterson 2009). Not counted:
 * activations and logits (they stay in L2), norms and biases (a ten-thousandth), block tables. Windows of attention are taken to
 * be longer than the context.
 */
double replay_decode_bytes(const struct sw_model *model, uint32_t batch, uint32_t context);

/**
 * Operations (a multiplication and an addition are two) of a prompt of `tokens` tokens, with one token sampled after it:
 *
 *     2 · layers' matrices · tokens               each weight meets each token once
 *   + 4 · layers · heads · head_dim · tokens · (tokens + 1) / 2     q·K and weights·V for the pairs that a causal mask leaves,
 *                                                 half of the square: kernels pass over tiles beyond the diagonal
 *   + 2 · vocab · hidden                          the output matrix, for the sampled row alone
 *
 * The operations' side of the same roofline. Softmax, norms and rotation are not counted: no tensor core does them.
 */
double replay_prompt_flop(const struct sw_model *model, uint32_t tokens);

/**
 * What is wanted of an engine: parts of the copy's bandwidth in decodes, of the product's speed in prompts. Chosen, not measured: low
 * enough for small kernels and launches beside the large ones, too high for an engine that mostly waits.
 */
#define REPLAY_DECODE_TARGET 0.70
#define REPLAY_PROMPT_TARGET 0.50

struct replay_speed {
	double rate; /* GB/s of a decode, TFLOPS of a prompt */
	double share; /* of the ceiling */
	bool reached; /* the target */
};

/** What a step that took `ms` reached; NAN, and not reached, where the ceiling is not known. */
struct replay_speed replay_speed_of(const struct sw_model *model,
				    const struct device_ceilings *ceilings,
				    const struct step_shape *shape, double ms);

/** One line: the step, its time, rate, share of which ceiling, "reached" or "below 70 %". */
void replay_speed_print(const struct step_shape *shape, double ms, const struct replay_speed *speed,
			FILE *out);

struct replay_speed_ask {
	struct device *device;
	const struct sw_model *model;
	const struct device_ceilings *ceilings; /* of this device */
	uint32_t context; /* tokens of each sequence of a decode */
	uint32_t batch_max; /* decodes of 1, 2, 4, ... sequences up to this */
	uint32_t prompt; /* tokens */
	bool graphs; /* decodes run from graphs */
};

/** Measure and print, decodes first. SW_INFEASIBLE: the model, its cache and its workspace do not fit; nothing is printed then. */
enum sw_status replay_speed(const struct replay_speed_ask *ask, FILE *out, struct sw_error *err);

#endif
