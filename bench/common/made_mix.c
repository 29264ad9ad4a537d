// SPDX-License-Identifier: Apache-2.0
#include "common/made_mix.h"

#include <math.h>
#include <stdio.h>

#include "predict/tenant_read.h"

bool made_mix_start(const sw_catalog *catalog, const char *gpu, enum sw_mechanism mechanism,
		    struct made_mix *out)
{
	struct sw_error err;

	*out = (struct made_mix){.mix = {.mechanism = mechanism}};
	out->mix.tenants = out->tenants;
	if (sw_catalog_gpu(catalog, gpu, &out->mix.gpu, &err) == SW_OK)
		return true;
	(void)fprintf(stderr, "%s\n", err.message);
	return false;
}

struct sw_engine made_engine(void)
{
	return sw__engine_nothing_given();
}

struct sw_load made_loop(double concurrency, double prompt_tokens, double output_tokens)
{
	return (struct sw_load){.rate = NAN,
				.concurrency = concurrency,
				.burstiness = 1,
				.prompt_tokens = {prompt_tokens, NAN},
				.output_tokens = {output_tokens, NAN}};
}

struct sw_load made_arrivals(double rate, struct sw_length prompt, struct sw_length output)
{
	return (struct sw_load){.rate = rate,
				.concurrency = NAN,
				.burstiness = 1,
				.prompt_tokens = prompt,
				.output_tokens = output};
}

/* An engine refuses to start where not one request of max_model_len fits: who starts it gives a shorter one then. */
static enum sw_status settle(const struct sw_gpu *gpu, struct sw_tenant *t, double *kv_tokens,
			     struct sw_error *err)
{
	struct sw_engine *engine = &t->engine;
	struct sw_memory_fit fit = {0};
	enum sw_status st = sw_engine_resolve(engine, gpu, &t->model, &t->slice, err);

	if (st == SW_OK)
		st = sw_memory_fit(gpu, &t->model, engine, &t->slice, &fit, err);
	if (st == SW_INFEASIBLE && fit.max_model_len_fits > 0 &&
	    !(engine->given & SW_KEY_MAX_MODEL_LEN)) {
		engine->max_model_len = fit.max_model_len_fits;
		engine->given |= SW_KEY_MAX_MODEL_LEN;
		return settle(gpu, t, kv_tokens, err);
	}
	*kv_tokens = st == SW_OK ? fit.kv_tokens : NAN;
	return st;
}

enum sw_status made_mix_add(const sw_catalog *catalog, struct made_mix *mix, const char *model,
			    const struct sw_engine *engine, double share, double memory_gib,
			    const struct sw_load *load, struct sw_error *err)
{
	size_t i = mix->mix.n;
	struct sw_tenant *t = &mix->tenants[i];
	enum sw_status st;

	*t = (struct sw_tenant){
		.engine = *engine,
		.slice = {.mechanism = mix->mix.mechanism,
			  .share = share,
			  .memory_gib = memory_gib},
		.load = *load,
		.slo = sw__slo_none(),
	};
	(void)snprintf(t->name, sizeof(t->name), "%.40s-%zu", model, i + 1);
	st = sw_catalog_model(catalog, model, &t->model, err);
	if (st == SW_OK)
		st = settle(&mix->mix.gpu, t, &mix->kv_tokens[i], err);
	if (st == SW_OK)
		mix->mix.n++;
	return st;
}
