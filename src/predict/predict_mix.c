// SPDX-License-Identifier: Apache-2.0
/* A mix as it is reported: the closed form says what binds and what is sustained, a play of it the latencies, a fit how far off both
 * may be. */
#include "predict/predict_mix.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "math/ordered.h"
#include "predict/contention.h"
#include "predict/played_step.h"
#include "sharing/mechanism.h"

/* One-sided 95 %. */
static const double NORMAL_95 = 1.6448536269514722;
/* What is left of a latency's doubt when everything about its engine is known: chance in the load, mostly. */
static const double LEAST_DIFFICULTY[SW_METRIC_COUNT] = {0.03, 0.015};
/* Of the way from the socket to the scheduler, which is 1 to 12 ms. */
static const double FRONTEND_DOUBT_MS = 2.5;
/* Of a quick prediction's slower twin, how much slower counts at most: beyond, the engine is next to overload. */
static const double STEEPEST = 3;
/* Played requests of each engine: means within two or three per cent. */
static const double REQUESTS = 800, EVENTS = 4e6;
/* A play whose means may be off by more than this is made anew and longer, so many times; then another time. */
static const double CHANCE_MAX[] = {0.025, 0.05}, LONGER = 4;
/* Without a fit: one and a half times what a normal distribution would have, because nobody has looked. */
const double sw__unmeasured_bound = 2.5;
/* What lies outside of what was measured is doubted so much more. */
static const double OUTSIDE = 1.5;

/* Steps that are launched one by one are no slower for GPU time that fits into the launching, which is the host's. */
static struct sw__step_curve paced(const struct sw__step_curve *curve,
				   const struct sw__model_values *v)
{
	double host = v->at[SW__MODEL_host];
	struct sw__step_curve gpu = *curve, out;

	for (size_t i = 0; i < gpu.n_knots; i++)
		gpu.linear_ms[i] -= gpu.gap_ms[i];
	out = sw__slowed(&gpu, v->at[SW__MODEL_prefill], v->at[SW__MODEL_decode], host);
	for (size_t i = 0; i < out.n_knots; i++) {
		double launching = curve->gap_ms[i] > 0 ? curve->linear_ms[i] * host : 0;

		out.gap_ms[i] = sw__larger(0, launching - out.linear_ms[i]);
		out.linear_ms[i] += out.gap_ms[i];
		if (i > 0)
			out.linear_ms[i] = sw__larger(out.linear_ms[i], out.linear_ms[i - 1]);
	}
	return out;
}

void sw__prepared_fit(sw_prepared *p, const struct sw__model_values *v,
		      const struct sw__model_values *doubts)
{
	p->steps.curve = paced(&p->steps.curve, v);
	p->prefill_doubt = doubts->at[SW__MODEL_prefill];
	p->decode_doubt = doubts->at[SW__MODEL_decode];
	p->host_doubt = doubts->at[SW__MODEL_host];
	sw__prepared_measure(p);
}

void sw__prepared_take_fit(sw_prepared *p, const struct sw_fit *fit, const char *gpu,
			   const struct sw_tenant *tenant)
{
	const struct sw__fit_model *known = sw__fit_model(fit, gpu, tenant->model.id);
	struct sw__model_values values = sw__fit_values(known), doubts;
	struct sw__shared_values shared;

	for (int k = 0; known && k < SW__MODEL_COUNT; k++)
		doubts.at[k] = known->at[k].doubt;
	if (known)
		sw__prepared_fit(p, &values, &doubts);
	else
		sw__prepared_measure(p);
	p->group = sw__fit_group(fit, gpu, tenant->slice.mechanism);
	p->bound_kind = sw__bound_kind(tenant);
	shared = sw__fit_shared(p->group);
	p->frontend_ms = shared.at[SW__SHARED_frontend_ms];
	p->dram_together = shared.at[SW__SHARED_dram_together];
}

static enum sw_status ready_engine(const struct sw_fit *fit, size_t i, struct sw__ready_mix *r,
				   struct sw_error *err)
{
	const struct sw_tenant *tenant = &r->mix->tenants[i];
	struct sw__traffic traffic;
	enum sw_status st = sw__traffic_of(tenant, &traffic, err);

	if (st == SW_OK)
		st = sw__prepare(r->calibration, &r->mix->gpu, tenant, &traffic,
				 (struct sw__steps_known){.products = r->known[i]->products}, NULL,
				 &r->prepared[i], err);
	if (st != SW_OK)
		return sw_fail_in(err, st, "%s", tenant->name);
	r->models[i] = sw__fit_values(sw__fit_model(fit, r->mix->gpu.id, tenant->model.id));
	sw__prepared_take_fit(r->prepared[i], fit, r->mix->gpu.id, tenant);
	r->prepared[i]->group =
		NULL; /* how hard it is to predict is read off bounds as they are without */
	return SW_OK;
}

static void set_shared(const struct sw__fit_group *g, struct sw__ready_mix *out)
{
	out->shared = sw__fit_shared(g);
	for (int k = 0; k < SW__SHARED_COUNT; k++)
		out->shared_doubt.at[k] =
			g ? g->shared[k].doubt : sw__shared_coefficients[k].spread;
}

static enum sw_status make_ready(const struct sw_mix *mix, const struct sw_fit *fit,
				 const sw_calibration *calibration, struct sw__known_steps *known,
				 struct sw__ready_mix *out, struct sw_error *err)
{
	enum sw_status st = SW_OK;

	memset(out, 0, sizeof(*out));
	out->mix = mix;
	for (size_t i = 0; i < SW_TENANTS_MAX && i < mix->n + 1; i++)
		out->known[i] = &known[i];
	if (mix->n > SW_TENANTS_MAX)
		return sw_fail(err, SW_BAD_INPUT,
			       "found %zu engines on one GPU, expected at most %d", mix->n,
			       SW_TENANTS_MAX);
	set_shared(sw__fit_group(fit, mix->gpu.id, mix->mechanism), out);
	if (!calibration)
		st = sw_calibration_open(&mix->gpu, NULL, &out->opened, err);
	out->calibration = calibration ? calibration : out->opened;
	for (size_t i = 0; st == SW_OK && i < mix->n; i++)
		st = ready_engine(fit, i, out, err);
	if (st == SW_OK)
		sw_predict(mix->mechanism, (const sw_prepared *const *)out->prepared, mix->n,
			   out->quick);
	return st;
}

enum sw_status sw__ready_make_again(const struct sw_mix *mix, const struct sw_fit *fit,
				    struct sw__known_steps *known, struct sw__ready_mix *out,
				    struct sw_error *err)
{
	enum sw_status st = make_ready(mix, fit, NULL, known, out, err);

	out->borrows_known = true;
	return st;
}

enum sw_status sw__ready_make(const struct sw_mix *mix, const struct sw_fit *fit,
			      const sw_calibration *calibration, struct sw__ready_mix *out,
			      struct sw_error *err)
{
	struct sw__known_steps *known = sw__known_steps_make(mix->n);

	if (known)
		return make_ready(mix, fit, calibration, known, out, err);
	memset(out, 0, sizeof(*out));
	return sw_fail(err, SW_NO_MEMORY, "%zu engines", mix->n);
}

void sw__ready_clear(struct sw__ready_mix *r)
{
	for (size_t i = 0; i < SW_TENANTS_MAX; i++)
		sw_prepared_free(r->prepared[i]);
	if (!r->borrows_known && r->mix)
		sw__known_steps_free(r->known[0], r->mix->n);
	sw_calibration_free(r->opened);
}

static struct sw__play_ask ask_of(const struct sw__ready_mix *r, const double *rates,
				  const struct sw__play_length *length)
{
	return (struct sw__play_ask){
		.mix = r->mix,
		.calibration = r->calibration,
		.rates = rates,
		.shared = &r->shared,
		.models = r->models,
		.known = r->known,
		.seed = 1,
		.length = *length,
	};
}

enum sw_status sw__ready_play(const struct sw__ready_mix *r, const struct sw__play_length *length,
			      struct sw__played *out, struct sw_error *err)
{
	double rates[SW_TENANTS_MAX] = {0};
	struct sw__play_ask ask = ask_of(r, rates, length);

	for (size_t i = 0; i < r->mix->n; i++) {
		double rate = r->mix->tenants[i].load.rate;

		rates[i] = isnan(rate) ? r->quick[i].requests_per_s : rate;
	}
	return sw__play(&ask, out, err);
}

/* Bandwidth is less, waits and switches are more; turns and pieces are what they are: longer ones are good for some and bad for others. */
static void slow_down(struct sw__ready_mix *r)
{
	static const int dearer[] = {SW__SHARED_frontend_ms,    SW__SHARED_sm_overlap,
				     SW__SHARED_launch_wait_us, SW__SHARED_switch_ms,
				     SW__SHARED_limiter_grain,  SW__SHARED_cold_caches};

	r->shared.at[SW__SHARED_dram_together] *=
		exp(-r->shared_doubt.at[SW__SHARED_dram_together]);
	for (size_t i = 0; i < sizeof(dearer) / sizeof(dearer[0]); i++)
		r->shared.at[dearer[i]] *= exp(r->shared_doubt.at[dearer[i]]);
	for (size_t i = 0; i < r->mix->n; i++) {
		r->models[i].at[SW__MODEL_prefill] *= exp(r->prepared[i]->prefill_doubt);
		r->models[i].at[SW__MODEL_decode] *= exp(r->prepared[i]->decode_doubt);
		r->models[i].at[SW__MODEL_host] *= exp(r->prepared[i]->host_doubt);
	}
}

enum sw_status sw__ready_play_slower(const struct sw__ready_mix *r,
				     const struct sw__play_length *length, struct sw__played *out,
				     struct sw_error *err)
{
	struct sw__ready_mix slower = *r;

	slow_down(&slower);
	return sw__ready_play(&slower, length, out, err);
}

double sw__steepness(const struct sw__played *now, const struct sw__played *slower,
		     enum sw_metric metric, enum sw_statistic statistic)
{
	double more = log(slower->ms[metric][statistic] / now->ms[metric][statistic]);

	if (slower->overload)
		return INFINITY;
	return isnan(more) ? 0 : more;
}

double sw__difficulty(double steepness, double chance, enum sw_metric metric)
{
	return hypot(hypot(LEAST_DIFFICULTY[metric], isnan(chance) ? 0 : chance), steepness);
}

double sw__quick_difficulty(const struct sw_prediction *quick, enum sw_metric metric,
			    enum sw_statistic statistic)
{
	const struct sw_latency *l = &quick->latency[metric];
	double slower =
		log(l->hi[statistic] / l->at[statistic]) / NORMAL_95 - sw__queue_doubt[metric];

	if (isnan(slower)) /* overload in the closed form */
		slower = STEEPEST;
	if (metric == SW_TTFT && l->at[statistic] > 0)
		slower = hypot(slower, FRONTEND_DOUBT_MS / l->at[statistic]);
	return hypot(LEAST_DIFFICULTY[metric], sw__larger(0, slower));
}

/* Bounds of a latency whose difficulties are `w`; percentiles keep their order. */
static void set_bounds(const double *w, const struct sw__bound *bound, struct sw_latency *l)
{
	l->lo = l->at[SW_MEAN] * exp(-sw__smaller(w[SW_MEAN], 1) * bound[SW_MEAN].lower);
	for (int s = 0; s < SW_STATISTIC_COUNT; s++)
		l->hi[s] = l->at[s] * exp(w[s] * bound[s].upper);
	for (int s = SW_P95; s <= SW_P99; s++)
		l->hi[s] = sw__larger(l->hi[s], l->hi[s - 1]);
}

void sw__bound_quick(const struct sw__fit_group *g, int kind, struct sw_prediction *p)
{
	for (int m = 0; m < SW_METRIC_COUNT; m++) {
		double w[SW_STATISTIC_COUNT];

		for (int s = 0; s < SW_STATISTIC_COUNT; s++)
			w[s] = sw__quick_difficulty(p, (enum sw_metric)m, (enum sw_statistic)s);
		set_bounds(w, g->quick_bound[kind][m], &p->latency[m]);
	}
}

/* How far outside of what was measured: a word on it, or NULL. */
static const char *outside(const struct sw__fit_group *g, const struct sw_mix *mix, size_t i,
			   const struct sw__played *played)
{
	const struct sw_load *load = &mix->tenants[i].load;
	const double at[SW__RANGE_COUNT] = {
		[SW__RANGE_engines] = (double)mix->n,
		[SW__RANGE_share] = mix->tenants[i].slice.share,
		[SW__RANGE_running] = played->running,
		[SW__RANGE_prompt_tokens] = load->prompt_tokens.mean,
		[SW__RANGE_output_tokens] = load->output_tokens.mean,
	};

	for (int k = 0; k < SW__RANGE_COUNT; k++)
		if (at[k] < g->range[k].low * 0.8 || at[k] > g->range[k].high * 1.25)
			return sw__range_names[k];
	return NULL;
}

static void put_bounds(const struct sw__fit_group *g, int kind, const struct sw__played *played,
		       double steepness[SW_METRIC_COUNT][SW_STATISTIC_COUNT], double more,
		       struct sw_prediction *out)
{
	for (int m = 0; m < SW_METRIC_COUNT; m++) {
		struct sw__bound unmeasured[SW_STATISTIC_COUNT];
		double w[SW_STATISTIC_COUNT];

		for (int s = 0; s < SW_STATISTIC_COUNT; s++) {
			unmeasured[s] =
				(struct sw__bound){sw__unmeasured_bound, sw__unmeasured_bound};
			w[s] = more * sw__difficulty(steepness[m][s], played->chance_at[m][s],
						     (enum sw_metric)m);
		}
		set_bounds(w, g ? g->bound[kind][m] : unmeasured, &out->latency[m]);
	}
}

/* An open loop that is sustained answers what it is offered: the closed form knows that without chance. */
static void put_throughput(const struct sw__played *played, bool open, struct sw_prediction *out)
{
	if (open && !played->overload && out->binds != SW_BINDS_OVERLOAD)
		return;
	out->requests_per_s = played->requests_per_s;
	out->output_tokens_per_s = played->output_tok_s;
}

static void put_played(const struct sw__played *played, struct sw_prediction *out)
{
	for (int m = 0; m < SW_METRIC_COUNT; m++)
		for (int s = 0; s < SW_STATISTIC_COUNT; s++)
			out->latency[m].at[s] = played->overload ? NAN : played->ms[m][s];
	out->running = played->overload ? (double)NAN : played->running;
	out->busy = sw__smaller(1, played->busy);
	out->gpu_busy = sw__smaller(1, played->gpu_busy);
	if (played->overload) {
		out->binds = SW_BINDS_OVERLOAD;
		out->slowdown = NAN;
	}
}

/* What the closed form took for overload and a play did not: something close to it binds. */
static void settle_overload(const struct sw_prediction *quick, struct sw_prediction *out)
{
	if (quick->binds == SW_BINDS_OVERLOAD && out->binds == SW_BINDS_OVERLOAD &&
	    sw_known(out->latency[SW_TTFT].at[SW_MEAN]))
		out->binds = SW_BINDS_QUEUE;
}

static enum sw_status play_alone(const struct sw__ready_mix *r, size_t i,
				 const struct sw__play_length *length, struct sw__played *out,
				 struct sw_error *err)
{
	struct sw_mix one = *r->mix;
	struct sw__ready_mix alone = *r;
	double rate = 0;
	struct sw__play_ask ask = ask_of(&alone, &rate, length);

	one.n = 1;
	one.tenants = &r->mix->tenants[i];
	alone.models[0] = r->models[i];
	alone.known[0] = r->known[i];
	ask.mix = &one;
	rate = isnan(one.tenants->load.rate) ? r->prepared[i]->alone_latency.requests_per_s
					     : one.tenants->load.rate;
	ask.seed += i * 7919;
	return sw__play(&ask, out, err);
}

static double over(const struct sw__played *now, const struct sw__played *alone)
{
	double tpot = now->ms[SW_TPOT][SW_MEAN] / alone->ms[SW_TPOT][SW_MEAN];

	return fmax(1,
		    isnan(tpot) ? now->ms[SW_TTFT][SW_MEAN] / alone->ms[SW_TTFT][SW_MEAN] : tpot);
}

static enum sw_status slowdowns(const struct sw__ready_mix *r, const struct sw__played *played,
				struct sw_prediction *out, struct sw_error *err)
{
	const struct sw__play_length length = {.requests = REQUESTS / 2, .events = EVENTS / 2};
	enum sw_status st = SW_OK;

	for (size_t i = 0; i < r->mix->n && st == SW_OK; i++) {
		struct sw__played alone;

		out[i].slowdown = r->mix->n == 1 ? 1 : NAN;
		if (played[i].overload)
			out[i].slowdown = NAN;
		if (r->mix->n == 1 || played[i].overload)
			continue;
		st = play_alone(r, i, &length, &alone, err);
		if (st == SW_OK)
			out[i].slowdown = over(&played[i], &alone);
	}
	return st;
}

static bool measured_model(const struct sw_fit *fit, const struct sw_mix *mix, size_t i)
{
	const struct sw__fit_model *m = sw__fit_model(fit, mix->gpu.id, mix->tenants[i].model.id);

	return m && *m->model;
}

/* Means that a short play does not settle. */
static bool chancy(const struct sw__played *played, size_t n, double most)
{
	for (size_t i = 0; i < n; i++)
		for (int m = 0; m < SW_METRIC_COUNT; m++)
			if (!played[i].overload && played[i].chance[m] > most)
				return true;
	return false;
}

enum sw_status sw__ready_play_surely(const struct sw__ready_mix *r, struct sw__played *out,
				     double steepness[][SW_METRIC_COUNT][SW_STATISTIC_COUNT],
				     struct sw_error *err)
{
	struct sw__play_length length = {.requests = REQUESTS, .events = EVENTS};
	struct sw__played slower[SW_TENANTS_MAX];
	enum sw_status st = sw__ready_play(r, &length, out, err);

	if (st == SW_OK)
		st = sw__ready_play_slower(r, &length, slower, err);
	for (size_t i = 0; st == SW_OK && i < r->mix->n; i++)
		for (int m = 0; m < SW_METRIC_COUNT; m++)
			for (int s = 0; s < SW_STATISTIC_COUNT; s++)
				steepness[i][m][s] =
					sw__steepness(&out[i], &slower[i], (enum sw_metric)m,
						      (enum sw_statistic)s);
	for (size_t k = 0; k < sizeof(CHANCE_MAX) / sizeof(CHANCE_MAX[0]); k++) {
		if (st != SW_OK || !chancy(out, r->mix->n, CHANCE_MAX[k]))
			break;
		length.requests *= LONGER;
		length.events *= LONGER;
		st = sw__ready_play(r, &length, out, err);
	}
	return st;
}

static enum sw_status finish(const struct sw__ready_mix *r, const struct sw_fit *fit, bool slow,
			     struct sw_prediction *out, struct sw_error *err)
{
	const struct sw_mix *mix = r->mix;
	const struct sw__fit_group *g = sw__fit_group(fit, mix->gpu.id, mix->mechanism);
	double steepness[SW_TENANTS_MAX][SW_METRIC_COUNT][SW_STATISTIC_COUNT];
	struct sw__played played[SW_TENANTS_MAX];
	enum sw_status st = sw__ready_play_surely(r, played, steepness, err);

	if (st != SW_OK)
		return st;
	memcpy(out, r->quick, mix->n * sizeof(*out));
	sw_predict_max_rates(mix->mechanism, (const sw_prepared *const *)r->prepared, mix->n, out);
	for (size_t i = 0; i < mix->n; i++) {
		bool is_outside = g && outside(g, mix, i, &played[i]);

		put_throughput(&played[i], !isnan(mix->tenants[i].load.rate), &out[i]);
		put_played(&played[i], &out[i]);
		settle_overload(&r->quick[i], &out[i]);
		put_bounds(g, r->prepared[i]->bound_kind, &played[i], steepness[i],
			   is_outside ? OUTSIDE : 1, &out[i]);
		out[i].extrapolated = is_outside || (g && *g->gpu ? !measured_model(fit, mix, i)
								  : r->quick[i].extrapolated);
	}
	return slow ? slowdowns(r, played, out, err) : SW_OK;
}

static enum sw_status predict(const struct sw_mix *mix, const struct sw_fit *fit,
			      const sw_calibration *calibration, bool slow,
			      struct sw_prediction *out, struct sw_error *err)
{
	struct sw__ready_mix ready;
	enum sw_status st = sw__ready_make(mix, fit, calibration, &ready, err);

	if (st == SW_OK)
		st = finish(&ready, fit, slow, out, err);
	sw__ready_clear(&ready);
	return st;
}

enum sw_status sw__predict_calibrated(const struct sw_mix *mix, const struct sw_fit *fit,
				      const sw_calibration *calibration, struct sw_prediction *out,
				      struct sw_error *err)
{
	return predict(mix, fit, calibration, false, out, err);
}

enum sw_status sw_predict_mix(const struct sw_mix *mix, const sw_fit *fit,
			      struct sw_prediction *out, struct sw_error *err)
{
	return predict(mix, fit, NULL, true, out, err);
}

enum sw_status sw_predict_quick(const struct sw_mix *mix, const sw_fit *fit,
				struct sw_prediction *out, struct sw_error *err)
{
	struct sw__ready_mix ready;
	enum sw_status st = sw__ready_make(mix, fit, NULL, &ready, err);

	if (st == SW_OK) {
		const struct sw__fit_group *g = sw__fit_group(fit, mix->gpu.id, mix->mechanism);

		for (size_t i = 0; i < mix->n; i++)
			ready.prepared[i]->group = g;
		sw_predict(mix->mechanism, (const sw_prepared *const *)ready.prepared, mix->n, out);
		sw_predict_max_rates(mix->mechanism, (const sw_prepared *const *)ready.prepared,
				     mix->n, out);
	}
	sw__ready_clear(&ready);
	return st;
}
