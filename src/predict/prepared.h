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
struct sw__correction;

/** DRAM traffic of steps, GB: weights once a step, then per token, and per token of decode context read. */
struct sw__step_traffic {
	double weights_gb;
	double token_gb;
	double kv_token_gb;
};

/** What parts of an engine's GPU time wait for, [0, 1]: what neighbours stretch. README-played.md, "Neighbours". */
struct sw__waits {
	double dram[SW__KNOTS]; /* at each knot, for DRAM */
	double compute[SW__KNOTS]; /* ... for tensor cores */
	double kv_dram; /* of decode attention, for DRAM */
	double reads; /* of a decode step, the part in which it reads at all */
};

/** The step model tabulated for one engine on one slice. */
struct sw__tabulated {
	struct sw__step_curve curve;
	struct sw__waits waits;
	struct sw__step_traffic traffic;
	double duty; /* of its GPU time, what a launch limiter lets the GPU work: 1 without one */
	double dram_gb_s; /* of the slice: of a MIG instance less than the GPU's */
};

/** What of a tabulation depends on no load: products and small kernels at the knots, and some whole steps. */
struct sw__linear_part {
	struct sw__linear_key {
		double budget, kv_bytes, host_exposed, stretch;
		bool cuda_graphs, paged;
	} key; /* what it depends on beside the model and the slice */
	struct sw__step_curve curve; /* linear_ms, gap_ms, host_ms */
	struct sw__waits waits;
	struct sw_step_time one, few, many,
		more; /* a decode; MANY tokens; MANY decodes; one token more than MANY */
};

/** As many as an engine on one slice is tried with; the oldest goes. Mostly one or two are: each is made when it is asked for. */
enum { SW__LINEAR_PARTS = 6 };
struct sw__linear_parts {
	size_t oldest;
	struct sw__linear_part *at[SW__LINEAR_PARTS];
};

/** With all parts; NULL is allowed. */
void sw__linear_parts_free(struct sw__linear_parts *parts);

/** What is remembered of one model's steps on one slice; members may be NULL: not remembered. */
struct sw__steps_known {
	struct sw__known_products *products;
	struct sw__linear_parts *linear;
};

/** What a tabulation is asked for: the steps the load will make are where it must be right. */
struct sw__tabulation {
	const sw_calibration *calibration;
	const struct sw_model *model;
	const struct sw_engine *engine; /* resolved */
	const struct sw_slice *slice; /* checked */
	double prompt_tokens, output_tokens; /* means */
	struct sw__steps_known known; /* of this model on this slice */
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
	double dram_together; /* part of the datasheet's bandwidth that several engines reach together */
	bool extrapolated;
	double most_of_capacity; /* the part of what it sustains beyond which no bound is given; 1: of any load */
	/* Of a fit, borrowed: how far measured latencies lie from the closed form. NULL: what is guessed of that (predict.c). */
	const struct sw__fit_group *group;
	int bound_kind; /* which of its bounds: enum sw__bound_kind */
	const struct sw__correction
		*correction; /* borrowed: what plays said of it; NULL: nothing */
	struct sw__prepared_pool *pool; /* where it goes back to; NULL: to the heap */
	struct sw_prepared *next; /* of those in the pool */
};

/** Prepared engines that were given back, for the next: a planner prepares a hundred thousand and keeps few. */
struct sw__prepared_pool {
	struct sw_prepared *free;
};

/** What is in the pool, freed. Nothing of it may be in use. */
void sw__prepared_pool_clear(struct sw__prepared_pool *pool);

/* Of predict.c: what the queueing model itself misses, a standard deviation of the logarithm; a standard deviation of the logarithm. */
extern const double sw__queue_doubt[SW_METRIC_COUNT];

/** The whole curve slower or faster: steps of prompts, of decodes, and the CPU's part of both. */
struct sw__step_curve sw__slowed(const struct sw__step_curve *curve, double prefill, double decode,
				 double host);

/** What arrives at a tenant: of its load and its max_model_len, whatever the GPU and the slice. */
enum sw_status sw__traffic_of(const struct sw_tenant *tenant, struct sw__traffic *out,
			      struct sw_error *err);

/**
 * sw_prepare() for those who prepare engines on many slices, and keep what arrives and what is known of steps. `pool` (NULL: the heap)
 * is where the engine comes from and sw_prepared_free() puts it. What the engine does alone is left out: sw__prepared_measure() or sw__prepared_take_fit() must follow.
 */
enum sw_status sw__prepare(const sw_calibration *calibration, const struct sw_gpu *gpu,
			   const struct sw_tenant *tenant, const struct sw__traffic *traffic,
			   struct sw__steps_known known, struct sw__prepared_pool *pool,
			   sw_prepared **out, struct sw_error *err);

/** What it does alone with the steps and the load it has now. */
void sw__prepared_measure(struct sw_prepared *p);

#endif
