/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file fit_advice.h
 * What the runs do not say, and what to run next.
 */
#ifndef SLICEWISE_FIT_FIT_ADVICE_H
#define SLICEWISE_FIT_FIT_ADVICE_H

#include "fit/fit_cases.h"

/** Add advice to a report. The cases are those of the fit, as predicted with it. */
enum sw_status sw__fit_advise(const struct sw__cases *cases, const struct sw_fit *fit,
			      struct sw_fit_report *report, struct sw_error *err);

#endif
