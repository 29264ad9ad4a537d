// SPDX-License-Identifier: Apache-2.0
/* Everything about an engine that does not depend on its neighbours, once. */
#include <math.h>
#include <stdlib.h>

#include "base/error.h"
#include "catalog/at_once.h"
#include "catalog/described.h"
#include "catalog/memory_addends.h"
#include "predict/contention.h"
#include "predict/fit_coefficients.h"
#include "sharing/mechanism.h"
#include "step/calibration.h"
#include "step/host_step.h"

/* What a mechanism without measured LLM rows adds to the doubt; two pairs of one study stand behind the others. */
static const double UNMEASURED_MECHANISM_DOUBT = 0.15;

static enum sw_status length_of(const struct sw_length *length, const double *trace, size_t n,
				struct sw__lengths *out, struct sw_error *err)
{
	if (trace)
		return sw__lengths_trace(trace, n, out, err);
	return isnan(length->p95) ? sw__lengths_constant(length->mean, out, err)
				  : sw__lengths_lognormal(length->mean, length->p95, out, err);
}

enum sw_status sw__traffic_of(const struct sw_tenant *tenant, struct sw__traffic *out,
			      struct sw_error *err)
{
	const struct sw_load *load = &tenant->load;
	const struct sw_trace *trace = load->trace;
	struct sw__lengths prompt, output;
	struct sw__traffic_ask ask = {.prompt = &prompt,
				      .output = &output,
				      .prefix_hit_ratio = load->prefix_hit_ratio,
				      .rate_per_s = load->rate,
				      .concurrency = load->concurrency,
				      .burstiness = load->burstiness,
				      .trace = trace,
				      .trace_stretch = load->trace_stretch};
	enum sw_status st = length_of(&load->prompt_tokens, trace ? trace->prompt_tokens : NULL,
				      trace ? trace->n : 0, &prompt, err);

	if (st == SW_OK)
		st = length_of(&load->output_tokens, trace ? trace->output_tokens : NULL,
			       trace ? trace->n : 0, &output, err);
	if (st != SW_OK)
		return st;
	sw__lengths_cut(&prompt, tenant->engine.max_model_len);
	sw__lengths_cut(&output, tenant->engine.max_model_len);
	return sw__traffic_prepare(&ask, out, err);
}

static enum sw_status prepare_batching(const struct sw_gpu *gpu, const struct sw_tenant *tenant,
				       struct sw__batching *out, struct sw_error *err)
{
	const struct sw_engine *engine = &tenant->engine;
	struct sw_memory_fit fit;
	enum sw_status st = sw__memory_fit(gpu, &tenant->model, engine, &tenant->slice, &fit, err);

	*out = (struct sw__batching){
		.policy = engine->kind == SW_SGLANG ? SW__PREFILL_FIRST : SW__MIXED_STEPS,
		.max_num_seqs = sw__at_once(tenant),
		.max_num_batched_tokens = engine->max_num_batched_tokens,
		.kv_cache_tokens = fit.kv_tokens,
		.schedule_ahead = engine->kind != SW_LLAMA_CPP,
	};
	return st;
}

void sw__prepared_measure(struct sw_prepared *p)
{
	p->alone = sw__mean_state(p, &p->steps.curve, 1);
	p->alone_latency = sw__queue_latency(&p->steps.curve, &p->batching, &p->traffic);
}

static void set_doubts(const sw_calibration *calibration, enum sw_mechanism mechanism,
		       struct sw_prepared *p)
{
	double more = sw__mechanism(mechanism)->measured ? 0 : UNMEASURED_MECHANISM_DOUBT;

	p->prefill_doubt = hypot(calibration->info.prefill_doubt, more);
	p->decode_doubt = hypot(calibration->info.decode_doubt, more);
	p->host_doubt = sw__is_host(&calibration->gpu)
				? sw__host_doubt
				: sw__model_coefficients[SW__MODEL_host].spread;
	p->frontend_ms = sw__shared_coefficients[SW__SHARED_frontend_ms].value;
	p->dram_together = sw__shared_coefficients[SW__SHARED_dram_together].value;
	p->extrapolated = !calibration->info.measured || more > 0;
}

static enum sw_status fill(const sw_calibration *calibration, const struct sw_gpu *gpu,
			   const struct sw_tenant *tenant, const struct sw__traffic *traffic,
			   struct sw__steps_known known, struct sw_prepared *p,
			   struct sw_error *err)
{
	struct sw_engine engine = tenant->engine; /* as its steps are: with what is let in */
	struct sw__tabulation ask = {.calibration = calibration,
				     .model = &tenant->model,
				     .engine = &engine,
				     .slice = &tenant->slice,
				     .known = known};
	enum sw_status st =
		sw__mechanism_check(tenant->slice.mechanism, gpu, tenant->slice.share, err);

	if (st == SW_OK)
		st = prepare_batching(gpu, tenant, &p->batching, err);
	if (st != SW_OK)
		return st;
	engine.max_num_seqs = sw__at_once(tenant);
	p->traffic = *traffic;
	ask.prompt_tokens = p->traffic.prompt_tokens;
	ask.output_tokens = p->traffic.output_tokens;
	p->steps = sw__tabulate(&ask);
	p->share = tenant->slice.share;
	p->most_of_capacity = 1;
	set_doubts(calibration, tenant->slice.mechanism, p);
	return SW_OK;
}

static struct sw_prepared *new_prepared(struct sw__prepared_pool *pool)
{
	struct sw_prepared *p = pool ? pool->free : NULL;

	if (p)
		pool->free = p->next;
	else
		p = malloc(sizeof(*p));
	if (p)
		*p = (struct sw_prepared){.pool = pool};
	return p;
}

void sw__prepared_pool_clear(struct sw__prepared_pool *pool)
{
	while (pool->free) {
		struct sw_prepared *p = pool->free;

		pool->free = p->next;
		free(p);
	}
}

enum sw_status sw__prepare(const sw_calibration *calibration, const struct sw_gpu *gpu,
			   const struct sw_tenant *tenant, const struct sw__traffic *traffic,
			   struct sw__steps_known known, struct sw__prepared_pool *pool,
			   sw_prepared **out, struct sw_error *err)
{
	struct sw_prepared *p = new_prepared(pool);
	enum sw_status st;

	*out = NULL;
	if (!p)
		return sw_fail(err, SW_NO_MEMORY, "prepare: out of memory");
	st = fill(calibration, gpu, tenant, traffic, known, p, err);
	if (st != SW_OK) {
		sw_prepared_free(p);
		return st;
	}
	*out = p;
	return SW_OK;
}

enum sw_status sw_prepare(const sw_calibration *calibration, const struct sw_gpu *gpu,
			  const struct sw_tenant *tenant, sw_prepared **out, struct sw_error *err)
{
	struct sw__traffic traffic;
	enum sw_status st = sw__traffic_of(tenant, &traffic, err);

	*out = NULL;
	if (st == SW_OK)
		st = sw__prepare(calibration, gpu, tenant, &traffic, (struct sw__steps_known){0},
				 NULL, out, err);
	if (st == SW_OK)
		sw__prepared_measure(*out);
	return st;
}

void sw_prepared_free(sw_prepared *prepared)
{
	if (!prepared || !prepared->pool) {
		free(prepared);
		return;
	}
	prepared->next = prepared->pool->free;
	prepared->pool->free = prepared;
}

double sw_prepared_kv_tokens(const sw_prepared *prepared)
{
	return prepared->batching.kv_cache_tokens;
}

void sw_prepared_set_rate(sw_prepared *prepared, double rate)
{
	prepared->traffic.rate_per_s = rate;
	sw__prepared_measure(prepared);
}
