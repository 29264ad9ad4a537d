/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file played_engine.h
 * One engine of a played mix: its requests go through the scheduler of src/serving, its steps take what the tabulated step model
 * says. README-played.md has the method.
 *
 * An engine is in one state at a time; who plays the mix (played.c) owns the clock and says how fast GPU work goes. Times are ms.
 */
#ifndef SLICEWISE_PREDICT_PLAYED_ENGINE_H
#define SLICEWISE_PREDICT_PLAYED_ENGINE_H

#include "base/random.h"
#include "predict/played_step.h"
#include "serving/arrivals.h"
#include "serving/scheduler.h"
#include "sharing/hami_limiter.h"

/* Parts of the time that is measured, half as many to as many: enough to tell how means wander. */
enum { SW__PLAYED_PARTS = 16 };

enum sw__played_state {
	SW__PLAYED_IDLE,
	SW__PLAYED_HOST, /* the CPU's part, until `until_ms` */
	SW__PLAYED_HELD, /* by a launch limiter, which looks again at `until_ms` */
	SW__PLAYED_GPU, /* has work on the GPU, or waits for its turn there */
};

struct sw__played_request {
	struct sw__sequence sequence; /* first: the scheduler's are these */
	struct sw__played_request *next; /* in line for the scheduler, or spare */
	double arrival_ms, known_ms, first_ms; /* known: to the scheduler */
};

struct sw__played_engine {
	const struct sw_tenant *tenant; /* borrowed */
	struct sw__played_steps steps;
	sw__scheduler *scheduler;
	sw__arrivals *arrivals;
	struct sw__arrival coming; /* the next of an open loop; at_s INFINITY: no more */
	struct sw__played_request *line, **line_end; /* came, and the scheduler does not know */
	struct sw__played_request *spare;
	struct sw__played_request **every; /* all that were ever made, to be freed */
	size_t n_every, room;
	uint64_t next_id;
	bool schedule_ahead;
	double seen_ms, step_began_ms;

	enum sw__played_state state;
	struct sw__played_step step;
	const struct sw__step *parts; /* NULL: none runs */
	unsigned piece; /* the next one to go to the GPU */
	double left_ms, rate,
		since_ms; /* of a piece: what was left then, and how fast it goes since */
	double until_ms;
	double next_ms; /* when something happens to it by itself */
	struct sw__hami_limiter limiter;
	double refill_ms; /* when it is refilled next */
	struct sw__random jitter;

	/* What was seen since measuring began. */
	double measured_from_ms, measured_to_ms; /* of what arrives between */
	double *ttft_ms, *tpot_ms;
	/* The same by when they arrived, for the chance in their means: parts that become longer when there would be more of them. */
	struct sw__played_part {
		double sum[SW_METRIC_COUNT], n[SW_METRIC_COUNT];
	} part[SW__PLAYED_PARTS];
	double part_ms;
	size_t n_ttft, n_tpot, room_ttft, room_tpot;
	double busy_ms, gpu_ms, running_ms, tokens, ended, came;
	double gpu_total_ms; /* since the beginning: what a limiter's watcher sees */
};

struct sw__played_setting {
	const struct sw_tenant *tenant;
	const sw_calibration *calibration;
	const struct sw__shared_values *shared;
	const struct sw__model_values *model;
	struct sw__known_steps *known; /* may be NULL */
	bool held; /* a launch limiter holds it to its share */
	uint64_t seed;
};

/** Fill in *engine, which is zeroes; release it with sw__played_engine_clear() also after a failure. */
enum sw_status sw__played_engine_make(const struct sw__played_setting *setting,
				      struct sw__played_engine *engine, struct sw_error *err);
void sw__played_engine_clear(struct sw__played_engine *engine);

/** When the next request of an open loop reaches the engine, ms; INFINITY in a closed one. */
double sw__played_arrival_ms(const struct sw__played_engine *engine);

/** All requests that have come by now_ms get into the line. */
enum sw_status sw__played_arrive(struct sw__played_engine *engine, double now_ms,
				 struct sw_error *err);

/** What it did on the GPU until now is accounted for. */
void sw__played_work(struct sw__played_engine *engine, double now_ms);

/** It had turns of `ms` together between the two moments, and its piece has not ended. */
void sw__played_had_turns(struct sw__played_engine *engine, double from_ms, double to_ms,
			  double ms);

/** Begin a step if the engine is idle and there is one; then a first piece is to go to the GPU. */
enum sw_status sw__played_begin(struct sw__played_engine *engine, double now_ms,
				struct sw_error *err);

/** The state has ended (a piece, a rest, the CPU's part): into the next, or the end of the step. */
enum sw_status sw__played_proceed(struct sw__played_engine *engine, double now_ms,
				  struct sw_error *err);

/** Requests in the engine: in line and in the scheduler. */
size_t sw__played_in_flight(const struct sw__played_engine *engine);

#endif
