// SPDX-License-Identifier: Apache-2.0
#include "serving/scheduler.h"

#include <assert.h>
#include <stdlib.h>

#include "base/error.h"

/* SGLang admits a prompt only with room for this part of the output still to come, of it and of those that run; its own
 * estimate wanders between 0.1 and 0.7 (new_token_ratio). */
static const double reserved_part = 0.4;

struct sw__scheduler {
	struct sw__serving settings;
	sw__kv_pages *pages;
	struct sw__sequence **running; /* in the order of admission */
	size_t n_running, n_waiting;
	struct sw__sequence *first, *last; /* of the waiting line */
	struct sw__step step;
	bool pending; /* the step is out */
};

static uint32_t total_tokens(const struct sw__sequence *s)
{
	return s->prompt_tokens + s->generated;
}

static bool decodes(const struct sw__sequence *s)
{
	return s->generated > 0 && s->computed + 1 == total_tokens(s);
}

static enum sw_status check(const struct sw__serving *s, struct sw_error *err)
{
	if (s->max_num_seqs == 0)
		return sw_fail(err, SW_BAD_INPUT, "max_num_seqs: found 0, expected at least 1");
	if (s->max_num_batched_tokens < s->max_num_seqs)
		return sw_fail(
			err, SW_BAD_INPUT,
			"max_num_batched_tokens: found %u, expected at least max_num_seqs (%u)",
			s->max_num_batched_tokens, s->max_num_seqs);
	if (s->max_model_len == 0)
		return sw_fail(err, SW_BAD_INPUT, "max_model_len: found 0, expected at least 1");
	return SW_OK;
}

enum sw_status sw__scheduler_new(const struct sw__serving *settings, sw__scheduler **out,
				 struct sw_error *err)
{
	enum sw_status st = check(settings, err);
	sw__scheduler *s;

	*out = NULL;
	if (st != SW_OK)
		return st;
	s = calloc(1, sizeof(*s));
	if (!s)
		return sw_fail(err, SW_NO_MEMORY, "a scheduler");
	s->settings = *settings;
	st = sw__kv_pages_new(settings->kv_blocks, settings->block_tokens, &s->pages, err);
	if (st == SW_OK) {
		s->running = calloc(settings->max_num_seqs, sizeof(struct sw__sequence *));
		s->step.part = calloc(settings->max_num_seqs, sizeof(*s->step.part));
		if (!s->running || !s->step.part)
			st = sw_fail(err, SW_NO_MEMORY, "%u sequences", settings->max_num_seqs);
	}
	if (st != SW_OK) {
		sw__scheduler_free(s);
		return st;
	}
	*out = s;
	return SW_OK;
}

void sw__scheduler_free(sw__scheduler *scheduler)
{
	if (!scheduler)
		return;
	for (size_t i = 0; i < scheduler->n_running; i++)
		sw__kv_table_free(&scheduler->running[i]->blocks);
	for (struct sw__sequence *s = scheduler->first; s; s = s->next)
		sw__kv_table_free(&s->blocks);
	sw__kv_pages_free(scheduler->pages);
	free((void *)scheduler->running);
	free(scheduler->step.part);
	free(scheduler);
}

static void line_up(sw__scheduler *s, struct sw__sequence *q)
{
	q->next = NULL;
	if (s->last)
		s->last->next = q;
	else
		s->first = q;
	s->last = q;
	s->n_waiting++;
}

static void jump_the_line(sw__scheduler *s, struct sw__sequence *q)
{
	q->next = s->first;
	s->first = q;
	if (!s->last)
		s->last = q;
	s->n_waiting++;
}

static void leave_the_line(sw__scheduler *s)
{
	s->first = s->first->next;
	if (!s->first)
		s->last = NULL;
	s->n_waiting--;
}

enum sw_status sw__scheduler_check(const sw__scheduler *scheduler,
				   const struct sw__sequence *sequence, struct sw_error *err)
{
	const struct sw__serving *s = &scheduler->settings;
	uint64_t all = (uint64_t)sequence->prompt_tokens + sequence->output_tokens;
	uint64_t held = (uint64_t)s->kv_blocks * s->block_tokens;

	if (sequence->prompt_tokens == 0 || sequence->output_tokens == 0)
		return sw_fail(err, SW_BAD_INPUT,
			       "request: found %u prompt and %u output tokens, expected at least 1",
			       sequence->prompt_tokens, sequence->output_tokens);
	if (sequence->cached_tokens >= sequence->prompt_tokens)
		return sw_fail(err, SW_BAD_INPUT,
			       "request: found %u cached of %u prompt tokens, expected fewer",
			       sequence->cached_tokens, sequence->prompt_tokens);
	if (all > s->max_model_len)
		return sw_fail(err, SW_BAD_INPUT,
			       "request: found %llu tokens, expected at most max_model_len (%u)",
			       (unsigned long long)all, s->max_model_len);
	if (all - 1 > held) /* the last token's KV is never needed */
		return sw_fail(err, SW_BAD_INPUT,
			       "request: found %llu tokens, expected at most the KV cache's %llu",
			       (unsigned long long)all, (unsigned long long)held);
	return SW_OK;
}

enum sw_status sw__scheduler_add(sw__scheduler *scheduler, struct sw__sequence *sequence,
				 struct sw_error *err)
{
	enum sw_status st = sw__scheduler_check(scheduler, sequence, err);

	if (st != SW_OK)
		return st;
	sequence->state = SW__SEQ_WAITING;
	sequence->computed = sequence->generated = sequence->preemptions = 0;
	sequence->blocks = (struct sw__kv_table){.owner = sequence->id};
	line_up(scheduler, sequence);
	return SW_OK;
}

static void add_part(sw__scheduler *s, struct sw__sequence *q, uint32_t tokens)
{
	s->step.part[s->step.n++] = (struct sw__step_part){
		.sequence = q,
		.start = q->computed,
		.tokens = tokens,
		.samples = q->computed + tokens == total_tokens(q),
	};
	s->step.tokens += tokens;
}

/* The last one admitted makes room. */
static struct sw__sequence *preempt(sw__scheduler *s)
{
	struct sw__sequence *victim = s->running[--s->n_running];

	sw__kv_release(s->pages, &victim->blocks, victim->computed);
	victim->state = SW__SEQ_WAITING;
	victim->computed = 0;
	victim->preemptions++;
	s->step.n_preempted++;
	jump_the_line(s, victim);
	return victim;
}

/* Room for the next `tokens` of a running sequence, at the cost of those admitted after it and in the end of itself. */
static enum sw_status make_room(sw__scheduler *s, struct sw__sequence *q, uint32_t tokens,
				bool *stays, struct sw_error *err)
{
	uint64_t room = (uint64_t)q->blocks.n * s->settings.block_tokens;
	bool fits;

	*stays = true;
	if (q->computed + tokens <= room) /* nearly always: its last block is not full */
		return SW_OK;
	while (*stays) {
		enum sw_status st =
			sw__kv_reserve(s->pages, &q->blocks, q->computed + tokens, &fits, err);

		if (st != SW_OK || fits)
			return st;
		*stays = preempt(s) != q;
	}
	return SW_OK;
}

static uint32_t smaller(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

/* Those that run, in the order of admission, as far as the budget goes. */
static enum sw_status add_running(sw__scheduler *s, bool only_decodes, uint32_t *budget,
				  struct sw_error *err)
{
	for (size_t i = 0; i<s->n_running && * budget> 0; i++) {
		struct sw__sequence *q = s->running[i];
		uint32_t tokens = smaller(total_tokens(q) - q->computed, *budget);
		bool stays;
		enum sw_status st;

		if (only_decodes && !decodes(q))
			continue;
		st = make_room(s, q, tokens, &stays, err);
		if (st != SW_OK)
			return st;
		if (!stays)
			break;
		add_part(s, q, tokens);
		*budget -= tokens;
	}
	return SW_OK;
}

/* Tokens of output that those who run may still ask room for, as SGLang reckons. */
static double reserved_tokens(const sw__scheduler *s)
{
	double sum = 0;

	for (size_t i = 0; i < s->n_running; i++)
		sum += reserved_part *
		       (double)(s->running[i]->output_tokens - s->running[i]->generated);
	return sum;
}

static bool may_enter(const sw__scheduler *s, const struct sw__sequence *q)
{
	double tokens;

	if (s->n_running == s->settings.max_num_seqs)
		return false;
	if (s->settings.policy == SW__SERVE_MIXED || s->n_running == 0)
		return true;
	tokens = reserved_tokens(s) + total_tokens(q) +
		 reserved_part * (double)(q->output_tokens - q->generated);
	return tokens <= (double)sw__kv_blocks_free(s->pages) * s->settings.block_tokens;
}

/* What the cache still holds of a waiting sequence: the prompt's prefix, or what preemption left. */
static uint32_t found(sw__scheduler *s, struct sw__sequence *q)
{
	uint32_t kept = s->settings.prefix_caching ? sw__kv_recall(s->pages, &q->blocks) : 0;
	uint32_t tokens = kept * s->settings.block_tokens;

	tokens = tokens > q->cached_tokens ? tokens : q->cached_tokens;
	return smaller(tokens, total_tokens(q) - 1);
}

/* One from the line; *entered is false where it does not fit. */
static enum sw_status admit(sw__scheduler *s, uint32_t *budget, bool *entered, struct sw_error *err)
{
	struct sw__sequence *q = s->first;
	uint32_t start, tokens;
	enum sw_status st;

	*entered = false;
	if (!may_enter(s, q))
		return SW_OK;
	start = found(s, q);
	tokens = smaller(total_tokens(q) - start, *budget);
	st = sw__kv_reserve(s->pages, &q->blocks, start + tokens, entered, err);
	if (st != SW_OK || !*entered) {
		sw__kv_release(s->pages, &q->blocks, q->blocks.n * s->settings.block_tokens);
		return st;
	}
	leave_the_line(s);
	q->computed = start;
	q->state = SW__SEQ_RUNNING;
	s->running[s->n_running++] = q;
	add_part(s, q, tokens);
	*budget -= tokens;
	return SW_OK;
}

static enum sw_status add_waiting(sw__scheduler *s, uint32_t *budget, struct sw_error *err)
{
	bool entered = true;
	enum sw_status st = SW_OK;

	while (st == SW_OK && entered && s->first && *budget > 0)
		st = admit(s, budget, &entered, err);
	return st;
}

static enum sw_status compose_mixed(sw__scheduler *s, struct sw_error *err)
{
	uint32_t budget = s->settings.max_num_batched_tokens;
	enum sw_status st = add_running(s, false, &budget, err);

	/* Whoever has just been sent away would only come back to be sent away again. */
	return st == SW_OK && s->step.n_preempted == 0 ? add_waiting(s, &budget, err) : st;
}

/* Chunks of prompts that did not fit into one step go on first. */
static enum sw_status continue_prompts(sw__scheduler *s, uint32_t *budget, struct sw_error *err)
{
	for (size_t i = 0; i<s->n_running && * budget> 0; i++) {
		struct sw__sequence *q = s->running[i];
		uint32_t tokens = smaller(total_tokens(q) - q->computed, *budget);
		bool stays;
		enum sw_status st;

		if (decodes(q))
			continue;
		st = make_room(s, q, tokens, &stays, err);
		if (st != SW_OK || !stays)
			return st;
		add_part(s, q, tokens);
		*budget -= tokens;
	}
	return SW_OK;
}

static enum sw_status compose_prefill_first(sw__scheduler *s, struct sw_error *err)
{
	uint32_t budget = s->settings.max_num_batched_tokens;
	enum sw_status st = continue_prompts(s, &budget, err);

	if (st == SW_OK && s->step.n_preempted == 0)
		st = add_waiting(s, &budget, err);
	if (st == SW_OK && s->step.n == 0)
		st = add_running(s, true, &budget, err);
	return st;
}

enum sw_status sw__scheduler_next(sw__scheduler *scheduler, const struct sw__step **out,
				  struct sw_error *err)
{
	enum sw_status st;

	assert(!scheduler->pending);
	*out = NULL;
	scheduler->step.n = scheduler->step.n_preempted = 0;
	scheduler->step.tokens = 0;
	st = scheduler->settings.policy == SW__SERVE_MIXED ? compose_mixed(scheduler, err)
							   : compose_prefill_first(scheduler, err);
	if (st == SW_OK && scheduler->step.n > 0)
		*out = &scheduler->step;
	scheduler->pending = *out != NULL;
	return st;
}

/* From the waiting line, wherever it stands in it. */
static void step_out(sw__scheduler *s, struct sw__sequence *q)
{
	struct sw__sequence *before = NULL;

	if (s->first == q) {
		leave_the_line(s);
		return;
	}
	for (before = s->first; before->next != q;)
		before = before->next;
	before->next = q->next;
	if (s->last == q)
		s->last = before;
	s->n_waiting--;
}

static void stop_running(sw__scheduler *s, const struct sw__sequence *q)
{
	size_t kept = 0;

	for (size_t i = 0; i < s->n_running; i++)
		if (s->running[i] != q)
			s->running[kept++] = s->running[i];
	s->n_running = kept;
}

static void end(sw__scheduler *s, struct sw__sequence *q)
{
	q->state = SW__SEQ_ENDED;
	sw__kv_release(s->pages, &q->blocks, 0);
	sw__kv_table_free(&q->blocks);
}

bool sw__scheduler_remove(sw__scheduler *scheduler, struct sw__sequence *sequence)
{
	if (sequence->state == SW__SEQ_RUNNING && scheduler->pending)
		return false;
	if (sequence->state == SW__SEQ_RUNNING)
		stop_running(scheduler, sequence);
	else if (sequence->state == SW__SEQ_WAITING)
		step_out(scheduler, sequence);
	if (sequence->state != SW__SEQ_ENDED)
		end(scheduler, sequence);
	return true;
}

void sw__scheduler_done(sw__scheduler *scheduler)
{
	size_t kept = 0;

	assert(scheduler->pending);
	scheduler->pending = false;

	for (size_t i = 0; i < scheduler->step.n; i++) {
		struct sw__step_part *part = &scheduler->step.part[i];
		struct sw__sequence *q = part->sequence;

		q->computed += part->tokens;
		q->generated += part->samples;
		if (q->generated == q->output_tokens)
			end(scheduler, q);
	}
	for (size_t i = 0; i < scheduler->n_running; i++)
		if (scheduler->running[i]->state == SW__SEQ_RUNNING)
			scheduler->running[kept++] = scheduler->running[i];
	scheduler->n_running = kept;
}

size_t sw__scheduler_running(const sw__scheduler *scheduler)
{
	return scheduler->n_running;
}

size_t sw__scheduler_waiting(const sw__scheduler *scheduler)
{
	return scheduler->n_waiting;
}

const sw__kv_pages *sw__scheduler_pages(const sw__scheduler *scheduler)
{
	return scheduler->pages;
}
