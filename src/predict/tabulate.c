// SPDX-License-Identifier: Apache-2.0
/*
 * The step model costs about a microsecond a step and a prediction asks for hundreds of steps, so it is tabulated once
 * per engine and slice. Everything here is differences of whole steps: which kernels a step has is not known here.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "predict/prepared.h"
#include "sharing/mechanism.h"
#include "step/step_time.h"

/* Powers of two and what lies between them where products have their waves; an engine's own budget comes last. */
static const double knots[SW__KNOTS] = {1,   8,   16,  32,  48,   64,   96,   128,
					192, 256, 384, 512, 1024, 2048, 4096, 8192};
/* A batch large enough to show what one more sequence costs. */
static const double MANY_SEQUENCES = 32;
/* Between these the seats are told apart, at these parts of them. */
static const double FEWEST_SEATS = 16, MOST_SEATS = 1024;
static const double seat_part[SW__MIXED_KNOTS] = {1.0 / 16, 0.25, 0.5, 1};
/* No chunk is shorter: attention of a few tokens is all latency and tells nothing per token. */
static const double CHUNK_MIN = 64;

/* As much of the datasheet's bandwidth, or of the slice's tensor peak, as kernels take that wait for nothing else. */
static const double BOUND = 0.7;

struct evaluator {
	const struct sw__tabulation *ask;
	struct sw__step_setting setting;
	struct sw__model_ops ops;
	double stretch; /* of GPU time by a launch limiter */
};

static struct sw_step_work work_of(double n_decode, double kv_tokens, double prefill_tokens)
{
	return (struct sw_step_work){.n_decode = n_decode,
				     .decode_kv_tokens = kv_tokens,
				     .n_prefill = prefill_tokens > 0 ? 1 : 0,
				     .prefill_tokens = prefill_tokens};
}

static struct sw_step_time step(const struct evaluator *e, double n_decode, double kv_tokens,
				double prefill_tokens)
{
	struct sw_step_work work = work_of(n_decode, kv_tokens, prefill_tokens);

	return sw__step_time_of(e->ask->calibration, e->ask->engine, &e->setting, &e->ops, &work);
}

static double attention_ms(const struct evaluator *e, double n_decode, double kv_tokens,
			   double prefill_tokens)
{
	struct sw_step_work work = work_of(n_decode, kv_tokens, prefill_tokens);

	return sw__step_attention_ms(e->ask->calibration, e->ask->engine, &e->setting, &e->ops,
				     &work);
}

/* Products and small kernels of a step of `tokens` tokens with one decode, without attention and sampling. */
static struct sw_step_time linear_step(const struct evaluator *e, double tokens)
{
	return step(e, 1, 1, fmax(0, tokens - 1));
}

/*
 * What of the time of kernels that move so much and compute so much waits for which of the two. They hide behind each other: the larger
 * demand counts, and the more the larger it is; what is far from both limits waits for neither.
 */
static void split_waits(const struct evaluator *e, double dram_gb, double tflop, double ms,
			double *for_dram, double *for_compute)
{
	const struct sw__device *dev = &e->setting.dev;
	double dram = dram_gb / (ms / 1000) / dev->dram_gb_s;
	double compute = tflop / (ms / 1000) / (dev->peak_tflops * dev->sms / dev->gpu_sms);
	double d4 = dram * dram * dram * dram, c4 = compute * compute * compute * compute;
	double bound = fmin(1, fmax(dram, compute) / BOUND);

	*for_dram = ms > 0 && d4 > 0 ? bound * d4 / (d4 + c4) : 0;
	*for_compute = ms > 0 && c4 > 0 ? bound * c4 / (d4 + c4) : 0;
}

static void tabulate_knots(const struct evaluator *e, struct sw__linear_part *out)
{
	double budget = e->ask->engine->max_num_batched_tokens;
	struct sw__step_curve *curve = &out->curve;
	double least = 0;
	size_t n = 0;

	curve->host_ms = INFINITY;
	for (size_t i = 0; i < SW__KNOTS; i++) {
		bool last = knots[i] >= budget || i + 1 == SW__KNOTS;
		double tokens = last ? fmax(budget, knots[0] + 1) : knots[i];
		struct sw_step_time t = linear_step(e, tokens);
		double ms = t.gemm_ms + t.other_ms;
		double kernels = t.gemm_ms / (t.total_ms - t.host_ms);

		least = fmax(least, ms);
		curve->tokens[n] = tokens;
		/* A limiter counts what the CPU does alone as rest. */
		curve->linear_ms[n] = fmax(least + t.host_ms, least * e->stretch);
		if (!e->setting.cuda_graphs)
			curve->gap_ms[n] = fmax(0, least + t.host_ms - least * e->stretch);
		curve->host_ms = fmin(curve->host_ms, t.host_ms);
		split_waits(e, t.dram_gb, t.tflop, t.gemm_ms, &out->waits.dram[n],
			    &out->waits.compute[n]);
		out->waits.dram[n] *= kernels;
		out->waits.compute[n] *= kernels;
		n++;
		if (last)
			break;
	}
	curve->n_knots = n;
	/* What the CPU adds to small steps beyond to large ones is launching that these hide. */
	for (size_t i = 0; i < n; i++) {
		curve->linear_ms[i] -= curve->host_ms;
		curve->gap_ms[i] = fmax(0, curve->gap_ms[i] - curve->host_ms);
	}
}

static struct sw__linear_key key_of(const struct evaluator *e)
{
	return (struct sw__linear_key){
		.budget = e->ask->engine->max_num_batched_tokens,
		.kv_bytes = e->setting.kv_bytes,
		.host_exposed = e->setting.host_exposed,
		.stretch = e->stretch,
		.cuda_graphs = e->setting.cuda_graphs,
		.paged = sw__step_is_paged(e->ask->calibration, e->ask->engine),
	};
}

static bool same_key(const struct sw__linear_key *a, const struct sw__linear_key *b)
{
	return a->budget == b->budget && a->kv_bytes == b->kv_bytes &&
	       a->host_exposed == b->host_exposed && a->stretch == b->stretch &&
	       a->cuda_graphs == b->cuda_graphs && a->paged == b->paged;
}

static void make_linear(const struct evaluator *e, const struct sw__linear_key *key,
			struct sw__linear_part *out)
{
	memset(out, 0, sizeof(*out));
	out->key = *key;
	tabulate_knots(e, out);
	out->one = step(e, 1, 1, 0);
	out->few = linear_step(e, MANY_SEQUENCES);
	out->many = step(e, MANY_SEQUENCES, MANY_SEQUENCES, 0);
	out->more = linear_step(e, 1 + MANY_SEQUENCES);
	out->waits.reads = (out->many.gemm_ms + out->many.attention_ms) /
			   (out->many.total_ms - out->many.host_ms);
}

void sw__linear_parts_free(struct sw__linear_parts *parts)
{
	for (size_t i = 0; parts && i < SW__LINEAR_PARTS; i++)
		free(parts->at[i]);
	free(parts);
}

/* Remembered, or made: in the oldest one's place, or in `own` where nothing is remembered. */
static const struct sw__linear_part *linear_of(const struct evaluator *e,
					       struct sw__linear_part *own)
{
	struct sw__linear_parts *parts = e->ask->known.linear;
	struct sw__linear_key key = key_of(e);
	struct sw__linear_part *made = own;

	for (size_t i = 0; parts && i < SW__LINEAR_PARTS && parts->at[i]; i++) {
		if (same_key(&parts->at[i]->key, &key))
			return parts->at[i];
	}
	if (parts && !parts->at[parts->oldest])
		parts->at[parts->oldest] = malloc(sizeof(*made));
	if (parts && parts->at[parts->oldest]) {
		made = parts->at[parts->oldest];
		parts->oldest = (parts->oldest + 1) % SW__LINEAR_PARTS;
	}
	make_linear(e, &key, made);
	return made;
}

/* The prompt, or what of it one step takes. */
static double usual_chunk(const struct evaluator *e)
{
	double budget = e->ask->engine->max_num_batched_tokens;

	return fmax(CHUNK_MIN, fmin(budget, e->ask->prompt_tokens));
}

/* Attention of n decodes: a constant, something per sequence, something per token of context. */
static double tabulate_decode(const struct evaluator *e, double context,
			      struct sw__step_curve *curve)
{
	double n = fmin(MANY_SEQUENCES, fmax(2, e->ask->engine->max_num_seqs));
	double one = attention_ms(e, 1, context, 0);
	double shorter = attention_ms(e, n, n * context / 2, 0);
	double longer = attention_ms(e, n, n * context * 2, 0);
	double per_kv = fmax(0, (longer - shorter) / (1.5 * n * context));
	double at_context = shorter + per_kv * n * context / 2;
	double per_seq = fmax(0, (at_context - one - per_kv * (n - 1) * context) / (n - 1));

	curve->decode_ms_per_kv_token = per_kv * e->stretch;
	curve->decode_ms_per_seq = per_seq * e->stretch;
	return fmax(0, one - per_seq - per_kv * context);
}

static void tabulate_prefill(const struct evaluator *e, struct sw__step_curve *curve)
{
	double chunk = usual_chunk(e);
	double whole = attention_ms(e, 0, 0, chunk);
	double half = attention_ms(e, 0, 0, chunk / 2);
	double per_pair = fmax(0, (whole - 2 * half) / (chunk * chunk / 4));

	curve->prefill_ms_per_pair = per_pair * e->stretch;
	curve->prefill_ms_per_token =
		fmax(0, whole - per_pair * chunk * chunk / 2) / chunk * e->stretch;
}

/* Attention of n decodes and a chunk together, less that of each by itself. */
static double dearer_ms(const struct evaluator *e, double n, double context, double chunk)
{
	return attention_ms(e, n, n * context, chunk) - attention_ms(e, n, n * context, 0) -
	       attention_ms(e, 0, 0, chunk);
}

/* At a sixteenth to all of the seats, and with a chunk twice as long. */
static void tabulate_mixed(const struct evaluator *e, double context, struct sw__step_curve *curve)
{
	struct sw__mixed_decode *m = &curve->mixed;
	double seats = fmin(MOST_SEATS, fmax(FEWEST_SEATS, e->ask->engine->max_num_seqs));
	double per_seq = curve->decode_ms_per_seq + curve->decode_ms_per_kv_token * context;
	double n, longer;

	m->chunk = usual_chunk(e);
	for (size_t i = 0; i < SW__MIXED_KNOTS && per_seq > 0; i++) {
		n = seats * seat_part[i];
		m->decodes[i] = n;
		m->factor[i] = 1 + fmax(0, dearer_ms(e, n, context, m->chunk) * e->stretch /
						   (n * per_seq));
		m->n = i + 1;
	}
	if (m->n == 0)
		return;
	longer = dearer_ms(e, seats, context, 2 * m->chunk) * e->stretch / (seats * per_seq);
	m->per_token = fmax(0, longer - (m->factor[m->n - 1] - 1)) / m->chunk;
}

/* What one more sequence costs besides its token: its row of lm_head, its sampling, the CPU's work for it. */
static void tabulate_sequences(const struct evaluator *e, const struct sw__linear_part *linear,
			       double attention_constant, struct sw__step_curve *curve)
{
	const struct sw_step_time *few = &linear->few, *many = &linear->many;
	double n = MANY_SEQUENCES;
	double gpu = many->gemm_ms - few->gemm_ms + many->sampling_ms - few->sampling_ms;
	double host = fmax(0, many->host_ms - few->host_ms) / (n - 2);
	double per_seq = fmax(0, gpu) / (n - 2);
	/* The sampler's constant and attention's belong to every step. */
	double constant = (linear->one.sampling_ms + attention_constant) * e->stretch;

	curve->sample_ms_per_seq = per_seq * e->stretch + host;
	curve->host_ms = fmax(0, curve->host_ms - 2 * host);
	for (size_t i = 0; i < curve->n_knots; i++)
		curve->linear_ms[i] += constant;
}

static struct sw__step_traffic tabulate_traffic(const struct evaluator *e,
						const struct sw__linear_part *linear,
						double context)
{
	double one = step(e, 1, context, 0).dram_gb;
	double longer = step(e, 1, 2 * context, 0).dram_gb;
	struct sw__step_traffic traffic = {
		.kv_token_gb = fmax(0, longer - one) / context,
	};

	traffic.weights_gb = fmax(0, one - traffic.kv_token_gb * context);
	traffic.token_gb = fmax(0, linear->more.dram_gb - linear->one.dram_gb) / MANY_SEQUENCES;
	return traffic;
}

struct sw__tabulated sw__tabulate(const struct sw__tabulation *ask)
{
	struct evaluator e = {
		.ask = ask,
		.setting = sw__step_setting(ask->calibration, ask->engine, ask->slice),
		.ops = sw__model_ops(ask->model),
		.stretch = sw__mechanism_duty_stretch(ask->slice->mechanism, ask->slice->share,
						      ask->engine->cuda_graphs),
	};
	double context = fmax(1, ask->prompt_tokens + ask->output_tokens / 2);
	struct sw__tabulated out;
	struct sw__linear_part own;
	const struct sw__linear_part *linear;
	double attention_constant, unused;

	e.setting.known = ask->known.products;
	linear = linear_of(&e, &own);
	memset(&out, 0, sizeof(out));
	out.curve = linear->curve;
	out.waits = linear->waits;
	attention_constant = tabulate_decode(&e, context, &out.curve);
	tabulate_prefill(&e, &out.curve);
	tabulate_mixed(&e, context, &out.curve);
	tabulate_sequences(&e, linear, attention_constant, &out.curve);
	out.traffic = tabulate_traffic(&e, linear, context);
	split_waits(&e, out.traffic.kv_token_gb, 0, out.curve.decode_ms_per_kv_token / e.stretch,
		    &out.waits.kv_dram, &unused);
	out.duty = 1 / e.stretch;
	out.dram_gb_s = e.setting.dev.dram_gb_s;
	return out;
}
