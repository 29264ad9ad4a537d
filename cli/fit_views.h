/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file fit_views.h
 * A fit for people and programs: errors on what was held out, advice, and (`explain`) every coefficient.
 */
#ifndef SLICEWISE_CLI_FIT_VIEWS_H
#define SLICEWISE_CLI_FIT_VIEWS_H

#include "slicewise/fit.h"
#include "style.h"

void fit_table(const sw_fit *fit, const struct sw_fit_report *report, bool explain,
	       const struct style *style, FILE *out);
void fit_json(const sw_fit *fit, const struct sw_fit_report *report, bool explain, FILE *out);
void fit_csv(const sw_fit *fit, const struct sw_fit_report *report, bool explain, FILE *out);

#endif
