// SPDX-License-Identifier: Apache-2.0
#include "profile/experiment.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "profile/sustained_rates.h"
#include "sharing/mechanism.h"

/* Memory is given in hundredths of a GiB. */
static const double MEMORY_GRAIN = 100;
static const double SUM_ROUNDING = 1e-9;

enum sw_status sw__workbench_open(const sw_campaign *campaign, const sw_fit *fit,
				  struct sw__workbench *out, struct sw_error *err)
{
	*out = (struct sw__workbench){.campaign = campaign, .fit = fit};
	if (!sw__campaign_predictable(campaign))
		return SW_OK;
	return sw_calibration_open(&campaign->gpu, NULL, &out->calibration, err);
}

void sw__workbench_close(struct sw__workbench *bench)
{
	sw_calibration_free(bench->calibration);
	bench->calibration = NULL;
}

uint64_t sw__run_seed(const sw_campaign *campaign, const char *experiment, unsigned repeat)
{
	uint64_t hash = 0xcbf29ce484222325; /* FNV-1a */

	for (; *experiment; experiment++)
		hash = (hash ^ (unsigned char)*experiment) * 0x100000001b3;
	hash = (hash ^ campaign->seed) * 0x9e3779b97f4a7c15;
	return (hash ^ repeat) * 0x9e3779b97f4a7c15 >> 1; /* data sets keep 63 bits */
}

static void fill_tenant(const sw_campaign *c, const struct sw__pick *pick, struct sw_tenant *t)
{
	const struct sw__campaign_model *m = &c->models[pick->model];
	bool closed = pick->kind == SW__CONCURRENCY;

	*t = (struct sw_tenant){
		.model = m->model,
		.engine = m->engine,
		.slice = {.mechanism = c->mechanism,
			  .share = sw_known(m->share) ? m->share : pick->share,
			  .memory_gib = m->memory_gib},
		.load = {.rate = closed ? NAN : pick->level,
			 .concurrency = closed ? pick->level : NAN,
			 .prompt_tokens = m->prompt_tokens,
			 .output_tokens = m->output_tokens,
			 .prefix_hit_ratio = c->prefix_hit_ratio,
			 .burstiness = closed ? 1 : c->burstiness},
	};
	(void)sw_copy_name(t->name, sizeof(t->name), m->name);
	for (int i = 0; i < SW_METRIC_COUNT * SW_STATISTIC_COUNT; i++)
		t->slo.bound_ms[i / SW_STATISTIC_COUNT][i % SW_STATISTIC_COUNT] = NAN;
	if (!sw__mechanism(c->mechanism)->share_has_effect)
		t->slice.share = 1;
}

static enum sw_status check_shares(const struct sw_mix *mix, struct sw_error *err)
{
	const struct sw__mechanism *mechanism = sw__mechanism(mix->mechanism);
	double sum = 0;
	enum sw_status st = SW_OK;

	for (size_t i = 0; st == SW_OK && i < mix->n; i++) {
		sum += mix->tenants[i].slice.share;
		st = sw__mechanism_check(mix->mechanism, &mix->gpu, mix->tenants[i].slice.share,
					 err);
	}
	if (st == SW_OK && mechanism->share_has_effect && !mechanism->sum_may_exceed_one &&
	    sum > 1 + SUM_ROUNDING)
		return sw_fail(err, SW_BAD_INPUT,
			       "shares: found %g in all, expected at most 1 under %s", sum,
			       mechanism->id);
	return st;
}

/* A MIG instance has the compute and the memory of its profile. */
static enum sw_status cut_mig(struct sw_mix *mix, struct sw_error *err)
{
	const struct sw_mig_profile *profiles[SW_TENANTS_MAX];
	unsigned starts[SW_TENANTS_MAX];

	for (size_t i = 0; i < mix->n; i++) {
		struct sw_slice *slice = &mix->tenants[i].slice;
		const struct sw_mig_profile *profile =
			sw_gpu_mig_profile(&mix->gpu, slice->share, slice->memory_gib);

		if (!profile)
			return sw_fail(err, SW_INFEASIBLE, "no MIG profile of %s has share %g",
				       mix->gpu.id, slice->share);
		slice->memory_gib = profile->memory_gib;
		profiles[i] = profile;
	}
	if (!sw_gpu_mig_arrange(&mix->gpu, profiles, mix->n, starts))
		return sw_fail(err, SW_INFEASIBLE, "MIG: not side by side on %s", mix->gpu.id);
	return SW_OK;
}

/* What an engine's weights take, and the part of its memory that it uses. */
static enum sw_status look_at(const struct sw_mix *mix, const struct sw_tenant *t, double *weights,
			      double *part, struct sw_error *err)
{
	struct sw_engine engine = t->engine;
	enum sw_status st = sw_engine_resolve(&engine, &mix->gpu, &t->model, &t->slice, err);

	if (st != SW_OK)
		return st;
	*weights = sw_weight_gib(&t->model, &engine);
	*part = engine.gpu_memory_utilization;
	return SW_OK;
}

/*
 * An engine alone sees the whole GPU. Several get what their weights need and, beyond that, equal rests r for workspace and KV
 * cache: m_i u_i = w_i + r with sum m_i = what there is. So a large model beside small ones has room as they have.
 */
static enum sw_status divide_memory(struct sw_mix *mix, struct sw_error *err)
{
	double left = sw_gpu_visible_gib(&mix->gpu), inverse = 0;
	double weights[SW_TENANTS_MAX], part[SW_TENANTS_MAX];
	enum sw_status st = SW_OK;

	for (size_t i = 0; st == SW_OK && i < mix->n; i++) {
		double given = mix->tenants[i].slice.memory_gib;

		st = look_at(mix, &mix->tenants[i], &weights[i], &part[i], err);
		if (st != SW_OK)
			return st;
		left -= sw_known(given) ? given : weights[i] / part[i];
		inverse += sw_known(given) ? 0 : 1 / part[i];
	}
	if (mix->n == 1 || !(inverse > 0))
		return SW_OK;
	if (left <= 0)
		return sw_fail(err, SW_INFEASIBLE, "the weights alone exceed %s", mix->gpu.id);
	for (size_t i = 0; i < mix->n; i++) {
		double gib = (weights[i] + left / inverse) / part[i];

		if (!sw_known(mix->tenants[i].slice.memory_gib))
			mix->tenants[i].slice.memory_gib = floor(gib * MEMORY_GRAIN) / MEMORY_GRAIN;
	}
	return SW_OK;
}

static enum sw_status settle_tenant(const struct sw_mix *mix, struct sw_tenant *t, bool gpu,
				    struct sw_error *err)
{
	double mean = t->load.prompt_tokens.mean + t->load.output_tokens.mean;
	struct sw_memory_fit fit;
	enum sw_status st = sw_engine_resolve(&t->engine, &mix->gpu, &t->model, &t->slice, err);

	if (st == SW_OK && mean > t->engine.max_model_len)
		return sw_fail(err, SW_BAD_INPUT,
			       "the mean request has %.15g tokens, expected at most the engine's "
			       "max_model_len of %u",
			       mean, t->engine.max_model_len);
	return st == SW_OK && gpu
		       ? sw_memory_fit(&mix->gpu, &t->model, &t->engine, &t->slice, &fit, err)
		       : st;
}

static enum sw_status settle(struct sw_mix *mix, struct sw_error *err)
{
	bool gpu = mix->mechanism != SW_CPU_QUOTA;
	enum sw_status st = check_shares(mix, err);

	if (st == SW_OK && mix->mechanism == SW_MIG)
		st = cut_mig(mix, err);
	else if (st == SW_OK && gpu)
		st = divide_memory(mix, err);
	for (size_t i = 0; st == SW_OK && i < mix->n; i++)
		st = settle_tenant(mix, &mix->tenants[i], gpu, err);
	return st;
}

static enum sw_status set_rates(const struct sw__workbench *bench, const struct sw__pick *picks,
				struct sw_mix *mix, struct sw_error *err)
{
	double parts[SW_TENANTS_MAX];

	for (size_t i = 0; i < mix->n; i++) {
		if (picks[i].kind != SW__PART_OF_RATE)
			return SW_OK; /* all of a set have loads of one kind */
		parts[i] = picks[i].level;
	}
	return sw__sustained_rates(bench->calibration, bench->fit, parts, mix, err);
}

/* As long as the slowest engine needs for its requests, within bounds; without a prediction the upper one. */
static enum sw_status set_duration(const struct sw__workbench *bench, struct sw_experiment *e,
				   struct sw_error *err)
{
	const struct sw__duration *rules = &bench->campaign->duration;
	struct sw_prediction predictions[SW_TENANTS_MAX];
	double needed = 0;
	enum sw_status st = SW_OK;

	e->warm_up_s = rules->warm_up_s;
	e->duration_s = rules->most_s;
	if (!bench->calibration)
		return SW_OK;
	st = sw_predict_quick(e->mix, bench->fit, predictions, err);
	for (size_t i = 0; st == SW_OK && i < e->mix->n; i++)
		needed = fmax(needed, rules->requests / predictions[i].requests_per_s);
	if (st == SW_OK)
		e->duration_s = ceil(fmin(rules->most_s, fmax(rules->least_s, needed)));
	e->duration_s = fmin(e->duration_s, rules->most_s);
	return st;
}

static void name_tenant(const struct sw_tenant *t, struct sw_text *out)
{
	bool closed = sw_known(t->load.concurrency);

	sw_text_addf(out, "%s%s@%.4g:%c%.6g", out->size ? "+" : "", t->name, t->slice.share,
		     closed ? 'c' : 'r', closed ? t->load.concurrency : t->load.rate);
}

/* What it is; where that is too long, its beginning and a hash of all of it. */
static enum sw_status set_name(struct sw_experiment *e, struct sw_error *err)
{
	static const int head = SW_NAME_MAX - 20;
	struct sw_campaign none = {0};
	struct sw_text name = {0};

	for (size_t i = 0; i < e->mix->n; i++)
		name_tenant(&e->mix->tenants[i], &name);
	if (!sw_text_ok(&name))
		return sw_fail(err, SW_NO_MEMORY, "an experiment: out of memory");
	if (name.size < sizeof(e->name))
		(void)sw_copy_name(e->name, sizeof(e->name), name.data);
	else
		(void)snprintf(e->name, sizeof(e->name), "%.*s~%016llx", head, name.data,
			       (unsigned long long)sw__run_seed(&none, name.data, 0));
	sw_text_free(&name);
	return SW_OK;
}

static enum sw_status new_mix(const sw_campaign *c, size_t n, struct sw_mix **out,
			      struct sw_error *err)
{
	struct sw_mix *mix = calloc(1, sizeof(*mix));

	*out = mix;
	if (mix)
		mix->tenants = calloc(n, sizeof(*mix->tenants));
	if (!mix || !mix->tenants)
		return sw_fail(err, SW_NO_MEMORY, "a mix of %zu engines", n);
	mix->gpu = c->gpu;
	mix->mechanism = c->mechanism;
	mix->n = n;
	return SW_OK;
}

enum sw_status sw__experiment_make(const struct sw__workbench *bench, const struct sw__pick *picks,
				   size_t n, struct sw_experiment *out, struct sw_error *err)
{
	struct sw_experiment e = {.gain = NAN};
	enum sw_status st = new_mix(bench->campaign, n, &e.mix, err);

	for (size_t i = 0; st == SW_OK && i < n; i++)
		fill_tenant(bench->campaign, &picks[i], &e.mix->tenants[i]);
	if (st == SW_OK)
		st = settle(e.mix, err);
	if (st == SW_OK)
		st = set_rates(bench, picks, e.mix, err);
	if (st == SW_OK)
		st = set_duration(bench, &e, err);
	if (st == SW_OK)
		st = set_name(&e, err);
	if (st == SW_OK)
		*out = e;
	else
		sw_mix_free(e.mix);
	return st;
}
