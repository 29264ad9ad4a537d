// SPDX-License-Identifier: Apache-2.0
/* Steps of an engine: composed, gone through segment by segment, and their tokens. */
#include <math.h>

#include "math/ordered.h"
#include "sharing/mechanism.h"
#include "sim/simulated_engine.h"

static const double MS = 1e-3;

/* Mean 1. */
static double jittered(struct sw__random *random, double deviation)
{
	return exp(deviation * sw__random_normal(random) - deviation * deviation / 2);
}

static void add_jitter(const struct sw__sim_constants *c, struct sw__sim_engine *engine)
{
	double gpu = jittered(&engine->jitter, c->step_jitter);
	double host = jittered(&engine->jitter, c->host_jitter);

	for (size_t i = 0; i < engine->segments.n; i++) {
		struct sw__sim_segment *s = &engine->segments.segment[i];

		s->ms *= s->on_gpu ? gpu : host;
	}
}

static bool gated(const struct sw__sim_surroundings *around, struct sw__sim_engine *engine,
		  const struct sw__sim_segment *segment)
{
	return sw__mechanism(around->mix->mechanism)->share_is_duty && segment->blocks > 0 &&
	       !sw__hami_limiter_launch(&engine->limiter, segment->blocks);
}

void sw__sim_engine_enter(const struct sw__sim_surroundings *around, struct sw__sim_engine *engine,
			  double now_s, double host_stretch)
{
	const struct sw__sim_segment *s = &engine->segments.segment[engine->at];

	if (engine->at == engine->segments.n) {
		engine->state = SW__SIM_IDLE;
	} else if (!s->on_gpu) {
		engine->state = SW__SIM_HOST;
		engine->until_s = now_s + s->ms * host_stretch * MS;
	} else if (gated(around, engine, s)) {
		engine->state = SW__SIM_GATED;
		engine->until_s = now_s + around->constants->hami_poll_ms * MS;
	} else {
		engine->state = SW__SIM_KERNEL;
		engine->left_ms = s->ms;
	}
}

static void count_parts(struct sw__sim_engine *engine, const struct sw__step *step)
{
	for (size_t i = 0; i < step->n; i++) {
		const struct sw__step_part *part = &step->part[i];
		struct sw__sim_request *r = part->sequence->user;

		if (!r->started)
			engine->counters.cached_tokens += part->start;
		r->started = true;
		if (part->sequence->generated == 0)
			engine->counters.prompt_tokens += part->tokens;
	}
	engine->counters.preemptions += step->n_preempted;
	engine->counters.steps++;
}

enum sw_status sw__sim_engine_begin(const struct sw__sim_surroundings *around,
				    struct sw__sim_engine *engine, double now_s,
				    double host_stretch, struct sw_error *err)
{
	double horizon = engine->schedule_ahead ? engine->seen_s : now_s;
	enum sw_status st = sw__sim_engine_admit(around, engine, horizon, err);
	const struct sw__step *step = NULL;
	struct sw_step_work work;

	if (st == SW_OK && sw__scheduler_running(engine->scheduler) == 0 &&
	    sw__scheduler_waiting(engine->scheduler) == 0)
		st = sw__sim_engine_admit(around, engine, now_s, err);
	if (st == SW_OK)
		st = sw__scheduler_next(engine->scheduler, &step, err);
	if (st != SW_OK || !step)
		return st;
	count_parts(engine, step);
	work = sw__sim_work(step);
	sw__sim_segments(&engine->steps, &work, &engine->segments);
	add_jitter(around->constants, engine);
	engine->step = step;
	engine->step_start_s = now_s;
	engine->at = 0;
	sw__sim_engine_enter(around, engine, now_s, host_stretch);
	return SW_OK;
}

static enum sw_status end_request(const struct sw__sim_surroundings *around,
				  struct sw__sim_engine *engine, struct sw__sim_request *r,
				  double now_s, struct sw_error *err)
{
	enum sw_status st = SW_OK;

	engine->counters.ended++;
	if (around->recorder && r->own)
		st = around->recorder->ended(around->recorder->context, engine->index, r, err);
	if (st == SW_OK && r->own)
		st = sw__sim_engine_ask_again(engine, now_s, err);
	sw__sim_engine_release(engine, r);
	return st;
}

static void tell(const struct sw__sim_surroundings *around, const struct sw__sim_engine *engine,
		 const struct sw__sim_request *r, double now_s)
{
	const struct sw_sim_listener *listener = &around->settings->listener;

	if (listener->token)
		listener->token(listener->context, engine->index, r->id, r->sequence.generated,
				r->sequence.state == SW__SEQ_ENDED, now_s);
}

/* The token that a part of the step has made. */
static enum sw_status take_token(const struct sw__sim_surroundings *around,
				 struct sw__sim_engine *engine, struct sw__sim_request *r,
				 double now_s, struct sw_error *err)
{
	bool ended = r->sequence.state == SW__SEQ_ENDED;

	engine->counters.generated_tokens++;
	if (r->cancelled) {
		if (!ended)
			(void)sw__scheduler_remove(engine->scheduler, &r->sequence);
		engine->counters.aborted++;
		sw__sim_engine_release(engine, r);
		return SW_OK;
	}
	if (isnan(r->first_s))
		r->first_s = now_s;
	r->last_s = now_s;
	tell(around, engine, r, now_s);
	return ended ? end_request(around, engine, r, now_s, err) : SW_OK;
}

/* A chunk that is not the last of its prompt: nothing to say, but its client may have gone. */
static void take_chunk(struct sw__sim_engine *engine, struct sw__sim_request *r)
{
	if (!r->cancelled)
		return;
	(void)sw__scheduler_remove(engine->scheduler, &r->sequence);
	engine->counters.aborted++;
	sw__sim_engine_release(engine, r);
}

static enum sw_status finish(const struct sw__sim_surroundings *around,
			     struct sw__sim_engine *engine, double now_s, struct sw_error *err)
{
	const struct sw__step *step = engine->step;
	enum sw_status st = SW_OK;

	engine->step = NULL;
	sw__scheduler_done(engine->scheduler);
	for (size_t i = 0; i < step->n && st == SW_OK; i++) {
		struct sw__sim_request *r = step->part[i].sequence->user;

		if (step->part[i].samples)
			st = take_token(around, engine, r, now_s, err);
		else
			take_chunk(engine, r);
	}
	engine->seen_s = engine->step_start_s;
	return st;
}

enum sw_status sw__sim_engine_proceed(const struct sw__sim_surroundings *around,
				      struct sw__sim_engine *engine, double now_s,
				      double host_stretch, struct sw_error *err)
{
	enum sw_status st = SW_OK;

	if (engine->state != SW__SIM_GATED)
		engine->at++;
	sw__sim_engine_enter(around, engine, now_s, host_stretch);
	if (engine->state != SW__SIM_IDLE)
		return SW_OK;
	if (engine->phase != SW__SIM_SERVING)
		sw__sim_engine_next_phase(around, engine, now_s);
	else
		st = finish(around, engine, now_s, err);
	if (st == SW_OK && engine->phase == SW__SIM_SERVING)
		st = sw__sim_engine_begin(around, engine, now_s, host_stretch, err);
	return st;
}
