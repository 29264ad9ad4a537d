/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file pairs_predict.h
 * Rows of pairs (dataset/pair_rows.h), predicted.
 */
#ifndef SLICEWISE_VALIDATE_PAIRS_PREDICT_H
#define SLICEWISE_VALIDATE_PAIRS_PREDICT_H

#include "validate/rows_read.h"

extern const struct sw__row_family sw__pair_family;

#endif
