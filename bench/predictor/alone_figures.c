// SPDX-License-Identifier: Apache-2.0
/* What peers measure of an engine alone (latency, utilisations by a profiler), from our fitted prediction of it alone: for all of them
 * the same, and better than a measurement on another share would be. */
#include <math.h>

#include "common/parallel_for.h"
#include "predict/predict_mix.h"
#include "predictor/trial.h"

/* Requests. */
static const struct sw__play_length PLAYED = {.requests = 200, .events = 1e6};

/* Kernels of a layer: norms, projections, rope, cache, attention, activation. One launch where they are a graph. */
static const double KERNELS_PER_LAYER = 12;

static double launches_of(const struct sw_tenant *t)
{
	return t->engine.cuda_graphs ? 1 : KERNELS_PER_LAYER * t->model.layers;
}

/* Means over time, as parts of what the datasheet gives: weights are read once a step, KV once a token. */
static void put_utilisation(const struct sw_gpu *gpu, const struct sw_tenant *t,
			    const struct sw__played *p, struct alone_figures *out)
{
	double step_ms = p->ms[SW_TPOT][SW_MEAN], steps_per_s = p->busy * 1000 / step_ms;
	double context = t->load.prompt_tokens.mean + t->load.output_tokens.mean / 2;
	double read = steps_per_s * sw_weight_gib(&t->model, &t->engine) * 1024 * 1024 * 1024 +
		      p->output_tok_s * context * sw_kv_bytes_per_token(&t->model, &t->engine);
	double tokens_per_s = p->output_tok_s + p->requests_per_s * t->load.prompt_tokens.mean;
	double peak = gpu->peak_tflops[SW_FP16] * 1e12;

	out->busy = p->gpu_busy;
	out->dram = read / (gpu->dram_gb_s * 1e9);
	out->compute = 2 * (double)sw_model_parameters(&t->model) * tokens_per_s / peak;
	out->launches_per_ms = launches_of(t) / step_ms;
}

struct figuring {
	const struct trial *trial;
	const sw_fit *fit;
	struct alone_figures (*out)[BENCH_ENGINES_MAX];
};

static enum sw_status play_alone(const struct sw_mix *mix, size_t e, const sw_fit *fit,
				 struct sw__played *out, struct sw_error *err)
{
	struct sw__ready_mix ready;
	struct sw_mix one = *mix;
	enum sw_status st;

	one.n = 1;
	one.tenants = &mix->tenants[e];
	st = sw__ready_make(&one, fit, NULL, &ready, err);
	if (st == SW_OK)
		st = sw__ready_play(&ready, &PLAYED, out, err);
	sw__ready_clear(&ready);
	return st;
}

static void figure_mix(void *context, size_t i)
{
	const struct figuring *f = context;
	const struct sw_mix *mix = f->trial->set->at[i].mix;

	if (!f->trial->held[i] && f->trial->repeats[i] == 0)
		return;
	for (size_t e = 0; e < mix->n; e++) {
		struct alone_figures *out = &f->out[i][e];
		struct sw__played played[SW_TENANTS_MAX];
		struct sw_error err = {0};
		bool ok = play_alone(mix, e, f->fit, played, &err) == SW_OK && !played->overload;

		for (int t = 0; t < BENCH_TARGETS; t++)
			out->ms[t] = ok ? played_ms(played, t) : NAN;
		if (ok)
			put_utilisation(&mix->gpu, &mix->tenants[e], played, out);
	}
}

void figure_mixes(const struct trial *trial, const sw_fit *fit,
		  struct alone_figures (*out)[BENCH_ENGINES_MAX])
{
	struct figuring f = {trial, fit, out};

	parallel_for(trial->set->n, figure_mix, &f);
}
