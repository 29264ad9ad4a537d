// SPDX-License-Identifier: Apache-2.0
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "transformer_parts.h"

enum { WEIGHT_SEEDS = 8, ALIGN = 256 };

/* One buffer, cut into pieces: the same cut on the host and on the device. */
struct cutter {
	uint8_t *base; /* NULL: only the size is asked for */
	uint64_t used;
};

/* To find out how much there is to cut. */
static const struct cutter nothing = {NULL, 0};

static struct cutter from(void *memory)
{
	return (struct cutter){memory, 0};
}

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

uint64_t transformer_qkv_width(const struct sw_model *m)
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
	uint64_t h = m->hidden, qkv = transformer_qkv_width(m);

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

static uint64_t cut_weights(const struct sw_model *m, struct cutter c, transformer *t)
{
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

static uint64_t cut_cache(const struct sw_model *m, const struct transformer_limits *l,
			  struct cutter c, transformer *t)
{
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

static void cut_step(const struct transformer_limits *l, struct cutter *c,
		     struct transformer_step *s)
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
		uint64_t floats = attention_workspace_floats(n, m->heads, m->head_dim,
							     attention_splits(n, m->kv_heads, sms));

		most = floats > most ? floats : most;
	}
	return most;
}

static uint64_t cut_workspace(const struct sw_model *m, const struct transformer_limits *l,
			      uint32_t sms, struct cutter c, transformer *t)
{
	uint64_t tokens = l->max_tokens, n = l->max_sequences;
	struct workspace w;
	void *table;

	w.x = cut(&c, elements(tokens, m->hidden));
	w.normed = cut(&c, elements(tokens, m->hidden));
	w.qkv = cut(&c, elements(tokens, transformer_qkv_width(m)));
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

static uint64_t cut_host(const struct transformer_limits *l, struct cutter c, transformer *t)
{
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
		.weights = cut_weights(model, nothing, NULL),
		.kv_block = 2 * kv_block_bytes(model) * model->layers,
		.workspace = cut_workspace(model, limits, sms, nothing, NULL),
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

		fill(t, l->qkv, transformer_qkv_width(m) * h, seed, i, WEIGHT_QKV);
		fill(t, l->qkv_bias, transformer_qkv_width(m), seed, i, WEIGHT_QKV_BIAS);
		fill(t, l->out, h * m->heads * m->head_dim, seed, i, WEIGHT_OUT);
		fill(t, l->gate_up, 2 * (uint64_t)m->intermediate * h, seed, i, WEIGHT_GATE_UP);
		fill(t, l->down, h * m->intermediate, seed, i, WEIGHT_DOWN);
	}
}

static enum sw_status allocate(transformer *t, struct sw_error *err)
{
	const struct device_operations *o = t->device->operations;
	uint32_t sms = t->device->info.sms;
	uint64_t work = cut_workspace(&t->model, &t->limits, sms, nothing, NULL);
	enum sw_status st;

	st = o->allocate(t->device, cut_weights(&t->model, nothing, NULL), &t->weights, err);
	if (st == SW_OK)
		st = o->allocate(t->device, work, &t->work, err);
	if (st == SW_OK)
		st = o->allocate(t->device, cut_cache(&t->model, &t->limits, nothing, NULL),
				 &t->cache, err);
	if (st == SW_OK)
		st = o->allocate_host(t->device, cut_host(&t->limits, nothing, NULL), &t->host,
				      err);
	if (st != SW_OK)
		return st;
	cut_weights(&t->model, from(t->weights), t);
	cut_workspace(&t->model, &t->limits, sms, from(t->work), t);
	cut_cache(&t->model, &t->limits, from(t->cache), t);
	cut_host(&t->limits, from(t->host), t);
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

uint32_t transformer_table_width(const transformer *t)
{
	return table_width(&t->limits);
}

uint32_t transformer_updates_max(const transformer *t)
{
	return updates_max(&t->limits);
}
