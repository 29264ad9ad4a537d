/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file prepared.h
 * An engine on a slice with its load, reduced to what predictions beside any neighbours need.
 */
#ifndef SLICEWISE_PREDICT_PREPARED_H
#define SLICEWISE_PREDICT_PREPARED_H

#include "formats/distribution.h"
#include "predict/queueing.h"
#include "predict/step_curve.h"
#include "slicewise/predict.h"

struct sw__fit_group;

/** DRAM traffic of steps, GB: weights once a step, then per token, and per token of decode context read. */
struct sw__step_traffic {
	double weights_gb;
	double token_gb;
	double kv_token_gb;
};

/** The step model tabulated for one engine on one slice. */
struct sw__tabulated {
	struct sw__step_curve curve;
	double dram_part[SW__KNOTS]; /* of the GPU time at each knot, what waits for DRAM: [0, 1] */
	struct sw__step_traffic traffic;
	double duty; /* of its GPU time, what a launch limiter lets the GPU work: 1 without one */
	double dram_gb_s; /* of the slice: of a MIG instance less than the GPU's */
};

/** What a tabulation is asked for: the steps the load will make are where it must be right. */
struct sw__tabulation {
	const sw_calibration *calibration;
	const struct sw_model *model;
	const struct sw_engine *engine; /* resolved */
	const struct sw_slice *slice; /* checked */
	double prompt_tokens, output_tokens; /* means */
	struct sw__known_products *known; /* of this model on this slice; may be NULL */
};

/** Evaluate the step model at the knots and around the load's contexts. */
struct sw__tabulated sw__tabulate(const struct sw__tabulation *ask);

/** An engine's mean state while its steps are what they are. */
struct sw__mean_state {
	double steps_per_s;
	double step_ms;
	double running; /* sequences in a step, while there are steps */
	double busy; /* fraction of time with a step in flight; above 1: more is offered than done */
	double gpu_active; /* fraction of time with work for the GPU */
	double prefill_active; /* ... of which with prompts */
	double decode_gb_s; /* DRAM traffic of its steps without prompts */
	double prefill_gb_s; /* ... of a step of prompts alone */
	bool overload;
};

struct sw_prepared {
	struct sw__tabulated steps;
	double share;
	struct sw__batching batching;
	struct sw__traffic traffic;
	struct sw__mean_state alone;
	struct sw__latency alone_latency; /* on the slice without neighbours */
	double prefill_doubt, decode_doubt; /* standard deviations of log(measured / predicted) */
	double host_doubt;
	double frontend_ms; /* from the socket to the scheduler */
	bool extrapolated;
	/* Of a fit, borrowed: how far measured latencies lie from the closed form. NULL: what is guessed of that (predict.c). */
	const struct sw__fit_group *group;
};

/* Of predict.c: what the queueing model itself misses, a standard deviation of the logarithm; a standard deviation of the logarithm. */
extern const double sw__queue_doubt[SW_METRIC_COUNT];

/** The whole curve slower or faster: steps of prompts, of decodes, and the CPU's part of both. */
struct sw__step_curve sw__slowed(const struct sw__step_curve *curve, double prefill, double decode,
				 double host);

/** What arrives at a tenant: of its load and its max_model_len, whatever the GPU and the slice. */
enum sw_status sw__traffic_of(const struct sw_tenant *tenant, struct sw__traffic *out,
			      struct sw_error *err);

/** sw_prepare() for those who prepare engines on many slices, and keep what arrives and what products took (NULL: they do not). */
enum sw_status sw__prepare(const sw_calibration *calibration, const struct sw_gpu *gpu,
			   const struct sw_tenant *tenant, const struct sw__traffic *traffic,
			   struct sw__known_products *known, sw_prepared **out,
			   struct sw_error *err);

#endif
