/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file pair_rows.h
 * Rows of equal engines on a GPU as a published study of GPU sharing has them (NVIDIA Dynamo): a row is a GPU with
 * `models_per_gpu` of one engine, each with `concurrency_per_model` requests in flight.
 */
#ifndef SLICEWISE_VALIDATE_PAIR_ROWS_H
#define SLICEWISE_VALIDATE_PAIR_ROWS_H

#include "validate/rows_read.h"

/** The columns without which rows are none of pairs. */
#define SW__PAIR_COLUMNS                                                         \
	{                                                                        \
		"config", "mechanism", "models_per_gpu", "concurrency_per_model" \
	}

extern const struct sw__row_family sw__pair_rows;

/** SW_USAGE: neither the file nor `given` says GPU, model or lengths; names the options that are missing. */
enum sw_status sw__pair_rows_check(const struct sw_csv *csv,
				   const struct sw_validate_settings *given, struct sw_error *err);

#endif
