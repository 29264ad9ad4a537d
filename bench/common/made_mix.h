/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file made_mix.h
 * Mixes made in memory, from the catalogue's ids: what a mix file would say.
 */
#ifndef SLICEWISE_BENCH_MADE_MIX_H
#define SLICEWISE_BENCH_MADE_MIX_H

#include "slicewise/predict.h"

/** A mix and room for its engines. `mix.tenants` points into it: do not copy one. */
struct made_mix {
	struct sw_mix mix;
	struct sw_tenant tenants[SW_TENANTS_MAX];
	double kv_tokens[SW_TENANTS_MAX]; /* of each engine's cache, once it is in the mix */
};

/** No engines yet. False, and a word on stderr: no such GPU. */
bool made_mix_start(const sw_catalog *catalog, const char *gpu, enum sw_mechanism mechanism,
		    struct made_mix *out);

/** vLLM with nothing given. */
struct sw_engine made_engine(void);

/** So many requests in flight, all of the same lengths. */
struct sw_load made_loop(double concurrency, double prompt_tokens, double output_tokens);

/** Requests at random (Poisson); p95 NAN: all of the same length. */
struct sw_load made_arrivals(double rate, struct sw_length prompt, struct sw_length output);

/**
 * One more engine. `engine` says what is given; the rest are its defaults, but for a max_model_len that memory does not allow:
 * then the longest that it does. `share` and `memory_gib` (NAN: what the mechanism shows it) are its slice.
 *
 * SW_INFEASIBLE: it does not fit; SW_BAD_INPUT: there is no such model, or the engine refuses a setting.
 */
enum sw_status made_mix_add(const sw_catalog *catalog, struct made_mix *mix, const char *model,
			    const struct sw_engine *engine, double share, double memory_gib,
			    const struct sw_load *load, struct sw_error *err);

#endif
