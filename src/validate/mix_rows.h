/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file mix_rows.h
 * Rows of mixes: one row per engine, the rows of one experiment together are the engines of one GPU.
 */
#ifndef SLICEWISE_VALIDATE_MIX_ROWS_H
#define SLICEWISE_VALIDATE_MIX_ROWS_H

#include "validate/rows_read.h"

/** The columns without which rows are none of mixes. */
#define SW__MIX_COLUMNS                                                              \
	{                                                                            \
		"experiment", "gpu", "mechanism", "model", "share", "prompt_tokens", \
			"output_tokens"                                              \
	}

/**
 * An experiment that cannot be predicted (nothing predicts its mechanism, its model does not fit by our reckoning, or it is offered
 * more than it sustains) has NAN. Its rows are read all the same: what is impossible in them is refused.
 */
extern const struct sw__row_family sw__mix_rows;

#endif
