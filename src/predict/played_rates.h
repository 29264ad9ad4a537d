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
	double until_ms; /* the owner works until then; if others wait, theirs is the next turn */
};

/**
 * Who works from now on: rate 1 for the owner, since_ms when its turn begins, next_ms when it would have done. Until quiet_ms, and the
 * next_ms of those that are not on the GPU, nothing happens but turns and ends of what is: whole rounds are taken at once. To be
 * called when something happened and, where another waits, at until_ms.
 */
void sw__played_turn(struct sw__played_turns *turns, struct sw__played_engine *engines, size_t n,
		     const struct sw__shared_values *shared, double now_ms, double quiet_ms);

#endif
