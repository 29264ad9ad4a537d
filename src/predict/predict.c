// SPDX-License-Identifier: Apache-2.0
#include <math.h>

#include "math/ordered.h"
#include "predict/contention.h"
#include "predict/correction.h"
#include "predict/predict_mix.h"
#include "predict/prepared.h"
#include "sharing/mechanism.h"

/* One-sided 95 %. */
static const double NORMAL_95 = 1.6448536269514722;
/* What the queueing model itself misses against a token-level simulation, as a standard deviation of the logarithm
 * (bench/results/latency.csv): of TTFT, of TPOT. */
const double sw__queue_doubt[SW_METRIC_COUNT] = {0.08, 0.04};

/* What the interference term adds per unit of slowdown above 1. Of engines that a launch limiter holds much more: limiters let their neighbours
 * have more than their shares, and on a full GPU they press on each other by more than they are counted for. */
static const double INTERFERENCE_DOUBT[SW__BOUND_KINDS] = {0.02, 0.1};
/* By how many deviations everything is slower whose latency says how hard it is to predict. Further away many a queue is overloaded, from which
 * nothing follows; but for a held one, which then has no bound, and rightly so. */
static const double SLOWER_BY[SW__BOUND_KINDS] = {1, 1.6448536269514722};
/* Slowdown from which the neighbours are what binds. */
static const double NEIGHBOURS_BIND = 1.15;
/* Relative difference up to which a percentile and the mean may be the same number. */
static const double SAME = 3e-3;
/* Part of a step's time from which its CPU part, or of its GPU time from which DRAM, is what binds. */
static const double PART_BINDS = 0.5;

static const char *const binds_ids[] = {
#define BINDS_ID(name, id) id,
	SW_BINDS_LIST(BINDS_ID)
#undef BINDS_ID
};

const char *sw_binds_id(enum sw_binds binds)
{
	return (unsigned)binds < SW_BINDS_COUNT ? binds_ids[binds] : "?";
}

static void unknown_latency(struct sw_latency *latency)
{
	latency->lo = NAN;
	for (int s = 0; s < SW_STATISTIC_COUNT; s++) {
		latency->at[s] = NAN;
		latency->hi[s] = NAN;
	}
}

/* Of two independent deviations. */
static double joined(double a, double b)
{
	return sqrt(a * a + b * b);
}

struct sw__step_curve sw__slowed(const struct sw__step_curve *curve, double prefill, double decode,
				 double host)
{
	struct sw__step_curve c = *curve;

	for (size_t i = 0; i < c.n_knots; i++)
		c.linear_ms[i] *= c.tokens[i] > SW__SMALL_STEP_TOKENS ? prefill : decode;
	for (size_t i = 1; i < c.n_knots; i++)
		c.linear_ms[i] = sw__larger(c.linear_ms[i], c.linear_ms[i - 1]);
	c.decode_ms_per_seq *= decode;
	c.decode_ms_per_kv_token *= decode;
	c.prefill_ms_per_token *= prefill;
	c.prefill_ms_per_pair *= prefill;
	c.sample_ms_per_seq *= decode;
	c.host_ms *= host;
	return c;
}

/* Of the steps of GPUs that were measured, the largest doubt (data/calibration); a standard deviation of the logarithm. */
static const double MEASURED_DOUBT = 0.065;

/* Percentiles are found to a thousandth; of a narrow distribution they must not change places for it. */
static void put_in_order(double *x)
{
	for (int s = SW_P95; s <= SW_P99; s++)
		x[s] = x[s] < x[s - 1] ? x[s - 1] : x[s];
	if (x[SW_P99] < x[SW_MEAN] && x[SW_P99] > x[SW_MEAN] * (1 - SAME))
		x[SW_P99] = x[SW_MEAN];
}

static void fill_latency(const double *at, const double *slow, double extra, double exponent,
			 double low_factor, struct sw_latency *out)
{
	for (int s = 0; s < SW_STATISTIC_COUNT; s++) {
		out->at[s] = at[s];
		/* Slower steps overload it: no bound can be given, and none is held. Next to a cliff the model of the slower
		 * engine may have the lower percentile; a bound may not. */
		out->hi[s] =
			isnan(slow[s]) && !isnan(at[s])
				? INFINITY
				: at[s] * pow(sw__larger(1, slow[s] / at[s]) * extra, exponent);
	}
	out->lo = at[SW_MEAN] * low_factor;
	put_in_order(out->at);
	put_in_order(out->hi);
}

/* `most`: of what is doubted of steps no more than this counts. */
static void fill_latencies(const struct sw_prepared *t, const struct sw__step_curve *curve,
			   const struct sw__latency *now, double slowdown, double most,
			   struct sw_prediction *out)
{
	double shared = INTERFERENCE_DOUBT[t->bound_kind] * sw__larger(0, slowdown - 1);
	double by = SLOWER_BY[t->bound_kind];
	double prefill = joined(sw__smaller(t->prefill_doubt, most), shared);
	double decode = joined(sw__smaller(t->decode_doubt, most), shared);
	struct sw__step_curve slow =
		sw__slowed(curve, exp(by * prefill), exp(by * decode), exp(by * decode));
	struct sw__latency worse = sw__queue_latency_like(&slow, &t->batching, &t->traffic, now);
	struct sw__latency asked = *now;

	for (int s = 0; s < SW_STATISTIC_COUNT; s++) {
		asked.ttft_ms[s] += t->frontend_ms;
		worse.ttft_ms[s] += t->frontend_ms;
	}
	fill_latency(asked.ttft_ms, worse.ttft_ms, exp(by * sw__queue_doubt[SW_TTFT]),
		     NORMAL_95 / by, exp(-NORMAL_95 * joined(prefill, sw__queue_doubt[SW_TTFT])),
		     &out->latency[SW_TTFT]);
	fill_latency(now->tpot_ms, worse.tpot_ms, exp(by * sw__queue_doubt[SW_TPOT]),
		     NORMAL_95 / by, exp(-NORMAL_95 * joined(decode, sw__queue_doubt[SW_TPOT])),
		     &out->latency[SW_TPOT]);
}

static enum sw_binds what_binds(const struct sw_prepared *t, const struct sw__latency *now,
				const struct sw__mean_state *state, enum sw_mechanism mechanism,
				double slowdown)
{
	double gpu_ms = state->step_ms - t->steps.curve.host_ms;

	if (now->binds != SW_BINDS_NOTHING)
		return now->binds;
	if (slowdown >= NEIGHBOURS_BIND)
		return sw__mechanism(mechanism)->takes_turns ? SW_BINDS_TURNS : SW_BINDS_NEIGHBOURS;
	if (gpu_ms < PART_BINDS * state->step_ms)
		return SW_BINDS_HOST;
	return state->decode_gb_s >= PART_BINDS * t->steps.dram_gb_s ? SW_BINDS_DRAM
								     : SW_BINDS_COMPUTE;
}

/* Answers of one token have no time per token, but neighbours all the same. */
static double slowdown_of(const struct sw__latency *now, const struct sw__latency *alone)
{
	double tpot = now->tpot_ms[SW_MEAN] / alone->tpot_ms[SW_MEAN];

	return fmax(1, isnan(tpot) ? now->ttft_ms[SW_MEAN] / alone->ttft_ms[SW_MEAN] : tpot);
}

/*
 * Bounds are calibrated on GPUs whose steps were measured: what else lies between a prediction and the truth grew there with how hard
 * that was. That a GPU's steps are known from its datasheet alone is another matter, and adds to it as independent doubts do.
 */
static void bound_quick(const struct sw_prepared *t, const struct sw__step_curve *curve,
			const struct sw__latency *now, double slowdown, struct sw_prediction *out)
{
	struct sw_prediction measured = *out;

	if (sw__larger(t->prefill_doubt, t->decode_doubt) <= MEASURED_DOUBT) {
		sw__bound_quick(t->group, t->bound_kind, out);
		return;
	}
	fill_latencies(t, curve, now, slowdown, MEASURED_DOUBT, &measured);
	sw__bound_quick(t->group, t->bound_kind, &measured);
	for (int m = 0; m < SW_METRIC_COUNT; m++) {
		struct sw_latency *l = &out->latency[m];
		const struct sw_latency *calibrated = &measured.latency[m];

		for (int s = 0; s < SW_STATISTIC_COUNT; s++)
			l->hi[s] = l->at[s] * exp(joined(log(calibrated->hi[s] / l->at[s]),
							 log(l->hi[s] / l->at[s])));
		l->lo = l->at[SW_MEAN] * exp(-joined(log(l->at[SW_MEAN] / calibrated->lo),
						     log(l->at[SW_MEAN] / l->lo)));
		put_in_order(l->hi);
	}
}

/* Next to saturation waiting turns on what nobody knows to a few percent. Who is busy for a smaller part of the time is not there. */
static bool is_near_saturation(const struct sw_prepared *t, const struct sw__step_curve *curve,
			       const struct sw__latency *now)
{
	return t->most_of_capacity < 1 && now->utilisation > t->most_of_capacity &&
	       isnan(t->traffic.concurrency) &&
	       t->traffic.rate_per_s >
		       t->most_of_capacity * sw__queue_max_rate(curve, &t->batching, &t->traffic);
}

static void give_no_bounds(struct sw_prediction *out)
{
	for (int m = 0; m < SW_METRIC_COUNT; m++) {
		for (int s = 0; s < SW_STATISTIC_COUNT; s++) {
			if (!isnan(out->latency[m].at[s]))
				out->latency[m].hi[s] = INFINITY;
		}
	}
}

void sw__predict_stretched(enum sw_mechanism mechanism, const struct sw_prepared *t,
			   const struct sw__stretch *stretch, const struct sw__mean_state *state,
			   struct sw_prediction *out)
{
	bool undisturbed = stretch->whole == 1 && stretch->dram == 1 && stretch->crowding == 0;
	struct sw__step_curve curve = sw__stretched(t, stretch);
	struct sw__latency now = undisturbed
					 ? t->alone_latency
					 : sw__queue_latency_like(&curve, &t->batching, &t->traffic,
								  &t->alone_latency);
	double slowdown = slowdown_of(&now, &t->alone_latency);

	*out = (struct sw_prediction){
		.requests_per_s = now.requests_per_s,
		.output_tokens_per_s = now.output_tok_s,
		.slowdown = now.overload ? NAN : slowdown,
		.max_rate_per_s = NAN,
		.running = now.running,
		.busy = now.overload ? 1 : now.utilisation,
		.gpu_busy = now.gpu_busy,
		.kv_cache_tokens = t->batching.kv_cache_tokens,
		.extrapolated = t->extrapolated,
	};
	if (now.overload) {
		out->binds = SW_BINDS_OVERLOAD;
		unknown_latency(&out->latency[SW_TTFT]);
		unknown_latency(&out->latency[SW_TPOT]);
		return;
	}
	out->binds = what_binds(t, &now, state, mechanism, slowdown);
	fill_latencies(t, &curve, &now, slowdown, INFINITY, out);
	if (t->group)
		bound_quick(t, &curve, &now, slowdown, out);
	if (t->correction && t->correction->n > 0)
		sw__correction_apply(t->correction, t->share, out);
	if (is_near_saturation(t, &curve, &now))
		give_no_bounds(out);
}

void sw_predict(enum sw_mechanism mechanism, const sw_prepared *const *tenants, size_t n,
		struct sw_prediction *out)
{
	struct sw__stretch stretches[SW_TENANTS_MAX];
	struct sw__mean_state states[SW_TENANTS_MAX];

	sw__contend(mechanism, tenants, n, stretches, states);
	for (size_t i = 0; i < n; i++)
		sw__predict_stretched(mechanism, tenants[i], &stretches[i], &states[i], &out[i]);
}

void sw__predict_one(enum sw_mechanism mechanism, const struct sw_prepared *const *tenants,
		     size_t n, size_t i, struct sw_prediction *out)
{
	struct sw__stretch stretches[SW_TENANTS_MAX];
	struct sw__mean_state states[SW_TENANTS_MAX];

	sw__contend(mechanism, tenants, n, stretches, states);
	sw__predict_stretched(mechanism, tenants[i], &stretches[i], &states[i], out);
}

void sw_predict_max_rates(enum sw_mechanism mechanism, const sw_prepared *const *tenants, size_t n,
			  struct sw_prediction *out)
{
	struct sw__stretch stretches[SW_TENANTS_MAX];

	sw__contend(mechanism, tenants, n, stretches, NULL);
	for (size_t i = 0; i < n; i++) {
		struct sw__step_curve curve = sw__stretched(tenants[i], &stretches[i]);

		if (isnan(tenants[i]->traffic.concurrency))
			out[i].max_rate_per_s = sw__queue_max_rate(&curve, &tenants[i]->batching,
								   &tenants[i]->traffic);
	}
}

bool sw_prediction_meets(const struct sw_prediction *prediction, const struct sw_slo *slo)
{
	if (prediction->binds == SW_BINDS_OVERLOAD)
		return false;
	for (int m = 0; m < SW_METRIC_COUNT; m++) {
		for (int s = 0; s < SW_STATISTIC_COUNT; s++) {
			double bound = slo->bound_ms[m][s], hi = prediction->latency[m].hi[s];

			/* TPOT of one-token outputs does not exist and breaks no limit. */
			if (sw_known(bound) && hi > bound)
				return false;
		}
	}
	return true;
}
