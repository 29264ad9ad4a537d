// SPDX-License-Identifier: Apache-2.0
#include "batch.h"

#include <stdlib.h>

#include "base/error.h"

struct batch {
	uint32_t n;
	struct replay_request **row; /* who has it */
	uint32_t *free_row;
	uint32_t n_free;
	struct replay_request **sampled;
	uint32_t n_sampled;
};

enum sw_status batch_new(uint32_t max_sequences, batch **out, struct sw_error *err)
{
	batch *b = calloc(1, sizeof(*b));

	*out = NULL;
	if (b) {
		b->row = calloc(max_sequences, sizeof(struct replay_request *));
		b->sampled = calloc(max_sequences, sizeof(struct replay_request *));
		b->free_row = calloc(max_sequences, sizeof(*b->free_row));
	}
	if (!b || !b->row || !b->sampled || !b->free_row) {
		batch_free(b);
		return sw_fail(err, SW_NO_MEMORY, "a batch of %u", max_sequences);
	}
	b->n = b->n_free = max_sequences;
	for (uint32_t i = 0; i < max_sequences; i++)
		b->free_row[i] = max_sequences - 1 - i;
	*out = b;
	return SW_OK;
}

void batch_free(batch *b)
{
	if (!b)
		return;
	free((void *)b->row);
	free((void *)b->sampled);
	free(b->free_row);
	free(b);
}

void batch_leave(batch *b, struct replay_request *r)
{
	if (r->row == 0)
		return;
	b->row[r->row - 1] = NULL;
	b->free_row[b->n_free++] = r->row - 1;
	r->row = r->blocks_sent = 0;
}

static void leave_all_stopped(batch *b)
{
	for (uint32_t i = 0; i < b->n; i++)
		if (b->row[i] && b->row[i]->sequence.state != SW__SEQ_RUNNING)
			batch_leave(b, b->row[i]);
}

static void enter(batch *b, struct replay_request *r)
{
	if (r->row > 0)
		return;
	r->row = b->free_row[--b->n_free] + 1;
	r->blocks_sent = 0;
	b->row[r->row - 1] = r;
}

static enum sw_status send_blocks(struct replay_request *r, transformer *t, struct sw_error *err)
{
	struct transformer_step *s = transformer_input(t);
	const struct sw__kv_table *blocks = &r->sequence.blocks;

	for (; r->blocks_sent < blocks->n; r->blocks_sent++) {
		if (s->n_updates == transformer_updates_max(t)) {
			enum sw_status st = transformer_flush(t, err);

			if (st != SW_OK)
				return st;
		}
		s->update_place[s->n_updates] =
			(int32_t)((r->row - 1) * transformer_table_width(t) + r->blocks_sent);
		s->update_value[s->n_updates++] = (int32_t)blocks->block[r->blocks_sent];
	}
	return SW_OK;
}

static void add_tokens(const struct replay_request *r, const struct sw__step_part *part,
		       uint32_t block_tokens, struct transformer_step *s)
{
	for (uint32_t i = 0; i < part->tokens; i++) {
		uint32_t place = part->start + i, at = s->n_tokens++;

		s->token[at] = r->token[place];
		s->position[at] = (int32_t)place;
		s->slot[at] =
			(int64_t)r->sequence.blocks.block[place / block_tokens] * block_tokens +
			place % block_tokens;
	}
}

static enum sw_status add_part(batch *b, const struct sw__step_part *part, transformer *t,
			       struct sw_error *err)
{
	struct replay_request *r = (struct replay_request *)part->sequence;
	struct transformer_step *s = transformer_input(t);
	uint32_t n = s->n_sequences++;
	enum sw_status st;

	enter(b, r);
	st = send_blocks(r, t, err);
	if (st != SW_OK)
		return st;
	s->kv_length[n] = (int32_t)(part->start + part->tokens);
	s->table_row[n] = (int32_t)(r->row - 1);
	add_tokens(r, part, 16, s);
	s->q_start[n + 1] = (int32_t)s->n_tokens;
	if (part->samples) {
		b->sampled[b->n_sampled++] = r;
		s->sample_row[s->n_samples++] = (int32_t)(s->n_tokens - 1);
	}
	return SW_OK;
}

/* One new token at the end of what is there: a decode, or the last token of a prompt, which is the same work. */
static bool is_decode(const struct sw__step_part *part)
{
	return part->tokens == 1 && part->samples && part->start > 0;
}

enum sw_status batch_fill(batch *b, const struct sw__step *step, transformer *t,
			  struct sw_error *err)
{
	struct transformer_step *s = transformer_input(t);
	enum sw_status st = SW_OK;

	leave_all_stopped(b);
	b->n_sampled = 0;
	s->n_tokens = s->n_sequences = s->n_samples = s->n_updates = s->longest_prompt = 0;
	s->q_start[0] = 0;
	for (size_t i = 0; i < step->n && st == SW_OK; i++)
		if (is_decode(&step->part[i]))
			st = add_part(b, &step->part[i], t, err);
	s->n_decode = s->n_sequences;
	for (size_t i = 0; i < step->n && st == SW_OK; i++) {
		const struct sw__step_part *part = &step->part[i];

		if (is_decode(part))
			continue;
		st = add_part(b, part, t, err);
		if (part->tokens > s->longest_prompt)
			s->longest_prompt = part->tokens;
	}
	return st;
}

void batch_take_samples(batch *b, transformer *t)
{
	const int32_t *sample = transformer_samples(t);

	for (uint32_t i = 0; i < b->n_sampled; i++) {
		const struct sw__sequence *q = &b->sampled[i]->sequence;

		b->sampled[i]->token[q->prompt_tokens + q->generated] = sample[i];
	}
}

struct replay_request *batch_sampled(const batch *b, uint32_t i)
{
	return b->sampled[i];
}
