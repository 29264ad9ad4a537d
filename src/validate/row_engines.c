// SPDX-License-Identifier: Apache-2.0
#include "validate/row_engines.h"

#include <string.h>

#include "predict/mix_measured.h"
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

enum sw_status sw__predict_engines(const struct sw__row_gpu *gpu, enum sw_mechanism mechanism,
				   struct sw_tenant *tenants, size_t n, struct sw_prediction *out,
				   struct sw_error *err)
{
	sw_prepared *prepared[SW_TENANTS_MAX] = {NULL};
	enum sw_status st = check_share_sum(mechanism, tenants, n, err);

	if (st == SW_OK)
		st = sw__settle_measured(&gpu->gpu, mechanism, tenants, n, err);
	for (size_t i = 0; st == SW_OK && i < n; i++)
		st = sw_prepare(gpu->calibration, &gpu->gpu, &tenants[i], &prepared[i], err);
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
