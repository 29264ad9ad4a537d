/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file mixes_predict.h
 * Rows of mixes (dataset/mix_rows.h), predicted.
 */
#ifndef SLICEWISE_VALIDATE_MIXES_PREDICT_H
#define SLICEWISE_VALIDATE_MIXES_PREDICT_H

#include "validate/rows_read.h"

/**
 * An experiment that cannot be predicted (nothing predicts its mechanism, its model does not fit by our reckoning, or it is offered
 * more than it sustains) has NAN. Its rows are read all the same: what is impossible in them is refused.
 */
extern const struct sw__row_family sw__mix_family;

#endif
