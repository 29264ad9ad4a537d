/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file kv_cache.h
 * How much of a KV cache a request takes, and the longest request that a cache of a given size
 * holds.
 */
#ifndef SLICEWISE_CATALOG_KV_CACHE_H
#define SLICEWISE_CATALOG_KV_CACHE_H

#include "slicewise/catalog.h"

/** `tokens` in whole blocks of the engine, rounded up or down. */
double sw__blocks_up(const struct sw_engine *engine, double tokens);
double sw__blocks_down(const struct sw_engine *engine, double tokens);

/**
 * The longest request, in tokens, whose KV fits in `kv_gib`; at most `most`, 0 where not one block
 * fits.
 */
unsigned sw__kv_longest_request(const struct sw_model *model, const struct sw_engine *engine,
				double kv_gib, unsigned most);

#endif
