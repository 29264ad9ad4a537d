/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file host_step.h
 * One step of an engine that computes on a CPU core: README-host.md.
 *
 * Nominal times, of no CPU in particular: what a step's time is made of and how that grows with the model and the step. How fast a
 * host is, measured runs say (src/fit); until then a prediction may be off by a factor of four.
 */
#ifndef SLICEWISE_STEP_HOST_STEP_H
#define SLICEWISE_STEP_HOST_STEP_H

#include "step/composed.h"

/** Doubt of nominal times: the standard deviation of log(measured / nominal). */
extern const double sw__host_doubt;

/** CPU time of one thread by what causes it, ms. It adds up: a core that computes does not read ahead of itself. */
struct sw__host_time {
	double prompt_ms; /* products and attention of prompts */
	double decode_ms; /* weights, read for all sequences or for each; K and V of decodes' contexts */
	double attention_ms; /* of both, what attention is of it */
	double engine_ms; /* the engine's own work: batches, sampling, answers; in threads of their own, mostly */
	double read_gb, tflop;
};

/** The part of reading weights that each further sequence of a step costs again, of no engine in particular. */
extern const double sw__host_reread;

/** `reread`: that part. 0: read once for all of a step; 1: for each of its sequences. */
struct sw__host_time sw__host_step(const struct sw__step_setting *setting,
				   const struct sw__model_ops *ops, const struct sw_step_work *work,
				   double reread);

/** What stands where a GPU's calibration would for `host`. */
struct sw_calibration sw__host_calibration(const struct sw_gpu *host);

#endif
