/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file summary_table.h
 * Comparisons summed up: errors, overloads, bounds, the worst.
 */
#ifndef SLICEWISE_BENCH_SUMMARY_TABLE_H
#define SLICEWISE_BENCH_SUMMARY_TABLE_H

#include "common/figures.h"
#include "predictor-vs-sim/comparison.h"

/** Everything that is said of `n` comparisons, as text and rows. */
void summary_table(const struct comparison *rows, size_t n, struct figures *figures);

#endif
