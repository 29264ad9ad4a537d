// SPDX-License-Identifier: Apache-2.0
#include "transformer.h"

#include <string.h>

#include "transformer_parts.h"

struct transformer_step *transformer_input(transformer *t)
{
	return &t->input;
}

const int32_t *transformer_samples(const transformer *t)
{
	return t->samples;
}

static enum sw_status multiply(transformer *t, const struct bf16 *x, const struct bf16 *w,
			       struct bf16 *y, uint64_t rows, uint64_t n, uint64_t k, bool add,
			       struct sw_error *err)
{
	struct device_product p = {x, w, y, (uint32_t)rows, (uint32_t)n, (uint32_t)k, add};

	return t->device->operations->multiply(t->device, &p, err);
}

static void norm(transformer *t, const struct bf16 *in, const int32_t *row, uint32_t n,
		 struct bf16 *out)
{
	layers_norm(in, row, t->ones, n, t->model.hidden, TRANSFORMER_EPSILON, out,
		    t->device->stream);
}

static struct attention_call attention_of(const transformer *t, const struct transformer_step *s,
					  uint32_t layer, uint32_t first, uint32_t n)
{
	const struct sw_model *m = &t->model;
	bool windowed = m->sliding_window > 0 && layer + m->window_layers >= m->layers;

	return (struct attention_call){
		.q = t->w.qkv,
		.out = t->w.attended,
		.keys = t->layer[layer].keys,
		.values = t->layer[layer].values,
		.q_start = t->w.step.q_start + first,
		.kv_length = t->w.step.kv_length + first,
		.block_table = t->table,
		.table_row = t->w.step.table_row + first,
		.n = n,
		.table_width = transformer_table_width(t),
		.heads = m->heads,
		.kv_heads = m->kv_heads,
		.head_dim = m->head_dim,
		.q_stride = (uint32_t)transformer_qkv_width(m),
		.longest_q = s->longest_prompt,
		.window = windowed ? m->sliding_window : 0,
	};
}

static void attend(transformer *t, const struct transformer_step *s, uint32_t layer)
{
	const struct sw_model *m = &t->model;
	struct attention_call decodes = attention_of(t, s, layer, 0, s->n_decode);
	struct attention_call prompts =
		attention_of(t, s, layer, s->n_decode, s->n_sequences - s->n_decode);

	if (decodes.n > 0)
		attention_decode(&decodes,
				 attention_splits(decodes.n, m->kv_heads, t->device->info.sms),
				 t->w.parts, t->device->stream);
	if (prompts.n > 0)
		attention_prefill(&prompts, t->device->stream);
}

static void rotate(transformer *t, const struct transformer_step *s, uint32_t layer)
{
	const struct sw_model *m = &t->model;
	struct rope_call call = {
		.qkv = t->w.qkv,
		.bias = t->layer[layer].qkv_bias,
		.q_norm = m->qk_norm ? t->ones : NULL,
		.k_norm = m->qk_norm ? t->ones : NULL,
		.position = t->w.step.position,
		.slot = t->w.step.slot,
		.keys = t->layer[layer].keys,
		.values = t->layer[layer].values,
		.n = s->n_tokens,
		.heads = m->heads,
		.kv_heads = m->kv_heads,
		.head_dim = m->head_dim,
		.theta = TRANSFORMER_THETA,
		.epsilon = TRANSFORMER_EPSILON,
	};

	layers_rope(&call, t->device->stream);
}

static enum sw_status run_layer(transformer *t, const struct transformer_step *s, uint32_t i,
				struct sw_error *err)
{
	const struct sw_model *m = &t->model;
	const struct layer *l = &t->layer[i];
	struct workspace *w = &t->w;
	uint64_t n = s->n_tokens, h = m->hidden, wide = (uint64_t)m->heads * m->head_dim;
	enum sw_status st;

	norm(t, w->x, NULL, s->n_tokens, w->normed);
	st = multiply(t, w->normed, l->qkv, w->qkv, n, transformer_qkv_width(m), h, false, err);
	if (st != SW_OK)
		return st;
	rotate(t, s, i);
	attend(t, s, i);
	st = multiply(t, w->attended, l->out, w->x, n, h, wide, true, err);
	if (st != SW_OK)
		return st;
	norm(t, w->x, NULL, s->n_tokens, w->normed);
	st = multiply(t, w->normed, l->gate_up, w->gate_up, n, 2 * (uint64_t)m->intermediate, h,
		      false, err);
	if (st != SW_OK)
		return st;
	layers_silu(w->gate_up, s->n_tokens, m->intermediate, w->gated, t->device->stream);
	return multiply(t, w->gated, l->down, w->x, n, h, m->intermediate, true, err);
}

/* Everything between the copies: what a graph holds. */
static enum sw_status run_layers(transformer *t, const struct transformer_step *s,
				 struct sw_error *err)
{
	struct workspace *w = &t->w;
	enum sw_status st = SW_OK;

	layers_embed(t->embedding, w->step.token, s->n_tokens, t->model.hidden, w->x,
		     t->device->stream);
	for (uint32_t i = 0; i < t->model.layers && st == SW_OK; i++)
		st = run_layer(t, s, i, err);
	if (st != SW_OK || s->n_samples == 0)
		return st;
	norm(t, w->x, w->step.sample_row, s->n_samples, w->rows);
	st = multiply(t, w->rows, t->lm_head, w->logits, s->n_samples, t->model.vocab,
		      t->model.hidden, false, err);
	if (st == SW_OK)
		layers_argmax(w->logits, s->n_samples, t->model.vocab, w->samples,
			      t->device->stream);
	return st;
}

static enum sw_status send(transformer *t, void *to, const void *from, uint64_t n, uint64_t size,
			   enum sw_status st, struct sw_error *err)
{
	if (st != SW_OK || n == 0)
		return st;
	return t->device->operations->copy_in(t->device, to, from, n * size, err);
}

static enum sw_status send_step(transformer *t, struct sw_error *err)
{
	const struct transformer_step *from = &t->input;
	struct transformer_step *to = &t->w.step;
	enum sw_status st = SW_OK;
	uint64_t seqs = from->n_sequences;

#define SEND(field, n) st = send(t, to->field, from->field, (n), sizeof(*from->field), st, err)
	SEND(token, from->n_tokens);
	SEND(position, from->n_tokens);
	SEND(slot, from->n_tokens);
	SEND(q_start, seqs + 1);
	SEND(kv_length, seqs);
	SEND(table_row, seqs);
	SEND(sample_row, from->n_samples);
	SEND(update_place, from->n_updates);
	SEND(update_value, from->n_updates);
#undef SEND
	if (st == SW_OK)
		layers_scatter(to->update_place, to->update_value, from->n_updates, t->table,
			       t->device->stream);
	t->input.n_updates = 0;
	return st;
}

enum sw_status transformer_flush(transformer *t, struct sw_error *err)
{
	const struct transformer_step *from = &t->input;
	struct transformer_step *to = &t->w.step;
	enum sw_status st = SW_OK;
	uint64_t n = from->n_updates;

	st = send(t, to->update_place, from->update_place, n, sizeof(int32_t), st, err);
	st = send(t, to->update_value, from->update_value, n, sizeof(int32_t), st, err);
	if (st != SW_OK)
		return st;
	layers_scatter(to->update_place, to->update_value, from->n_updates, t->table,
		       t->device->stream);
	t->input.n_updates = 0;
	return t->device->operations->synchronize(t->device, err);
}

static bool only_decodes(const struct transformer_step *s)
{
	return s->n_decode == s->n_sequences && s->n_tokens == s->n_sequences &&
	       s->n_samples == s->n_sequences;
}

static const struct graph *graph_for(const transformer *t, const struct transformer_step *s)
{
	if (!only_decodes(s))
		return NULL;
	for (size_t i = 0; i < t->n_graphs; i++)
		if (t->graph[i].n >= s->n_sequences)
			return &t->graph[i];
	return NULL;
}

/* Places up to n that nobody has: they read and write nothing that counts. */
static void pad(struct transformer_step *s, uint32_t n)
{
	for (uint32_t i = s->n_sequences; i < n; i++) {
		s->token[i] = s->position[i] = s->kv_length[i] = s->table_row[i] = 0;
		s->slot[i] = -1;
		s->q_start[i + 1] = (int32_t)(i + 1);
		s->sample_row[i] = (int32_t)i;
	}
	s->n_sequences = s->n_decode = s->n_tokens = s->n_samples = n;
}

enum sw_status transformer_run(transformer *t, struct sw_error *err)
{
	struct transformer_step *s = &t->input;
	const struct graph *graph = graph_for(t, s);
	uint32_t samples = s->n_samples;
	enum sw_status st;

	if (graph)
		pad(s, graph->n);
	st = send_step(t, err);
	if (st == SW_OK)
		st = graph ? t->device->operations->graph_run(t->device, graph->graph, err)
			   : run_layers(t, s, err);
	if (st == SW_OK && samples > 0)
		st = t->device->operations->copy_out(t->device, t->samples, t->w.samples,
						     samples * sizeof(int32_t), err);
	return st;
}

/* The sizes that vLLM captures: 1, 2, 4, every 8 up to 256, every 16 beyond; and the limit itself. */
static uint32_t next_size(uint32_t n, uint32_t most)
{
	uint32_t next = n < 4 ? 2 * n : n < 8 ? 8 : n < 256 ? n + 8 : n + 16;

	return n < most && next > most ? most : next;
}

static enum sw_status capture_one(transformer *t, uint32_t n, struct sw_error *err)
{
	const struct device_operations *o = t->device->operations;
	struct transformer_step *s = &t->input;
	struct graph *graph = &t->graph[t->n_graphs];
	enum sw_status st, ended;

	memset(s->q_start, 0, sizeof(*s->q_start));
	s->n_sequences = s->n_updates = 0;
	pad(s, n);
	s->longest_prompt = 0;
	/* Once outside: libraries choose their kernels and load them. */
	st = send_step(t, err);
	if (st == SW_OK)
		st = run_layers(t, s, err);
	if (st == SW_OK)
		st = o->synchronize(t->device, err);
	if (st == SW_OK)
		st = o->graph_begin(t->device, err);
	if (st != SW_OK)
		return st;
	st = run_layers(t, s, err);
	ended = o->graph_end(t->device, &graph->graph, st == SW_OK ? err : NULL);
	if (ended == SW_OK) {
		graph->n = n;
		t->n_graphs++;
	}
	return st != SW_OK ? st : ended;
}

enum sw_status transformer_capture(transformer *t, struct sw_error *err)
{
	uint32_t most = t->limits.max_sequences;
	enum sw_status st = SW_OK;

	most = most < t->limits.max_tokens ? most : t->limits.max_tokens;
	for (uint32_t n = 1; st == SW_OK && n <= most && t->n_graphs < TRANSFORMER_GRAPHS_MAX;
	     n = next_size(n, most))
		st = capture_one(t, n, err);
	return st;
}

enum sw_status transformer_logits(transformer *t, struct bf16 *to, struct sw_error *err)
{
	const struct device_operations *o = t->device->operations;
	enum sw_status st =
		o->copy_out(t->device, to, t->w.logits,
			    (uint64_t)t->input.n_samples * t->model.vocab * sizeof(*to), err);

	return st == SW_OK ? o->synchronize(t->device, err) : st;
}
