// SPDX-License-Identifier: Apache-2.0
#include "self_check.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "batch.h"
#include "transformer_reference.h"

enum { REQUESTS = 5, SEED = 11 };

/* What is checked: grouped heads with biases and tied embeddings; wide heads with norms and a cache too small for all. */
static const struct subject {
	struct sw_model model;
	uint32_t kv_blocks;
} subjects[] = {
	{{.id = "tiny-qwen2",
	  .family = SW_QWEN2,
	  .layers = 2,
	  .hidden = 256,
	  .intermediate = 512,
	  .heads = 4,
	  .kv_heads = 2,
	  .head_dim = 64,
	  .vocab = 320,
	  .tied_embeddings = true,
	  .qkv_bias = true,
	  .gated_mlp = true},
	 64},
	{{.id = "tiny-qwen3",
	  .family = SW_QWEN3,
	  .layers = 2,
	  .hidden = 192,
	  .intermediate = 384,
	  .heads = 3,
	  .kv_heads = 1,
	  .head_dim = 128,
	  .vocab = 320,
	  .qk_norm = true,
	  .gated_mlp = true},
	 13},
};

static const uint32_t lengths[REQUESTS][2] = {{37, 4}, {5, 6}, {64, 2}, {90, 3}, {1, 8}};

struct run {
	struct device *device;
	const struct subject *subject;
	transformer *transformer;
	transformer_reference *reference;
	sw__scheduler *scheduler;
	batch *batch;
	struct replay_request request[REQUESTS];
	int32_t *tokens;
	struct bf16 *logits;
	float *expected;
	struct self_check_result *result;
};

static float value(struct bf16 x)
{
	uint32_t bits = (uint32_t)x.bits << 16;
	float y;

	memcpy(&y, &bits, sizeof(y));
	return y;
}

static double relative_error(const struct bf16 *actual, const float *expected, uint32_t n)
{
	double off = 0, size = 0;

	for (uint32_t i = 0; i < n; i++) {
		double d = (double)value(actual[i]) - (double)expected[i];

		off += d * d;
		size += (double)expected[i] * (double)expected[i];
	}
	return sqrt(off / size);
}

static enum sw_status compare(struct run *r, struct sw_error *err)
{
	uint32_t vocabulary = r->subject->model.vocab;
	uint32_t n = transformer_input(r->transformer)->n_samples;
	enum sw_status st = transformer_logits(r->transformer, r->logits, err);

	for (uint32_t i = 0; st == SW_OK && i < n; i++) {
		const struct replay_request *q = batch_sampled(r->batch, i);
		double error;

		if (!q)
			continue;
		st = transformer_reference_logits(r->reference, q->token,
						  q->sequence.prompt_tokens + q->sequence.generated,
						  r->expected, err);
		if (st != SW_OK)
			break;
		error = relative_error(r->logits + (uint64_t)i * vocabulary, r->expected,
				       vocabulary);
		/* NAN must not get lost in a comparison. */
		if (!(error <= r->result->worst))
			r->result->worst = isnan(error) ? INFINITY : error;
		r->result->samples++;
	}
	return st;
}

static enum sw_status run_steps(struct run *r, struct sw_error *err)
{
	const struct sw__step *step;
	enum sw_status st = sw__scheduler_next(r->scheduler, &step, err);

	while (st == SW_OK && step) {
		r->result->preemptions += (unsigned)step->n_preempted;
		st = batch_fill(r->batch, step, r->transformer, err);
		if (st == SW_OK)
			st = transformer_run(r->transformer, err);
		if (st == SW_OK)
			st = r->device->operations->synchronize(r->device, err);
		if (st == SW_OK)
			st = compare(r, err);
		if (st != SW_OK)
			return st;
		batch_take_samples(r->batch, r->transformer);
		sw__scheduler_done(r->scheduler);
		st = sw__scheduler_next(r->scheduler, &step, err);
	}
	return st;
}

static enum sw_status add_requests(struct run *r, struct sw_error *err)
{
	int32_t *token = r->tokens;
	enum sw_status st = SW_OK;

	for (unsigned i = 0; i < REQUESTS && st == SW_OK; i++) {
		struct replay_request *q = &r->request[i];

		*q = (struct replay_request){.sequence = {.id = i + 1,
							  .prompt_tokens = lengths[i][0],
							  .output_tokens = lengths[i][1]},
					     .token = token};
		for (uint32_t k = 0; k < lengths[i][0]; k++)
			token[k] = (int32_t)((k * 37 + i * 101 + 3) % r->subject->model.vocab);
		token += lengths[i][0] + lengths[i][1];
		st = sw__scheduler_add(r->scheduler, &q->sequence, err);
	}
	return st;
}

static enum sw_status open_run(struct run *r, bool graphs, struct sw_error *err)
{
	const struct sw_model *m = &r->subject->model;
	struct sw__serving serving = {SW__SERVE_MIXED, 4, 48, 128, r->subject->kv_blocks, 16, true};
	struct transformer_limits limits = {48, 4, 128, r->subject->kv_blocks};
	enum sw_status st = transformer_new(r->device, m, &limits, SEED, &r->transformer, err);

	if (st == SW_OK)
		st = transformer_reference_new(m, SEED, &r->reference, err);
	if (st == SW_OK)
		st = sw__scheduler_new(&serving, &r->scheduler, err);
	if (st == SW_OK)
		st = batch_new(serving.max_num_seqs, &r->batch, err);
	if (st == SW_OK && graphs)
		st = transformer_capture(r->transformer, err);
	r->tokens = calloc((size_t)REQUESTS * 128, sizeof(*r->tokens));
	r->logits = calloc((size_t)serving.max_num_seqs * m->vocab, sizeof(*r->logits));
	r->expected = calloc(m->vocab, sizeof(*r->expected));
	if (st == SW_OK && (!r->tokens || !r->logits || !r->expected))
		st = sw_fail(err, SW_NO_MEMORY, "%s", m->id);
	return st;
}

static void close_run(struct run *r)
{
	sw__scheduler_free(r->scheduler);
	batch_free(r->batch);
	transformer_free(r->transformer);
	transformer_reference_free(r->reference);
	free(r->tokens);
	free(r->logits);
	free(r->expected);
}

enum sw_status self_check(struct device *device, bool graphs, struct self_check_result *result,
			  struct sw_error *err)
{
	enum sw_status st = SW_OK;

	*result = (struct self_check_result){0};
	for (size_t i = 0; i < sizeof(subjects) / sizeof(subjects[0]) && st == SW_OK; i++) {
		struct run r = {.device = device, .subject = &subjects[i], .result = result};

		st = open_run(&r, graphs, err);
		if (st == SW_OK)
			st = add_requests(&r, err);
		if (st == SW_OK)
			st = run_steps(&r, err);
		close_run(&r);
	}
	return st;
}

enum sw_status self_check_passes(struct device *device, bool with_graphs, struct sw_error *err)
{
	struct self_check_result r = {0};
	enum sw_status st = SW_OK;

	for (int graphs = 0; graphs <= with_graphs && st == SW_OK; graphs++) {
		st = self_check(device, graphs == 1, &r, err);
		/* Written so that NAN fails. */
		if (st == SW_OK && !(r.samples > 0 && r.worst < SELF_CHECK_TOLERANCE))
			st = sw_fail(err, SW_INTERNAL,
				     "the GPU does not compute what the reference does (%s): worst "
				     "error %.3g, expected below %g; --check shows more",
				     graphs ? "from graphs" : "kernel by kernel", r.worst,
				     SELF_CHECK_TOLERANCE);
	}
	return st;
}
