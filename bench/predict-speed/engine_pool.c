// SPDX-License-Identifier: Apache-2.0
#include "predict-speed/engine_pool.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "common/made_mix.h"
#include "predict-speed/bench_clock.h"
#include "predict/tabled.h"
#include "sharing/mechanism.h"

static const char GPU[] = "a100-sxm4-80gb";
static const char *const models[] = {"qwen2.5-0.5b", "qwen3-0.6b", "llama-3.2-1b", "qwen2.5-1.5b",
				     "qwen3-1.7b",   "phi-2",      "llama-3.2-3b", "qwen3-4b"};
static const double shares[] = {0.15, 0.2, 0.25, 0.3, 0.4};
/* Of what the engine sustains alone on its slice; where all have the whole GPU in turns, of a quarter of that. */
static const double loads[] = {0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8};
static const double TURNS_PART = 0.25;

enum {
	MODELS = sizeof(models) / sizeof(models[0]),
	SHARES = sizeof(shares) / sizeof(shares[0]),
	LOADS = sizeof(loads) / sizeof(loads[0]),
	LENGTHS = 4
};

/* Mean prompts and answers: chat, summaries, code, long answers. */
static const struct {
	double prompt, output;
} lengths[LENGTHS] = {{200, 150}, {1500, 100}, {600, 40}, {300, 400}};

/* Prepare at a token rate, ask for what is sustained, and set a part of that. */
static enum sw_status add(const sw_calibration *calibration, const struct made_mix *made,
			  double load, struct engine_pool *pool, struct sw_error *err)
{
	const struct sw_tenant *tenant = &made->tenants[0];
	struct sw_prediction alone;
	sw_prepared *prepared;
	double begin;
	enum sw_status st = sw_prepare(calibration, &made->mix.gpu, tenant, &prepared, err);

	if (st != SW_OK)
		return st;
	sw_predict_max_rates(pool->mechanism, (const sw_prepared *const *)&prepared, 1, &alone);
	sw_prepared_set_rate(prepared, load * alone.max_rate_per_s);
	pool->share[pool->n] = tenant->slice.share;
	pool->prepared[pool->n] = prepared;
	begin = bench_now_s();
	st = sw_tabled_make(pool->mechanism, prepared, &pool->tabled[pool->n], err);
	pool->make_ms += 1e3 * (bench_now_s() - begin);
	if (st == SW_OK)
		pool->table_kb += 1e-3 * (double)sw__tabled_bytes(pool->tabled[pool->n]->n);
	pool->n++;
	return st;
}

/* One engine of every kind: lengths go round, so that shares and loads meet all of them. */
static enum sw_status add_kind(const sw_catalog *catalog, const sw_calibration *calibration,
			       size_t kind, struct engine_pool *pool, struct sw_error *err)
{
	size_t model = kind % MODELS, share = kind / MODELS % SHARES,
	       load = kind / (MODELS * SHARES), l = (model + share + load) % LENGTHS;
	bool whole = pool->mechanism == SW_TIMESLICE;
	double part = sw__mechanism(pool->mechanism)->takes_turns ? TURNS_PART : 1;
	struct sw_length prompt = {lengths[l].prompt, 2.5 * lengths[l].prompt},
			 output = {lengths[l].output, 2.5 * lengths[l].output};
	struct sw_load arrivals = made_arrivals(1, prompt, output);
	struct sw_engine engine = made_engine();
	struct made_mix made;
	enum sw_status st;

	if (!made_mix_start(catalog, GPU, pool->mechanism, &made))
		return SW_BAD_INPUT;
	st = made_mix_add(catalog, &made, models[model], &engine, whole ? 1 : shares[share],
			  shares[share] * sw_gpu_visible_gib(&made.mix.gpu), &arrivals, err);
	if (st == SW_OK)
		st = add(calibration, &made, part * loads[load], pool, err);
	return st == SW_INFEASIBLE ? SW_OK : st;
}

enum sw_status engine_pool_make(const sw_catalog *catalog, enum sw_mechanism mechanism,
				struct engine_pool *out, struct sw_error *err)
{
	sw_calibration *calibration = NULL;
	struct sw_gpu gpu;
	enum sw_status st = sw_catalog_gpu(catalog, GPU, &gpu, err);

	memset(out, 0, sizeof(*out));
	out->mechanism = mechanism;
	if (st == SW_OK)
		st = sw_calibration_open(&gpu, NULL, &calibration, err);
	for (size_t kind = 0; kind < MODELS * SHARES * LOADS && st == SW_OK; kind++)
		st = add_kind(catalog, calibration, kind, out, err);
	out->make_ms /= (double)out->n;
	out->table_kb /= (double)out->n;
	sw_calibration_free(calibration);
	if (st != SW_OK)
		engine_pool_free(out);
	return st;
}

void engine_pool_free(struct engine_pool *pool)
{
	for (size_t i = 0; i < pool->n; i++) {
		sw_tabled_free(pool->tabled[i]);
		sw_prepared_free(pool->prepared[i]);
	}
	pool->n = 0;
}

static void draw(const struct engine_pool *pool, struct sw__random *r, struct engine_mix *out)
{
	bool over = sw__mechanism(pool->mechanism)->share_has_effect;
	double sum;

	do {
		sum = 0;
		for (int i = 0; i < MIX_ENGINES; i++) {
			out->engine[i] = (uint16_t)sw__random_below(r, pool->n);
			sum += pool->share[out->engine[i]];
		}
	} while (over && sum > 1 + 1e-9);
}

static int compare_mixes(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct engine_mix));
}

/* A mix like the one before it in order gives way to the last one. */
static size_t without_repeats(struct engine_mix *mixes, size_t n)
{
	size_t kept = 0;

	qsort(mixes, n, sizeof(*mixes), compare_mixes);
	for (size_t i = 0; i < n; i++) {
		if (i == 0 || compare_mixes(&mixes[i], &mixes[i - 1]) != 0)
			mixes[kept++] = mixes[i];
	}
	return kept;
}

static void shuffle(struct engine_mix *mixes, size_t n, struct sw__random *r)
{
	for (size_t i = n; i > 1; i--) {
		size_t j = sw__random_below(r, i);
		struct engine_mix held = mixes[i - 1];

		mixes[i - 1] = mixes[j];
		mixes[j] = held;
	}
}

void engine_pool_draw(const struct engine_pool *pool, struct engine_mix *mixes, size_t n)
{
	struct sw__random r = sw__random_make(1, 2000 + (uint64_t)pool->mechanism);

	for (size_t kept = 0; kept < n; kept = without_repeats(mixes, n)) {
		for (size_t i = kept; i < n; i++)
			draw(pool, &r, &mixes[i]);
	}
	shuffle(mixes, n, &r);
}
