// SPDX-License-Identifier: Apache-2.0
#include "replay_speed.h"

#include <math.h>

#include "base/error.h"
#include "slicewise/catalog.h"

enum { ELEMENT_BYTES = 2, SEED = 1 };

double replay_decode_bytes(const struct sw_model *m, uint32_t batch, uint32_t context)
{
	struct sw_parameters p = sw_model_parameters_by_kind(m);
	double token = 2.0 * m->layers * m->kv_heads * m->head_dim;
	double rows = m->tied_embeddings ? 0 : (double)batch * m->hidden;
	double weights = (double)p.linear + (double)m->vocab * m->hidden;

	return ELEMENT_BYTES * (weights + rows + token * batch * ((double)context + 1));
}

double replay_prompt_flop(const struct sw_model *m, uint32_t tokens)
{
	double pairs = 0.5 * tokens * ((double)tokens + 1);
	double linear = (double)sw_model_parameters_by_kind(m).linear;

	return 2 * linear * tokens + 4.0 * m->layers * m->heads * m->head_dim * pairs +
	       2.0 * m->vocab * m->hidden;
}

static double target_of(const struct step_shape *shape)
{
	return step_shape_is_decode(shape) ? REPLAY_DECODE_TARGET : REPLAY_PROMPT_TARGET;
}

struct replay_speed replay_speed_of(const struct sw_model *model,
				    const struct device_ceilings *ceilings,
				    const struct step_shape *shape, double ms)
{
	bool decode = step_shape_is_decode(shape);
	double rate = decode ? replay_decode_bytes(model, shape->batch, shape->tokens) / ms / 1e6
			     : replay_prompt_flop(model, shape->tokens) / ms / 1e9;
	double ceiling = decode ? ceilings->copy_gbps : ceilings->bf16_tflops;
	double share = ceiling > 0 ? rate / ceiling : NAN;

	return (struct replay_speed){rate, share, share >= target_of(shape)};
}

void replay_speed_print(const struct step_shape *shape, double ms, const struct replay_speed *speed,
			FILE *out)
{
	bool decode = step_shape_is_decode(shape);

	(void)fprintf(out, "%-7s  %2u x %-4u  %9.3f ms  %8.1f %-6s  %5.1f %% of %-7s  ",
		      decode ? "decode" : "prefill", shape->batch, shape->tokens, ms, speed->rate,
		      decode ? "GB/s" : "TFLOPS", 100 * speed->share, decode ? "copy" : "product");
	if (speed->reached)
		(void)fputs("reached\n", out);
	else
		(void)fprintf(out, "below %.0f %%\n", 100 * target_of(shape));
}

static struct transformer_limits limits_of(const struct replay_speed_ask *a)
{
	uint64_t decodes = (uint64_t)a->batch_max * step_shape_blocks(a->context);
	uint64_t prompt = step_shape_blocks(a->prompt);

	return (struct transformer_limits){
		.max_tokens = a->prompt > a->batch_max ? a->prompt : a->batch_max,
		.max_sequences = a->batch_max,
		.max_model_len = a->prompt > a->context ? a->prompt : a->context,
		.kv_blocks = decodes > prompt ? decodes : prompt,
	};
}

/* Asked before memory is filled: some drivers and hosts promise more than there is. */
static enum sw_status check_memory(const struct replay_speed_ask *a,
				   const struct transformer_limits *limits, struct sw_error *err)
{
	const double gib = 1 << 30;
	struct transformer_bytes b = transformer_bytes_of(a->model, limits, a->device->info.sms);
	uint64_t wanted = b.weights + b.workspace + b.kv_block * limits->kv_blocks;

	if (wanted <= a->device->info.free_bytes)
		return SW_OK;
	return sw_fail(err, SW_INFEASIBLE, "%s takes %.1f GiB of GPU memory, found %.1f free",
		       a->model->id, (double)wanted / gib,
		       (double)a->device->info.free_bytes / gib);
}

static enum sw_status measure(const struct replay_speed_ask *a, struct step_timer *timer,
			      const struct step_shape *shape, FILE *out, struct sw_error *err)
{
	double ms = NAN;
	enum sw_status st = step_timer_median(timer, shape, &ms, err);
	struct replay_speed speed;

	if (st != SW_OK)
		return st;
	speed = replay_speed_of(a->model, a->ceilings, shape, ms);
	replay_speed_print(shape, ms, &speed, out);
	return SW_OK;
}

static enum sw_status measure_all(const struct replay_speed_ask *a, struct step_timer *timer,
				  FILE *out, struct sw_error *err)
{
	const struct step_shape prompt = {1, a->prompt, a->prompt};
	enum sw_status st = SW_OK;

	(void)fprintf(out, "\n%s, and what its steps reach of that\n", a->model->id);
	for (uint32_t n = 1; n <= a->batch_max && st == SW_OK; n *= 2) {
		const struct step_shape decode = {n, a->context, 1};

		st = measure(a, timer, &decode, out, err);
	}
	return st == SW_OK ? measure(a, timer, &prompt, out, err) : st;
}

enum sw_status replay_speed(const struct replay_speed_ask *ask, FILE *out, struct sw_error *err)
{
	struct transformer_limits limits = limits_of(ask);
	struct step_timer timer = {0};
	enum sw_status st = check_memory(ask, &limits, err);

	if (st == SW_OK)
		st = step_timer_open(ask->device, ask->model, &limits, SEED, ask->graphs, &timer,
				     err);
	if (st == SW_OK)
		st = measure_all(ask, &timer, out, err);
	step_timer_close(&timer);
	return st;
}
