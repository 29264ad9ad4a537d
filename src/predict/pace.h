/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file pace.h
 * How the load of a recorded trace wanders: README-queueing.md, "Traffic that wanders".
 */
#ifndef SLICEWISE_PREDICT_PACE_H
#define SLICEWISE_PREDICT_PACE_H

#include "slicewise/types.h"

enum { SW__PACE_WINDOWS = 256 };

/** Offered work over equal stretches of time, in the order of time, relative to the mean. */
struct sw__pace {
	size_t n; /* windows; 0: the load does not wander beyond what chance makes of it */
	double window_s; /* as recorded */
	double burstiness; /* coefficient of variation of the gaps within windows */
	float factor[SW__PACE_WINDOWS]; /* mean 1 */
};

/** Looks at a trace. A trace too short to tell, or one whose windows differ as chance alone would have it, is steady. */
void sw__pace_of(const struct sw_trace *trace, struct sw__pace *out);

enum { SW__PACE_LEVELS = 5, SW__PACE_LINES = 6 };

/** What a load that wanders comes down to for an engine of some capacity. Weights of levels and lines: parts of the requests. */
struct sw__pace_split {
	size_t n_levels;
	struct sw__pace_level {
		double weight, time; /* parts of the requests, of the time */
		double rate; /* in which an engine is as in a steady load of this rate */
	} level[SW__PACE_LEVELS];
	size_t n_lines;
	struct sw__pace_line { /* those who come while more has been offered than served */
		double weight;
		double low, high; /* they wait between these times for the others in line */
	} line[SW__PACE_LINES];
	double line_time; /* part of the time with a line */
};

/**
 * `rate` (mean) and `capacity` per unit of time, a window `window` units long; rate < capacity. Begins without a line; what is in
 * line at the end is left there.
 */
void sw__pace_split(const struct sw__pace *pace, double rate, double capacity, double window,
		    struct sw__pace_split *out);

#endif
