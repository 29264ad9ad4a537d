/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file latency.h
 * Predicted latencies as predict and plan show them.
 */
#ifndef SLICEWISE_CLI_LATENCY_H
#define SLICEWISE_CLI_LATENCY_H

#include <jansson.h>

#include "sheet.h"
#include "slicewise/slicewise.h"

/** {"mean", "p50", "p95", "p99", "lo", "hi", "p50_hi", "p95_hi", "p99_hi"}; null where there is none. */
json_t *latency_json(const struct sw_latency *latency);

/** CSV columns of both latencies: mean, p50, p95, p99, lo, hi, p50_hi, p95_hi, p99_hi of TTFT, then of TPOT. */
#define LATENCY_COLUMNS(metric)                                                                 \
	{NULL, metric "_mean_ms", 0}, {NULL, metric "_p50_ms", 0}, {NULL, metric "_p95_ms", 0}, \
		{NULL, metric "_p99_ms", 0}, {NULL, metric "_lo_ms", 0},                        \
		{NULL, metric "_hi_ms", 0}, {NULL, metric "_p50_hi_ms", 0},                     \
		{NULL, metric "_p95_hi_ms", 0},                                                 \
	{                                                                                       \
		NULL, metric "_p99_hi_ms", 0                                                    \
	}

/** The cells of LATENCY_COLUMNS(). */
void latency_cells(const struct sw_latency *latency, struct sheet *sheet);

/**
 * The limits of one latency in words, "" where there is none; free(). "p95 500, p99 900", or "p95 412/500" with the upper
 * bound that is held against each. *kept: whether all are held.
 */
char *limit_words(const struct sw_latency *latency, const double *bounds, bool with_upper,
		  bool *kept);

/** "TTFT" and "TPOT". */
const char *metric_title(enum sw_metric metric);

#endif
