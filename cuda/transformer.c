// SPDX-License-Identifier: Apache-2.0
#include "transformer.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "layers.h"
#include "paged_attention.h"

enum { WEIGHT_SEEDS = 8, GRAPHS_MAX = 64, ALIGN = 256 };

struct layer {
	struct bf16 *qkv, *qkv_bias, *out, *gate_up, *down;
	struct bf16 *keys, *values;
};

struct graph {
	uint32_t n;
	void *graph;
};

/* One buffer, cut into pieces: the same cut on the host and on the device. */
struct cutter {
	uint8_t *base; /* NULL: only the size is asked for */
	uint64_t used;
};

/* Everything that is as large as a step. */
struct workspace {
	struct bf16 *x, *normed, *qkv, *attended, *gate_up, *gated, *rows, *logits;
	float *parts; /* of attention */
	int32_t *samples;
	struct transformer_step step; /* the device's copy */
};

struct transformer {
	struct device *device;
	struct sw_model model;
	struct transformer_limits limits;
	void *weights, *cache, *work, *host;
	struct bf16 *embedding, *lm_head, *ones;
	int32_t *table;
	struct layer *layer;
	struct workspace w;
	struct transformer_step input;
	int32_t *samples; /* the host's */
	struct graph graph[GRAPHS_MAX];
	size_t n_graphs;
};

static void *cut(struct cutter *c, uint64_t bytes)
{
	void *piece = c->base ? c->base + c->used : NULL;

	c->used += (bytes + ALIGN - 1) / ALIGN * ALIGN;
	return piece;
}

static uint64_t elements(uint64_t rows, uint64_t columns)
{
	return rows * columns * sizeof(struct bf16);
}

static uint64_t qkv_width(const struct sw_model *m)
{
	return (uint64_t)(m->heads + 2 * m->kv_heads) * m->head_dim;
}

static uint32_t table_width(const struct transformer_limits *l)
{
	return (l->max_model_len + KV_BLOCK_TOKENS - 1) / KV_BLOCK_TOKENS;
}

static uint32_t updates_max(const struct transformer_limits *l)
{
	return l->max_tokens / KV_BLOCK_TOKENS + 4 * l->max_sequences + 16;
}

uint64_t transformer_seed(uint64_t seed, uint32_t layer, enum transformer_weight what)
{
	return (seed << 20) ^ ((uint64_t)layer * WEIGHT_SEEDS + (uint64_t)what + 1);
}

/* Activations stay about as large from layer to layer: rows of n random weights of deviation 1 / sqrt(n). */
float transformer_deviation(const struct sw_model *m, enum transformer_weight what)
{
	switch (what) {
	case WEIGHT_EMBEDDING:
		return 1;
	case WEIGHT_QKV_BIAS:
		return 0.1F;
	case WEIGHT_OUT:
		return 1 / sqrtf((float)(m->heads * m->head_dim));
	case WEIGHT_DOWN:
		return 1 / sqrtf((float)m->intermediate);
	default:
		return 1 / sqrtf((float)m->hidden);
	}
}

static void cut_layer(const struct sw_model *m, struct cutter *c, struct layer *l)
{
	uint64_t h = m->hidden, qkv = qkv_width(m);

	l->qkv = cut(c, elements(qkv, h));
	l->qkv_bias = m->qkv_bias ? cut(c, elements(qkv, 1)) : NULL;
	l->out = cut(c, elements(h, (uint64_t)m->heads * m->head_dim));
	l->gate_up = cut(c, elements(2 * (uint64_t)m->intermediate, h));
	l->down = cut(c, elements(h, m->intermediate));
}

/* Norms are all ones, and share one vector. */
static uint64_t widest_norm(const struct sw_model *m)
{
	return m->hidden > m->head_dim ? m->hidden : m->head_dim;
}

static uint64_t cut_weights(const struct sw_model *m, uint8_t *base, transformer *t)
{
	struct cutter c = {base, 0};
	struct layer unused;
	void *embedding = cut(&c, elements(m->vocab, m->hidden));
	void *lm_head = m->tied_embeddings ? embedding : cut(&c, elements(m->vocab, m->hidden));
	void *ones = cut(&c, elements(widest_norm(m), 1));

	for (uint32_t i = 0; i < m->layers; i++)
		cut_layer(m, &c, t ? &t->layer[i] : &unused);
	if (t) {
		t->embedding = embedding;
		t->lm_head = lm_head;
		t->ones = ones;
	}
	return c.used;
}

static uint64_t kv_block_bytes(const struct sw_model *m)
{
	return elements((uint64_t)m->kv_heads * KV_BLOCK_TOKENS, m->head_dim);
}

static uint64_t cut_cache(const struct sw_model *m, const struct transformer_limits *l, uint8_t *base,
			  transformer *t)
{
	struct cutter c = {base, 0};

	for (uint32_t i = 0; i < m->layers; i++) {
		void *keys = cut(&c, kv_block_bytes(m) * l->kv_blocks);
		void *values = cut(&c, kv_block_bytes(m) * l->kv_blocks);

		if (t) {
			t->layer[i].keys = keys;
			t->layer[i].values = values;
		}
	}
	return c.used;
}

static void cut_step(const struct transformer_limits *l, struct cutter *c, struct transformer_step *s)
{
	uint32_t t = l->max_tokens, n = l->max_sequences, u = updates_max(l);

	s->token = cut(c, t * sizeof(int32_t));
	s->position = cut(c, t * sizeof(int32_t));
	s->slot = cut(c, t * sizeof(int64_t));
	s->q_start = cut(c, (n + 1) * sizeof(int32_t));
	s->kv_length = cut(c, n * sizeof(int32_t));
	s->table_row = cut(c, n * sizeof(int32_t));
	s->sample_row = cut(c, n * sizeof(int32_t));
	s->update_place = cut(c, u * sizeof(int32_t));
	s->update_value = cut(c, u * sizeof(int32_t));
}

/* Of attention over at most max_sequences: the fewer sequences, the more parts each. */
static uint64_t parts_floats(const struct sw_model *m, const struct transformer_limits *l,
			     uint32_t sms)
{
	uint64_t most = 1;

	for (uint32_t n = 1; n <= l->max_sequences; n++) {
		uint64_t floats = attention_workspace_floats(
			n, m->heads, m->head_dim, attention_splits(n, m->kv_heads, sms));

		most = floats > most ? floats : most;
	}
	return most;
}

static uint64_t cut_workspace(const struct sw_model *m, const struct transformer_limits *l,
			      uint32_t sms, uint8_t *base, transformer *t)
{
	struct cutter c = {base, 0};
	uint64_t tokens = l->max_tokens, n = l->max_sequences;
	struct workspace w;
	void *table;

	w.x = cut(&c, elements(tokens, m->hidden));
	w.normed = cut(&c, elements(tokens, m->hidden));
	w.qkv = cut(&c, elements(tokens, qkv_width(m)));
	w.attended = cut(&c, elements(tokens, (uint64_t)m->heads * m->head_dim));
	w.gate_up = cut(&c, elements(tokens, 2 * (uint64_t)m->intermediate));
	w.gated = cut(&c, elements(tokens, m->intermediate));
	w.rows = cut(&c, elements(n, m->hidden));
	w.logits = cut(&c, elements(n, m->vocab));
	w.parts = cut(&c, parts_floats(m, l, sms) * sizeof(float));
	w.samples = cut(&c, n * sizeof(int32_t));
	memset(&w.step, 0, sizeof(w.step));
	cut_step(l, &c, &w.step);
	table = cut(&c, n * table_width(l) * sizeof(int32_t));
	if (t) {
		t->w = w;
		t->table = table;
	}
	return c.used;
}

static uint64_t cut_host(const struct transformer_limits *l, uint8_t *base, transformer *t)
{
	struct cutter c = {base, 0};
	struct transformer_step step = {0};
	void *samples;

	cut_step(l, &c, &step);
	samples = cut(&c, l->max_sequences * sizeof(int32_t));
	if (t) {
		t->input = step;
		t->samples = samples;
	}
	return c.used;
}

struct transformer_bytes transformer_bytes_of(const struct sw_model *model,
					      const struct transformer_limits *limits, uint32_t sms)
{
	return (struct transformer_bytes){
		.weights = cut_weights(model, NULL, NULL),
		.kv_block = 2 * kv_block_bytes(model) * model->layers,
		.workspace = cut_workspace(model, limits, sms, NULL, NULL),
	};
}

static enum sw_status check_model(const struct sw_model *m, struct sw_error *err)
{
	if (m->family == SW_PHI || m->family == SW_PHI3)
		return sw_fail(err, SW_INFEASIBLE,
			       "%s: found the phi family, expected llama, mistral, qwen2 or qwen3",
			       m->id);
	if (m->head_dim != 64 && m->head_dim != 128)
		return sw_fail(err, SW_INFEASIBLE, "%s: found head_dim %u, expected 64 or 128",
			       m->id, m->head_dim);
	if (m->heads / m->kv_heads > ATTENTION_GROUP_MAX)
		return sw_fail(err, SW_INFEASIBLE,
			       "%s: found %u heads for %u KV heads, expected at most %d each",
			       m->id, m->heads, m->kv_heads, ATTENTION_GROUP_MAX);
	if (m->hidden % 8 != 0 || m->intermediate % 8 != 0)
		return sw_fail(err, SW_INFEASIBLE,
			       "%s: found sizes %u and %u, expected multiples of 8", m->id,
			       m->hidden, m->intermediate);
	return SW_OK;
}

static void fill(transformer *t, struct bf16 *to, uint64_t n, uint64_t seed, uint32_t layer,
		 enum transformer_weight what)
{
	if (to)
		layers_fill(to, n, transformer_seed(seed, layer, what),
			    transformer_deviation(&t->model, what), t->device->stream);
}

static void fill_weights(transformer *t, uint64_t seed)
{
	const struct sw_model *m = &t->model;
	uint64_t h = m->hidden, table = (uint64_t)m->vocab * h;

	fill(t, t->embedding, table, seed, 0, WEIGHT_EMBEDDING);
	if (!m->tied_embeddings)
		fill(t, t->lm_head, table, seed, 0, WEIGHT_LM_HEAD);
	layers_fill_value(t->ones, widest_norm(m), 1, t->device->stream);
	for (uint32_t i = 0; i < m->layers; i++) {
		struct layer *l = &t->layer[i];

		fill(t, l->qkv, qkv_width(m) * h, seed, i, WEIGHT_QKV);
		fill(t, l->qkv_bias, qkv_width(m), seed, i, WEIGHT_QKV_BIAS);
		fill(t, l->out, h * m->heads * m->head_dim, seed, i, WEIGHT_OUT);
		fill(t, l->gate_up, 2 * (uint64_t)m->intermediate * h, seed, i, WEIGHT_GATE_UP);
		fill(t, l->down, h * m->intermediate, seed, i, WEIGHT_DOWN);
	}
}

static enum sw_status allocate(transformer *t, struct sw_error *err)
{
	const struct device_operations *o = t->device->operations;
	uint32_t sms = t->device->info.sms;
	uint64_t work = cut_workspace(&t->model, &t->limits, sms, NULL, NULL);
	enum sw_status st;

	st = o->allocate(t->device, cut_weights(&t->model, NULL, NULL), &t->weights, err);
	if (st == SW_OK)
		st = o->allocate(t->device, work, &t->work, err);
	if (st == SW_OK)
		st = o->allocate(t->device, cut_cache(&t->model, &t->limits, NULL, NULL), &t->cache,
				 err);
	if (st == SW_OK)
		st = o->allocate_host(t->device, cut_host(&t->limits, NULL, NULL), &t->host, err);
	if (st != SW_OK)
		return st;
	cut_weights(&t->model, t->weights, t);
	cut_workspace(&t->model, &t->limits, sms, t->work, t);
	cut_cache(&t->model, &t->limits, t->cache, t);
	cut_host(&t->limits, t->host, t);
	layers_fill_value(t->work, work / sizeof(struct bf16), 0, t->device->stream);
	return SW_OK;
}

enum sw_status transformer_new(struct device *device, const struct sw_model *model,
			       const struct transformer_limits *limits, uint64_t seed,
			       transformer **out, struct sw_error *err)
{
	enum sw_status st = check_model(model, err);
	transformer *t;

	*out = NULL;
	if (st != SW_OK)
		return st;
	t = calloc(1, sizeof(*t));
	if (!t)
		return sw_fail(err, SW_NO_MEMORY, "%s", model->id);
	t->device = device;
	t->model = *model;
	t->limits = *limits;
	t->layer = calloc(model->layers, sizeof(*t->layer));
	st = t->layer ? allocate(t, err) : sw_fail(err, SW_NO_MEMORY, "%s", model->id);
	if (st == SW_OK) {
		fill_weights(t, seed);
		st = device->operations->synchronize(device, err);
	}
	if (st != SW_OK) {
		transformer_free(t);
		return st;
	}
	*out = t;
	return SW_OK;
}

void transformer_free(transformer *t)
{
	const struct device_operations *o;

	if (!t)
		return;
	o = t->device->operations;
	for (size_t i = 0; i < t->n_graphs; i++)
		o->graph_free(t->device, t->graph[i].graph);
	o->release(t->device, t->weights);
	o->release(t->device, t->cache);
	o->release(t->device, t->work);
	o->release_host(t->device, t->host);
	free(t->layer);
	free(t);
}

struct transformer_step *transformer_input(transformer *t)
{
	return &t->input;
}

uint32_t transformer_table_width(const transformer *t)
{
	return table_width(&t->limits);
}

uint32_t transformer_updates_max(const transformer *t)
{
	return updates_max(&t->limits);
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
		.table_width = table_width(&t->limits),
		.heads = m->heads,
		.kv_heads = m->kv_heads,
		.head_dim = m->head_dim,
		.q_stride = (uint32_t)qkv_width(m),
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
	st = multiply(t, w->normed, l->qkv, w->qkv, n, qkv_width(m), h, false, err);
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
	for (uint32_t n = 1; st == SW_OK && n <= most && t->n_graphs < GRAPHS_MAX;
	     n = next_size(n, most))
		st = capture_one(t, n, err);
	return st;
}

enum sw_status transformer_logits(transformer *t, struct bf16 *to, struct sw_error *err)
{
	const struct device_operations *o = t->device->operations;
	enum sw_status st = o->copy_out(t->device, to, t->w.logits,
					elements(t->input.n_samples, t->model.vocab), err);

	return st == SW_OK ? o->synchronize(t->device, err) : st;
}
