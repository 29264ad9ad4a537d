// SPDX-License-Identifier: Apache-2.0
/* Requests of an engine: how they come, how they leave. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "sim/simulated_engine.h"

static const double MS = 1e-3;

static struct sw__sim_request *spare_or_new(struct sw__sim_engine *engine)
{
	struct sw__sim_request *r = engine->spare;

	if (!r)
		return calloc(1, sizeof(*r));
	engine->spare = r->after;
	memset(r, 0, sizeof(*r));
	return r;
}

static void append(struct sw__sim_engine *engine, struct sw__sim_request *r)
{
	r->before = engine->last;
	if (engine->last)
		engine->last->after = r;
	else
		engine->first = r;
	engine->last = r;
	if (!engine->unseen)
		engine->unseen = r;
}

void sw__sim_engine_release(struct sw__sim_engine *engine, struct sw__sim_request *request)
{
	struct sw__sim_request *r = request;

	if (engine->unseen == r)
		engine->unseen = r->after;
	if (r->before)
		r->before->after = r->after;
	else
		engine->first = r->after;
	if (r->after)
		r->after->before = r->before;
	else
		engine->last = r->before;
	r->after = engine->spare;
	engine->spare = r;
}

static enum sw_status add(struct sw__sim_engine *engine, const struct sw_sim_request *request,
			  double now_s, bool own, struct sw_error *err)
{
	struct sw__sim_request *r = spare_or_new(engine);

	if (!r)
		return sw_fail(err, SW_NO_MEMORY, "a request");
	r->sequence = (struct sw__sequence){
		.id = engine->next_id++,
		.prompt_tokens = request->prompt_tokens,
		.output_tokens = request->output_tokens,
		.cached_tokens = request->cached_tokens,
		.user = r,
	};
	r->id = request->id;
	r->own = own;
	r->arrival_s = now_s;
	r->first_s = r->last_s = NAN;
	append(engine, r);
	return SW_OK;
}

enum sw_status sw__sim_engine_add(struct sw__sim_engine *engine,
				  const struct sw_sim_request *request, double now_s, bool own,
				  struct sw_error *err)
{
	struct sw__sequence sequence = {.prompt_tokens = request->prompt_tokens,
					.output_tokens = request->output_tokens,
					.cached_tokens = request->cached_tokens};
	enum sw_status st = sw__scheduler_check(engine->scheduler, &sequence, err);

	return st == SW_OK ? add(engine, request, now_s, own, err) : st;
}

static struct sw_sim_request request_of(const struct sw__arrival *arrival)
{
	return (struct sw_sim_request){.prompt_tokens = arrival->prompt_tokens,
				       .output_tokens = arrival->output_tokens,
				       .cached_tokens = arrival->cached_tokens};
}

enum sw_status sw__sim_engine_ask_again(struct sw__sim_engine *engine, double now_s,
					struct sw_error *err)
{
	struct sw__arrival arrival;
	struct sw_sim_request request;

	if (!engine->arrivals || !sw__arrivals_closed(engine->arrivals) ||
	    !sw__arrivals_next(engine->arrivals, now_s, &arrival))
		return SW_OK;
	request = request_of(&arrival);
	return add(engine, &request, now_s, true, err);
}

enum sw_status sw__sim_engine_arrive(struct sw__sim_engine *engine, double now_s,
				     struct sw_error *err)
{
	enum sw_status st = SW_OK;

	while (st == SW_OK && engine->next_arrival.at_s <= now_s) {
		struct sw_sim_request request = request_of(&engine->next_arrival);

		st = add(engine, &request, engine->next_arrival.at_s, true, err);
		if (!sw__arrivals_next(engine->arrivals, 0, &engine->next_arrival))
			engine->next_arrival.at_s = INFINITY;
	}
	return st;
}

static double seen_at(const struct sw__sim_surroundings *around, const struct sw__sim_request *r)
{
	return r->arrival_s + around->constants->frontend_ms * MS;
}

double sw__sim_engine_arrival_s(const struct sw__sim_surroundings *around,
				const struct sw__sim_engine *engine)
{
	double waiting = engine->unseen ? seen_at(around, engine->unseen) : INFINITY;

	return fmin(waiting, engine->next_arrival.at_s);
}

enum sw_status sw__sim_engine_admit(const struct sw__sim_surroundings *around,
				    struct sw__sim_engine *engine, double horizon_s,
				    struct sw_error *err)
{
	enum sw_status st = SW_OK;

	while (st == SW_OK && engine->unseen && seen_at(around, engine->unseen) <= horizon_s) {
		st = sw__scheduler_add(engine->scheduler, &engine->unseen->sequence, err);
		if (st == SW_OK) {
			engine->unseen->scheduled = true;
			engine->unseen = engine->unseen->after;
		}
	}
	return st;
}

bool sw__sim_engine_cancel(struct sw__sim_engine *engine, uint64_t id)
{
	struct sw__sim_request *r = engine->first;

	while (r && (r->id != id || r->own || r->cancelled))
		r = r->after;
	if (!r)
		return false;
	if (r->scheduled && !sw__scheduler_remove(engine->scheduler, &r->sequence)) {
		r->cancelled = true; /* in the step that runs: it leaves with it */
		return true;
	}
	sw__sim_engine_release(engine, r);
	engine->counters.aborted++;
	return true;
}
