/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file played.h
 * A mix played step by step: README-played.md. Tens to hundreds of milliseconds of CPU time, against
 * microseconds of the closed form (queueing.h).
 */
#ifndef SLICEWISE_PREDICT_PLAYED_H
#define SLICEWISE_PREDICT_PLAYED_H

#include <stdint.h>

#include "predict/fit_coefficients.h"
#include "slicewise/predict.h"

struct sw__played {
	double ms[SW_METRIC_COUNT][SW_STATISTIC_COUNT]; /* NAN under overload */
	double requests_per_s, output_tok_s;
	double running, busy, gpu_busy; /* means over time */
	double requests; /* seen */
	double chance
		[SW_METRIC_COUNT]; /* of the means: relative standard error, from what came early and late; NAN: too few */
	double chance_at
		[SW_METRIC_COUNT]
		[SW_STATISTIC_COUNT]; /* of each: of percentiles from their neighbours in order */
	double span_ms; /* what came within so much time was seen */
	bool overload;
	double refill, balance; /* of its launch limiter at the end, blocks */
};

/** How long a mix is played. */
struct sw__play_length {
	double requests; /* to be seen of every engine, if `events` allow */
	double events; /* at most: steps' pieces, turns, arrivals */
	double enough
		[SW_METRIC_COUNT]; /* fewer do where no mean is off by more than this, relative, by chance; 0: all */
	double span_ms; /* > 0: what comes within so much time is seen, neither more nor less */
	const struct sw__played *
		settled; /* of each tenant: from a play of nearly the same, with limiters that found their level; NULL: it takes seconds */
};

struct sw__known_steps;

struct sw__play_ask {
	const struct sw_mix *mix;
	const sw_calibration *calibration;
	const double *
		rates; /* about how many requests per second each of its engines will answer: how long to play */
	const struct sw__shared_values *shared;
	const struct sw__model_values *models; /* of each tenant */
	struct sw__known_steps *const *known; /* of each tenant, or NULL: played_step.h */
	uint64_t seed;
	struct sw__play_length length;
};

/** Play it; `out` has mix->n elements. Deterministic. SW_NO_MEMORY, SW_BAD_INPUT (a request that can never be served). */
enum sw_status sw__play(const struct sw__play_ask *ask, struct sw__played *out,
			struct sw_error *err);

#endif
