// SPDX-License-Identifier: Apache-2.0
#include "validate/row_engines.h"

#include <math.h>
#include <string.h>

#include "predict/mix_measured.h"
#include "predict/predict_mix.h"
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

enum sw_status sw__predict_engines(const struct sw__row_gpu *gpu, const sw_fit *fit,
				   enum sw_mechanism mechanism, struct sw_tenant *tenants, size_t n,
				   struct sw_prediction *out, struct sw_error *err)
{
	struct sw_mix mix = {.gpu = gpu->gpu, .mechanism = mechanism, .n = n, .tenants = tenants};
	enum sw_status st = check_share_sum(mechanism, tenants, n, err);

	if (st == SW_OK)
		st = sw__settle_measured(&gpu->gpu, mechanism, tenants, n, err);
	return st == SW_OK ? sw__predict_calibrated(&mix, fit, gpu->calibration, out, err) : st;
}

static double number_at(const struct sw_prediction *prediction, size_t offset)
{
	return *(const double *)((const char *)prediction + offset);
}

static double metric_of(const struct sw__row_metric *metric,
			const struct sw_prediction *predictions, size_t n_engines, size_t i)
{
	double sum = 0;

	if (!metric->of_gpu)
		return number_at(&predictions[i], metric->offset);
	for (size_t k = 0; k < n_engines; k++)
		sum += number_at(&predictions[k], metric->offset);
	return sum;
}

void sw__put_row(const struct sw__row_metric *metrics, const struct sw_prediction *predictions,
		 size_t n_engines, size_t i, struct sw_validation *v, size_t row)
{
	for (size_t m = 0; m < v->n_metrics; m++) {
		const struct sw__row_metric *metric = metrics;
		size_t at = row * v->n_metrics + m;

		while (strcmp(metric->column, v->metrics[m]) != 0)
			metric++;
		v->predicted[at] = metric_of(metric, predictions, n_engines, i);
		v->upper[at] =
			metric->upper ? number_at(&predictions[i], metric->upper) : (double)NAN;
	}
	v->binds[row] = sw_binds_id(predictions[i].binds);
}

void sw__put_no_row(struct sw_validation *v, size_t row)
{
	for (size_t m = 0; m < v->n_metrics; m++)
		v->predicted[row * v->n_metrics + m] = v->upper[row * v->n_metrics + m] = NAN;
	v->binds[row] = NULL;
}
