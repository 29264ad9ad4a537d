// SPDX-License-Identifier: Apache-2.0
#include "replay_steps.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "math/ordered.h"
#include "paged_attention.h"

/* Runs of each step: the first ones choose kernels and warm caches. */
enum { WARM_UPS = 2, RUNS = 5 };
enum { BEGINS, ENDS };

/* In the order of what they teach: the ends of the range first. */
static const uint32_t prompt_tokens[] = {2048, 64, 512, 256, 1024, 128, 4096, 8192};
static const uint32_t decode_batches[] = {1, 32, 8, 64, 16, 4, 2, 128, 256};
static const uint32_t decode_contexts[] = {512, 4096, 64, 1024, 2048, 128, 256, 8192, 16384};

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

struct measuring {
	const struct replay_steps_ask *ask;
	transformer *transformer;
	FILE *out;
	unsigned n;
};

static uint32_t blocks_of(uint32_t tokens)
{
	return (tokens + KV_BLOCK_TOKENS - 1) / KV_BLOCK_TOKENS;
}

/* Sequence s has the blocks from s * blocks on. */
static enum sw_status lay_out(struct measuring *m, uint32_t batch, uint32_t tokens,
			      struct sw_error *err)
{
	struct transformer_step *s = transformer_input(m->transformer);
	uint32_t width = transformer_table_width(m->transformer), blocks = blocks_of(tokens);

	s->n_updates = 0;
	for (uint32_t i = 0; i < batch; i++)
		for (uint32_t k = 0; k < blocks; k++) {
			enum sw_status st = SW_OK;

			if (s->n_updates == transformer_updates_max(m->transformer))
				st = transformer_flush(m->transformer, err);
			if (st != SW_OK)
				return st;
			s->update_place[s->n_updates] = (int32_t)(i * width + k);
			s->update_value[s->n_updates++] = (int32_t)(i * blocks + k);
		}
	return transformer_flush(m->transformer, err);
}

static void add_token(struct transformer_step *s, uint32_t sequence, uint32_t blocks,
		      uint32_t place)
{
	uint32_t at = s->n_tokens++;

	s->token[at] = (int32_t)(at % 50);
	s->position[at] = (int32_t)place;
	s->slot[at] = (int64_t)(sequence * blocks) * KV_BLOCK_TOKENS + place;
}

/* `fresh` new tokens of each sequence, at the end of `tokens`. */
static void fill(struct measuring *m, uint32_t batch, uint32_t tokens, uint32_t fresh)
{
	struct transformer_step *s = transformer_input(m->transformer);

	s->n_tokens = s->n_updates = 0;
	s->q_start[0] = 0;
	for (uint32_t i = 0; i < batch; i++) {
		for (uint32_t k = tokens - fresh; k < tokens; k++)
			add_token(s, i, blocks_of(tokens), k);
		s->q_start[i + 1] = (int32_t)s->n_tokens;
		s->kv_length[i] = (int32_t)tokens;
		s->table_row[i] = (int32_t)i;
		s->sample_row[i] = (int32_t)(s->n_tokens - 1);
	}
	s->n_sequences = s->n_samples = batch;
	s->n_decode = fresh == 1 && tokens > 1 ? batch : 0;
	s->longest_prompt = s->n_decode ? 0 : fresh;
}

static enum sw_status run_once(struct measuring *m, double *ms, struct sw_error *err)
{
	struct device *d = m->ask->device;
	const struct device_operations *o = d->operations;
	enum sw_status st = o->mark(d, BEGINS, err);

	if (st == SW_OK)
		st = transformer_run(m->transformer, err);
	if (st == SW_OK)
		st = o->mark(d, ENDS, err);
	if (st == SW_OK)
		st = o->synchronize(d, err);
	return st == SW_OK ? o->between_ms(d, BEGINS, ENDS, ms, err) : st;
}

static enum sw_status write_row(struct measuring *m, const char *phase, uint32_t batch,
				uint32_t tokens, double ms, struct sw_error *err)
{
	const struct replay_steps_ask *a = m->ask;

	m->n++;
	if (fprintf(m->out, "%s,%s,%s,%.9g,%s,%u,%u,%.6g,%u,%s\n", a->gpu, a->setting->model.id,
		    a->mechanism, a->share, phase, batch, tokens, ms, a->device->info.sms,
		    a->setting->cuda_graphs ? "true" : "false") > 0 &&
	    fflush(m->out) == 0)
		return SW_OK;
	return sw_fail(err, SW_IO, "the rows cannot be written: %s", strerror(errno));
}

static enum sw_status measure(struct measuring *m, const char *phase, uint32_t batch,
			      uint32_t tokens, uint32_t fresh, struct sw_error *err)
{
	double ms[RUNS], unused;
	enum sw_status st = lay_out(m, batch, tokens, err);

	for (int i = 0; i < WARM_UPS + RUNS && st == SW_OK; i++) {
		fill(m, batch, tokens, fresh); /* a graph pads what it is given */
		st = run_once(m, i < WARM_UPS ? &unused : &ms[i - WARM_UPS], err);
	}
	if (st != SW_OK)
		return st;
	qsort(ms, RUNS, sizeof(*ms), sw__ascending);
	return write_row(m, phase, batch, tokens, ms[RUNS / 2], err);
}

static bool fits(const struct measuring *m, uint32_t batch, uint32_t tokens, uint32_t fresh)
{
	const struct sw__serving *s = &m->ask->setting->serving;

	return batch <= s->max_num_seqs && tokens <= s->max_model_len &&
	       (uint64_t)batch * fresh <= s->max_num_batched_tokens &&
	       (uint64_t)batch * blocks_of(tokens) <= s->kv_blocks;
}

static bool time_left(const struct measuring *m, double start_s)
{
	return m->ask->now_s(m->ask->context) - start_s < m->ask->budget_s;
}

static enum sw_status measure_all(struct measuring *m, struct sw_error *err)
{
	double start_s = m->ask->now_s(m->ask->context);
	enum sw_status st = SW_OK;

	for (size_t i = 0; i < COUNT_OF(prompt_tokens) && st == SW_OK; i++)
		if (fits(m, 1, prompt_tokens[i], prompt_tokens[i]) && time_left(m, start_s))
			st = measure(m, "prefill", 1, prompt_tokens[i], prompt_tokens[i], err);
	for (size_t c = 0; c < COUNT_OF(decode_contexts); c++)
		for (size_t b = 0; b < COUNT_OF(decode_batches) && st == SW_OK; b++)
			if (fits(m, decode_batches[b], decode_contexts[c], 1) &&
			    time_left(m, start_s))
				st = measure(m, "decode", decode_batches[b], decode_contexts[c], 1,
					     err);
	return st;
}

enum sw_status replay_steps_header(FILE *out, struct sw_error *err)
{
	if (fputs("gpu,model,mechanism,share,phase,batch,seq_len,latency_ms,sms,cuda_graphs\n",
		  out) >= 0 &&
	    fflush(out) == 0)
		return SW_OK;
	return sw_fail(err, SW_IO, "the rows cannot be written: %s", strerror(errno));
}

enum sw_status replay_steps(const struct replay_steps_ask *ask, FILE *out, unsigned *n,
			    struct sw_error *err)
{
	const struct sw__serving *s = &ask->setting->serving;
	struct transformer_limits limits = {s->max_num_batched_tokens, s->max_num_seqs,
					    s->max_model_len, s->kv_blocks};
	struct measuring m = {.ask = ask, .out = out};
	enum sw_status st = transformer_new(ask->device, &ask->setting->model, &limits,
					    ask->setting->seed, &m.transformer, err);

	if (st == SW_OK && ask->setting->cuda_graphs)
		st = transformer_capture(m.transformer, err);
	if (st == SW_OK)
		st = measure_all(&m, err);
	transformer_free(m.transformer);
	*n = m.n;
	return st;
}
