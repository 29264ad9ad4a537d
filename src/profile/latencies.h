/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file latencies.h
 * The requests of one engine in one run, and what they come to. `{0}` is a valid empty one.
 */
#ifndef SLICEWISE_PROFILE_LATENCIES_H
#define SLICEWISE_PROFILE_LATENCIES_H

#include "slicewise/dataset.h"

struct sw__latencies {
	size_t n[SW_METRIC_COUNT], room[SW_METRIC_COUNT];
	double *ms[SW_METRIC_COUNT];
	size_t answered, failed;
	bool short_of_memory;
};

/** A request that was answered to its end. tpot_ms NAN: one token. */
void sw__latencies_add(struct sw__latencies *latencies, double ttft_ms, double tpot_ms);

/** Mean and percentiles, how many were answered and how many failed, into `out`; the rest of `out` stays. */
void sw__latencies_summarize(struct sw__latencies *latencies, struct sw_measured *out);

void sw__latencies_free(struct sw__latencies *latencies);

#endif
