/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file trace.h
 * Recorded arrivals: when each request came and how long its prompt and output were.
 *
 * Two headers are known: `timestamp_ms,input_tokens,output_tokens`, and `TIMESTAMP,ContextTokens,GeneratedTokens` of the
 * Azure traces with points in time such as `2023-11-16 18:15:46.6805900`. Rows may come in any order; equal times keep
 * the file's order. A length of 0 counts as 1. Gzip is unpacked.
 */
#ifndef SLICEWISE_FORMATS_TRACE_H
#define SLICEWISE_FORMATS_TRACE_H

#include "base/error.h"
#include "slicewise/types.h"

/** The longest prompt or output that is believed, tokens; beyond it a number is a slip. */
#define SW__TOKENS_MAX 1e7

/**
 * SW_OK: *out is the caller's, release it with sw__trace_free(). SW_IO: it cannot be read; SW_BAD_INPUT names file, line
 * and column; a trace needs two requests at different times, else it has no rate.
 */
enum sw_status sw__trace_load(const char *path, struct sw_trace **out, struct sw_error *err);

void sw__trace_free(struct sw_trace *trace);

/** Requests per second: gaps over the time from the first arrival to the last. */
double sw__trace_rate(const struct sw_trace *trace);

/** Coefficient of variation of the gaps between arrivals; 1 for a Poisson process. */
double sw__trace_burstiness(const struct sw_trace *trace);

/** Mean and 95th percentile (interpolated) of the lengths; p95 NAN where all are equal. SW_NO_MEMORY only. */
enum sw_status sw__trace_lengths(const double *tokens, size_t n, struct sw_length *out,
				 struct sw_error *err);

#endif
