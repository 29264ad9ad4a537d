/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file random_problem.h
 * Workloads files by chance: any models of the catalogue, any lengths, limits that a GPU can hold.
 */
#ifndef SLICEWISE_BENCH_RANDOM_PROBLEM_H
#define SLICEWISE_BENCH_RANDOM_PROBLEM_H

#include <stdint.h>

#include "slicewise/catalog.h"

/** Write one of `n` workloads on a fleet of several kinds of GPU. The same seed gives the same bytes. False: errno says why. */
bool random_problem_write(const sw_catalog *catalog, size_t n, uint64_t seed, const char *path);

#endif
