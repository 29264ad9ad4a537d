// SPDX-License-Identifier: Apache-2.0
#include "sim/segments.h"

#include <math.h>

#include "math/ordered.h"
#include "step/calibration.h"

/* Thread blocks: a tile of a product, queries of a prompt's attention, tokens of a context per split of a decode's. */
static const double TILE = 128, QUERY_TILE = 128, SPLIT_TOKENS = 512;
static const double GB = 1e9;
enum { KINDS = 3 /* of kernels in a group: products, attention, small ones */ };

struct sw_step_work sw__sim_work(const struct sw__step *step)
{
	struct sw_step_work work = {0};

	for (size_t i = 0; i < step->n; i++) {
		const struct sw__step_part *p = &step->part[i];

		if (p->tokens == 1 && p->samples && p->sequence->generated > 0) {
			work.n_decode++;
			work.decode_kv_tokens += p->start + 1;
		} else {
			work.n_prefill++;
			work.prefill_tokens += p->tokens;
			work.prefill_kv_tokens += p->start;
		}
	}
	return work;
}

/* What each kind of kernel moves and computes; they add up to the step's. */
struct load {
	double gb, tflop, blocks, fill;
};

static double attended(const struct sw__model_ops *ops, double tokens, double sequences)
{
	double windowed = sequences > 0 ? sw__smaller(tokens, ops->window * sequences) : 0;

	return tokens * (ops->layers - ops->window_layers) + windowed * ops->window_layers;
}

static struct load attention_load(const struct sw__sim_steps *s, const struct sw_step_work *w)
{
	const struct sw__model_ops *o = &s->ops;
	double kv_bytes = 2 * o->kv_heads * o->head_dim * s->setting.kv_bytes;
	double decode = attended(o, w->decode_kv_tokens, w->n_decode);
	double before = attended(o, w->prefill_kv_tokens, w->n_prefill);
	double chunk = w->n_prefill > 0 ? w->prefill_tokens / w->n_prefill : 0;
	double pairs = chunk * before + o->layers * w->prefill_tokens * chunk / 2 + decode;
	double splits = w->decode_kv_tokens / SPLIT_TOKENS;
	struct load l = {
		.gb = kv_bytes * (decode + before + o->layers * w->prefill_tokens) / GB,
		.tflop = 4 * o->heads * o->head_dim * pairs / 1e12,
		.blocks = o->kv_heads * (w->n_decode + splits) +
			  o->heads * (w->n_prefill + w->prefill_tokens / QUERY_TILE),
	};

	l.fill = sw__smaller(1, l.blocks / s->setting.dev.sms);
	return l;
}

static struct load product_load(const struct sw__sim_steps *s, const struct sw_step_time *t,
				const struct load *attention, double tokens)
{
	struct load l = {
		.gb = sw__larger(0, t->dram_gb - attention->gb),
		.tflop = sw__larger(0, t->tflop - attention->tflop),
		.fill = 1, /* few rows are split along k until they fill the SMs */
	};

	for (int i = 0; i < SW__GEMMS_A_LAYER; i++)
		l.blocks += ceil(tokens / TILE) * ceil(s->ops.layer_gemm[i].n / TILE);
	return l;
}

static struct load small_load(const struct sw__sim_steps *s, double tokens)
{
	double blocks = tokens * s->ops.small_kernels;

	/* Their traffic mostly stays in L2: what one kernel writes the next one reads. */
	return (struct load){.blocks = blocks, .fill = sw__smaller(1, tokens / s->setting.dev.sms)};
}

static void add(struct sw__sim_segments *out, const struct sw__sim_segment *segment)
{
	if (segment->ms > 0)
		out->segment[out->n++] = *segment;
}

static struct sw__sim_segment kernel_segment(const struct sw__sim_steps *s, const struct load *l,
					     double ms, double part, double pace)
{
	const struct sw__device *d = &s->setting.dev;
	const struct sw_gpu *gpu = &s->calibration->gpu;
	double slice = d->sms / d->gpu_sms;
	double gb_s = ms > 0 ? l->gb / ms * 1000 : 0, tflops = ms > 0 ? l->tflop / ms * 1000 : 0;
	struct sw__sim_segment segment = {.on_gpu = true, .ms = ms * part * pace};

	segment.kernel.sms = slice * d->gpu_sms / gpu->sms * l->fill;
	segment.kernel.tensor = tflops / d->peak_tflops * d->gpu_sms / gpu->sms;
	segment.kernel.dram = sw__smaller(1, gb_s / gpu->dram_gb_s);
	segment.kernel.compute = sw__smaller(1, tflops / (d->peak_tflops * slice));
	segment.kernel.traffic = sw__smaller(1, gb_s / d->dram_gb_s);
	sw__sim_kernel_know(s->constants, &segment.kernel);
	return segment;
}

/* Kernels that a graph holds are launched with it, past any limiter. README.md, "Where it breaks", has a word on long prompts. */
static double launched_blocks(const struct sw__sim_steps *s, const struct load *l)
{
	if (s->engine->cuda_graphs)
		return 0;
	return s->constants->grid_scale * s->ops.layers / SW__SIM_GROUPS * l->blocks;
}

/* Kernels of one kind in a group that the host launches one by one. */
static double launches_of(const struct sw__sim_steps *s, size_t kind)
{
	const double a_layer[KINDS] = {SW__GEMMS_A_LAYER, 1, s->ops.small_kernels};

	return s->engine->cuda_graphs ? 0 : s->ops.layers / SW__SIM_GROUPS * a_layer[kind];
}

static double pace_of(const struct sw__sim_steps *s, const struct sw_step_work *w)
{
	double prompts = w->prefill_tokens / sw__work_tokens(w);

	return prompts * s->prefill_pace + (1 - prompts) * s->decode_pace;
}

/* The CPU's part that no GPU work hides, and what launching one by one adds to it in every group. */
static void host_parts(const struct sw__sim_steps *s, const struct sw_step_work *w,
		       const struct sw_step_time *t, double *end_ms, double *gap_ms)
{
	double sequences = w->n_decode + w->n_prefill;
	double graphs = sw__host_ms(&s->calibration->engine, &s->ops, sequences, true,
				    s->setting.host_exposed, 0);

	*end_ms = sw__smaller(t->host_ms, graphs) * s->host_pace;
	*gap_ms = sw__larger(0, t->host_ms - graphs) * s->host_pace / SW__SIM_GROUPS;
}

void sw__sim_segments(const struct sw__sim_steps *steps, const struct sw_step_work *work,
		      struct sw__sim_segments *out)
{
	struct sw_step_time t = sw__step_time_of(steps->calibration, steps->engine, &steps->setting,
						 &steps->ops, work);
	double tokens = sw__work_tokens(work), pace = pace_of(steps, work), end_ms, gap_ms;
	struct load attention = attention_load(steps, work);
	struct load product = product_load(steps, &t, &attention, tokens);
	struct load small = small_load(steps, tokens);
	const struct load *loads[] = {&product, &attention, &small};
	const double ms[] = {t.gemm_ms, t.attention_ms, t.other_ms};
	struct sw__sim_segment kind[KINDS], gap = {0}, end = {0}, sampling;

	host_parts(steps, work, &t, &end_ms, &gap_ms);
	gap.ms = gap_ms;
	end.ms = end_ms;
	out->n = 0;
	for (size_t i = 0; i < KINDS; i++) {
		kind[i] = kernel_segment(steps, loads[i], ms[i], 1.0 / SW__SIM_GROUPS, pace);
		kind[i].blocks = launched_blocks(steps, loads[i]);
		kind[i].kernel.launches_per_ms =
			kind[i].ms > 0 ? launches_of(steps, i) / kind[i].ms : 0;
	}
	for (int group = 0; group < SW__SIM_GROUPS; group++) {
		for (size_t i = 0; i < KINDS; i++)
			add(out, &kind[i]);
		add(out, &gap);
	}
	sampling = kernel_segment(steps, &small, t.sampling_ms, 1, pace);
	add(out, &sampling);
	add(out, &end);
}
