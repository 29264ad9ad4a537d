/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file fit_predict.h
 * What a fit's mixes are predicted to be, and how that moves with each coefficient.
 */
#ifndef SLICEWISE_FIT_FIT_PREDICT_H
#define SLICEWISE_FIT_FIT_PREDICT_H

#include "fit/fit_cases.h"

/** What cases are played for. */
enum sw__purpose {
	SW__FOR_SEARCH, /* until chance is little enough */
	SW__FOR_STEEPNESS, /* that alone, beside what was played last */
	SW__FOR_BOUNDS, /* as long as `requests` take, whatever the chance, and the difficulty that follows */
	SW__AS_PREDICTED /* exactly as predictions are played, with steepness and difficulty */
};

struct sw__predicting {
	double requests; /* played of each engine at most */
	double chance; /* in a mean TTFT, that is little enough; a third of it in TPOT */
	double part; /* of the time that a case was played for first; 1: all */
	unsigned threads;
	bool slopes; /* by plays, one for each coefficient of a mix, */
	double slopes_part; /* ... of so much of that time */
	enum sw__purpose purpose;
};

/** Fill in played, quick, their difficulties, running and the slopes of all cases, with the coefficients of `fit`. */
enum sw_status sw__cases_predict(struct sw__cases *cases, const struct sw_fit *fit,
				 const struct sw__predicting *how, struct sw_error *err);

/** The same with the coefficients that the vector has. */
enum sw_status sw__cases_predict_now(struct sw__cases *cases, const struct sw__predicting *how,
				     struct sw_error *err);

#endif
