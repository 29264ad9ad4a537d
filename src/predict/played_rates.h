/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file played_rates.h
 * How fast GPU work of several engines goes at once, or whose turn it is: README-played.md, "Neighbours".
 */
#ifndef SLICEWISE_PREDICT_PLAYED_RATES_H
#define SLICEWISE_PREDICT_PLAYED_RATES_H

#include "predict/played_engine.h"

/** Kernels overlap: fills in the rates of all that are on the GPU. */
void sw__played_overlap(struct sw__played_engine *engines, size_t n,
			const struct sw__shared_values *shared);

/** One at a time. */
struct sw__played_turns {
	int owner, last; /* -1: nobody */
	double from_ms,
		until_ms; /* the owner works from .. until, then others that wait have theirs */
};

/** Who works now; fills in the rates: 1 for the owner. */
void sw__played_turn(struct sw__played_turns *turns, struct sw__played_engine *engines, size_t n,
		     const struct sw__shared_values *shared, double now_ms);

/** When a turn begins or may end next; INFINITY: not before something else happens. */
double sw__played_turn_ms(const struct sw__played_turns *turns,
			  const struct sw__played_engine *engines, size_t n, double now_ms);

#endif
