/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file tally.h
 * Comparisons summed up: errors, overloads, bounds, the worst.
 */
#ifndef SLICEWISE_BENCH_TALLY_H
#define SLICEWISE_BENCH_TALLY_H

#include "common/figures.h"
#include "predictor-vs-sim/comparison.h"

/** Everything that is said of `n` comparisons, as text and rows. */
void tally(const struct comparison *rows, size_t n, struct figures *figures);

#endif
