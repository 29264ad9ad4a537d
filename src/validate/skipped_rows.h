/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file skipped_rows.h
 * Why rows are not compared, counted by reason: v->skipped.
 */
#ifndef SLICEWISE_VALIDATE_SKIPPED_ROWS_H
#define SLICEWISE_VALIDATE_SKIPPED_ROWS_H

#include "slicewise/validate.h"

/** `rows` more rows are skipped because of `why` (copied); no rows: no reason. SW_NO_MEMORY at most. */
enum sw_status sw__skip_rows(struct sw_validation *v, size_t rows, const char *why,
			     struct sw_error *err);

void sw__skipped_rows_free(struct sw_validation *v);

#endif
