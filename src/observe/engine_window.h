/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file engine_window.h
 * What an engine did between two readings of its metrics.
 *
 * A percentile is known as far as buckets tell: it lies in (low, high]. A limit of 40 ms within a bucket from 25 to 50 ms is neither kept nor
 * broken for all that the engine says, and this says so.
 */
#ifndef SLICEWISE_OBSERVE_ENGINE_WINDOW_H
#define SLICEWISE_OBSERVE_ENGINE_WINDOW_H

#include "observe/engine_metrics.h"
#include "slicewise/types.h"

struct sw__interval {
	double low, high; /* NAN: nothing is known; high INFINITY: above the last bound */
};

/** Of a histogram's values between two readings. */
struct sw__seen_values {
	double count; /* NAN: not known; 0: there were none */
	double mean; /* NAN where there were none */
	struct sw__seen_histogram values; /* those of the window alone */
};

struct sw__engine_window {
	double span_s;
	bool restarted; /* the engine started anew meanwhile: only gauges are known */
	double rate; /* requests per second that came: those that ended and those more that are there */
	double finished_s; /* requests per second that ended */
	double prompt_tok_s, output_tok_s, preemptions;
	double running, waiting, kv_used; /* at the end */
	struct sw__seen_values seen[SW__SEEN_HISTOGRAMS];
};

/**
 * What came between `before` and `after`, `span_s` apart (above 0). Whatever one of them does not know is NAN. Counters that fell, or another
 * start of the process, mean a restart.
 */
void sw__engine_window(const struct sw__engine_reading *before,
		       const struct sw__engine_reading *after, double span_s,
		       struct sw__engine_window *out);

/** Where the percentile `q` (0 to 1) of a histogram's values lies. */
struct sw__interval sw__seen_percentile(const struct sw__seen_histogram *values, double q);

/** Which part of the values is above `limit`, at least and at most. */
struct sw__interval sw__seen_above(const struct sw__seen_histogram *values, double limit);

/** TTFT, or TPOT as requests have it or else as tokens have it, in ms; a mean that only sums of seconds tell has no percentiles. */
struct sw__seen_latency {
	double count, mean_ms;
	struct sw__interval at_ms[SW_STATISTIC_COUNT]; /* of percentiles */
};

struct sw__seen_latency sw__seen_latency(const struct sw__engine_window *window,
					 enum sw_metric metric);

#endif
