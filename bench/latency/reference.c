// SPDX-License-Identifier: Apache-2.0
#include "latency/reference.h"

#include <math.h>
#include <stdlib.h>

enum { BLOCK_TOKENS = 16 /* vLLM's default block_size */ };

/* SGLang admits only with room for this share of the answers still to be written; its own estimate of it wanders between
 * 0.1 and 0.7 of the longest answer allowed. */
static const double reserved_share = 0.4;
static const double drowning_share = 0.2; /* of all requests waiting when the arrivals end */

struct sequence {
	int computed; /* tokens whose KV exists */
	int generated; /* tokens given to the client */
	int blocks;
	int chunk; /* tokens in the step at hand */
};

struct queue { /* of request indices: a ring that takes back preempted ones at its head */
	int *ring;
	size_t size, head, length;
};

struct engine {
	const struct reference_setup *setup;
	struct reference_request *requests;
	struct sequence *sequences;
	size_t n, arrived, finished;
	struct queue waiting;
	int *running;
	size_t n_running, max_running;
	double now_ms;
	double seen_ms; /* arrivals up to here are known to the scheduler */
	long free_blocks, all_blocks;
	size_t preemptions;
};

static void push_back(struct queue *q, int i)
{
	q->ring[(q->head + q->length++) % q->size] = i;
}

static void push_front(struct queue *q, int i)
{
	q->head = (q->head + q->size - 1) % q->size;
	q->ring[q->head] = i;
	q->length++;
}

static int pop_front(struct queue *q)
{
	int i = q->ring[q->head];

	q->head = (q->head + 1) % q->size;
	q->length--;
	return i;
}

static int tokens_known(const struct engine *e, int i)
{
	return e->requests[i].prompt_tokens + e->sequences[i].generated;
}

static int cached_prefix(const struct engine *e, int i)
{
	int hit = (int)(e->setup->prefix_hit_ratio * e->requests[i].prompt_tokens);

	return hit < e->requests[i].prompt_tokens ? hit : e->requests[i].prompt_tokens - 1;
}

static long blocks_missing(const struct engine *e, int i, int chunk)
{
	return (e->sequences[i].computed + chunk + BLOCK_TOKENS - 1) / BLOCK_TOKENS -
	       e->sequences[i].blocks;
}

static void take_blocks(struct engine *e, int i, long blocks)
{
	e->sequences[i].blocks += (int)blocks;
	e->free_blocks -= blocks;
}

static void drop_blocks(struct engine *e, int i)
{
	e->free_blocks += e->sequences[i].blocks;
	e->sequences[i].blocks = 0;
	e->sequences[i].chunk = 0;
}

static int preempt_last(struct engine *e)
{
	int victim = e->running[--e->n_running];

	drop_blocks(e, victim);
	e->sequences[victim].computed = 0;
	push_front(&e->waiting, victim);
	e->preemptions++;
	return victim;
}

/* Room for `chunk` more tokens of running request i, at the cost of the last admitted. False: i itself had to go. */
static bool make_room(struct engine *e, int i, int chunk)
{
	while (blocks_missing(e, i, chunk) > e->free_blocks)
		if (preempt_last(e) == i)
			return false;
	if (blocks_missing(e, i, chunk) > 0)
		take_blocks(e, i, blocks_missing(e, i, chunk));
	return true;
}

/* Chunks for the requests that run already; `decode_too` and `prefill_too` say which of them take part. */
static bool schedule_running(struct engine *e, int *budget, bool decode_too, bool prefill_too)
{
	bool preempted = false;

	for (size_t k = 0; k<e->n_running && * budget> 0; k++) {
		int i = e->running[k];
		int chunk = tokens_known(e, i) - e->sequences[i].computed;
		bool decodes = chunk == 1 && e->sequences[i].generated > 0;
		size_t before = e->preemptions;

		if (decodes ? !decode_too : !prefill_too)
			continue;
		chunk = chunk < *budget ? chunk : *budget;
		if (make_room(e, i, chunk)) {
			e->sequences[i].chunk = chunk;
			*budget -= chunk;
		}
		preempted = preempted || e->preemptions > before;
	}
	return preempted;
}

static long reserve(const struct engine *e, int next)
{
	double tokens = e->requests[next].output_tokens;

	if (e->setup->batching.policy == SW__MIXED_STEPS || e->n_running == 0)
		return 0;
	for (size_t k = 0; k < e->n_running; k++)
		tokens += e->requests[e->running[k]].output_tokens -
			  e->sequences[e->running[k]].generated;
	return (long)(reserved_share * tokens / BLOCK_TOKENS);
}

static void admit(struct engine *e, int *budget)
{
	while (e->waiting.length > 0 && *budget > 0 && e->n_running < e->max_running) {
		int i = e->waiting.ring[e->waiting.head];
		struct sequence *s = &e->sequences[i];
		int chunk;
		long blocks, whole;

		s->computed = cached_prefix(e, i);
		chunk = tokens_known(e, i) - s->computed;
		whole = blocks_missing(e, i, chunk);
		chunk = chunk < *budget ? chunk : *budget;
		/* SGLang takes a prompt's memory at once; half a prompt without room would block the decodes for ever. */
		blocks = e->setup->batching.policy == SW__PREFILL_FIRST
				 ? whole
				 : blocks_missing(e, i, chunk);
		if (blocks + reserve(e, i) > e->free_blocks)
			return;
		pop_front(&e->waiting);
		take_blocks(e, i, blocks);
		s->chunk = chunk;
		*budget -= chunk;
		e->running[e->n_running++] = i;
	}
}

static bool any_prefill_scheduled(const struct engine *e)
{
	for (size_t k = 0; k < e->n_running; k++)
		if (e->sequences[e->running[k]].chunk > 0)
			return true;
	return false;
}

static void schedule(struct engine *e)
{
	int budget = (int)e->setup->batching.max_num_batched_tokens;

	for (size_t k = 0; k < e->n_running; k++)
		e->sequences[e->running[k]].chunk = 0;
	if (e->setup->batching.policy == SW__MIXED_STEPS) {
		if (!schedule_running(e, &budget, true, true))
			admit(e, &budget);
		return;
	}
	schedule_running(e, &budget, false, true);
	admit(e, &budget);
	if (!any_prefill_scheduled(e))
		schedule_running(e, &budget, true, false);
}

static struct sw__step_batch batch_of(const struct engine *e)
{
	struct sw__step_batch b = {0};

	for (size_t k = 0; k < e->n_running; k++) {
		const struct sequence *s = &e->sequences[e->running[k]];

		if (s->chunk == 1 && s->generated > 0 &&
		    s->computed + 1 == tokens_known(e, e->running[k])) {
			b.n_decode += 1;
			b.kv_tokens += s->computed + 1;
		} else if (s->chunk > 0) {
			b.n_prefill += 1;
			b.prefill_tokens += s->chunk;
			b.prefill_pairs += s->chunk * (s->computed + 0.5 * (s->chunk + 1));
		}
	}
	return b;
}

static void next_in_loop(struct engine *e)
{
	size_t started = e->finished + (size_t)e->setup->concurrency - 1;

	if (e->setup->concurrency > 0 && started < e->n)
		e->requests[started].arrival_ms = e->now_ms + e->setup->client_delay_ms;
}

/* The step ends: tokens go out, finished requests leave. */
static size_t finish_step(struct engine *e)
{
	size_t kept = 0, given = 0;

	for (size_t k = 0; k < e->n_running; k++) {
		int i = e->running[k];
		struct sequence *s = &e->sequences[i];
		struct reference_request *r = &e->requests[i];

		s->computed += s->chunk;
		if (s->chunk > 0 && s->computed == tokens_known(e, i)) {
			given++;
			if (s->generated++ == 0)
				r->first_token_ms = e->now_ms;
		}
		if (s->generated == r->output_tokens) {
			r->last_token_ms = e->now_ms;
			drop_blocks(e, i);
			e->finished++;
			next_in_loop(e);
		} else {
			e->running[kept++] = i;
		}
	}
	e->n_running = kept;
	return given;
}

static void take_arrivals(struct engine *e)
{
	while (e->arrived < e->n && e->requests[e->arrived].arrival_ms <= e->seen_ms)
		push_back(&e->waiting, (int)e->arrived++);
}

static bool measuring(const struct engine *e, size_t warm_up)
{
	return e->arrived > warm_up && e->arrived < e->n;
}

static void account(const struct engine *e, double step_ms, double gpu_ms,
		    struct reference_totals *t)
{
	t->steps++;
	t->span_ms += step_ms;
	t->step_ms += step_ms;
	t->gpu_ms += gpu_ms;
	t->running_ms += step_ms * (double)e->n_running;
	t->kv_ms += step_ms * (double)(e->all_blocks - e->free_blocks) * BLOCK_TOKENS;
}

static bool run_steps(struct engine *e, size_t warm_up, struct reference_totals *t)
{
	size_t preempted_before = 0;

	while (e->finished < e->n) {
		struct sw__step_batch batch;
		double ms;
		bool measured;

		take_arrivals(e);
		measured = measuring(e, warm_up);
		if (!measured && e->arrived <= warm_up)
			preempted_before = e->preemptions;
		if (e->n_running == 0 && e->waiting.length == 0) {
			double next = e->requests[e->arrived].arrival_ms;

			t->span_ms += measured ? fmax(0, next - e->now_ms) : 0;
			e->now_ms = fmax(e->now_ms, next);
			e->seen_ms = e->now_ms;
			continue;
		}
		if (e->arrived == e->n && !t->drowning)
			t->drowning = (double)e->waiting.length > drowning_share * (double)e->n;
		schedule(e);
		batch = batch_of(e);
		ms = sw__step_ms(e->setup->curve, &batch);
		if (ms <= 0)
			return false; /* nothing could be scheduled: a request larger than the cache */
		if (measured)
			account(e, ms, ms - e->setup->curve->host_ms, t);
		e->seen_ms = e->setup->batching.schedule_ahead ? e->now_ms : e->now_ms + ms;
		e->now_ms += ms;
		t->output_tokens += (double)finish_step(e) * (measured ? 1 : 0);
	}
	t->preemptions = e->preemptions - preempted_before;
	return true;
}

static void start_loop(struct engine *e)
{
	size_t c = (size_t)e->setup->concurrency;

	for (size_t i = 0; c > 0 && i < e->n; i++)
		e->requests[i].arrival_ms =
			i < c ? e->setup->start_spread_ms * (double)i / (double)c : INFINITY;
}

bool reference_run(const struct reference_setup *setup, struct reference_request *requests,
		   size_t n, size_t warm_up, struct reference_totals *totals)
{
	struct engine e = {
		.setup = setup,
		.requests = requests,
		.n = n,
		.max_running = (size_t)setup->batching.max_num_seqs,
	};
	bool ok = false;

	*totals = (struct reference_totals){0};
	e.all_blocks = setup->batching.kv_cache_tokens < 1e12
			       ? (long)(setup->batching.kv_cache_tokens / BLOCK_TOKENS)
			       : (long)(1e12 / BLOCK_TOKENS);
	e.free_blocks = e.all_blocks;
	e.sequences = calloc(n, sizeof(*e.sequences));
	e.running = calloc(e.max_running, sizeof(*e.running));
	e.waiting.size = n + 1;
	e.waiting.ring = calloc(n + 1, sizeof(*e.waiting.ring));
	if (e.sequences && e.running && e.waiting.ring) {
		start_loop(&e);
		ok = run_steps(&e, warm_up, totals);
	}
	free(e.sequences);
	free(e.running);
	free(e.waiting.ring);
	return ok;
}
