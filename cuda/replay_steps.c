// SPDX-License-Identifier: Apache-2.0
#include "replay_steps.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "base/error.h"
#include "replay_row.h"
#include "step_timer.h"

/* In the order of what they teach: the ends of the range first. */
static const uint32_t prompt_tokens[] = {2048, 64, 512, 256, 1024, 128, 4096, 8192};
static const uint32_t decode_batches[] = {1, 32, 8, 64, 16, 4, 2, 128, 256};
static const uint32_t decode_contexts[] = {512, 4096, 64, 1024, 2048, 128, 256, 8192, 16384};

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

struct measuring {
	const struct replay_steps_ask *ask;
	struct step_timer timer;
	FILE *out;
	double start_s;
	unsigned n;
};

static enum sw_status write_row(struct measuring *m, const struct step_shape *shape, double ms,
				double from_s, struct sw_error *err)
{
	const struct replay_steps_ask *a = m->ask;
	struct replay_gpu gpu = {from_s, NAN, NAN, NAN, NAN, 0};

	m->n++;
	if (a->gpu_since)
		a->gpu_since(a->context, from_s, &gpu);
	(void)fprintf(m->out, "%s,%s,%s,%.9g,%s,%u,%u,%.6g,%u,%s", a->gpu, a->setting->model.id,
		      a->mechanism, a->share, step_shape_is_decode(shape) ? "decode" : "prefill",
		      shape->batch, shape->tokens, ms, a->device->info.sms,
		      a->setting->cuda_graphs ? "true" : "false");
	replay_add_gpu(m->out, &gpu);
	if (fputc('\n', m->out) >= 0 && fflush(m->out) == 0)
		return SW_OK;
	return sw_fail(err, SW_IO, "the rows cannot be written: %s", strerror(errno));
}

static bool time_left(const struct measuring *m)
{
	return m->ask->now_s(m->ask->context) - m->start_s < m->ask->budget_s;
}

/* Where limits and time allow. */
static enum sw_status measure(struct measuring *m, uint32_t batch, uint32_t tokens, uint32_t fresh,
			      struct sw_error *err)
{
	const struct step_shape shape = {batch, tokens, fresh};
	enum sw_status st;
	double ms = NAN, from_s;

	if (!step_shape_fits(&shape, &m->timer.limits) || !time_left(m))
		return SW_OK;
	from_s = m->ask->now_s(m->ask->context);
	st = step_timer_median(&m->timer, &shape, &ms, err);
	return st == SW_OK ? write_row(m, &shape, ms, from_s, err) : st;
}

static enum sw_status measure_all(struct measuring *m, struct sw_error *err)
{
	enum sw_status st = SW_OK;

	for (size_t i = 0; i < COUNT_OF(prompt_tokens) && st == SW_OK; i++)
		st = measure(m, 1, prompt_tokens[i], prompt_tokens[i], err);
	for (size_t c = 0; c < COUNT_OF(decode_contexts); c++)
		for (size_t b = 0; b < COUNT_OF(decode_batches) && st == SW_OK; b++)
			st = measure(m, decode_batches[b], decode_contexts[c], 1, err);
	return st;
}

enum sw_status replay_steps_header(FILE *out, struct sw_error *err)
{
	if (fputs("gpu,model,mechanism,share,phase,batch,seq_len,latency_ms,sms,"
		  "cuda_graphs," REPLAY_GPU_COLUMNS "\n",
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
	enum sw_status st =
		step_timer_open(ask->device, &ask->setting->model, &limits, ask->setting->seed,
				ask->setting->cuda_graphs, &m.timer, err);

	m.start_s = ask->now_s(ask->context);
	if (st == SW_OK)
		st = measure_all(&m, err);
	step_timer_close(&m.timer);
	*n = m.n;
	return st;
}
