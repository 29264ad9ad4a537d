// SPDX-License-Identifier: Apache-2.0
#include "validate/mixes_predict.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "dataset/mix_rows.h"
#include "sharing/mechanism.h"
#include "validate/row_engines.h"
#include "validate/skipped_rows.h"

/* What of a prediction can be held against a measured column. */
static const struct sw__row_metric metrics[] = {
	SW__LATENCY_METRIC(SW_TTFT, SW_MEAN, "ttft_mean_ms"),
	SW__LATENCY_METRIC(SW_TTFT, SW_P50, "ttft_p50_ms"),
	SW__LATENCY_METRIC(SW_TTFT, SW_P95, "ttft_p95_ms"),
	SW__LATENCY_METRIC(SW_TTFT, SW_P99, "ttft_p99_ms"),
	SW__LATENCY_METRIC(SW_TPOT, SW_MEAN, "tpot_mean_ms"),
	SW__LATENCY_METRIC(SW_TPOT, SW_P50, "tpot_p50_ms"),
	SW__LATENCY_METRIC(SW_TPOT, SW_P95, "tpot_p95_ms"),
	SW__LATENCY_METRIC(SW_TPOT, SW_P99, "tpot_p99_ms"),
	{"output_tok_s", offsetof(struct sw_prediction, output_tokens_per_s), false, 0},
};

/* The rows of an experiment that has no predictions. */
static enum sw_status put_nothing(struct sw_validation *v, const size_t *rows, size_t n,
				  const char *why, struct sw_error *err)
{
	for (size_t i = 0; i < n; i++)
		sw__put_no_row(v, rows[i]);
	return sw__skip_rows(v, n, why, err);
}

static enum sw_status put(struct sw_validation *v, const size_t *rows, size_t n,
			  const struct sw_prediction *predictions, struct sw_error *err)
{
	size_t overloaded = 0;

	for (size_t i = 0; i < n; i++) {
		sw__put_row(metrics, predictions, n, i, v, rows[i]);
		overloaded += predictions[i].binds == SW_BINDS_OVERLOAD;
	}
	return sw__skip_rows(v, overloaded, "overload: no prediction of latencies", err);
}

static enum sw_status put_unpredicted(struct sw_validation *v, const size_t *rows, size_t n,
				      enum sw_mechanism mechanism, struct sw_error *err)
{
	char why[64];

	(void)snprintf(why, sizeof(why), "%s: no prediction", sw__mechanism(mechanism)->id);
	return put_nothing(v, rows, n, why, err);
}

static enum sw_status put_predicted(const struct sw__row_context *context, struct sw_validation *v,
				    struct sw__experiment *e, struct sw_error *err)
{
	struct sw_prediction predictions[SW_TENANTS_MAX];
	const struct sw_csv *csv = v->table;
	struct sw_error inner;
	enum sw_status st = sw__predict_engines(e->gpu, context->fit, e->mechanism, e->tenants,
						e->n, predictions, &inner);

	if (st == SW_OK)
		return put(v, e->rows, e->n, predictions, err);
	if (st == SW_INFEASIBLE)
		return put_nothing(v, e->rows, e->n, inner.message, err);
	if (st == SW_BAD_INPUT)
		return sw_fail(err, st, "%s:%d: %s", csv->name, sw_csv_line(csv, e->rows[0]),
			       inner.message);
	return sw_fail(err, st, "%s", inner.message);
}

static enum sw_status predict_experiment(struct sw__row_context *context, struct sw_validation *v,
					 struct sw__experiment *e, struct sw_error *err)
{
	enum sw_status st;

	if (sw__mechanism(e->mechanism)->unpredicted)
		return put_unpredicted(v, e->rows, e->n, e->mechanism, err);
	st = sw__calibrate(context, e->gpu, err);
	return st == SW_OK ? put_predicted(context, v, e, err) : st;
}

static enum sw_status mix_predict(struct sw__row_context *context, struct sw_validation *v,
				  struct sw_error *err)
{
	struct sw__mix_rows rows;
	enum sw_status st = sw__mix_rows_begin(context, v->table, &rows, err);

	while (st == SW_OK && sw__mix_rows_left(&rows)) {
		struct sw__experiment e;

		st = sw__mix_rows_next(&rows, &e, err);
		if (st == SW_OK)
			st = predict_experiment(context, v, &e, err);
		sw__experiment_clear(&e);
	}
	sw__mix_rows_end(&rows);
	return st;
}

const struct sw__row_family sw__mix_family = {metrics, sizeof(metrics) / sizeof(metrics[0]),
					      mix_predict, "mechanism"};
