/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file mix_rows.h
 * Rows of mixes: one row per engine, the rows of one experiment together are the engines of one GPU.
 */
#ifndef SLICEWISE_VALIDATE_MIX_ROWS_H
#define SLICEWISE_VALIDATE_MIX_ROWS_H

#include "validate/row_cells.h"

/** The columns without which rows are none of mixes. */
#define SW__MIX_COLUMNS                                                              \
	{                                                                            \
		"experiment", "gpu", "mechanism", "model", "share", "prompt_tokens", \
			"output_tokens"                                              \
	}

/** The columns of `csv` that can be predicted, into names[SW_ROW_METRICS_MAX] (static strings); how many. */
size_t sw__mix_metrics(const struct sw_csv *csv, const char **names);

/** SW_BAD_INPUT: the file has none of them. */
enum sw_status sw__mix_no_metrics(const struct sw_csv *csv, struct sw_error *err);

/**
 * Fill v->predicted and v->skipped of rows whose v->metrics and v->measured stand. An experiment that cannot be predicted
 * (nothing predicts its mechanism, its model does not fit by our reckoning, or it is offered more than it sustains) has NAN. Its rows
 * are read all the same: what is impossible in them is refused.
 */
enum sw_status sw__mix_rows_predict(struct sw__row_context *context, struct sw_validation *v,
				    struct sw_error *err);

#endif
