// SPDX-License-Identifier: Apache-2.0
#include "sim/simulated_engine.h"

#include <math.h>
#include <stdlib.h>

#include "base/error.h"
#include "catalog/at_once.h"
#include "slicewise/catalog.h"

/* Streams of chance. */
enum { JITTER = 1, LOAD };

/* An engine's chance goes by its name: alone or beside others, first or last, it is asked the same. */
static struct sw__random chance_of(uint64_t seed, const struct sw_tenant *tenant, uint64_t what)
{
	uint64_t hash = 14695981039346656037u; /* FNV-1a */
	struct sw__random seeds;

	for (const char *c = tenant->name; *c; c++)
		hash = (hash ^ (unsigned char)*c) * 1099511628211u;
	seeds = sw__random_make(seed, hash);
	return sw__random_make(sw__random_bits(&seeds), what);
}

static enum sw_status kv_tokens(const struct sw__sim_surroundings *around,
				const struct sw_tenant *tenant, struct sw_memory_fit *fit,
				struct sw_error *err)
{
	return sw_memory_fit(&around->mix->gpu, &tenant->model, &tenant->engine, &tenant->slice,
			     fit, err);
}

enum sw_status sw__sim_engine_schedule_anew(const struct sw__sim_surroundings *around,
					    struct sw__sim_engine *engine, struct sw_error *err)
{
	const struct sw_engine *e = &engine->tenant->engine;
	struct sw_memory_fit fit;
	struct sw__serving serving = {
		.policy = e->kind == SW_SGLANG ? SW__SERVE_PREFILL_FIRST : SW__SERVE_MIXED,
		.max_num_seqs = sw__at_once(engine->tenant),
		.max_num_batched_tokens = e->max_num_batched_tokens,
		.max_model_len = e->max_model_len,
		.prefix_caching = e->prefix_caching,
	};
	enum sw_status st = kv_tokens(around, engine->tenant, &fit, err);

	if (st != SW_OK)
		return st;
	serving.block_tokens = fit.block_tokens;
	serving.kv_blocks = (uint64_t)(fit.kv_tokens / fit.block_tokens);
	sw__scheduler_free(engine->scheduler);
	engine->scheduler = NULL;
	return sw__scheduler_new(&serving, &engine->scheduler, err);
}

static enum sw_status make_arrivals(const struct sw__sim_surroundings *around,
				    struct sw__sim_engine *engine, struct sw_error *err)
{
	const sw__kv_pages *pages = sw__scheduler_pages(engine->scheduler);
	uint64_t cache = (uint64_t)sw__kv_blocks_all(pages) * sw__kv_block_tokens(pages);
	struct sw__random seeds = chance_of(around->settings->seed, engine->tenant, LOAD);
	struct sw__arrivals_ask ask = {
		.load = &engine->tenant->load,
		.seed = sw__random_bits(&seeds),
		.max_tokens = engine->tenant->engine.max_model_len,
		.repeat = !engine->tenant->load.trace_once,
	};
	enum sw_status st;

	engine->next_arrival.at_s = INFINITY;
	if (around->settings->external)
		return SW_OK;
	if (cache < ask.max_tokens)
		ask.max_tokens = (uint32_t)cache;
	st = sw__arrivals_new(&ask, &engine->arrivals, err);
	if (st == SW_OK && !sw__arrivals_closed(engine->arrivals) &&
	    !sw__arrivals_next(engine->arrivals, 0, &engine->next_arrival))
		engine->next_arrival.at_s = INFINITY;
	return st;
}

/* The clients of a closed loop all ask at the beginning. */
static enum sw_status start_clients(struct sw__sim_engine *engine, struct sw_error *err)
{
	enum sw_status st = SW_OK;

	if (!engine->arrivals || !sw__arrivals_closed(engine->arrivals))
		return SW_OK;
	for (double i = 0; i < engine->tenant->load.concurrency && st == SW_OK; i++)
		st = sw__sim_engine_ask_again(engine, 0, err);
	return st;
}

void sw__sim_engine_share(const struct sw__sim_surroundings *around, struct sw__sim_engine *engine,
			  double share)
{
	struct sw_slice slice = engine->tenant->slice;

	engine->share = slice.share = share;
	engine->steps.setting =
		sw__step_setting(around->calibration, &engine->tenant->engine, &slice);
	engine->limiter.limit_percent = share * 100;
}

static void set_steps(const struct sw__sim_surroundings *around, struct sw__sim_engine *engine)
{
	const struct sw__sim_constants *c = around->constants;
	const struct sw_calibration_info *info = sw_calibration_describe(around->calibration);

	engine->steps = (struct sw__sim_steps){
		.calibration = around->calibration,
		.engine = &engine->tenant->engine,
		.ops = sw__model_ops(&engine->tenant->model),
		.prefill_pace = exp(c->prefill_doubts * info->prefill_doubt),
		.decode_pace = exp(c->decode_doubts * info->decode_doubt),
		.host_pace = c->host_pace,
		.constants = c,
	};
	sw__hami_limiter_start(&engine->limiter, &around->mix->gpu, engine->tenant->slice.share);
	sw__sim_engine_share(around, engine, engine->tenant->slice.share);
}

enum sw_status sw__sim_engine_make(const struct sw__sim_surroundings *around, size_t index,
				   struct sw__sim_engine *engine, struct sw_error *err)
{
	enum sw_status st;

	engine->index = index;
	engine->tenant = &around->mix->tenants[index];
	engine->schedule_ahead = engine->tenant->engine.kind != SW_LLAMA_CPP;
	engine->jitter = chance_of(around->settings->seed, engine->tenant, JITTER);
	engine->phase = engine->tenant->start_s > 0 ? SW__SIM_STOPPED : SW__SIM_SERVING;
	engine->next_id = 1;
	set_steps(around, engine);
	st = sw__sim_engine_schedule_anew(around, engine, err);
	if (st == SW_OK)
		st = make_arrivals(around, engine, err);
	if (st == SW_OK && engine->phase == SW__SIM_STOPPED)
		sw__sim_engine_wait_for_start(around, engine);
	return st == SW_OK ? start_clients(engine, err) : st;
}

static void free_list(struct sw__sim_request *request)
{
	while (request) {
		struct sw__sim_request *after = request->after;

		free(request);
		request = after;
	}
}

void sw__sim_engine_clear(struct sw__sim_engine *engine)
{
	sw__scheduler_free(engine->scheduler); /* reads the requests it has */
	sw__arrivals_free(engine->arrivals);
	free_list(engine->first);
	free_list(engine->spare);
}

void sw__sim_engine_count(const struct sw__sim_engine *engine, struct sw_sim_engine *out)
{
	const sw__kv_pages *pages = sw__scheduler_pages(engine->scheduler);

	*out = engine->counters;
	out->ready = engine->phase == SW__SIM_SERVING;
	out->share = engine->share;
	out->running = (uint32_t)sw__scheduler_running(engine->scheduler);
	out->waiting = (uint32_t)sw__scheduler_waiting(engine->scheduler);
	for (const struct sw__sim_request *r = engine->unseen; r; r = r->after)
		out->waiting++;
	out->kv_blocks = sw__kv_blocks_all(pages);
	out->kv_blocks_free = sw__kv_blocks_free(pages);
	out->kv_block_tokens = sw__kv_block_tokens(pages);
}
