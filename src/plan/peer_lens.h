/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file peer_lens.h
 * Another oracle in front of an oracle: engines as a strategy believes them to be.
 *
 * It may believe the point predictions, without bounds, and it may have a form of its own for what neighbours do: a slowdown.
 * Alone it sees what we see. A slowdown of s makes everything an engine does take s times as long; the same requests then
 * come s times as fast by the engine's own clock, so its latencies at rate λ are s times those alone at rate sλ. That is
 * the whole queueing model under another form of interference, and nothing of it is written twice.
 *
 * Identity: a slowdown of 1 is the engine alone. Where it breaks: the time from the socket to the scheduler and the engine's
 * CPU are stretched with the rest.
 */
#ifndef SLICEWISE_PLAN_PEER_LENS_H
#define SLICEWISE_PLAN_PEER_LENS_H

#include "plan/oracle.h"

/** What a profiler would show of an engine that has the GPU's slice for itself. */
struct sw__traits {
	size_t workload, fleet;
	double share;
	double layers; /* of the model: kernels per step go with them */
	double latency_ms; /* mean TPOT; where outputs have one token, TTFT */
	double gpu_ms; /* of it, while the GPU works */
	double gpu; /* part of the time in which the GPU works for it */
	double pressure; /* on neighbours, on the mean: what it asks of DRAM; where turns are taken, of the GPU's time */
};

/** How many times slower engine i of n is than alone, n > 1. At least 1; what is less counts as 1. */
typedef double (*sw__slowdown_form)(const void *context, const struct sw__traits *const *engines,
				    size_t n, size_t i);

struct sw__lens {
	struct sw__oracle oracle; /* what looks through the lens */
	const struct sw__oracle *inner; /* borrowed */
	bool points; /* bounds are taken to be the predictions themselves */
	sw__slowdown_form form; /* NULL: what neighbours do is as the inner oracle says */
	const void *form_context;
	bool clear; /* from now on everything is seen as it is; prepared engines stay */
};

/** Fill out->oracle for the members set; `lens` must stay where it is. */
void sw__lens_open(const struct sw__oracle *inner, struct sw__lens *lens);

/** Measure an engine that `oracle` prepared, alone: the traits that are latencies and parts. */
void sw__traits_of(const struct sw__oracle *oracle, enum sw_mechanism mechanism,
		   const sw_prepared *prepared, struct sw__traits *out);

#endif
