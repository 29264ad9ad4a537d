/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file correction.h
 * What plays said of an engine beside the closed form, to correct the closed form by: a factor on the upper bound of each latency,
 * known at some shares and in between from both sides. README-played.md, "Plans".
 */
#ifndef SLICEWISE_PREDICT_CORRECTION_H
#define SLICEWISE_PREDICT_CORRECTION_H

#include "slicewise/predict.h"

/** Of one share: logarithms of what bounds are multiplied by. */
struct sw__corrected {
	double log_share;
	double by[SW_METRIC_COUNT][SW_STATISTIC_COUNT];
};

enum { SW__CORRECTIONS_MOST = 12 };

/** Zeroes: nothing was played. */
struct sw__correction {
	bool guessed; /* nothing was played here: it is another's, until something is */
	size_t n;
	struct sw__corrected at[SW__CORRECTIONS_MOST]; /* in the order of shares */
};

/**
 * At this share the bounds are to be those of `played` where the closed form said `closed`, with the correction so far in it. A bound that
 * either does not have keeps what it had; factors end at an eighth and at eight. The share may be known: then it is known better now.
 * Of more than SW__CORRECTIONS_MOST shares the nearest gives way.
 */
void sw__correction_add(struct sw__correction *correction, double share,
			const struct sw_prediction *closed, const struct sw_prediction *played);

/** The same from a file: factors themselves; NAN: none. */
void sw__correction_put(struct sw__correction *correction, double share,
			double factor[SW_METRIC_COUNT][SW_STATISTIC_COUNT]);

/** What a bound at this share is multiplied by: between two shares along the line of logarithms, beyond the last as there; 1: nothing known. */
double sw__correction_at(const struct sw__correction *correction, double share,
			 enum sw_metric metric, enum sw_statistic statistic);

/** Correct a prediction; percentiles keep their order, and what would lie above its bound is it. */
void sw__correction_apply(const struct sw__correction *correction, double share,
			  struct sw_prediction *prediction);

#endif
