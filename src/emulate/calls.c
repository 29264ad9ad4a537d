// SPDX-License-Identifier: Apache-2.0
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/random.h"
#include "emulate/replies.h"
#include "emulate/served_engine_parts.h"

static struct sw__bucket *bucket_of(struct sw__engine *engine, uint64_t id)
{
	return &engine->buckets[id % SW__CALL_BUCKETS];
}

static struct sw__call *find(struct sw__engine *engine, uint64_t id)
{
	struct sw__call *call;

	LIST_FOREACH(call, bucket_of(engine, id), in_bucket)
	{
		if (call->request.id == id)
			return call;
	}
	return NULL;
}

void sw__call_start(struct sw__engine *engine, struct sw__call *call)
{
	if (call->started)
		return;
	call->started = true;
	TAILQ_REMOVE(&engine->queue, call, in_queue);
	engine->queued--;
}

static void release(struct sw__call *call)
{
	sw__http_drop(call->exchange);
	free(call);
}

/* Out of the tables. */
static void forget(struct sw__engine *engine, struct sw__call *call)
{
	sw__call_start(engine, call);
	LIST_REMOVE(call, in_bucket);
	release(call);
}

static void cut_bucket(struct sw__engine *engine, struct sw__bucket *bucket)
{
	struct sw__call *call = LIST_FIRST(bucket);

	LIST_INIT(bucket);
	while (call) {
		struct sw__call *next = LIST_NEXT(call, in_bucket);

		sw__http_cut(call->exchange);
		sw__call_start(engine, call);
		release(call);
		call = next;
	}
}

void sw__calls_cut(struct sw__engine *engine)
{
	for (size_t i = 0; i < SW__CALL_BUCKETS; i++)
		cut_bucket(engine, &engine->buckets[i]);
}

static void count_abort(struct sw__engine *engine, enum sw__vllm_finish finish)
{
	(void)pthread_mutex_lock(&engine->lock);
	engine->metrics.finished[finish]++;
	(void)pthread_mutex_unlock(&engine->lock);
}

/* An id, or an exchange, or a share, on its way to the pacer's thread. */
struct errand {
	struct sw__command command; /* first */
	struct sw__engine *engine;
	uint64_t id;
	double share;
	sw__http_exchange *exchange;
};

static bool send_errand(struct sw__engine *engine, struct errand what,
			void (*run)(void *context, struct sw__command *command, bool alive))
{
	struct errand *errand = malloc(sizeof(*errand));

	if (!errand)
		return false;
	*errand = what;
	errand->command.run = run;
	errand->engine = engine;
	sw__pacer_post(engine->pacer, &errand->command);
	return true;
}

static void run_cancel(void *context, struct sw__command *command, bool alive)
{
	struct errand *errand = (struct errand *)command;
	struct sw__engine *engine = errand->engine;
	struct sw__call *call = alive ? find(engine, errand->id) : NULL;

	(void)context;
	if (call) {
		(void)engine->ops->cancel(engine->sim, engine->index, errand->id);
		count_abort(engine, SW__FINISH_ABORT);
		forget(engine, call);
	}
	free(errand);
}

/* Without memory for the errand, the next token finds that nobody listens and tries again. */
static void on_gone(void *context, uint64_t id)
{
	(void)send_errand(context, (struct errand){.id = id}, run_cancel);
}

static void enter(struct sw__engine *engine, struct sw__call *call)
{
	call->times.arrival_s = call->times.started_s = call->command.at_s;
	LIST_INSERT_HEAD(bucket_of(engine, call->request.id), call, in_bucket);
	TAILQ_INSERT_TAIL(&engine->queue, call, in_queue);
	engine->queued++;
	(void)pthread_mutex_lock(&engine->lock);
	engine->metrics.prefix_queries += call->request.prompt_tokens;
	engine->metrics.prefix_hits += call->request.cached_tokens;
	(void)pthread_mutex_unlock(&engine->lock);
	if (call->stream)
		(void)sw__http_begin(call->exchange, 200, SW__REPLY_EVENTS);
}

static void run_submit(void *context, struct sw__command *command, bool alive)
{
	struct sw__call *call = (struct sw__call *)command;
	struct sw__engine *engine = call->engine;
	struct sw_error err = {SW_OK, ""};
	enum sw_status st;

	(void)context;
	if (!alive) {
		sw__reply_error(call->exchange, 503, NULL, "The engine has stopped.");
		release(call);
		return;
	}
	st = engine->ops->submit(engine->sim, engine->index, &call->request, &err);
	if (st == SW_OK) {
		enter(engine, call);
		return;
	}
	sw__reply_error(call->exchange, st == SW_BAD_INPUT ? 400 : 500, NULL, err.message);
	release(call);
}

/* Whole blocks of the prompt, as the mix's load says how much of its prompts is found. */
static uint32_t cached_tokens(struct sw__engine *engine, uint32_t prompt_tokens)
{
	uint32_t block = sw__engine_state(engine).kv_block_tokens;
	double hit = engine->tenant->load.prefix_hit_ratio * prompt_tokens;

	if (!engine->tenant->engine.prefix_caching || !block || !(hit >= block))
		return 0;
	return (uint32_t)(hit / block) * block;
}

static void describe(struct sw__call *call, const struct sw__completion *completion,
		     uint32_t tokens, bool stops)
{
	struct sw__engine *engine = call->engine;
	uint64_t id = atomic_fetch_add(&engine->last_id, 1) + 1;
	struct sw__random random = sw__random_make(engine->seed + engine->index, id);

	call->command.run = run_submit;
	call->finish = stops ? SW__FINISH_STOP : SW__FINISH_LENGTH;
	call->stream = completion->stream;
	call->request = (struct sw_sim_request){id, completion->prompt_tokens, tokens,
						cached_tokens(engine, completion->prompt_tokens)};
	call->answer =
		(struct sw__completion_answer){.chat = completion->chat,
					       .include_usage = completion->include_usage,
					       .continuous_usage = completion->continuous_usage,
					       .model_json = engine->model_json,
					       .created = (long long)time(NULL),
					       .seed = id,
					       .prompt_tokens = completion->prompt_tokens};
	sw__completion_name(&call->answer, sw__random_bits(&random));
}

bool sw__engine_ask(struct sw__engine *engine, const struct sw__completion *completion,
		    uint32_t tokens, bool stops, sw__http_exchange *exchange)
{
	struct sw__call *call = calloc(1, sizeof(*call));

	if (!call)
		return false;
	call->engine = engine;
	call->exchange = exchange;
	describe(call, completion, tokens, stops);
	sw__http_hold(exchange, on_gone, engine, call->request.id);
	sw__pacer_post(engine->pacer, &call->command);
	return true;
}

static void begin_process(struct sw__engine *engine)
{
	(void)pthread_mutex_lock(&engine->lock);
	sw__vllm_reset(&engine->metrics, engine->token_bounds, engine->n_token_bounds);
	engine->preemptions_before = engine->state.preemptions;
	engine->state.ready = false;
	(void)pthread_mutex_unlock(&engine->lock);
}

static enum sw_status restart(struct sw__engine *engine, double share, struct sw_error *err)
{
	enum sw_status st = SW_OK;

	sw__calls_cut(engine);
	begin_process(engine);
	if (sw_known(share))
		st = engine->ops->set_share(engine->sim, engine->index, share, err);
	if (st == SW_OK)
		st = engine->ops->restart(engine->sim, engine->index, err);
	return st;
}

static void run_restart(void *context, struct sw__command *command, bool alive)
{
	struct errand *errand = (struct errand *)command;
	struct sw_error err = {SW_OK, ""};

	(void)context;
	if (!alive)
		sw__reply_error(errand->exchange, 503, NULL, "The engine has stopped.");
	else if (restart(errand->engine, errand->share, &err) != SW_OK)
		sw__reply_error(errand->exchange, 500, NULL, err.message);
	else
		sw__reply_json(errand->exchange, 202, "{\"status\":\"restarting\"}");
	sw__http_drop(errand->exchange);
	free(errand);
}

bool sw__engine_restart(struct sw__engine *engine, double share, sw__http_exchange *exchange)
{
	sw__http_hold(exchange, NULL, NULL, 0);
	if (send_errand(engine, (struct errand){.share = share, .exchange = exchange}, run_restart))
		return true;
	sw__http_drop(exchange);
	return false;
}

static void run_set_share(void *context, struct sw__command *command, bool alive)
{
	struct errand *errand = (struct errand *)command;
	struct sw__engine *engine = errand->engine;

	(void)context;
	if (alive)
		(void)engine->ops->set_share(engine->sim, engine->index, errand->share, NULL);
	free(errand);
}

bool sw__engine_set_share(struct sw__engine *engine, double share)
{
	return send_errand(engine, (struct errand){.share = share}, run_set_share);
}

static void count_token(struct sw__engine *engine, struct sw__call *call, uint32_t n, double at_s,
			bool last)
{
	struct sw__vllm_times *times = &call->times;

	(void)pthread_mutex_lock(&engine->lock);
	sw__vllm_token(&engine->metrics, n, call->request.prompt_tokens, times->arrival_s,
		       times->last_s, at_s);
	times->last_s = at_s;
	if (n == 1)
		times->first_s = at_s;
	if (last)
		sw__vllm_finished(&engine->metrics, call->finish, times,
				  call->request.prompt_tokens, n);
	(void)pthread_mutex_unlock(&engine->lock);
}

void sw__engine_token(struct sw__engine *engine, uint64_t id, uint32_t n, bool last, double at_s)
{
	struct sw__call *call = find(engine, id);
	double due_s = at_s / engine->speed;

	if (!call)
		return;
	sw__call_start(engine, call);
	call->done = n;
	count_token(engine, call, n, due_s, last);
	if (!sw__reply_token(call, n, last, due_s) && !last)
		on_gone(engine, id);
	if (last)
		forget(engine, call);
}

void sw__engine_aborted(struct sw__engine *engine, uint64_t id)
{
	struct sw__call *call = find(engine, id);

	if (!call)
		return;
	count_abort(engine, SW__FINISH_ERROR);
	sw__reply_abort(call);
	forget(engine, call);
}
