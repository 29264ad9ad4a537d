// SPDX-License-Identifier: Apache-2.0
/*
 * Keys and values. A token takes 2 x heads x head_dim elements in each layer. A layer with a
 * sliding window keeps no more than the window and the batch being computed (vLLM,
 * SlidingWindowSpec), so a long request takes less than its length times that; a pool full of short
 * ones does not.
 */
#include "catalog/kv_cache.h"

#include "catalog/engine_traits.h"

static const double gib = 1024.0 * 1024 * 1024;

static double block_of(const struct sw_engine *engine)
{
	return sw__engine_traits(engine->kind)->block_tokens;
}

double sw__blocks_up(const struct sw_engine *engine, double tokens)
{
	return ceil(tokens / block_of(engine)) * block_of(engine);
}

double sw__blocks_down(const struct sw_engine *engine, double tokens)
{
	return fmax(0, floor(tokens / block_of(engine)) * block_of(engine));
}

static double layer_bytes(const struct sw_model *model, const struct sw_engine *engine)
{
	return 2.0 * model->kv_heads * model->head_dim * sw_dtype_bytes(engine->kv_cache_dtype);
}

double sw_kv_bytes_per_token(const struct sw_model *model, const struct sw_engine *engine)
{
	return model->layers * layer_bytes(model, engine);
}

/* Tokens that a windowed layer keeps of a request of `tokens`. */
static double window_tokens(const struct sw_model *model, const struct sw_engine *engine,
			    double tokens)
{
	double most = model->sliding_window - 1.0 + engine->max_num_batched_tokens;

	/* One block more: the window may start inside one. */
	return fmin(sw__blocks_up(engine, tokens), sw__blocks_up(engine, most) + block_of(engine));
}

double sw_kv_request_gib(const struct sw_model *model, const struct sw_engine *engine,
			 double tokens)
{
	unsigned windowed = model->window_layers;
	double full = (model->layers - windowed) * sw__blocks_up(engine, tokens);

	if (windowed)
		full += windowed * window_tokens(model, engine, tokens);
	return full * layer_bytes(model, engine) / gib;
}

unsigned sw__kv_longest_request(const struct sw_model *model, const struct sw_engine *engine,
				double kv_gib, unsigned most)
{
	unsigned fits = 0, fails = most;

	if (sw_kv_request_gib(model, engine, most) <= kv_gib)
		return most;
	/* Monotonic in the tokens, so halve; 32 rounds at most. */
	while (fails - fits > 1) {
		unsigned middle = fits + (fails - fits) / 2;

		if (sw_kv_request_gib(model, engine, middle) <= kv_gib)
			fits = middle;
		else
			fails = middle;
	}
	return (unsigned)sw__blocks_down(engine, fits);
}
