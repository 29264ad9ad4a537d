// SPDX-License-Identifier: Apache-2.0
#include "predict/contention.h"

#include <math.h>

#include "math/ordered.h"
#include "sharing/mechanism.h"

/* Part of the datasheet bandwidth that several engines together reach. Origin: two Qwen3-4B at 50 % each on an A100-40GB
 * under MPS (published by NVIDIA Dynamo): inter-token times at concurrency 1, 4 and 16, all within 3.1 % with this one number.
 * Less than the 0.9 that one engine's large reads reach: two streams disturb each other. Doubt: 0.08. */
static const double DRAM_TOGETHER = 0.72;
/* What switching between two contexts' turns costs, of the GPU time. Origin: the same study's time-sliced pairs; doubt:
 * 0.05, and the driver's slice length is not known to us. */
static const double SWITCH_COST = 0.14;

/* GPU time that an engine under a launch limiter takes over its limit: about 20 % too much is usual (users of HAMi); the
 * simulator, which runs the limiter tick by tick, has 20 to 40 %. Doubt: 0.15. For itself the limit is what is counted on. */
static const double OVERSHOOT = 1.2;

enum { ROUNDS = 10, STATE_ROUNDS = 8, SUBSETS_OTHERS_MAX = 5 };
/* Relative change at which a fixed point is reached: a tenth of the smallest effect anyone measures. */
static const double SETTLED = 1e-3;
/* All of the way each round: answers grow with what they answer to, so the rounds climb and do not swing. */
static const double DAMPING = 1;

struct sw__step_curve sw__stretched(const struct sw_prepared *tenant,
				    const struct sw__stretch *stretch)
{
	struct sw__step_curve curve = tenant->steps.curve;

	/* Who launches kernels one by one is no slower for what runs in the gaps. */
	for (size_t i = 0; i < curve.n_knots; i++)
		curve.linear_ms[i] = curve.gap_ms[i] +
				     (curve.linear_ms[i] - curve.gap_ms[i]) * stretch->whole *
					     (1 + tenant->steps.dram_part[i] * (stretch->dram - 1));
	curve.decode_ms_per_kv_token *= stretch->whole * stretch->dram;
	curve.decode_ms_per_seq *= stretch->whole;
	curve.prefill_ms_per_token *= stretch->whole;
	curve.prefill_ms_per_pair *= stretch->whole;
	curve.sample_ms_per_seq *= stretch->whole;
	return curve;
}

/* What one request asks for, cache hits left out. */
struct demand {
	double prompt, pairs, output, context;
};

static struct demand demand_of(const struct sw__traffic *traffic)
{
	return (struct demand){
		.prompt = traffic->prompt_tokens,
		.pairs = traffic->prompt_pairs,
		.output = traffic->output_tokens,
		.context = traffic->context_tokens,
	};
}

/* The step that serves n decoding sequences and their share of the prompts. */
static struct sw__step_batch mean_batch(const struct demand *d, double n)
{
	double requests = n / d->output;

	return (struct sw__step_batch){
		.n_decode = n,
		.kv_tokens = n * d->context,
		.n_prefill = requests,
		.prefill_tokens = requests * d->prompt,
		.prefill_pairs = requests * d->pairs,
	};
}

/* Of a Poisson number its mean where it is not 0: m / (1 - exp(-m)). Small m by its series, because 1 - exp(-m) has no digits
 * left then, and expm1() takes longer than all the rest of a round. */
static double mean_if_any(double m)
{
	static const double small = 1e-4;

	return m < small ? 1 + 0.5 * m : m / (1 - exp(-m));
}

/* Decoding sequences of an open loop: each stays output x step; empty periods gather them into fewer, fuller steps. */
static double open_loop_running(const struct sw_prepared *t, const struct sw__step_curve *curve,
				const struct demand *d, double start, double limit)
{
	double n = start;

	for (int i = 0; i < STATE_ROUNDS; i++) {
		struct sw__step_batch batch = mean_batch(d, n);
		double mean = t->traffic.rate_per_s * d->output * sw__step_ms(curve, &batch) / 1000;
		double before = n;

		n = sw__smaller(limit, mean_if_any(mean));
		if (fabs(n - before) <= SETTLED * n)
			break;
	}
	return n;
}

static double traffic_gb(const struct sw__step_traffic *traffic, double tokens, double kv_tokens)
{
	return traffic->weights_gb + traffic->token_gb * tokens + traffic->kv_token_gb * kv_tokens;
}

/* Decodes ask much of DRAM and prompts little: a neighbour feels which of the two runs, not their mean. */
static void fill_phases(const struct sw_prepared *t, const struct sw__step_curve *curve,
			const struct demand *d, double n, struct sw__mean_state *state)
{
	double chunk = sw__smaller(sw__larger(1, d->prompt), t->batching.max_num_batched_tokens);
	struct sw__step_batch decode = {.n_decode = n, .kv_tokens = n * d->context};
	struct sw__step_batch prefill = {.n_prefill = 1,
					 .prefill_tokens = chunk,
					 .prefill_pairs =
						 d->pairs * chunk / sw__larger(1, d->prompt)};
	double decode_ms = sw__step_gpu_ms(curve, &decode);
	double prefill_ms = sw__step_gpu_ms(curve, &prefill);
	double chunks_per_s = state->steps_per_s * n / d->output * d->prompt / chunk;

	state->decode_gb_s = traffic_gb(&t->steps.traffic, n, decode.kv_tokens) / decode_ms * 1000;
	state->prefill_gb_s = traffic_gb(&t->steps.traffic, chunk, 0) / prefill_ms * 1000;
	state->prefill_active = sw__smaller(state->gpu_active, chunks_per_s * prefill_ms / 1000);
}

struct sw__mean_state sw__mean_state(const struct sw_prepared *t,
				     const struct sw__step_curve *curve, double start)
{
	struct demand d = demand_of(&t->traffic);
	double limit = sw__larger(1, sw__smaller(t->batching.max_num_seqs,
						 t->batching.kv_cache_tokens / (d.context + 1)));
	bool open = isnan(t->traffic.concurrency);
	double n = open ? open_loop_running(t, curve, &d, start, limit)
			: sw__smaller(limit, t->traffic.concurrency);
	struct sw__step_batch batch = mean_batch(&d, n);
	double gpu_ms = sw__step_gpu_ms(curve, &batch);
	double possible = 1000 / (gpu_ms + curve->host_ms), gap_ms;
	struct sw__mean_state state = {.running = n, .step_ms = gpu_ms + curve->host_ms};

	state.steps_per_s = open ? t->traffic.rate_per_s * d.output / n : possible;
	state.busy = state.steps_per_s / possible;
	state.overload = state.busy > 1;
	state.steps_per_s = sw__smaller(state.steps_per_s, possible);
	gap_ms = sw__step_gap_ms(curve, batch.n_decode + batch.prefill_tokens);
	state.gpu_active = state.steps_per_s * (gpu_ms - gap_ms) / 1000;
	fill_phases(t, curve, &d, n, &state);
	return state;
}

/* What everybody on the GPU does at the moment: when they have work, when they decode, and what they then ask for (1: all
 * that DRAM gives). `prompts` is what those with prompts ask for on average. */
struct scene {
	size_t n;
	double active[SW_TENANTS_MAX], decoding[SW_TENANTS_MAX];
	double demand[SW_TENANTS_MAX], share[SW_TENANTS_MAX], prompts[SW_TENANTS_MAX];
};

static void set_scene(const struct sw_prepared *const *tenants, const struct sw__mean_state *states,
		      size_t n, struct scene *out)
{
	out->n = n;
	for (size_t j = 0; j < n; j++) {
		double all = tenants[j]->steps.dram_gb_s * DRAM_TOGETHER;

		/* Whom a limiter holds back leaves the GPU to others meanwhile. */
		out->active[j] = sw__smaller(1, states[j].gpu_active) *
				 sw__smaller(1, OVERSHOOT * tenants[j]->steps.duty);
		out->decoding[j] = sw__larger(0, out->active[j] - states[j].prefill_active);
		out->demand[j] = states[j].decode_gb_s / all;
		out->share[j] = tenants[j]->share;
		out->prompts[j] = states[j].prefill_active * states[j].prefill_gb_s / all;
	}
}

/* Mean of max(1, own + demands of those active) over which of the others than `i` are active, each by itself. */
static double expected_excess(double own, const double *demand, const double *active, size_t n,
			      size_t i)
{
	double probability[1 << SUBSETS_OTHERS_MAX], together[1 << SUBSETS_OTHERS_MAX];
	double most = own, mean = own, sum = 0;
	size_t sets = 1;

	for (size_t j = 0; j < n; j++) {
		most += j == i ? 0 : demand[j];
		mean += j == i ? 0 : active[j] * demand[j];
	}
	if (most <= 1)
		return 1;
	if (own >= 1 || n > SUBSETS_OTHERS_MAX + 1) /* many neighbours are near their mean */
		return sw__larger(1, mean);
	probability[0] = 1;
	together[0] = own;
	for (size_t j = 0; j < n; j++) {
		if (j == i)
			continue;
		for (size_t s = 0; s < sets; s++) {
			together[sets + s] = together[s] + demand[j];
			probability[sets + s] = probability[s] * active[j];
			probability[s] *= 1 - active[j];
		}
		sets *= 2;
	}
	for (size_t s = 0; s < sets; s++)
		sum += probability[s] * sw__larger(1, together[s]);
	return sum;
}

static struct sw__stretch overlap_stretch(const struct sw_prepared *t, const struct scene *scene,
					  size_t i)
{
	/* Demand is asked as if the neighbours were not there: it does not fall because they slow it down. */
	double own = t->alone.decode_gb_s / (t->steps.dram_gb_s * DRAM_TOGETHER), prompts = 0;

	for (size_t j = 0; j < scene->n; j++)
		prompts += j == i ? 0 : scene->prompts[j];
	return (struct sw__stretch){
		.dram = expected_excess(own + prompts, scene->demand, scene->decoding, scene->n,
					i) /
			sw__larger(1, own),
		.whole = expected_excess(t->share, scene->share, scene->active, scene->n, i),
	};
}

/* An engine that a limiter holds to `duty` of the time rests while others have their turns: it waits for the longer of the two. */
static struct sw__stretch turns_stretch(double duty, const struct scene *scene, size_t i)
{
	double turns = 1, nobody = 1, whole;

	for (size_t j = 0; j < scene->n; j++) {
		turns += j == i ? 0 : scene->active[j];
		nobody *= j == i ? 1 : 1 - scene->active[j];
	}
	whole = turns * (1 + SWITCH_COST * (1 - nobody));
	return (struct sw__stretch){.dram = 1, .whole = sw__larger(1, whole * duty)};
}

/* Move towards `target`; the relative change. */
static double blend(struct sw__stretch *stretch, const struct sw__stretch *target)
{
	double dram = DAMPING * (target->dram - stretch->dram);
	double whole = DAMPING * (target->whole - stretch->whole);

	stretch->dram += dram;
	stretch->whole += whole;
	return sw__larger(fabs(dram) / stretch->dram, fabs(whole) / stretch->whole);
}

/* One round: every engine answers to where the others stood. The largest relative change. */
static double answer(bool turns, const struct sw_prepared *const *tenants, size_t n,
		     const struct sw__mean_state *now, struct sw__stretch *stretches)
{
	struct scene scene;
	double change = 0;

	set_scene(tenants, now, n, &scene);
	for (size_t i = 0; i < n; i++) {
		struct sw__stretch target = turns ? turns_stretch(tenants[i]->steps.duty, &scene, i)
						  : overlap_stretch(tenants[i], &scene, i);

		change = sw__larger(change, blend(&stretches[i], &target));
	}
	return change;
}

void sw__contend(enum sw_mechanism mechanism, const struct sw_prepared *const *tenants, size_t n,
		 struct sw__stretch *stretches, struct sw__mean_state *states)
{
	const struct sw__mechanism *row = sw__mechanism(mechanism);
	bool touched = n > 1 && (row->takes_turns || row->shares_dram);
	struct sw__mean_state now[SW_TENANTS_MAX];

	for (size_t i = 0; i < n; i++) {
		stretches[i] = (struct sw__stretch){1, 1};
		now[i] = tenants[i]->alone;
	}
	for (int round = 0; touched && round < ROUNDS; round++) {
		double change = answer(row->takes_turns, tenants, n, now, stretches);

		if (change < SETTLED)
			break;
		for (size_t i = 0; i < n; i++) {
			struct sw__step_curve curve = sw__stretched(tenants[i], &stretches[i]);

			now[i] = sw__mean_state(tenants[i], &curve, now[i].running);
			/* What is asked of DRAM does not fall because it is answered slowly. */
			now[i].decode_gb_s = tenants[i]->alone.decode_gb_s;
			now[i].prefill_gb_s = tenants[i]->alone.prefill_gb_s;
		}
	}
	for (size_t i = 0; states && i < n; i++)
		states[i] = now[i];
}
