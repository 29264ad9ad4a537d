/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file engine_pool.h
 * A few hundred engines on one kind of GPU (models x shares x loads), prepared and tabulated, and many mixes of four of them.
 */
#ifndef SLICEWISE_BENCH_ENGINE_POOL_H
#define SLICEWISE_BENCH_ENGINE_POOL_H

#include <stdint.h>

#include "slicewise/predict.h"

enum { POOL_MAX = 512, MIX_ENGINES = 4 };

struct engine_pool {
	enum sw_mechanism mechanism;
	size_t n;
	double share[POOL_MAX];
	sw_prepared *prepared[POOL_MAX];
	sw_tabled *tabled[POOL_MAX];
	double make_ms, table_kb; /* of a table, means */
};

/** Numbers of engines in the pool. */
struct engine_mix {
	uint16_t engine[MIX_ENGINES];
};

/** SW_OK: release it with engine_pool_free(). */
enum sw_status engine_pool_make(const sw_catalog *catalog, enum sw_mechanism mechanism,
				struct engine_pool *out, struct sw_error *err);

void engine_pool_free(struct engine_pool *pool);

/** Draw `n` mixes whose shares go together, the same ones every time, no two alike; in random order. */
void engine_pool_draw(const struct engine_pool *pool, struct engine_mix *mixes, size_t n);

#endif
