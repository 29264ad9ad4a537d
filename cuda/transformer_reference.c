// SPDX-License-Identifier: Apache-2.0
#include "transformer_reference.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "layers.h"

struct reference_layer {
	float *qkv, *bias, *out, *gate_up, *down;
};

struct transformer_reference {
	struct sw_model model;
	float *embedding, *lm_head;
	struct reference_layer *layer;
};

/* To bf16 and back, to nearest, ties to even. */
static float rounded(float x)
{
	uint32_t bits;

	memcpy(&bits, &x, sizeof(bits));
	bits = (bits + 0x7fff + ((bits >> 16) & 1)) & 0xffff0000U;
	memcpy(&x, &bits, sizeof(x));
	return x;
}

static float *weights(const struct sw_model *m, uint64_t n, uint64_t seed, uint32_t layer,
		      enum transformer_weight what)
{
	float *w = malloc(n * sizeof(*w));

	for (uint64_t i = 0; w && i < n; i++)
		w[i] = rounded(layers_weight(transformer_seed(seed, layer, what), i,
					     transformer_deviation(m, what)));
	return w;
}

static bool make_layer(const struct sw_model *m, uint64_t seed, uint32_t i,
		       struct reference_layer *l)
{
	uint64_t h = m->hidden, qkv = (uint64_t)(m->heads + 2 * m->kv_heads) * m->head_dim;

	l->qkv = weights(m, qkv * h, seed, i, WEIGHT_QKV);
	l->bias = m->qkv_bias ? weights(m, qkv, seed, i, WEIGHT_QKV_BIAS)
			      : calloc(qkv, sizeof(float));
	l->out = weights(m, h * m->heads * m->head_dim, seed, i, WEIGHT_OUT);
	l->gate_up = weights(m, 2 * (uint64_t)m->intermediate * h, seed, i, WEIGHT_GATE_UP);
	l->down = weights(m, h * m->intermediate, seed, i, WEIGHT_DOWN);
	return l->qkv && l->bias && l->out && l->gate_up && l->down;
}

enum sw_status transformer_reference_new(const struct sw_model *model, uint64_t seed,
					 transformer_reference **out, struct sw_error *err)
{
	transformer_reference *r = calloc(1, sizeof(*r));
	uint64_t table = (uint64_t)model->vocab * model->hidden;
	bool ok = r != NULL;

	*out = NULL;
	if (ok) {
		r->model = *model;
		r->layer = calloc(model->layers, sizeof(*r->layer));
		r->embedding = weights(model, table, seed, 0, WEIGHT_EMBEDDING);
		if (!model->tied_embeddings)
			r->lm_head = weights(model, table, seed, 0, WEIGHT_LM_HEAD);
		ok = r->layer && r->embedding && (model->tied_embeddings || r->lm_head);
	}
	for (uint32_t i = 0; ok && i < model->layers; i++)
		ok = make_layer(model, seed, i, &r->layer[i]);
	if (!ok) {
		transformer_reference_free(r);
		return sw_fail(err, SW_NO_MEMORY, "reference of %s", model->id);
	}
	*out = r;
	return SW_OK;
}

void transformer_reference_free(transformer_reference *r)
{
	if (!r)
		return;
	for (uint32_t i = 0; r->layer && i < r->model.layers; i++) {
		free(r->layer[i].qkv);
		free(r->layer[i].bias);
		free(r->layer[i].out);
		free(r->layer[i].gate_up);
		free(r->layer[i].down);
	}
	free(r->layer);
	free(r->embedding);
	free(r->lm_head);
	free(r);
}

static void product(const float *x, const float *w, uint32_t n, uint32_t k, bool add, float *y)
{
	for (uint32_t i = 0; i < n; i++) {
		double sum = 0;

		for (uint32_t j = 0; j < k; j++)
			sum += (double)x[j] * (double)w[(uint64_t)i * k + j];
		y[i] = (add ? y[i] : 0) + (float)sum;
	}
}

static void norm(const float *x, uint32_t n, float *y)
{
	double square = 0;

	for (uint32_t i = 0; i < n; i++)
		square += (double)x[i] * (double)x[i];
	for (uint32_t i = 0; i < n; i++)
		y[i] = (float)(x[i] / sqrt(square / n + (double)TRANSFORMER_EPSILON));
}

static void rotate(float *head, uint32_t hd, uint32_t position)
{
	for (uint32_t i = 0; i < hd / 2; i++) {
		double angle =
			position * pow((double)TRANSFORMER_THETA, -(double)i / ((double)hd / 2));
		float a = head[i], b = head[i + hd / 2];

		head[i] = (float)(a * cos(angle) - b * sin(angle));
		head[i + hd / 2] = (float)(b * cos(angle) + a * sin(angle));
	}
}

/* Queries and keys of one token: bias, norm, rotation; values: bias. */
static void finish_heads(const struct sw_model *m, const float *bias, uint32_t position, float *qkv)
{
	uint32_t all = m->heads + 2 * m->kv_heads, hd = m->head_dim;

	for (uint32_t i = 0; i < all * hd; i++)
		qkv[i] += bias[i];
	for (uint32_t h = 0; h < m->heads + m->kv_heads; h++) {
		if (m->qk_norm)
			norm(qkv + h * hd, hd, qkv + h * hd);
		rotate(qkv + h * hd, hd, position);
	}
}

/* One head of one token over all tokens up to it; qkv has a row for every token. */
static void attend(const struct sw_model *m, const float *qkv, uint32_t t, uint32_t head,
		   uint32_t window, double *score, float *out)
{
	uint32_t hd = m->head_dim, row = (m->heads + 2 * m->kv_heads) * hd;
	uint32_t kv = m->heads + head / (m->heads / m->kv_heads);
	uint32_t from = window > 0 && t + 1 > window ? t + 1 - window : 0;
	const float *q = qkv + (uint64_t)t * row + head * hd;
	double most = -INFINITY, sum = 0;

	for (uint32_t s = from; s <= t; s++) {
		score[s] = 0;
		for (uint32_t d = 0; d < hd; d++)
			score[s] += (double)q[d] * (double)qkv[(uint64_t)s * row + kv * hd + d];
		score[s] /= sqrt((double)hd);
		most = fmax(most, score[s]);
	}
	for (uint32_t d = 0; d < hd; d++)
		out[d] = 0;
	for (uint32_t s = from; s <= t; s++)
		sum += score[s] = exp(score[s] - most);
	for (uint32_t s = from; s <= t; s++)
		for (uint32_t d = 0; d < hd; d++)
			out[d] += (float)(score[s] / sum) *
				  qkv[(uint64_t)s * row + (kv + m->kv_heads) * hd + d];
}

/* Buffers of one pass: rows of all tokens, and of one. */
struct pass {
	float *x, *qkv, *normed, *attended, *gate_up, *gated;
	double *score;
};

static void run_layer(const transformer_reference *r, uint32_t i, uint32_t n, struct pass *p)
{
	const struct sw_model *m = &r->model;
	const struct reference_layer *l = &r->layer[i];
	uint32_t h = m->hidden, hd = m->head_dim, row = (m->heads + 2 * m->kv_heads) * hd;
	uint32_t window = i + m->window_layers >= m->layers ? m->sliding_window : 0;

	for (uint32_t t = 0; t < n; t++) {
		norm(p->x + (uint64_t)t * h, h, p->normed);
		product(p->normed, l->qkv, row, h, false, p->qkv + (uint64_t)t * row);
		finish_heads(m, l->bias, t, p->qkv + (uint64_t)t * row);
	}
	for (uint32_t t = 0; t < n; t++) {
		float *x = p->x + (uint64_t)t * h;

		for (uint32_t head = 0; head < m->heads; head++)
			attend(m, p->qkv, t, head, window, p->score, p->attended + head * hd);
		product(p->attended, l->out, h, m->heads * hd, true, x);
		norm(x, h, p->normed);
		product(p->normed, l->gate_up, 2 * m->intermediate, h, false, p->gate_up);
		for (uint32_t j = 0; j < m->intermediate; j++)
			p->gated[j] = p->gate_up[j] / (1 + expf(-p->gate_up[j])) *
				      p->gate_up[m->intermediate + j];
		product(p->gated, l->down, h, m->intermediate, true, x);
	}
}

static bool make_pass(const struct sw_model *m, uint32_t n, struct pass *p)
{
	uint64_t row = (uint64_t)(m->heads + 2 * m->kv_heads) * m->head_dim;

	p->x = calloc((uint64_t)n * m->hidden, sizeof(float));
	p->qkv = calloc(n * row, sizeof(float));
	p->normed = calloc(m->hidden, sizeof(float));
	p->attended = calloc((uint64_t)m->heads * m->head_dim, sizeof(float));
	p->gate_up = calloc(2 * (uint64_t)m->intermediate, sizeof(float));
	p->gated = calloc(m->intermediate, sizeof(float));
	p->score = calloc(n, sizeof(double));
	return p->x && p->qkv && p->normed && p->attended && p->gate_up && p->gated && p->score;
}

static void free_pass(struct pass *p)
{
	free(p->x);
	free(p->qkv);
	free(p->normed);
	free(p->attended);
	free(p->gate_up);
	free(p->gated);
	free(p->score);
}

enum sw_status transformer_reference_logits(const transformer_reference *r, const int32_t *token,
					    uint32_t n, float *logits, struct sw_error *err)
{
	const struct sw_model *m = &r->model;
	enum sw_status st = SW_OK;
	struct pass p;

	if (make_pass(m, n, &p)) {
		for (uint32_t t = 0; t < n; t++)
			memcpy(p.x + (uint64_t)t * m->hidden,
			       r->embedding + (uint64_t)token[t] * m->hidden,
			       m->hidden * sizeof(float));
		for (uint32_t i = 0; i < m->layers; i++)
			run_layer(r, i, n, &p);
		norm(p.x + (uint64_t)(n - 1) * m->hidden, m->hidden, p.normed);
		product(p.normed, r->lm_head ? r->lm_head : r->embedding, m->vocab, m->hidden,
			false, logits);
	} else {
		st = sw_fail(err, SW_NO_MEMORY, "reference of %u tokens", n);
	}
	free_pass(&p);
	return st;
}
