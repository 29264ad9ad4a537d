/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file sim_fixture.h
 * Mixes made in code, for tests of the simulator.
 *
 *     sim_fixture_open(&f, "l4", SW_MPS);
 *     sim_fixture_open_loop(&f, "qwen2.5-0.5b", 0.5, 3);
 *     ... &f.mix ...
 *     sim_fixture_close(&f);
 */
#ifndef SLICEWISE_SIM_SIM_FIXTURE_H
#define SLICEWISE_SIM_SIM_FIXTURE_H

#include <string.h>

#include "check.h"
#include "slicewise/simulate.h"

/** mix.tenants are `tenants`: do not copy it. */
struct sim_fixture {
	sw_catalog *catalog;
	struct sw_mix mix;
	struct sw_tenant tenants[SW_TENANTS_MAX];
};

static inline void sim_fixture_open(struct sim_fixture *f, const char *gpu,
				    enum sw_mechanism mechanism)
{
	memset(f, 0, sizeof(*f));
	f->mix.mechanism = mechanism;
	f->mix.tenants = f->tenants;
	CHECK_INT(sw_catalog_open(&f->catalog, NULL), SW_OK);
	CHECK_INT(sw_catalog_gpu(f->catalog, gpu, &f->mix.gpu, NULL), SW_OK);
}

static inline void sim_fixture_close(struct sim_fixture *f)
{
	sw_catalog_free(f->catalog);
}

/* A prompt of 200 tokens, an answer of 50, every time; vLLM with a context of 2048 and its own defaults. No limits. */
static inline struct sw_tenant *sim_fixture_add(struct sim_fixture *f, const char *model,
						double share)
{
	struct sw_tenant *t = &f->tenants[f->mix.n++];
	struct sw_error err = {SW_OK, ""};

	(void)snprintf(t->name, sizeof(t->name), "engine %zu", f->mix.n);
	CHECK_INT(sw_catalog_model(f->catalog, model, &t->model, NULL), SW_OK);
	t->slice = (struct sw_slice){f->mix.mechanism, share, NAN};
	t->engine.kind = SW_VLLM;
	t->engine.kv_cache_tokens = NAN;
	t->engine.cores = NAN;
	t->engine.max_model_len = 2048;
	/* Engines see the whole memory of the GPU under most mechanisms: a cache of this size leaves room for all. */
	t->engine.gpu_memory_utilization = 0.9 / SW_TENANTS_MAX * 4;
	t->engine.given = SW_KEY_MAX_MODEL_LEN | SW_KEY_GPU_MEMORY_UTILIZATION;
	CHECK_INT(sw_engine_resolve(&t->engine, &f->mix.gpu, &t->model, &t->slice, &err), SW_OK);
	CHECK_STR(err.message, "");
	t->load = (struct sw_load){.rate = NAN,
				   .concurrency = NAN,
				   .prompt_tokens = {200, NAN},
				   .output_tokens = {50, NAN},
				   .burstiness = 1};
	for (int m = 0; m < SW_METRIC_COUNT; m++)
		for (int s = 0; s < SW_STATISTIC_COUNT; s++)
			t->slo.bound_ms[m][s] = NAN;
	return t;
}

static inline struct sw_tenant *sim_fixture_open_loop(struct sim_fixture *f, const char *model,
						      double share, double rate)
{
	struct sw_tenant *t = sim_fixture_add(f, model, share);

	t->load.rate = rate;
	return t;
}

static inline struct sw_tenant *sim_fixture_closed_loop(struct sim_fixture *f, const char *model,
							double share, double concurrency)
{
	struct sw_tenant *t = sim_fixture_add(f, model, share);

	t->load.concurrency = concurrency;
	return t;
}

/* The tenant's load becomes a trace, borrowed: played once as it is or, with a rate, again and again. */
static inline void sim_fixture_trace(struct sw_tenant *t, const struct sw_trace *trace, double rate)
{
	double own = (double)(trace->n - 1) / trace->arrival_s[trace->n - 1];

	t->load.trace = trace;
	t->load.trace_once = !sw_known(rate);
	t->load.rate = sw_known(rate) ? rate : own;
	t->load.trace_stretch = own / t->load.rate;
}

/* Simulations of a given length, without the engines alone. */
static inline struct sw_simulate_settings sim_fixture_fixed(double duration_s, unsigned repetitions)
{
	struct sw_simulate_settings s = sw_simulate_defaults();

	s.duration_s = duration_s;
	s.repetitions = repetitions;
	s.alone = false;
	return s;
}

static inline struct sw_simulated *sim_fixture_simulate(const struct sim_fixture *f,
							const struct sw_simulate_settings *settings)
{
	struct sw_error err = {SW_OK, ""};
	struct sw_simulated *s = NULL;

	CHECK_INT(sw_simulate(&f->mix, settings, &s, &err), SW_OK);
	CHECK_STR(err.message, "");
	return s;
}

#endif
