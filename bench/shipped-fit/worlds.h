/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file worlds.h
 * Random mixes of one GPU, simulated in the usual world and in worlds of their own, into a data set.
 */
#ifndef SLICEWISE_BENCH_WORLDS_H
#define SLICEWISE_BENCH_WORLDS_H

#include "slicewise/catalog.h"
#include "slicewise/dataset.h"

extern const char worlds_gpu[];

/**
 * Add to a campaign of a data set what it lacks of `n` mixes of each mechanism: as many in worlds of their own ("-world-N" ends their
 * names), and the first of them in the usual one ("-world-0"). All processors work, and the order is always the same.
 */
enum sw_status worlds_simulate(const sw_catalog *catalog, sw_dataset *dataset, int64_t campaign,
			       unsigned n, struct sw_error *err);

#endif
