// SPDX-License-Identifier: Apache-2.0
#include "engine.h"

#include <math.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/random.h"
#include "batch.h"
#include "serving/arrivals.h"

/* Marks of the device around a step. */
enum { STEP_BEGINS, STEP_ENDS };

/* Prompts are drawn from a stream of their own. */
static const uint64_t prompt_stream = 100;

struct engine {
	struct device *device;
	struct engine_setting setting;
	transformer *transformer;
	sw__scheduler *scheduler;
	sw__arrivals *arrivals;
	batch *batch;
	struct sw__random prompts;
	struct replay_request **live; /* in the scheduler: all that must be freed at the end */
	size_t n_live, room;
	uint64_t next_id;
	bool has_next, played; /* `next` is to come; nothing comes after it */
	struct sw__arrival next;
	/* while it runs */
	const struct engine_clock *clock;
	const struct engine_sink *sink;
	struct engine_summary *summary;
};

static enum sw_status open_parts(engine *e, struct sw_error *err)
{
	const struct engine_setting *s = &e->setting;
	struct transformer_limits limits = {s->serving.max_num_batched_tokens,
					    s->serving.max_num_seqs, s->serving.max_model_len,
					    s->serving.kv_blocks};
	struct sw__arrivals_ask ask = {&s->load, s->seed, s->serving.max_model_len, false};
	enum sw_status st = sw__arrivals_new(&ask, &e->arrivals, err);

	if (st == SW_OK)
		st = sw__scheduler_new(&s->serving, &e->scheduler, err);
	if (st == SW_OK)
		st = batch_new(s->serving.max_num_seqs, &e->batch, err);
	if (st == SW_OK)
		st = transformer_new(e->device, &s->model, &limits, s->seed, &e->transformer, err);
	if (st == SW_OK && s->cuda_graphs)
		st = transformer_capture(e->transformer, err);
	return st;
}

enum sw_status engine_new(struct device *device, const struct engine_setting *setting, engine **out,
			  struct sw_error *err)
{
	engine *e = calloc(1, sizeof(*e));
	enum sw_status st;

	*out = NULL;
	if (!e)
		return sw_fail(err, SW_NO_MEMORY, "an engine");
	e->device = device;
	e->setting = *setting;
	e->next_id = 1;
	e->prompts = sw__random_make(setting->seed, prompt_stream);
	st = open_parts(e, err);
	if (st != SW_OK) {
		engine_free(e);
		return st;
	}
	*out = e;
	return SW_OK;
}

static void free_request(struct replay_request *r)
{
	free(r->token);
	free(r);
}

void engine_free(engine *e)
{
	if (!e)
		return;
	sw__scheduler_free(e->scheduler);
	for (size_t i = 0; i < e->n_live; i++)
		free_request(e->live[i]);
	free((void *)e->live);
	sw__arrivals_free(e->arrivals);
	batch_free(e->batch);
	transformer_free(e->transformer);
	free(e);
}

static enum sw_status grow_live(engine *e, struct sw_error *err)
{
	size_t room = e->room ? 2 * e->room : 64;
	void *more;

	if (e->n_live < e->room)
		return SW_OK;
	more = realloc((void *)e->live, room * sizeof(struct replay_request *));
	if (!more)
		return sw_fail(err, SW_NO_MEMORY, "%zu requests", room);
	e->live = more;
	e->room = room;
	return SW_OK;
}

/* Token ids are random: nothing depends on what they are, but for the cache of the embedding's rows. */
static struct replay_request *make_request(engine *e, const struct sw__arrival *a)
{
	struct replay_request *r = calloc(1, sizeof(*r));
	size_t n = (size_t)a->prompt_tokens + a->output_tokens;

	if (!r)
		return NULL;
	r->token = calloc(n, sizeof(*r->token));
	if (!r->token) {
		free(r);
		return NULL;
	}
	for (uint32_t i = 0; i < a->prompt_tokens; i++)
		r->token[i] = (int32_t)sw__random_below(&e->prompts, e->setting.model.vocab);
	r->sequence = (struct sw__sequence){.id = e->next_id++,
					    .prompt_tokens = a->prompt_tokens,
					    .output_tokens = a->output_tokens,
					    .cached_tokens = a->cached_tokens};
	r->arrival_s = a->at_s;
	r->first_s = r->last_s = NAN;
	return r;
}

static enum sw_status submit(engine *e, const struct sw__arrival *a, struct sw_error *err)
{
	enum sw_status st = grow_live(e, err);
	struct replay_request *r;

	if (st != SW_OK)
		return st;
	r = make_request(e, a);
	if (!r)
		return sw_fail(err, SW_NO_MEMORY, "a request of %u tokens", a->prompt_tokens);
	st = sw__scheduler_add(e->scheduler, &r->sequence, err);
	if (st != SW_OK) {
		free_request(r);
		return st;
	}
	e->live[e->n_live++] = r;
	return SW_OK;
}

static double now(const engine *e)
{
	return e->clock->now_s(e->clock->context);
}

/* A closed loop: every client's first request, or the next of one that was answered. */
static enum sw_status submit_closed(engine *e, double at_s, struct sw_error *err)
{
	struct sw__arrival a;

	return sw__arrivals_next(e->arrivals, at_s, &a) ? submit(e, &a, err) : SW_OK;
}

static void look_ahead(engine *e)
{
	if (e->has_next || e->played)
		return;
	e->has_next = sw__arrivals_next(e->arrivals, 0, &e->next);
	e->played = !e->has_next;
}

/* An open loop: everything that has come by now. */
static enum sw_status submit_arrived(engine *e, double at_s, struct sw_error *err)
{
	enum sw_status st = SW_OK;

	if (sw__arrivals_closed(e->arrivals))
		return SW_OK;
	look_ahead(e);
	while (st == SW_OK && e->has_next && e->next.at_s <= at_s) {
		st = submit(e, &e->next, err);
		e->has_next = false;
		look_ahead(e);
	}
	return st;
}

static struct engine_step_record describe(const struct sw__step *step,
					  const struct transformer_step *s, double start_s)
{
	struct engine_step_record r = {
		.start_s = start_s,
		.decodes = s->n_decode,
		.prompts = s->n_sequences - s->n_decode,
		.preempted = (uint32_t)step->n_preempted,
	};

	for (uint32_t i = 0; i < s->n_decode; i++)
		r.decode_context += (uint32_t)s->kv_length[i];
	r.prompt_tokens = s->n_tokens - s->n_decode;
	r.graph_sized = r.prompts == 0;
	return r;
}

/* On the device, and what it took there. */
static enum sw_status run_on_device(engine *e, const struct sw__step *step,
				    struct engine_step_record *record, struct sw_error *err)
{
	const struct device_operations *o = e->device->operations;
	enum sw_status st = batch_fill(e->batch, step, e->transformer, err);

	*record = describe(step, transformer_input(e->transformer), record->start_s);
	if (st == SW_OK)
		st = o->mark(e->device, STEP_BEGINS, err);
	if (st == SW_OK)
		st = transformer_run(e->transformer, err);
	if (st == SW_OK)
		st = o->mark(e->device, STEP_ENDS, err);
	if (st == SW_OK)
		st = o->synchronize(e->device, err);
	if (st == SW_OK)
		st = o->between_ms(e->device, STEP_BEGINS, STEP_ENDS, &record->device_ms, err);
	return st;
}

static enum sw_status record_request(engine *e, const struct replay_request *r,
				     struct sw_error *err)
{
	const struct sw__sequence *q = &r->sequence;
	struct engine_request_record record = {q->id,
					       r->arrival_s,
					       r->first_s,
					       r->last_s,
					       q->prompt_tokens,
					       q->output_tokens,
					       q->cached_tokens,
					       q->preemptions};

	e->summary->requests++;
	e->summary->preemptions += q->preemptions;
	return e->sink->request(e->sink->context, &record, err);
}

/* Those that ended go, and in a closed loop their clients come back. */
static enum sw_status let_go(engine *e, double at_s, struct sw_error *err)
{
	enum sw_status st = SW_OK;
	size_t kept = 0, n = e->n_live, ended = 0;

	for (size_t i = 0; i < n; i++) {
		struct replay_request *r = e->live[i];

		if (r->sequence.state != SW__SEQ_ENDED) {
			e->live[kept++] = r;
			continue;
		}
		batch_leave(e->batch, r);
		if (st == SW_OK)
			st = record_request(e, r, err);
		free_request(r);
		ended++;
	}
	e->n_live = kept;
	for (; st == SW_OK && sw__arrivals_closed(e->arrivals) && ended > 0; ended--)
		st = submit_closed(e, at_s, err);
	return st;
}

static void stamp_tokens(engine *e, const struct sw__step *step, double at_s)
{
	for (size_t i = 0; i < step->n; i++) {
		struct replay_request *r = (struct replay_request *)step->part[i].sequence;

		if (!step->part[i].samples)
			continue;
		if (isnan(r->first_s))
			r->first_s = at_s;
		r->last_s = at_s;
		e->summary->output_tokens++;
	}
}

static enum sw_status run_step(engine *e, const struct sw__step *step, double start_s,
			       struct sw_error *err)
{
	struct engine_step_record record = {.start_s = start_s};
	enum sw_status st = run_on_device(e, step, &record, err);
	double end_s;

	if (st != SW_OK)
		return st;
	batch_take_samples(e->batch, e->transformer);
	end_s = now(e);
	stamp_tokens(e, step, end_s);
	sw__scheduler_done(e->scheduler);
	e->summary->steps++;
	st = let_go(e, end_s, err);
	record.wall_ms = (now(e) - start_s) * 1e3;
	return st == SW_OK ? e->sink->step(e->sink->context, &record, err) : st;
}

/* Nothing to do: until the next request comes, or the end. False: nothing will ever come. */
static bool wait(engine *e)
{
	double until = e->setting.duration_s;

	if (!e->has_next)
		return false;
	e->clock->wait_until_s(e->clock->context, fmin(until, e->next.at_s));
	return true;
}

static enum sw_status serve(engine *e, struct sw_error *err)
{
	enum sw_status st = SW_OK;
	bool more = true;

	for (double at_s = now(e); st == SW_OK && more && at_s < e->setting.duration_s;
	     at_s = now(e)) {
		const struct sw__step *step = NULL;

		st = submit_arrived(e, at_s, err);
		if (st == SW_OK)
			st = sw__scheduler_next(e->scheduler, &step, err);
		if (st == SW_OK && step)
			st = run_step(e, step, at_s, err);
		else if (st == SW_OK)
			more = wait(e);
	}
	return st;
}

enum sw_status engine_run(engine *e, const struct engine_clock *clock,
			  const struct engine_sink *sink, struct engine_summary *summary,
			  struct sw_error *err)
{
	enum sw_status st = SW_OK;

	*summary = (struct engine_summary){0};
	e->clock = clock;
	e->sink = sink;
	e->summary = summary;
	for (double i = 0;
	     st == SW_OK && sw__arrivals_closed(e->arrivals) && i < e->setting.load.concurrency;
	     i++)
		st = submit_closed(e, 0, err);
	if (st == SW_OK)
		st = serve(e, err);
	summary->duration_s = now(e);
	summary->unfinished = e->n_live;
	return st;
}
