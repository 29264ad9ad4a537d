/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file load_views.h
 * What a load came to: for people, as JSON, as CSV.
 */
#ifndef SLICEWISE_CLI_LOAD_VIEWS_H
#define SLICEWISE_CLI_LOAD_VIEWS_H

#include <stdio.h>

#include "slicewise/slicewise.h"
#include "style.h"

void load_table(const struct sw_drive_result *result, const struct style *style, FILE *out);
void load_json(const struct sw_drive_result *result, FILE *out);
/** One line. */
void load_csv(const struct sw_drive_result *result, FILE *out);

#endif
