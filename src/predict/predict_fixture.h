/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file predict_fixture.h
 * A tenant of the catalogue with a load, for tests.
 */
#ifndef SLICEWISE_PREDICT_PREDICT_FIXTURE_H
#define SLICEWISE_PREDICT_PREDICT_FIXTURE_H

#include <string.h>

#include "check.h"
#include "slicewise/predict.h"

struct fixture {
	sw_catalog *catalog;
	struct sw_gpu gpu;
	sw_calibration *calibration;
};

static inline struct fixture fixture_open(const char *gpu)
{
	struct fixture f;

	memset(&f, 0, sizeof(f));
	CHECK_INT(sw_catalog_open(&f.catalog, NULL), SW_OK);
	CHECK_INT(sw_catalog_gpu(f.catalog, gpu, &f.gpu, NULL), SW_OK);
	CHECK_INT(sw_calibration_open(&f.gpu, NULL, &f.calibration, NULL), SW_OK);
	return f;
}

static inline void fixture_close(struct fixture *f)
{
	sw_calibration_free(f->calibration);
	sw_catalog_free(f->catalog);
}

/* Open loop, 800 and 200 tokens on average, lognormal; vLLM with a context of 8192. */
static inline struct sw_tenant fixture_tenant(const struct fixture *f, const char *model,
					      enum sw_mechanism mechanism, double share,
					      double rate)
{
	struct sw_tenant t;
	struct sw_error err = {SW_OK, ""};

	memset(&t, 0, sizeof(t));
	CHECK_INT(sw_catalog_model(f->catalog, model, &t.model, NULL), SW_OK);
	t.slice = (struct sw_slice){mechanism, share, NAN};
	t.engine.kind = SW_VLLM;
	t.engine.kv_cache_tokens = NAN;
	t.engine.cores = NAN;
	t.engine.max_model_len = 2048;
	t.engine.given = SW_KEY_MAX_MODEL_LEN;
	CHECK_INT(sw_engine_resolve(&t.engine, &f->gpu, &t.model, &t.slice, &err), SW_OK);
	t.load = (struct sw_load){.rate = rate,
				  .concurrency = NAN,
				  .prompt_tokens = {800, 1600},
				  .output_tokens = {200, 400},
				  .burstiness = 1};
	for (int m = 0; m < SW_METRIC_COUNT; m++) {
		for (int s = 0; s < SW_STATISTIC_COUNT; s++)
			t.slo.bound_ms[m][s] = NAN;
	}
	return t;
}

static inline sw_prepared *fixture_prepare(const struct fixture *f, const struct sw_tenant *t)
{
	sw_prepared *prepared = NULL;
	struct sw_error err = {SW_OK, ""};

	CHECK_INT(sw_prepare(f->calibration, &f->gpu, t, &prepared, &err), SW_OK);
	CHECK_STR(err.message, "");
	return prepared;
}

#endif
