/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file forecast.h
 * A short forecast of a load: level, trend, the pattern of the day where there is history; and how far off such forecasts were.
 *
 * The bound is of the forecast's own past: seen over forecast, each time that a forecast's moment came. So it holds the chance in a short
 * window, bursts, and whatever the model does not know, without an assumption about any of it.
 */
#ifndef SLICEWISE_OBSERVE_FORECAST_H
#define SLICEWISE_OBSERVE_FORECAST_H

#include <stdbool.h>
#include <stddef.h>

enum {
	SW__DAY_BINS = 48, /* of half an hour */
	SW__FORECAST_ERRORS = 128, /* that are remembered */
	SW__FORECAST_WAITING = 64 /* forecasts whose moment has not come */
};

struct sw__forecast_settings {
	double horizon_s; /* how far ahead */
	double memory_s; /* after so long a value counts for a third of what it did */
	double day_s; /* length of a day: 86400, less in a test that hurries */
	double coverage; /* of the bound, 0.5 to 0.99 */
};

/** 10 minutes ahead, a memory of 10 minutes, a day of 24 hours, 95 %. */
struct sw__forecast_settings sw__forecast_defaults(void);

/** A value: copy it freely. */
struct sw__forecast {
	struct sw__forecast_settings settings;
	/* Sums of 1, t, t², y, y², t y with t from `at_s`, discounted, and of squared weights; y without the day's pattern. */
	double at_s, weight, t1, t2, y1, y2, ty, weights_squared;
	double first_s, newest; /* NAN: nothing was seen */
	double bin_sum[SW__DAY_BINS], bin_weight[SW__DAY_BINS];
	double ratio[SW__FORECAST_ERRORS]; /* seen over forecast */
	size_t n_ratios; /* so many there have been */
	struct sw__forecast_due {
		double at_s, value;
	} due[SW__FORECAST_WAITING];
	size_t due_first, n_due;
};

void sw__forecast_init(struct sw__forecast *forecast, const struct sw__forecast_settings *settings);

/**
 * A mean that was seen over `span_s` until `at_s`, seconds of any clock that does not go back. NAN, a negative value or a moment before the last
 * one is left out.
 */
void sw__forecast_add(struct sw__forecast *forecast, double at_s, double span_s, double value);

struct sw__forecast_value {
	double expected; /* NAN: nothing was seen */
	double upper; /* not exceeded in `coverage` of all cases; NAN where too few forecasts have been checked */
	size_t checked; /* forecasts whose moment has come */
	bool daily; /* the day's pattern is in it */
};

/** For the horizon after the last value. */
struct sw__forecast_value sw__forecast_ahead(const struct sw__forecast *forecast);

#endif
