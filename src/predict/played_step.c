// SPDX-License-Identifier: Apache-2.0
#include "predict/played_step.h"

#include <math.h>

#include "math/ordered.h"
#include "step/engine_part.h"

/* Tokens, and columns, that one block of a product's grid covers; of attention's queries too. */
static const double TILE = 128;
/* Part of a peak from which a kernel waits for nothing else: what calibrated kernels of large shapes reach. */
static const double BOUND = 0.7;

void sw__played_steps_of(const sw_calibration *calibration, const struct sw_tenant *tenant,
			 const struct sw__shared_values *shared,
			 const struct sw__model_values *model, struct sw__played_steps *out)
{
	struct sw__step_setting setting =
		sw__step_setting(calibration, &tenant->engine, &tenant->slice);

	*out = (struct sw__played_steps){
		.calibration = calibration,
		.engine = &tenant->engine,
		.shared = shared,
		.model = model,
		.setting = setting,
		.ops = sw__model_ops(&tenant->model),
		.sms = setting.dev.sms / calibration->gpu.sms,
		.tflops = setting.dev.peak_tflops * setting.dev.sms / setting.dev.gpu_sms,
	};
	for (int i = 0; i < SW__GEMMS_A_LAYER; i++)
		out->blocks_per_tile += out->ops.layers * ceil(out->ops.layer_gemm[i].n / TILE);
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
static void set_demands(const struct sw__played_steps *s, const struct sw_step_time *t,
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
	out->launches_per_ms =
		o->layers * (SW__GEMMS_A_LAYER + 1 + o->small_kernels) / out->gpu_ms;
}

/* The CPU's part after a step, and what launching one by one adds between its kernels. */
static void set_host(const struct sw__played_steps *s, const struct sw_step_work *w,
		     const struct sw_step_time *t, struct sw__played_step *out)
{
	double pace = s->model->at[SW__MODEL_host];
	double graphs = sw__host_ms(&s->calibration->engine, &s->ops, w->n_decode + w->n_prefill,
				    true, s->setting.host_exposed, 0);

	out->host_ms = sw__smaller(t->host_ms, graphs) * pace;
	out->rest_ms = sw__larger(0, t->host_ms - graphs) * pace;
}

void sw__played_step_of(const struct sw__played_steps *s, const struct sw__step *parts,
			struct sw__played_step *out)
{
	struct sw_step_work w = work_of(parts);
	struct sw_step_time t =
		sw__step_time_of(s->calibration, s->engine, &s->setting, &s->ops, &w);
	double prompts = w.prefill_tokens / sw__work_tokens(&w);

	out->gpu_ms = (t.gemm_ms + t.attention_ms + t.other_ms + t.sampling_ms) *
		      (prompts * s->model->at[SW__MODEL_prefill] +
		       (1 - prompts) * s->model->at[SW__MODEL_decode]);
	set_demands(s, &t, out);
	set_launches(s, &w, out);
	set_host(s, &w, &t, out);
}
