/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file boosted_trees.h
 * A model of boosted trees of the usual size, learned from random numbers: only its time is of interest.
 */
#ifndef SLICEWISE_BENCH_BOOSTED_TREES_H
#define SLICEWISE_BENCH_BOOSTED_TREES_H

#include <stdbool.h>
#include <stddef.h>

/* What an engine beside others would be told by: model, slice, engine, load, GPU, and sums over its neighbours. */
enum { TREE_FEATURES = 24 };

struct boosted_trees;

/** XGBoost's version, "1.6.0"; NULL: the bench was built without it. */
const char *boosted_trees_version(void);

/** NULL: it could not be made, or the bench was built without XGBoost. */
struct boosted_trees *boosted_trees_new(void);

/** Predict one row, in place and in one thread, the cheapest way that the library has. */
float boosted_trees_row(struct boosted_trees *trees, const float row[TREE_FEATURES]);

/** NULL is fine. */
void boosted_trees_free(struct boosted_trees *trees);

#endif
