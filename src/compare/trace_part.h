/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file trace_part.h
 * A stretch of a trace as the load of one engine: so many seconds from a random moment on, of the requests that come to it.
 *
 * A simulation of minutes that always began where the trace does would say nothing about the rest of the day.
 */
#ifndef SLICEWISE_COMPARE_TRACE_PART_H
#define SLICEWISE_COMPARE_TRACE_PART_H

#include "slicewise/types.h"

#include <stdint.h>

struct sw__trace_part_ask {
	const struct sw_trace *trace;
	double stretch; /* seconds played per second of the trace */
	double kept; /* part of the requests that a router sends to this engine */
	double duration_s;
	/* Lengths of requests; NULL: those of the trace. */
	const struct sw_length *prompt_tokens, *output_tokens;
	uint64_t workload_seed; /* where it begins: the same for all engines of a workload */
	uint64_t engine_seed; /* which requests come to it, and their lengths */
};

/**
 * Make `load` one that plays the part once, beginning at 0. *trace is the caller's, sw__trace_part_free(); NULL where fewer than
 * two requests came: then `load` is one without a trace and next to nothing arrives. SW_NO_MEMORY, SW_BAD_INPUT: lengths.
 */
enum sw_status sw__trace_part(const struct sw__trace_part_ask *ask, struct sw_load *load,
			      struct sw_trace **trace, struct sw_error *err);
void sw__trace_part_free(struct sw_trace *trace);

#endif
