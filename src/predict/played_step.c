// SPDX-License-Identifier: Apache-2.0
#include "predict/played_step.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "catalog/described.h"
#include "math/ordered.h"
#include "step/engine_part.h"
#include "step/host_step.h"

/* Tokens, and columns, that one block of a product's grid covers; of attention's queries too. */
static const double TILE = 128;
/* Part of a peak from which a kernel waits for nothing else: what calibrated kernels of large shapes reach. */
static const double BOUND = 0.7;

/* Of products' numbers of tokens: most prompts that come together have fewer. */
enum { PRODUCT_BITS = 11 };

struct sw__known_steps *sw__known_steps_make(size_t n)
{
	struct sw__known_steps *known = calloc(n + 1, sizeof(*known));

	for (size_t i = 0; known && i < n; i++) {
		known[i].products = sw__known_products_make(PRODUCT_BITS);
		if (!known[i].products) {
			sw__known_steps_free(known, n);
			return NULL;
		}
	}
	return known;
}

void sw__known_steps_free(struct sw__known_steps *known, size_t n)
{
	for (size_t i = 0; known && i < n; i++)
		free(known[i].products);
	free(known);
}

void sw__played_steps_of(const sw_calibration *calibration, const struct sw_tenant *tenant,
			 const struct sw__shared_values *shared,
			 const struct sw__model_values *model, struct sw__known_steps *known,
			 struct sw__played_steps *out)
{
	struct sw__step_setting setting =
		sw__step_setting(calibration, &tenant->engine, &tenant->slice);

	*out = (struct sw__played_steps){
		.calibration = calibration,
		.engine = &tenant->engine,
		.shared = shared,
		.model = model,
		.known = known,
		.setting = setting,
		.ops = sw__model_ops(&tenant->model),
		.on_host = sw__is_host(&calibration->gpu),
		.sms = setting.dev.sms / sw__larger(1, calibration->gpu.sms),
		.tflops = setting.dev.peak_tflops * setting.dev.sms / setting.dev.gpu_sms,
	};
	out->setting.known = known ? known->products : NULL;
	for (int i = 0; i < SW__GEMMS_A_LAYER; i++)
		out->blocks_per_tile += out->ops.layers * ceil(out->ops.layer_gemm[i].n / TILE);
}

/* Contexts that differ by less than a hundredth are one: attention is a part of a step, and they a part of attention. What is left of a
 * double without all but the first six bits of its fraction. */
enum { BUCKET_BITS = 46 };

static uint64_t bucket(double tokens)
{
	uint64_t bits;

	memcpy(&bits, &tokens, sizeof(bits));
	return bits >> BUCKET_BITS;
}

/* Its middle, so that what a step takes does not depend on which one of its like came first. */
static double middle_of(uint64_t bucket)
{
	uint64_t bits = bucket ? bucket << BUCKET_BITS | 1ULL << (BUCKET_BITS - 1) : 0;
	double tokens;

	memcpy(&tokens, &bits, sizeof(tokens));
	return tokens;
}

static struct sw__step_key key_of(const struct sw_step_work *w)
{
	return (struct sw__step_key){.n_decode = w->n_decode,
				     .n_prefill = w->n_prefill,
				     .prefill_tokens = w->prefill_tokens,
				     .decode_kv = bucket(w->decode_kv_tokens),
				     .prefill_kv = bucket(w->prefill_kv_tokens)};
}

static size_t place_of(const struct sw__step_key *key)
{
	double mixed = key->n_decode * 7 + key->n_prefill * 131 + key->prefill_tokens * 31 +
		       (double)key->decode_kv * 3 + (double)key->prefill_kv * 17;

	return (size_t)mixed % SW__STEP_MEMORY;
}

static bool same_key(const struct sw__step_key *a, const struct sw__step_key *b)
{
	return a->n_decode == b->n_decode && a->n_prefill == b->n_prefill &&
	       a->prefill_tokens == b->prefill_tokens && a->decode_kv == b->decode_kv &&
	       a->prefill_kv == b->prefill_kv;
}

static struct sw_step_work work_of(const struct sw__step *step)
{
	struct sw_step_work w = {0};

	for (size_t i = 0; i < step->n; i++) {
		const struct sw__step_part *p = &step->part[i];

		if (p->tokens == 1 && p->samples && p->sequence->generated > 0) {
			w.n_decode++;
			w.decode_kv_tokens += p->start + 1.0;
		} else {
			w.n_prefill++;
			w.prefill_tokens += p->tokens;
			w.prefill_kv_tokens += p->start;
		}
	}
	return w;
}

/* What it waits for: DRAM and tensor cores hide behind each other, so the larger demand counts, and the more the larger it is. */
static void set_demands(const struct sw__played_steps *s, const struct sw__calibrated_step *t,
			struct sw__played_step *out)
{
	const struct sw_gpu *gpu = &s->calibration->gpu;
	double kernels_s = (t->gemm_ms + t->attention_ms) / 1000;
	double dram = t->dram_gb / kernels_s / gpu->dram_gb_s;
	double compute = t->tflop / kernels_s / s->tflops;
	double d4 = dram * dram * dram * dram, c4 = compute * compute * compute * compute;
	double part = (t->gemm_ms + t->attention_ms) /
		      (t->gemm_ms + t->attention_ms + t->other_ms + t->sampling_ms);
	double bound = part * sw__smaller(1, sw__larger(dram, compute) / BOUND);

	out->traffic_part = part;
	out->dram = sw__smaller(1, dram);
	out->dram_bound = bound * d4 / (d4 + c4);
	out->compute_bound = bound * c4 / (d4 + c4);
	out->tensor = t->tflop / (out->gpu_ms / 1000) / s->setting.dev.peak_tflops;
}

/* Launching one by one is what a limiter and other clients of MPS meet. */
static void set_launches(const struct sw__played_steps *s, const struct sw_step_work *w,
			 struct sw__played_step *out)
{
	const struct sw__model_ops *o = &s->ops;
	double tokens = sw__work_tokens(w), sequences = w->n_decode + w->n_prefill;

	out->pieces = 1;
	out->blocks = out->launches_per_ms = 0;
	if (s->setting.cuda_graphs)
		return;
	out->pieces = (unsigned)sw__larger(1, s->shared->at[SW__SHARED_eager_bursts]);
	out->blocks = s->shared->at[SW__SHARED_limiter_grain] *
		      (s->blocks_per_tile * ceil(tokens / TILE) +
		       o->layers * (o->small_kernels * tokens + o->kv_heads * sequences +
				    o->heads * w->prefill_tokens / TILE));
	out->launches_per_ms = o->layers * (SW__GEMMS_A_LAYER + 1 + o->small_kernels) / out->gpu_ms;
}

/* The CPU's part after a step, and between its kernels what launching one by one takes longer than they do. */
static void set_host(const struct sw__played_steps *s, const struct sw__calibrated_step *t,
		     struct sw__played_step *out)
{
	double pace = s->model->at[SW__MODEL_host], graphs = t->graphs_host_ms;
	double gpu_ms = t->gemm_ms + t->attention_ms + t->other_ms + t->sampling_ms;

	out->host_ms = sw__smaller(t->host_ms, graphs) * pace;
	out->rest_ms = t->host_ms > graphs
			       ? sw__larger(0, (gpu_ms + t->host_ms - graphs) * pace - out->gpu_ms)
			       : 0;
	out->tail_ms = 0;
	if (s->setting.cuda_graphs || out->rest_ms <= 0)
		return;
	out->rest_ms /= out->pieces;
	out->tail_ms = t->sampling_ms;
	out->pieces++;
}

/* On a core, all of it is computing: there is no GPU that works while the engine does something else. What answers is a piece of
 * its own, because it is served first. */
static void compute_on_host(const struct sw__played_steps *s, const struct sw_step_work *w,
			    struct sw__played_step *out)
{
	struct sw__host_time t =
		sw__host_step(&s->setting, &s->ops, w, s->shared->at[SW__SHARED_reread]);
	double answer_ms = t.engine_ms * s->model->at[SW__MODEL_host];

	*out = (struct sw__played_step){
		.gpu_ms = t.prompt_ms * s->model->at[SW__MODEL_prefill] +
			  t.decode_ms * s->model->at[SW__MODEL_decode] + answer_ms,
		.tail_ms = answer_ms,
		.dram_bound = t.decode_ms / (t.prompt_ms + t.decode_ms),
		.pieces = 2,
	};
}

static struct sw__calibrated_step calibrated(const struct sw__played_steps *s,
					     const struct sw_step_work *w)
{
	struct sw_step_time t =
		sw__step_time_of(s->calibration, s->engine, &s->setting, &s->ops, w);

	return (struct sw__calibrated_step){
		.gemm_ms = t.gemm_ms,
		.attention_ms = t.attention_ms,
		.other_ms = t.other_ms,
		.sampling_ms = t.sampling_ms,
		.host_ms = t.host_ms,
		.graphs_host_ms =
			sw__host_ms(&s->calibration->engine, &s->ops, w->n_decode + w->n_prefill,
				    true, s->setting.host_exposed, 0),
		.dram_gb = t.dram_gb,
		.tflop = t.tflop,
	};
}

/* From what is known, if it is. */
static struct sw__calibrated_step takes(struct sw__played_steps *s, const struct sw__step_key *key,
					const struct sw_step_work *w)
{
	struct sw__known_step *known;

	if (!s->known)
		return calibrated(s, w);
	known = &s->known->at[place_of(key)];
	if (!same_key(&known->key, key))
		*known = (struct sw__known_step){*key, calibrated(s, w)};
	return known->takes;
}

static void compute(struct sw__played_steps *s, const struct sw__step_key *key,
		    const struct sw_step_work *w, struct sw__played_step *out)
{
	struct sw__calibrated_step t = takes(s, key, w);
	double prompts = w->prefill_tokens / sw__work_tokens(w);

	out->gpu_ms = (t.gemm_ms + t.attention_ms + t.other_ms + t.sampling_ms) *
		      (prompts * s->model->at[SW__MODEL_prefill] +
		       (1 - prompts) * s->model->at[SW__MODEL_decode]);
	set_demands(s, &t, out);
	set_launches(s, w, out);
	set_host(s, &t, out);
}

void sw__played_step_of(struct sw__played_steps *s, const struct sw__step *parts,
			struct sw__played_step *out)
{
	struct sw_step_work w = work_of(parts);
	struct sw__step_key key = key_of(&w);
	struct sw__remembered_step *known = &s->memory[place_of(&key)];

	if (!same_key(&known->key, &key)) {
		known->key = key;
		w.decode_kv_tokens = middle_of(key.decode_kv);
		w.prefill_kv_tokens = middle_of(key.prefill_kv);
		if (s->on_host)
			compute_on_host(s, &w, &known->step);
		else
			compute(s, &key, &w, &known->step);
	}
	*out = known->step;
}
