// SPDX-License-Identifier: Apache-2.0
#include "validate/row_engines.h"

#include <math.h>
#include <string.h>

#include "sharing/mechanism.h"

/* Shares are decimals: ten of 0.1 may be a little more than 1. */
static const double share_sum_rounding = 1e-6;

static enum sw_status check_share_sum(enum sw_mechanism which, const struct sw_tenant *tenants,
				      size_t n, struct sw_error *err)
{
	const struct sw__mechanism *mechanism = sw__mechanism(which);
	double sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += tenants[i].slice.share;
	if (mechanism->sum_may_exceed_one || sum <= 1 + share_sum_rounding)
		return SW_OK;
	return sw_fail(err, SW_BAD_INPUT,
		       "found shares that add up to %.6g, expected at most 1 under %s", sum,
		       mechanism->id);
}

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
static enum sw_status settle_engine(const struct sw_gpu *gpu, struct sw_tenant *tenant,
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

enum sw_status sw__predict_engines(const struct sw__row_gpu *gpu, enum sw_mechanism mechanism,
				   struct sw_tenant *tenants, size_t n, struct sw_prediction *out,
				   struct sw_error *err)
{
	sw_prepared *prepared[SW_TENANTS_MAX] = {NULL};
	enum sw_status st = check_share_sum(mechanism, tenants, n, err);

	divide_memory(&gpu->gpu, mechanism, tenants, n);
	for (size_t i = 0; st == SW_OK && i < n; i++) {
		st = settle_engine(&gpu->gpu, &tenants[i], err);
		if (st == SW_OK)
			st = sw_prepare(gpu->calibration, &gpu->gpu, &tenants[i], &prepared[i],
					err);
	}
	if (st == SW_OK)
		sw_predict(mechanism, (const sw_prepared *const *)prepared, n, out);
	for (size_t i = 0; i < n; i++)
		sw_prepared_free(prepared[i]);
	return st;
}

static double number_at(const struct sw_prediction *prediction, size_t offset)
{
	return *(const double *)((const char *)prediction + offset);
}

double sw__row_metric_of(const struct sw__row_metric *metrics, const char *name,
			 const struct sw_prediction *predictions, size_t n_engines, size_t i)
{
	double sum = 0;

	while (strcmp(metrics->column, name) != 0)
		metrics++;
	if (!metrics->of_gpu)
		return number_at(&predictions[i], metrics->offset);
	for (size_t k = 0; k < n_engines; k++)
		sum += number_at(&predictions[k], metrics->offset);
	return sum;
}
