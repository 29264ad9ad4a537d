// SPDX-License-Identifier: Apache-2.0
#include "fake_gpu.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"

enum { REQUESTS_MAX = 4096 };

struct request {
	struct sw_sim_request is;
	uint32_t done;
	int steps; /* of its prompt, that are done */
	bool running;
};

struct tenant {
	struct request requests[REQUESTS_MAX]; /* in the order of arrival */
	size_t n;
	unsigned running_max, context_max;
	double step_ends_s; /* INFINITY: no step */
	struct sw_sim_engine state;
};

struct sw_sim {
	double now_s;
	struct sw_sim_listener listener;
	size_t n;
	struct tenant tenants[];
};

static enum sw_status fake_create(const struct sw_mix *mix, const struct sw_sim_settings *settings,
				  sw_sim **out, struct sw_error *err)
{
	struct sw_sim *sim = calloc(1, sizeof(*sim) + mix->n * sizeof(struct tenant));

	*out = sim;
	if (!sim)
		return sw_fail(err, SW_NO_MEMORY, "a fake GPU");
	sim->listener = settings->listener;
	sim->n = mix->n;
	for (size_t i = 0; i < mix->n; i++) {
		struct tenant *t = &sim->tenants[i];

		t->running_max = mix->tenants[i].engine.max_num_seqs;
		t->context_max = mix->tenants[i].engine.max_model_len;
		t->step_ends_s = INFINITY;
		t->state = (struct sw_sim_engine){.ready = true,
						  .share = mix->tenants[i].slice.share,
						  .kv_blocks = FAKE_BLOCKS,
						  .kv_blocks_free = FAKE_BLOCKS,
						  .kv_block_tokens = FAKE_BLOCK_TOKENS};
	}
	return SW_OK;
}

static void fake_destroy(sw_sim *sim)
{
	free(sim);
}

static double fake_now_s(const sw_sim *sim)
{
	return sim->now_s;
}

static double next_of(const struct tenant *t)
{
	return t->state.ready ? t->step_ends_s : t->state.ready_s;
}

static double fake_next_s(const sw_sim *sim)
{
	double next_s = INFINITY;

	for (size_t i = 0; i < sim->n; i++)
		next_s = fmin(next_s, next_of(&sim->tenants[i]));
	return next_s;
}

static uint32_t blocks_of(const struct request *r)
{
	return (r->is.prompt_tokens + r->done + FAKE_BLOCK_TOKENS - 1) / FAKE_BLOCK_TOKENS;
}

static void begin_step(struct tenant *t, double now_s)
{
	uint32_t running = 0, blocks = 0;

	for (size_t i = 0; i < t->n; i++) {
		struct request *r = &t->requests[i];

		r->running = r->running || (running < t->running_max && t->state.ready);
		running += r->running;
		blocks += r->running ? blocks_of(r) : 0;
	}
	t->state.running = running;
	t->state.waiting = (uint32_t)t->n - running;
	t->state.kv_blocks_free = blocks < FAKE_BLOCKS ? FAKE_BLOCKS - blocks : 0;
	t->step_ends_s = running ? now_s + FAKE_STEP_S / t->state.share : INFINITY;
}

static void take_out(struct tenant *t, size_t i)
{
	memmove(&t->requests[i], &t->requests[i + 1], (t->n - i - 1) * sizeof(t->requests[0]));
	t->n--;
}

/* Whether the request goes on. */
static bool give_token(struct sw_sim *sim, size_t tenant, struct request *r)
{
	struct tenant *t = &sim->tenants[tenant];
	bool last = r->done + 1 == r->is.output_tokens;

	if (r->is.prompt_tokens == FAKE_PROMPT_OF_DOOM && r->done == 2) {
		t->state.aborted++;
		sim->listener.aborted(sim->listener.context, tenant, r->is.id, sim->now_s);
		return false;
	}
	if (r->done == 0) {
		t->state.prompt_tokens += r->is.prompt_tokens - r->is.cached_tokens;
		t->state.cached_tokens += r->is.cached_tokens;
	}
	t->state.generated_tokens++;
	t->state.ended += last;
	r->done++;
	sim->listener.token(sim->listener.context, tenant, r->is.id, r->done, last, sim->now_s);
	return !last;
}

static void end_step(struct sw_sim *sim, size_t tenant)
{
	struct tenant *t = &sim->tenants[tenant];

	t->state.steps++;
	t->state.gpu_s += FAKE_STEP_S;
	for (size_t i = 0; i < t->n;) {
		struct request *r = &t->requests[i];

		if (r->running && ++r->steps >= FAKE_PROMPT_STEPS && !give_token(sim, tenant, r))
			take_out(t, i);
		else
			i++;
	}
	begin_step(t, sim->now_s);
}

static enum sw_status fake_advance(sw_sim *sim, double to_s, struct sw_error *err)
{
	(void)err;
	while (fake_next_s(sim) <= to_s) {
		sim->now_s = fake_next_s(sim);
		for (size_t i = 0; i < sim->n; i++) {
			struct tenant *t = &sim->tenants[i];

			if (next_of(t) > sim->now_s)
				continue;
			if (t->state.ready) {
				end_step(sim, i);
			} else {
				t->state.ready = true;
				begin_step(t, sim->now_s);
			}
		}
	}
	sim->now_s = fmax(sim->now_s, to_s);
	return SW_OK;
}

static enum sw_status fake_submit(sw_sim *sim, size_t tenant, const struct sw_sim_request *request,
				  struct sw_error *err)
{
	struct tenant *t = &sim->tenants[tenant];

	if ((uint64_t)request->prompt_tokens + request->output_tokens >
	    (uint64_t)FAKE_BLOCKS * FAKE_BLOCK_TOKENS)
		return sw_fail(err, SW_BAD_INPUT, "the request is longer than the KV cache");
	if (t->n == REQUESTS_MAX)
		return sw_fail(err, SW_NO_MEMORY, "too many requests for a fake GPU");
	t->requests[t->n++] = (struct request){.is = *request};
	t->state.waiting++;
	if (isinf(t->step_ends_s) && t->state.ready)
		begin_step(t, sim->now_s);
	return SW_OK;
}

static bool fake_cancel(sw_sim *sim, size_t tenant, uint64_t id)
{
	struct tenant *t = &sim->tenants[tenant];

	for (size_t i = 0; i < t->n; i++) {
		if (t->requests[i].is.id != id)
			continue;
		t->state.running -= t->requests[i].running;
		t->state.waiting -= !t->requests[i].running;
		take_out(t, i);
		return true;
	}
	return false;
}

static enum sw_status fake_set_share(sw_sim *sim, size_t tenant, double share, struct sw_error *err)
{
	(void)err;
	sim->tenants[tenant].state.share = share;
	return SW_OK;
}

static enum sw_status fake_restart(sw_sim *sim, size_t tenant, struct sw_error *err)
{
	struct tenant *t = &sim->tenants[tenant];

	(void)err;
	while (t->n) {
		uint64_t id = t->requests[0].is.id;

		take_out(t, 0);
		t->state.aborted++;
		sim->listener.aborted(sim->listener.context, tenant, id, sim->now_s);
	}
	t->state.ready = false;
	t->state.ready_s = sim->now_s + FAKE_START_S;
	t->state.running = t->state.waiting = 0;
	t->state.kv_blocks_free = FAKE_BLOCKS;
	t->step_ends_s = INFINITY;
	return SW_OK;
}

static void fake_engine_state(const sw_sim *sim, size_t tenant, struct sw_sim_engine *out)
{
	*out = sim->tenants[tenant].state;
}

const struct sw__gpu_ops fake_gpu = {
	.create = fake_create,
	.destroy = fake_destroy,
	.now_s = fake_now_s,
	.next_s = fake_next_s,
	.advance = fake_advance,
	.submit = fake_submit,
	.cancel = fake_cancel,
	.set_share = fake_set_share,
	.restart = fake_restart,
	.engine_state = fake_engine_state,
};
