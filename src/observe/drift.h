/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file drift.h
 * What an engine's latencies are over what was predicted of them: corrected within limits, alarmed beyond.
 *
 * A prediction is of many requests, a window has few: each window counts by its requests, and the mean over about the last
 * `requests` of them is what counts. Both are means; percentiles of histograms are too coarse to be corrected by.
 */
#ifndef SLICEWISE_OBSERVE_DRIFT_H
#define SLICEWISE_OBSERVE_DRIFT_H

#include <stdbool.h>

#include "slicewise/types.h"

struct sw__drift_settings {
	double requests; /* after so many a value counts for a third of what it did */
	double least; /* requests before anything is said */
	double most; /* factor by which predictions are corrected at most, above 1; and by 1 over it */
	double alarm; /* factor beyond which it is no small error any more, above 1 */
};

/** 300 requests, nothing below 30, corrected up to 1.5, alarmed beyond 2. */
struct sw__drift_settings sw__drift_defaults(void);

/** A value: copy it freely. */
struct sw__drift {
	struct sw__drift_settings settings;
	struct sw__drift_mean {
		double weight, sum, squares; /* of the logarithm of seen over predicted */
		double weights_squared;
	} of[SW_METRIC_COUNT];
};

void sw__drift_init(struct sw__drift *drift, const struct sw__drift_settings *settings);

/**
 * The mean of `requests` requests beside what was predicted for them. Nothing is learned where either is not known, where there were no requests, or
 * where the prediction is not of this load: the caller leaves those out.
 */
void sw__drift_add(struct sw__drift *drift, enum sw_metric metric, double requests, double seen_ms,
		   double predicted_ms);

/** What is known of a metric. */
struct sw__drift_value {
	bool known;
	double ratio; /* seen over predicted; NAN: not known */
	double correction; /* what to multiply predictions with: the ratio within limits, drawn to 1 by its own doubt; 1: nothing known */
	double doubt; /* standard deviation of the ratio's logarithm, from how windows differ */
	bool alarm; /* surely beyond the limit: by two deviations */
};

struct sw__drift_value sw__drift_of(const struct sw__drift *drift, enum sw_metric metric);

/** Forget all: the engine was set otherwise. */
void sw__drift_reset(struct sw__drift *drift);

#endif
