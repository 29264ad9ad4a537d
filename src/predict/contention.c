// SPDX-License-Identifier: Apache-2.0
#include "predict/contention.h"

#include <math.h>

#include "math/ordered.h"
#include "sharing/mechanism.h"

/* What one stream of reads reaches of the datasheet's bandwidth; several disturb each other (dram_together of a fit). */
static const double DRAM_ALONE = 0.92;
/* GPU time that an engine under a launch limiter takes over its limit: about 20 % too much is usual (users of HAMi); the
 * simulator, which runs the limiter tick by tick, has 20 to 40 %. Doubt: 0.15. For itself the limit is what is counted on. */
static const double OVERSHOOT = 1.2;

/* Of a step, what is never nothing. */
static const double LEAST_PART = 0.01;

enum { STATE_ROUNDS = 8 };
/* Relative change at which a fixed point is reached: a tenth of the smallest effect anyone measures. */
static const double SETTLED = 1e-3;

struct sw__step_curve sw__stretched(const struct sw_prepared *tenant,
				    const struct sw__stretch *stretch)
{
	struct sw__step_curve curve = tenant->steps.curve;

	const struct sw__waits *waits = &tenant->steps.waits;
	double prompts =
		stretch->whole * (1 + waits->compute[curve.n_knots - 1] * stretch->crowding);

	/* Who launches kernels one by one is no slower for what runs in the gaps. */
	for (size_t i = 0; i < curve.n_knots; i++)
		curve.linear_ms[i] =
			curve.gap_ms[i] + (curve.linear_ms[i] - curve.gap_ms[i]) * stretch->whole *
						  (1 + waits->dram[i] * (stretch->dram - 1) +
						   waits->compute[i] * stretch->crowding);
	curve.decode_ms_per_kv_token *= stretch->whole * (1 + waits->kv_dram * (stretch->dram - 1));
	curve.decode_ms_per_seq *= stretch->whole;
	curve.prefill_ms_per_token *= prompts;
	curve.prefill_ms_per_pair *= prompts;
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

struct sw__activity sw__activity(const struct sw__mean_state *state)
{
	return (struct sw__activity){.gpu = state->gpu_active, .prefill = state->prefill_active};
}

struct sw__presence sw__presence(const struct sw_prepared *t)
{
	double all = t->steps.dram_gb_s * t->dram_together;
	double reads = sw__larger(t->steps.waits.reads, LEAST_PART);

	return (struct sw__presence){
		.share = t->share,
		.duty = t->steps.duty,
		.there_most = sw__smaller(1, OVERSHOOT * t->steps.duty),
		/* What is asked of DRAM does not fall because it is answered slowly. */
		.reads = reads,
		.decode_demand = t->alone.decode_gb_s / reads / all,
		.prefill_demand = t->alone.prefill_gb_s / all,
		.alone = DRAM_ALONE / t->dram_together,
	};
}

double sw__pressure(enum sw_mechanism mechanism, const struct sw_prepared *t)
{
	const struct sw__mechanism *row = sw__mechanism(mechanism);
	struct sw__presence presence = sw__presence(t);
	double prefill = t->alone.prefill_active;

	if (row->takes_turns)
		return sw__smaller(1, t->alone.gpu_active) * presence.there_most;
	if (!row->shares_dram)
		return 0;
	return sw__larger(0, t->alone.gpu_active - prefill) * presence.reads *
		       presence.decode_demand +
	       prefill * presence.prefill_demand;
}

double sw__pressure_beside(enum sw_mechanism mechanism, const struct sw_prepared *t, double others)
{
	const struct sw__mechanism *row = sw__mechanism(mechanism);
	struct sw__presence presence = sw__presence(t);
	struct sw__stretch stretch = sw__least_stretch(mechanism, &presence, others);
	struct sw__step_curve curve = sw__stretched(t, &stretch);
	struct sw__mean_state state = sw__mean_state(t, &curve, t->alone.running);
	double active = sw__smaller(1, state.gpu_active) * presence.there_most;

	if (row->takes_turns)
		return active;
	if (!row->shares_dram)
		return 0;
	return sw__larger(0, active - state.prefill_active) * presence.reads *
		       presence.decode_demand +
	       state.prefill_active * presence.prefill_demand;
}

void sw__predict_pressed(enum sw_mechanism mechanism, const struct sw_prepared *t, double pressure,
			 struct sw_prediction *out)
{
	struct sw__presence presence = sw__presence(t);
	struct sw__stretch stretch = sw__least_stretch(mechanism, &presence, pressure);
	struct sw__step_curve curve = sw__stretched(t, &stretch);
	struct sw__mean_state state = sw__mean_state(t, &curve, t->alone.running);

	state.decode_gb_s = t->alone.decode_gb_s;
	sw__predict_stretched(mechanism, t, &stretch, &state, out);
}

/* The engines of a mix and where they stand. */
struct standing {
	const struct sw_prepared *const *tenants;
	struct sw__mean_state *now;
};

static struct sw__activity stand_anew(void *context, size_t i, const struct sw__stretch *stretch)
{
	const struct standing *s = context;
	struct sw__step_curve curve = sw__stretched(s->tenants[i], stretch);

	s->now[i] = sw__mean_state(s->tenants[i], &curve, s->now[i].running);
	s->now[i].decode_gb_s = s->tenants[i]->alone.decode_gb_s;
	s->now[i].prefill_gb_s = s->tenants[i]->alone.prefill_gb_s;
	return sw__activity(&s->now[i]);
}

void sw__contend(enum sw_mechanism mechanism, const struct sw_prepared *const *tenants, size_t n,
		 struct sw__stretch *stretches, struct sw__mean_state *states)
{
	struct sw__presence presences[SW_TENANTS_MAX];
	struct sw__mean_state now[SW_TENANTS_MAX];
	struct standing standing = {.tenants = tenants, .now = now};
	struct sw__crowd crowd = {.n = n, .stand_anew = stand_anew, .context = &standing};

	for (size_t i = 0; i < n; i++) {
		presences[i] = sw__presence(tenants[i]);
		crowd.presence[i] = &presences[i];
		now[i] = tenants[i]->alone;
		crowd.now[i] = sw__activity(&now[i]);
	}
	sw__crowd_settle(mechanism, &crowd, stretches);
	for (size_t i = 0; states && i < n; i++)
		states[i] = now[i];
}
