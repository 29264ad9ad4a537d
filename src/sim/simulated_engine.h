/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file simulated_engine.h
 * One engine of a simulated GPU: its requests, its scheduler, and the step it is in.
 *
 * An engine is always in one state. What it may do next and when is asked by gpu.h, which owns the time: kernels progress at
 * the rate that the GPU gives them, everything else ends at a moment that is known when it begins.
 */
#ifndef SLICEWISE_SIM_SIMULATED_ENGINE_H
#define SLICEWISE_SIM_SIMULATED_ENGINE_H

#include "base/random.h"
#include "serving/arrivals.h"
#include "serving/scheduler.h"
#include "sharing/hami_limiter.h"
#include "sim/segments.h"
#include "slicewise/simulate.h"

enum sw__sim_state {
	SW__SIM_IDLE, /* nothing to do */
	SW__SIM_HOST, /* the CPU works until until_s */
	SW__SIM_GATED, /* a launch limiter holds it; it looks again at until_s */
	SW__SIM_KERNEL, /* a kernel is on the GPU, or waits for its turn */
};

/* Phases of a start, in their order; an engine that serves is SW__SIM_SERVING. */
enum sw__sim_phase {
	SW__SIM_STOPPED,
	SW__SIM_PROCESS,
	SW__SIM_WEIGHTS,
	SW__SIM_COMPILE,
	SW__SIM_CAPTURE,
	SW__SIM_SERVING
};

struct sw__sim_request {
	struct sw__sequence sequence; /* first: the scheduler's sequences are these */
	struct sw__sim_request *before, *after; /* in flight, in the order of arrival */
	uint64_t id; /* the submitter's */
	double arrival_s, first_s, last_s; /* of tokens; NAN: not yet */
	bool scheduled; /* the scheduler has it */
	bool started; /* it was in a step */
	bool cancelled; /* leaves when the step ends */
	bool own; /* of the mix's load, against submitted */
};

/** What the recorder of a run hears of a request of the mix's load when it has ended. */
struct sw__sim_recorder {
	void *context;
	enum sw_status (*ended)(void *context, size_t tenant, const struct sw__sim_request *request,
				struct sw_error *err);
};

struct sw__sim_engine {
	size_t index;
	const struct sw_tenant *tenant; /* borrowed */
	double share;
	struct sw__sim_steps steps;
	sw__scheduler *scheduler;
	sw__arrivals *arrivals; /* NULL: requests are submitted */
	struct sw__arrival next_arrival; /* at_s INFINITY: no more */
	struct sw__sim_request *first, *last; /* in flight */
	struct sw__sim_request *unseen; /* the first that the scheduler does not have */
	struct sw__sim_request *spare; /* ended ones, to be used again */
	uint64_t next_id;
	bool schedule_ahead; /* a step is composed while the one before runs */
	double seen_s; /* requests until then can be in the next step */
	double step_start_s;
	double capture_until_s; /* of the start's last phase */
	const struct sw__step *step; /* the scheduler's, while it runs; else NULL */

	enum sw__sim_state state;
	enum sw__sim_phase phase;
	double until_s;
	struct sw__sim_segments segments;
	size_t at; /* the segment it is in */
	double left_ms; /* of its kernel, alone on its slice */
	double rate; /* at which that goes */
	struct sw__hami_limiter limiter;
	struct sw__random jitter;

	double compute_s,
		traffic_s; /* GPU time in which one or the other was what its kernels asked most of */
	struct sw_sim_engine counters; /* running, waiting and KV are filled in when asked */
};

/** What engines share: borrowed by all of them. */
struct sw__sim_surroundings {
	const struct sw_mix *mix;
	const sw_calibration *calibration;
	const struct sw__sim_constants *constants;
	const struct sw_sim_settings *settings;
	const struct sw__sim_recorder *recorder; /* NULL: nobody records */
};

/** Fill in *engine, which is zeroes. What it holds is released by sw__sim_engine_clear(), also after a failure. */
enum sw_status sw__sim_engine_make(const struct sw__sim_surroundings *around, size_t index,
				   struct sw__sim_engine *engine, struct sw_error *err);
void sw__sim_engine_clear(struct sw__sim_engine *engine);

/** The share's consequences: SMs of the slice, the limiter's limit. */
void sw__sim_engine_share(const struct sw__sim_surroundings *around, struct sw__sim_engine *engine,
			  double share);

/** A request has come; the engine's own where `own`. SW_BAD_INPUT: it can never be served. */
enum sw_status sw__sim_engine_add(struct sw__sim_engine *engine,
				  const struct sw_sim_request *request, double now_s, bool own,
				  struct sw_error *err);

/** All requests of the load that have come by now_s. */
enum sw_status sw__sim_engine_arrive(struct sw__sim_engine *engine, double now_s,
				     struct sw_error *err);

/** When the next request of the load reaches the scheduler. */
double sw__sim_engine_arrival_s(const struct sw__sim_surroundings *around,
				const struct sw__sim_engine *engine);

/** Begin a step if there is one to run and the engine is idle; `host_stretch` >= 1: of its CPU time. */
enum sw_status sw__sim_engine_begin(const struct sw__sim_surroundings *around,
				    struct sw__sim_engine *engine, double now_s,
				    double host_stretch, struct sw_error *err);

/** The segment it was in is over, or a gate is to be tried again: on to the next, or to the end of the step. */
enum sw_status sw__sim_engine_proceed(const struct sw__sim_surroundings *around,
				      struct sw__sim_engine *engine, double now_s,
				      double host_stretch, struct sw_error *err);

bool sw__sim_engine_cancel(struct sw__sim_engine *engine, uint64_t id);

/** A request leaves the engine: its memory is kept for another. */
void sw__sim_engine_release(struct sw__sim_engine *engine, struct sw__sim_request *request);

/** The client of a closed loop that had its answer at now_s asks again; nothing in an open one. */
enum sw_status sw__sim_engine_ask_again(struct sw__sim_engine *engine, double now_s,
					struct sw_error *err);

/** Hand to the scheduler what has reached it by horizon_s. */
enum sw_status sw__sim_engine_admit(const struct sw__sim_surroundings *around,
				    struct sw__sim_engine *engine, double horizon_s,
				    struct sw_error *err);

/** A scheduler with an empty cache, in place of the one there may be. */
enum sw_status sw__sim_engine_schedule_anew(const struct sw__sim_surroundings *around,
					    struct sw__sim_engine *engine, struct sw_error *err);

/** The next phase of a start; after the last the engine serves. */
void sw__sim_engine_next_phase(const struct sw__sim_surroundings *around,
			       struct sw__sim_engine *engine, double now_s);

/** Into the segment it is at, or a gate before it; state SW__SIM_IDLE where no segment is left. */
void sw__sim_engine_enter(const struct sw__sim_surroundings *around, struct sw__sim_engine *engine,
			  double now_s, double host_stretch);

/** Nothing happens until the tenant's start_s. */
void sw__sim_engine_wait_for_start(const struct sw__sim_surroundings *around,
				   struct sw__sim_engine *engine);

/** How long a start takes where nobody is in its way. */
double sw__sim_engine_start_s(const struct sw__sim_surroundings *around,
			      const struct sw__sim_engine *engine);

/** All requests are aborted, and the engine starts anew. */
enum sw_status sw__sim_engine_restart(const struct sw__sim_surroundings *around,
				      struct sw__sim_engine *engine, double now_s,
				      struct sw_error *err);

void sw__sim_engine_count(const struct sw__sim_engine *engine, struct sw_sim_engine *out);

#endif
