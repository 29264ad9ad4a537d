// SPDX-License-Identifier: Apache-2.0
#include "predict/played_engine.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "catalog/at_once.h"
#include "math/ordered.h"
#include "predict/prepared.h"
#include "slicewise/catalog.h"

/* Of a step's times, relative deviations: without any, engines in closed loops walk in step for ever. Any small numbers will do. */
static const double GPU_JITTER = 0.01, HOST_JITTER = 0.1;
static const double SQRT_12 =
	3.4641016151377544; /* one over the standard deviation of a uniform number */
static const double POLL_MS =
	10; /* of a held launch: HAMi-core, rate_limiter; in vain before the next refill */

/* Of the cache's, as many as can ever be in use at once: blocks are made one by one, and most would only be made. */
static uint64_t blocks_of(const struct sw_tenant *t, const struct sw_memory_fit *fit)
{
	double blocks = fit->kv_tokens / fit->block_tokens, at_once = sw__at_once(t);
	double longest = ceil((double)t->engine.max_model_len / fit->block_tokens);

	if (isnan(t->load.rate))
		at_once = sw__smaller(at_once, t->load.concurrency);
	return (uint64_t)sw__smaller(blocks, at_once * longest);
}

static enum sw_status make_scheduler(const struct sw__played_setting *s,
				     struct sw__played_engine *e, struct sw_memory_fit *fit,
				     struct sw_error *err)
{
	const struct sw_engine *engine = &s->tenant->engine;
	struct sw__serving serving = {
		.policy = engine->kind == SW_SGLANG ? SW__SERVE_PREFILL_FIRST : SW__SERVE_MIXED,
		.max_num_seqs = sw__at_once(s->tenant),
		.max_num_batched_tokens = engine->max_num_batched_tokens,
		.max_model_len = engine->max_model_len,
		.prefix_caching = engine->prefix_caching,
	};
	enum sw_status st = sw_memory_fit(&s->calibration->gpu, &s->tenant->model, engine,
					  &s->tenant->slice, fit, err);

	if (st != SW_OK)
		return st;
	serving.block_tokens = fit->block_tokens;
	serving.kv_blocks = blocks_of(s->tenant, fit);
	return sw__scheduler_new(&serving, &e->scheduler, err);
}

static enum sw_status grow(struct sw__played_engine *e, struct sw_error *err)
{
	size_t room = e->room ? 2 * e->room : 64;
	struct sw__played_request **every = realloc(e->every, room * sizeof(*every));

	if (!every)
		return sw_fail(err, SW_NO_MEMORY, "%zu requests", room);
	e->every = every;
	e->room = room;
	return SW_OK;
}

static enum sw_status new_request(struct sw__played_engine *e, struct sw__played_request **out,
				  struct sw_error *err)
{
	enum sw_status st = e->n_every == e->room ? grow(e, err) : SW_OK;

	if (st != SW_OK)
		return st;
	*out = calloc(1, sizeof(**out));
	if (!*out)
		return sw_fail(err, SW_NO_MEMORY, "a request");
	e->every[e->n_every++] = *out;
	return SW_OK;
}

/* How much of a time lies in what is measured. */
static double measured_ms(const struct sw__played_engine *e, double from_ms, double to_ms)
{
	return sw__larger(0, sw__smaller(to_ms, e->measured_to_ms) -
				     sw__larger(from_ms, e->measured_from_ms));
}

static bool is_measured(const struct sw__played_engine *e, double at_ms)
{
	return at_ms >= e->measured_from_ms && at_ms < e->measured_to_ms;
}

/* From the socket to the scheduler. On a busy core that takes now longer, now shorter; without any difference, requests that end
 * together would come back together for ever. */
static double frontend_ms(struct sw__played_engine *e)
{
	double ms = e->steps.shared->at[SW__SHARED_frontend_ms];

	return e->steps.on_host ? 2 * sw__random_uniform(&e->jitter) * ms : ms;
}

static enum sw_status enqueue(struct sw__played_engine *e, const struct sw__arrival *a,
			      double arrival_ms, struct sw_error *err)
{
	struct sw__played_request *r = e->spare;
	enum sw_status st = SW_OK;

	if (r)
		e->spare = r->next;
	else
		st = new_request(e, &r, err);
	if (st != SW_OK)
		return st;
	*r = (struct sw__played_request){
		.sequence = {.id = ++e->next_id,
			     .prompt_tokens = a->prompt_tokens,
			     .output_tokens = a->output_tokens,
			     .cached_tokens = a->cached_tokens,
			     .user = r},
		.arrival_ms = arrival_ms,
		.known_ms = arrival_ms + frontend_ms(e),
		.first_ms = NAN,
	};
	e->came += is_measured(e, arrival_ms);
	*e->line_end = r;
	e->line_end = &r->next;
	return SW_OK;
}

static enum sw_status ask_again(struct sw__played_engine *e, double now_ms, struct sw_error *err)
{
	struct sw__arrival a;

	if (!sw__arrivals_closed(e->arrivals) || !sw__arrivals_next(e->arrivals, now_ms / 1000, &a))
		return SW_OK;
	return enqueue(e, &a, now_ms, err);
}

static enum sw_status make_arrivals(const struct sw__played_setting *s, struct sw__played_engine *e,
				    const struct sw_memory_fit *fit, struct sw_error *err)
{
	struct sw__arrivals_ask ask = {
		.load = &s->tenant->load,
		.seed = s->seed,
		.max_tokens = s->tenant->engine.max_model_len,
		.repeat = true,
	};
	enum sw_status st;

	if (fit->kv_tokens < ask.max_tokens)
		ask.max_tokens = (uint32_t)(fit->kv_tokens / fit->block_tokens) * fit->block_tokens;
	e->coming.at_s = INFINITY;
	st = sw__arrivals_new(&ask, &e->arrivals, err);
	if (st != SW_OK)
		return st;
	if (!sw__arrivals_closed(e->arrivals))
		(void)sw__arrivals_next(e->arrivals, 0, &e->coming);
	for (double i = 0; i < s->tenant->load.concurrency && st == SW_OK; i++)
		st = ask_again(e, 0, err);
	return st;
}

enum sw_status sw__played_engine_make(const struct sw__played_setting *s,
				      struct sw__played_engine *e, struct sw_error *err)
{
	struct sw_memory_fit fit;
	enum sw_status st;

	e->tenant = s->tenant;
	e->schedule_ahead = s->tenant->engine.kind != SW_LLAMA_CPP;
	e->jitter = sw__random_make(s->seed, 1);
	e->line_end = &e->line;
	e->measured_from_ms = e->measured_to_ms = INFINITY;
	sw__played_steps_of(s->calibration, s->tenant, s->shared, s->model, s->known, &e->steps);
	sw__hami_limiter_start(&e->limiter, &s->calibration->gpu,
			       s->held ? s->tenant->slice.share : 1);
	st = make_scheduler(s, e, &fit, err);
	return st == SW_OK ? make_arrivals(s, e, &fit, err) : st;
}

void sw__played_engine_clear(struct sw__played_engine *e)
{
	sw__scheduler_free(e->scheduler); /* reads the requests it has */
	sw__arrivals_free(e->arrivals);
	for (size_t i = 0; i < e->n_every; i++)
		free(e->every[i]);
	free(e->every);
	free(e->ttft_ms);
	free(e->tpot_ms);
}

double sw__played_arrival_ms(const struct sw__played_engine *e)
{
	return e->coming.at_s * 1000;
}

enum sw_status sw__played_arrive(struct sw__played_engine *e, double now_ms, struct sw_error *err)
{
	enum sw_status st = SW_OK;

	while (st == SW_OK && e->coming.at_s * 1000 <= now_ms) {
		st = enqueue(e, &e->coming, e->coming.at_s * 1000, err);
		if (!sw__arrivals_next(e->arrivals, 0, &e->coming))
			e->coming.at_s = INFINITY;
	}
	return st;
}

static enum sw_status admit(struct sw__played_engine *e, double horizon_ms, struct sw_error *err)
{
	enum sw_status st = SW_OK;

	while (st == SW_OK && e->line && e->line->known_ms <= horizon_ms) {
		struct sw__played_request *r = e->line;

		e->line = r->next;
		if (!e->line)
			e->line_end = &e->line;
		r->next = NULL;
		st = sw__scheduler_add(e->scheduler, &r->sequence, err);
	}
	return st;
}

static double jittered(struct sw__random *random, double deviation)
{
	return 1 + deviation * SQRT_12 * (sw__random_uniform(random) - 0.5);
}

static void scale_gpu(struct sw__played_step *step, double by)
{
	step->gpu_ms *= by;
	step->tail_ms *= by;
}

void sw__played_work(struct sw__played_engine *e, double now_ms)
{
	double ms = now_ms - e->since_ms;

	if (ms <= 0)
		return;
	if (e->rate > 0) {
		e->left_ms -= e->rate * ms;
		e->gpu_total_ms += ms;
		e->gpu_ms += measured_ms(e, e->since_ms, now_ms);
	}
	e->since_ms = now_ms;
}

void sw__played_had_turns(struct sw__played_engine *e, double from_ms, double to_ms, double ms)
{
	e->left_ms -= ms;
	e->gpu_total_ms += ms;
	e->gpu_ms += ms * measured_ms(e, from_ms, to_ms) / (to_ms - from_ms);
	e->since_ms = to_ms;
}

/* To the GPU, if nobody holds it. */
static void launch(struct sw__played_engine *e, double now_ms)
{
	double blocks = e->step.blocks / e->step.pieces;

	if (blocks > 0 && !sw__hami_limiter_launch(&e->limiter, blocks)) {
		e->state = SW__PLAYED_HELD;
		e->until_ms =
			now_ms + POLL_MS * sw__larger(1, ceil((e->refill_ms - now_ms) / POLL_MS));
		return;
	}
	e->state = SW__PLAYED_GPU;
	e->rate = 0;
	e->since_ms = now_ms;
	e->piece++;
	if (e->step.tail_ms <= 0)
		e->left_ms = e->step.gpu_ms / e->step.pieces;
	else
		e->left_ms = e->piece == e->step.pieces
				     ? e->step.tail_ms
				     : (e->step.gpu_ms - e->step.tail_ms) / (e->step.pieces - 1);
}

enum sw_status sw__played_begin(struct sw__played_engine *e, double now_ms, struct sw_error *err)
{
	enum sw_status st = admit(e, e->schedule_ahead ? e->seen_ms : now_ms, err);

	if (st == SW_OK && sw__scheduler_running(e->scheduler) == 0 &&
	    sw__scheduler_waiting(e->scheduler) == 0)
		st = admit(e, now_ms, err);
	if (st == SW_OK)
		st = sw__scheduler_next(e->scheduler, &e->parts, err);
	if (st != SW_OK || !e->parts)
		return st;
	sw__played_step_of(&e->steps, e->parts, &e->step);
	scale_gpu(&e->step, jittered(&e->jitter, GPU_JITTER));
	e->step.host_ms *= jittered(&e->jitter, HOST_JITTER);
	e->step_began_ms = now_ms;
	e->piece = 0;
	launch(e, now_ms);
	return SW_OK;
}

static enum sw_status note(double **values, size_t *n, size_t *room, double x, struct sw_error *err)
{
	if (*n == *room) {
		size_t more = *room ? 2 * *room : 256;
		double *grown = realloc(*values, more * sizeof(*grown));

		if (!grown)
			return sw_fail(err, SW_NO_MEMORY, "%zu latencies", more);
		*values = grown;
		*room = more;
	}
	(*values)[(*n)++] = x;
	return SW_OK;
}

/* Parts twice as long, half as many. */
static void merge_parts(struct sw__played_engine *e)
{
	for (int i = 0; i < SW__PLAYED_PARTS; i++) {
		struct sw__played_part sum = {0};

		for (int k = 2 * i; k < 2 * i + 2 && k < SW__PLAYED_PARTS; k++)
			for (int m = 0; m < SW_METRIC_COUNT; m++) {
				sum.sum[m] += e->part[k].sum[m];
				sum.n[m] += e->part[k].n[m];
			}
		e->part[i] = sum;
	}
	e->part_ms *= 2;
}

static void count(struct sw__played_engine *e, double arrival_ms, enum sw_metric metric, double ms)
{
	double since_ms = arrival_ms - e->measured_from_ms;
	struct sw__played_part *part;

	while (since_ms >= SW__PLAYED_PARTS * e->part_ms)
		merge_parts(e);
	part = &e->part[(int)(since_ms / e->part_ms)];

	part->sum[metric] += ms;
	part->n[metric]++;
}

static enum sw_status note_request(struct sw__played_engine *e, const struct sw__played_request *r,
				   double now_ms, struct sw_error *err)
{
	double after = r->sequence.output_tokens - 1.0, ttft = r->first_ms - r->arrival_ms;
	enum sw_status st = note(&e->ttft_ms, &e->n_ttft, &e->room_ttft, ttft, err);

	e->ended++;
	count(e, r->arrival_ms, SW_TTFT, ttft);
	if (st != SW_OK || after <= 0)
		return st;
	count(e, r->arrival_ms, SW_TPOT, (now_ms - r->first_ms) / after);
	return note(&e->tpot_ms, &e->n_tpot, &e->room_tpot, (now_ms - r->first_ms) / after, err);
}

static enum sw_status end_request(struct sw__played_engine *e, struct sw__played_request *r,
				  double now_ms, struct sw_error *err)
{
	enum sw_status st = SW_OK;

	if (is_measured(e, r->arrival_ms))
		st = note_request(e, r, now_ms, err);
	if (st == SW_OK)
		st = ask_again(e, now_ms, err);
	r->next = e->spare;
	e->spare = r;
	return st;
}

static enum sw_status finish(struct sw__played_engine *e, double now_ms, struct sw_error *err)
{
	const struct sw__step *step = e->parts;
	double busy_ms = measured_ms(e, e->step_began_ms, now_ms);
	enum sw_status st = SW_OK;

	e->busy_ms += busy_ms;
	e->running_ms += busy_ms * (double)sw__scheduler_running(e->scheduler);
	e->parts = NULL;
	e->state = SW__PLAYED_IDLE;
	sw__scheduler_done(e->scheduler);
	for (size_t i = 0; i < step->n && st == SW_OK; i++) {
		struct sw__played_request *r = step->part[i].sequence->user;

		if (!step->part[i].samples)
			continue;
		e->tokens += is_measured(e, now_ms);
		if (isnan(r->first_ms))
			r->first_ms = now_ms;
		if (r->sequence.state == SW__SEQ_ENDED)
			st = end_request(e, r, now_ms, err);
	}
	e->seen_ms = e->step_began_ms;
	return st;
}

enum sw_status sw__played_proceed(struct sw__played_engine *e, double now_ms, struct sw_error *err)
{
	bool last = e->piece == e->step.pieces;

	if (e->state == SW__PLAYED_GPU)
		sw__played_work(e, now_ms);
	e->rate = 0;
	if (e->state == SW__PLAYED_GPU && (last || e->step.rest_ms > 0)) {
		e->state = SW__PLAYED_HOST;
		e->until_ms = now_ms + (last ? e->step.host_ms : e->step.rest_ms);
		return SW_OK;
	}
	if (e->state == SW__PLAYED_HOST && last)
		return finish(e, now_ms, err);
	launch(e, now_ms);
	return SW_OK;
}

size_t sw__played_in_flight(const struct sw__played_engine *e)
{
	size_t n = sw__scheduler_running(e->scheduler) + sw__scheduler_waiting(e->scheduler);

	for (const struct sw__played_request *r = e->line; r; r = r->next)
		n++;
	return n;
}
