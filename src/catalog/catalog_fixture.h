/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file catalog_fixture.h
 * For the tests of this folder: bundled GPUs and models by id, and an engine resolved for them.
 */
#ifndef SLICEWISE_CATALOG_FIXTURE_H
#define SLICEWISE_CATALOG_FIXTURE_H

#include "check.h"
#include "slicewise/catalog.h"

static struct sw_error fixture_err;

static inline struct sw_gpu gpu_called(const char *id)
{
	struct sw_gpu gpu = {0};
	sw_catalog *catalog;

	CHECK_INT(sw_catalog_open(&catalog, &fixture_err), SW_OK);
	CHECK_INT(sw_catalog_gpu(catalog, id, &gpu, &fixture_err), SW_OK);
	sw_catalog_free(catalog);
	return gpu;
}

static inline struct sw_model model_called(const char *id)
{
	struct sw_model model = {0};
	sw_catalog *catalog;

	CHECK_INT(sw_catalog_open(&catalog, &fixture_err), SW_OK);
	CHECK_INT(sw_catalog_model(catalog, id, &model, &fixture_err), SW_OK);
	sw_catalog_free(catalog);
	return model;
}

static inline struct sw_engine resolved(struct sw_engine engine, const struct sw_gpu *gpu,
					const struct sw_model *model)
{
	if (!CHECK(sw_engine_resolve(&engine, gpu, model, NULL, &fixture_err) == SW_OK))
		printf("    %s\n", fixture_err.message);
	return engine;
}

#endif
