/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file row_engines.h
 * The engines that rows describe, predicted together on their GPU.
 */
#ifndef SLICEWISE_VALIDATE_ROW_ENGINES_H
#define SLICEWISE_VALIDATE_ROW_ENGINES_H

#include "dataset/row_cells.h"
#include "slicewise/predict.h"
#include "slicewise/validate.h"

/** A measured column, and what of a prediction is held against it. */
struct sw__row_metric {
	const char *column;
	size_t offset; /* of a double in struct sw_prediction */
	bool of_gpu; /* summed over the engines of a GPU */
	size_t upper; /* of its upper bound; 0: it has none */
};

#define SW__LATENCY_METRIC(metric, statistic, column)                       \
	{                                                                   \
		column,                                                     \
			offsetof(struct sw_prediction, latency[metric]) +   \
				offsetof(struct sw_latency, at[statistic]), \
			false,                                              \
			offsetof(struct sw_prediction, latency[metric]) +   \
				offsetof(struct sw_latency, hi[statistic])  \
	}

/** What is predicted of a row that is engine `i` of `n_engines`, into v: the metrics it has, their bounds, what binds. */
void sw__put_row(const struct sw__row_metric *metrics, const struct sw_prediction *predictions,
		 size_t n_engines, size_t i, struct sw_validation *v, size_t row);

/** A row without a prediction. */
void sw__put_no_row(struct sw_validation *v, size_t row);

/**
 * Predict `n` engines with a fit (NULL: none); gpu is calibrated. What rows leave open is filled in as a mix file's reader would: memory and the engines'
 * settings, but a context that fits, for the engines ran.
 *
 * SW_INFEASIBLE: one does not fit by our reckoning; SW_BAD_INPUT: a slice or a setting that cannot be.
 */
enum sw_status sw__predict_engines(const struct sw__row_gpu *gpu, const sw_fit *fit,
				   enum sw_mechanism mechanism, struct sw_tenant *tenants, size_t n,
				   struct sw_prediction *out, struct sw_error *err);

#endif
