// SPDX-License-Identifier: Apache-2.0
#include "validate/pairs_predict.h"

#include <math.h>

#include "dataset/pair_rows.h"
#include "validate/skipped_rows.h"

static const struct sw__row_metric metrics[] = {
	SW__LATENCY_METRIC(SW_TTFT, SW_P50, "ttft_p50_ms"),
	/* Of requests, not of tokens: the study's clients report means of requests. */
	SW__LATENCY_METRIC(SW_TPOT, SW_P50, "itl_p50_ms"),
	{"output_tok_s_per_gpu", offsetof(struct sw_prediction, output_tokens_per_s), true, 0},
};

static enum sw_status put(struct sw_validation *v, size_t row,
			  const struct sw_prediction *predictions, size_t n, struct sw_error *err)
{
	sw__put_row(metrics, predictions, n, 0, v, row);
	return sw__skip_rows(v, predictions[0].binds == SW_BINDS_OVERLOAD,
			     "overload: no prediction of latencies", err);
}

static enum sw_status put_nothing(struct sw_validation *v, size_t row, const char *why,
				  struct sw_error *err)
{
	sw__put_no_row(v, row);
	return sw__skip_rows(v, 1, why, err);
}

static enum sw_status predict_pair(const struct sw__row_context *context, struct sw_validation *v,
				   size_t row, const struct sw__pair *pair, struct sw_error *err)
{
	struct sw_prediction predictions[SW_TENANTS_MAX];
	struct sw_tenant tenants[SW_TENANTS_MAX];
	struct sw_error inner;
	enum sw_status st;

	for (size_t i = 0; i < pair->n; i++)
		tenants[i] = pair->tenant;
	st = sw__predict_engines(pair->gpu, context->fit, pair->tenant.slice.mechanism, tenants,
				 pair->n, predictions, &inner);
	if (st == SW_OK)
		return put(v, row, predictions, pair->n, err);
	if (st == SW_INFEASIBLE)
		return put_nothing(v, row, inner.message, err);
	return sw_fail(err, st, "%s:%d: %s", v->table->name, sw_csv_line(v->table, row),
		       inner.message);
}

static enum sw_status predict(struct sw__row_context *context, struct sw_validation *v,
			      struct sw_error *err)
{
	struct sw__pair_rows rows = sw__pair_rows(context, v->table);
	enum sw_status st = SW_OK;

	for (size_t row = 0; st == SW_OK && row < v->n_rows; row++) {
		struct sw__pair pair;

		st = sw__pair_row(&rows, row, &pair, err);
		if (st == SW_OK)
			st = sw__calibrate(context, pair.gpu, err);
		if (st == SW_OK)
			st = predict_pair(context, v, row, &pair, err);
	}
	return st;
}

const struct sw__row_family sw__pair_family = {metrics, sizeof(metrics) / sizeof(metrics[0]),
					       predict, "config"};
