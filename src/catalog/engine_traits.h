/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file engine_traits.h
 * What differs between inference servers, one row each: the defaults that do not depend on the GPU,
 * and how each is told how much memory to take.
 */
#ifndef SLICEWISE_CATALOG_ENGINE_TRAITS_H
#define SLICEWISE_CATALOG_ENGINE_TRAITS_H

#include "slicewise/catalog.h"

/** What the option that limits an engine's memory counts. */
enum sw__setting_rule {
	SW__SETTING_ALL, /* everything the process takes over the total it sees */
	SW__SETTING_STATIC, /* weights and KV cache over the total it sees */
	SW__SETTING_FREE, /* KV cache over what is free after weights and workspace */
	SW__SETTING_TOKENS /* tokens of KV cache */
};

struct sw__engine_traits {
	unsigned max_num_seqs, max_num_batched_tokens; /* where the GPU does not decide */
	double gpu_memory_utilization;
	unsigned block_tokens; /* KV cache is given out in blocks of this many tokens */
	unsigned graph_sizes_max; /* largest batch captured; 0: vLLM's rule */
	bool cuda_graphs, prefix_caching;
	enum sw__setting_rule rule;
	const char *setting;
};

/** The row of `kind`. */
const struct sw__engine_traits *sw__engine_traits(enum sw_engine_kind kind);

#endif
