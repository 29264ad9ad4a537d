/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file lateness.h
 * Which requests break their limits, and how many more than the limits allow.
 *
 * A request is late where it exceeds a metric's bound at the highest percentile that has one; bounds of means are no matter of
 * single requests. A limit at p95 allows 5 % of the requests of every five minutes to exceed it.
 */
#ifndef SLICEWISE_SIM_LATENESS_H
#define SLICEWISE_SIM_LATENESS_H

#include <stdbool.h>

#include "slicewise/types.h"

/** Limits hold in every window of this length. */
#define SW__LATE_WINDOW_S 300.0

/** Zeroes are an empty count. */
struct sw__lateness {
	double requests, late; /* all */
	double excess; /* requests beyond what was allowed, of the closed windows */
	double window_end_s, window_requests;
	double over[SW_METRIC_COUNT][SW_STATISTIC_COUNT]; /* of the window, by bound */
};

/** 1: late, 0: in time, -1: no limit that a single request could break. Metrics that are NAN break none. */
int sw__late(const struct sw_slo *slo, const double latency_ms[SW_METRIC_COUNT]);

/** Count a request; in the order of arrival within a repetition. */
void sw__lateness_add(struct sw__lateness *lateness, const struct sw_slo *slo, double arrival_s,
		      const double latency_ms[SW_METRIC_COUNT]);

/** A repetition has ended. */
void sw__lateness_close(struct sw__lateness *lateness);

#endif
