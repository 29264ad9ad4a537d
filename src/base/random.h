/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file random.h
 * Random numbers from an explicit seed, the same on every machine and under both compilers: xoshiro256** (Blackman and
 * Vigna 2018), seeded by splitmix64. A value: copy it to branch off a stream; nothing to free.
 */
#ifndef SLICEWISE_BASE_RANDOM_H
#define SLICEWISE_BASE_RANDOM_H

#include <stdint.h>

struct sw__random {
	uint64_t state[4];
};

/** Streams of one seed are independent of each other: give every source of chance its own. */
struct sw__random sw__random_make(uint64_t seed, uint64_t stream);

uint64_t sw__random_bits(struct sw__random *random);

/** In (0, 1), neither end. */
double sw__random_uniform(struct sw__random *random);

/** Whole and in [0, n), n > 0; without the bias of a remainder. */
uint64_t sw__random_below(struct sw__random *random, uint64_t n);

/** Mean 1. */
double sw__random_exponential(struct sw__random *random);

/** Mean 0, variance 1 (Marsaglia's polar method). */
double sw__random_normal(struct sw__random *random);

/** Gamma of this shape > 0 and mean 1 (Marsaglia and Tsang 2000). */
double sw__random_gamma(struct sw__random *random, double shape);

#endif
