/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file fit_predict.h
 * What a fit's mixes are predicted to be, and how that moves with each coefficient.
 */
#ifndef SLICEWISE_FIT_FIT_PREDICT_H
#define SLICEWISE_FIT_FIT_PREDICT_H

#include "fit/fit_cases.h"

struct sw__predicting {
	double requests; /* played of each engine */
	unsigned threads;
	bool slopes; /* by plays: as long again for each coefficient of a mix */
	bool difficulty; /* as predictions have it: as long again */
};

/** Fill in played, quick, their difficulties, running and the slopes of all cases, with the coefficients of `fit`. */
enum sw_status sw__cases_predict(struct sw__cases *cases, const struct sw_fit *fit,
				 const struct sw__predicting *how, struct sw_error *err);

#endif
