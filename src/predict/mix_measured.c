// SPDX-License-Identifier: Apache-2.0
#include "predict/mix_measured.h"

#include <math.h>

#include "catalog/described.h"
#include "sharing/mechanism.h"

/* A fraction of the whole GPU that an engine was told to take, where the mechanism hides none of it. */
static bool takes_a_part(enum sw_mechanism mechanism, const struct sw_tenant *tenant)
{
	return !sw__mechanism(mechanism)->memory_is_capped && isnan(tenant->slice.memory_gib) &&
	       tenant->engine.given & SW_KEY_GPU_MEMORY_UTILIZATION;
}

/* As in a mix file: who is given no memory has an equal part of what the others leave. */
static void divide_memory(const struct sw_gpu *gpu, enum sw_mechanism mechanism,
			  struct sw_tenant *tenants, size_t n)
{
	double left = sw_gpu_visible_gib(gpu);
	size_t without = 0;

	if (n == 1 || sw__mechanism(mechanism)->share_is_memory)
		return;
	for (size_t i = 0; i < n; i++) {
		if (takes_a_part(mechanism, &tenants[i]))
			left -= tenants[i].engine.gpu_memory_utilization * sw_gpu_visible_gib(gpu);
		else if (isnan(tenants[i].slice.memory_gib))
			without++;
		else
			left -= tenants[i].slice.memory_gib;
	}
	for (size_t i = 0; without && i < n; i++) {
		if (isnan(tenants[i].slice.memory_gib) && !takes_a_part(mechanism, &tenants[i]))
			tenants[i].slice.memory_gib = left / (double)without;
	}
}

/* The engine ran, so its max_model_len, which rows do not say, fitted. */
static enum sw_status settle_on_gpu(const struct sw_gpu *gpu, struct sw_tenant *tenant,
				    struct sw_error *err)
{
	struct sw_engine *engine = &tenant->engine;
	struct sw_memory_fit fit;
	enum sw_status st = sw_engine_resolve(engine, gpu, &tenant->model, &tenant->slice, err);

	if (st != SW_OK)
		return st;
	st = sw_memory_fit(gpu, &tenant->model, engine, &tenant->slice, &fit, err);
	if (st != SW_INFEASIBLE || fit.max_model_len_fits == 0)
		return st;
	engine->max_model_len = fit.max_model_len_fits;
	engine->given |= SW_KEY_MAX_MODEL_LEN;
	return sw_engine_resolve(engine, gpu, &tenant->model, &tenant->slice, err);
}

/* Every CPU computes in what its engine was told to, and nothing here reckons with its memory. */
static enum sw_status settle_on_host(const struct sw_gpu *host, struct sw_tenant *tenant,
				     struct sw_error *err)
{
	struct sw_gpu any_format = *host;

	any_format.compute_major = 8;
	return sw_engine_resolve(&tenant->engine, &any_format, &tenant->model, NULL, err);
}

enum sw_status sw__settle_measured(const struct sw_gpu *gpu, enum sw_mechanism mechanism,
				   struct sw_tenant *tenants, size_t n, struct sw_error *err)
{
	enum sw_status settled = SW_OK;

	if (!sw__is_host(gpu))
		divide_memory(gpu, mechanism, tenants, n);
	for (size_t i = 0; i < n; i++) {
		struct sw_error inner;
		enum sw_status st = sw__is_host(gpu) ? settle_on_host(gpu, &tenants[i], &inner)
						     : settle_on_gpu(gpu, &tenants[i], &inner);

		if (st != SW_OK && settled == SW_OK)
			settled = sw_fail(err, st, "%s", inner.message);
		if (st != SW_OK && st != SW_INFEASIBLE)
			return sw_fail(err, st, "%s", inner.message);
	}
	return settled;
}
