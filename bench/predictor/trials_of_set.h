/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file trials_of_set.h
 * Which trials a set is put through.
 */
#ifndef SLICEWISE_BENCH_TRIALS_OF_SET_H
#define SLICEWISE_BENCH_TRIALS_OF_SET_H

#include "predictor/judged_rows.h"

/** How much time it may take. */
struct effort {
	unsigned folds; /* that are tried, of BENCH_FOLDS */
	unsigned curve_folds; /* with few runs */
};

/** Runs per model, the levels of the learning curve. */
enum { CURVE_LEVELS = 5 };
extern const int curve_levels[CURVE_LEVELS];

/** All of them; rows are added. False, and a word on stderr: it came to nothing. */
bool trials_of_set(const struct measured_set *set, const struct effort *effort,
		   struct judged_rows *rows);

#endif
