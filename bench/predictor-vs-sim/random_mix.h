/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file random_mix.h
 * Random mixes, the same ones on every machine: one to four engines on any GPU of the catalogue, models up to 14B.
 */
#ifndef SLICEWISE_BENCH_RANDOM_MIX_H
#define SLICEWISE_BENCH_RANDOM_MIX_H

#include <stdint.h>

#include "common/made_mix.h"

/** A mix and how it was drawn. */
struct random_mix {
	struct made_mix made;
	unsigned index;
	double load; /* of what every open engine sustains beside its neighbours, as predicted; above 1: too much */
};

/** Which mixes. */
struct random_choice {
	const char *gpu; /* NULL: any of the catalogue */
	const double *loads; /* mix by mix in turns: parts of what every open engine sustains */
	size_t n_loads;
};

bool random_mix_draw_of(const sw_catalog *catalog, enum sw_mechanism mechanism, unsigned index,
			const struct random_choice *choice, struct random_mix *out);

/** Of any GPU, up to overload: mix number `index` under a mechanism, into *out. False: the draws did not find one that fits (never seen). */
bool random_mix_draw(const sw_catalog *catalog, enum sw_mechanism mechanism, unsigned index,
		     struct random_mix *out);

#endif
