/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file arrivals.h
 * The requests of a load, one after the other: when each comes and how many tokens it has.
 *
 * An open loop (a rate, or a trace) is a stream of times: sw__arrivals_next(). In a closed loop every client sends its next request
 * when it has its answer: the first `concurrency` of sw__arrivals_next() come at 0, and the caller asks for another whenever
 * one has ended, and says when. Deterministic by seed; gaps, prompts and outputs draw from streams of their own, so that
 * another rate gets the same lengths.
 */
#ifndef SLICEWISE_SERVING_ARRIVALS_H
#define SLICEWISE_SERVING_ARRIVALS_H

#include <stdbool.h>
#include <stdint.h>

#include "slicewise/types.h"

struct sw__arrival {
	double at_s; /* from the start */
	uint32_t prompt_tokens, output_tokens; /* at least 1 */
	uint32_t cached_tokens; /* of the prompt; below prompt_tokens */
};

typedef struct sw__arrivals sw__arrivals;

struct sw__arrivals_ask {
	const struct sw_load *load; /* borrowed; its trace too, until sw__arrivals_free() */
	uint64_t seed;
	uint32_t
		max_tokens; /* prompt and output together: longer requests are cut, the output first */
	bool repeat; /* a trace begins again at its end; else there are no more */
};

/** SW_OK: *out is the caller's; release it with sw__arrivals_free(). SW_BAD_INPUT where the load is none, SW_NO_MEMORY. */
enum sw_status sw__arrivals_new(const struct sw__arrivals_ask *ask, sw__arrivals **out,
				struct sw_error *err);
void sw__arrivals_free(sw__arrivals *arrivals);

bool sw__arrivals_closed(const sw__arrivals *arrivals);

/** The next request. `ended_s` is when its client got its last answer (0 at first): at_s in a closed loop, else unused. False: no more. */
bool sw__arrivals_next(sw__arrivals *arrivals, double ended_s, struct sw__arrival *out);

#endif
