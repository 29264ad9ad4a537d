// SPDX-License-Identifier: Apache-2.0
#include "step_timer.h"

#include <stdlib.h>

#include "math/ordered.h"
#include "paged_attention.h"

/* Runs of each step: the first ones choose kernels and warm caches. */
enum { WARM_UPS = 2, RUNS = 5 };
enum { BEGINS, ENDS };

uint32_t step_shape_blocks(uint32_t tokens)
{
	return (tokens + KV_BLOCK_TOKENS - 1) / KV_BLOCK_TOKENS;
}

bool step_shape_is_decode(const struct step_shape *s)
{
	return s->fresh == 1 && s->tokens > 1;
}

bool step_shape_fits(const struct step_shape *s, const struct transformer_limits *l)
{
	return s->batch <= l->max_sequences && s->tokens <= l->max_model_len &&
	       (uint64_t)s->batch * s->fresh <= l->max_tokens &&
	       (uint64_t)s->batch * step_shape_blocks(s->tokens) <= l->kv_blocks;
}

enum sw_status step_timer_open(struct device *device, const struct sw_model *model,
			       const struct transformer_limits *limits, uint64_t seed, bool graphs,
			       struct step_timer *out, struct sw_error *err)
{
	enum sw_status st;

	*out = (struct step_timer){.device = device, .limits = *limits};
	st = transformer_new(device, model, limits, seed, &out->transformer, err);
	return st == SW_OK && graphs ? transformer_capture(out->transformer, err) : st;
}

void step_timer_close(struct step_timer *timer)
{
	transformer_free(timer->transformer);
	timer->transformer = NULL;
}

/* Sequence s has the blocks from s * blocks on. */
static enum sw_status lay_out(transformer *t, const struct step_shape *shape, struct sw_error *err)
{
	struct transformer_step *s = transformer_input(t);
	uint32_t width = transformer_table_width(t), blocks = step_shape_blocks(shape->tokens);

	s->n_updates = 0;
	for (uint32_t i = 0; i < shape->batch; i++)
		for (uint32_t k = 0; k < blocks; k++) {
			enum sw_status st = SW_OK;

			if (s->n_updates == transformer_updates_max(t))
				st = transformer_flush(t, err);
			if (st != SW_OK)
				return st;
			s->update_place[s->n_updates] = (int32_t)(i * width + k);
			s->update_value[s->n_updates++] = (int32_t)(i * blocks + k);
		}
	return transformer_flush(t, err);
}

static void add_token(struct transformer_step *s, uint32_t sequence, uint32_t blocks,
		      uint32_t place)
{
	uint32_t at = s->n_tokens++;

	s->token[at] = (int32_t)(at % 50);
	s->position[at] = (int32_t)place;
	s->slot[at] = (int64_t)(sequence * blocks) * KV_BLOCK_TOKENS + place;
}

/* The new tokens stand at the end of each sequence. */
static void fill(transformer *t, const struct step_shape *shape)
{
	struct transformer_step *s = transformer_input(t);

	s->n_tokens = s->n_updates = 0;
	s->q_start[0] = 0;
	for (uint32_t i = 0; i < shape->batch; i++) {
		for (uint32_t k = shape->tokens - shape->fresh; k < shape->tokens; k++)
			add_token(s, i, step_shape_blocks(shape->tokens), k);
		s->q_start[i + 1] = (int32_t)s->n_tokens;
		s->kv_length[i] = (int32_t)shape->tokens;
		s->table_row[i] = (int32_t)i;
		s->sample_row[i] = (int32_t)(s->n_tokens - 1);
	}
	s->n_sequences = s->n_samples = shape->batch;
	s->n_decode = step_shape_is_decode(shape) ? shape->batch : 0;
	s->longest_prompt = s->n_decode ? 0 : shape->fresh;
}

static enum sw_status run_once(struct step_timer *timer, double *ms, struct sw_error *err)
{
	struct device *d = timer->device;
	const struct device_operations *o = d->operations;
	enum sw_status st = o->mark(d, BEGINS, err);

	if (st == SW_OK)
		st = transformer_run(timer->transformer, err);
	if (st == SW_OK)
		st = o->mark(d, ENDS, err);
	if (st == SW_OK)
		st = o->synchronize(d, err);
	return st == SW_OK ? o->between_ms(d, BEGINS, ENDS, ms, err) : st;
}

enum sw_status step_timer_median(struct step_timer *timer, const struct step_shape *shape,
				 double *ms, struct sw_error *err)
{
	double all[RUNS], unused;
	enum sw_status st = lay_out(timer->transformer, shape, err);

	for (int i = 0; i < WARM_UPS + RUNS && st == SW_OK; i++) {
		fill(timer->transformer, shape); /* a graph pads what it is given */
		st = run_once(timer, i < WARM_UPS ? &unused : &all[i - WARM_UPS], err);
	}
	if (st != SW_OK)
		return st;
	qsort(all, RUNS, sizeof(*all), sw__ascending);
	*ms = all[RUNS / 2];
	return SW_OK;
}
