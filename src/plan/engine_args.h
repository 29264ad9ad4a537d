/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file engine_args.h
 * How an engine of a plan is started: every setting as an argument. Nothing is left to an engine's defaults: they change with versions and
 * GPUs, and the prediction holds for these settings only.
 */
#ifndef SLICEWISE_PLAN_ENGINE_ARGS_H
#define SLICEWISE_PLAN_ENGINE_ARGS_H

#include "base/text.h"
#include "slicewise/catalog.h"

enum { SW__ENGINE_ARGS_MAX = 48, SW__ENGINE_ARG_MAX = 256 };

/** The command first. */
struct sw__engine_args {
	const char *environment; /* "NAME=value" that it needs besides; NULL: nothing. Static */
	size_t n;
	char at[SW__ENGINE_ARGS_MAX][SW__ENGINE_ARG_MAX];
};

/** What the engine is to serve, and where. */
struct sw__engine_start {
	const struct sw_engine *engine; /* every setting decided */
	const struct sw_model *model;
	const char *reference; /* what the engine loads: "Qwen/Qwen3-0.6B", a path */
	const char *served_as; /* as requests call it; NULL: as the engine pleases */
	unsigned port; /* 0: the engine's own */
	struct sw_memory_fit fit; /* of its slice: sw_memory_fit() */
};

/** SW_BAD_INPUT: an argument is too long. */
enum sw_status sw__engine_args(const struct sw__engine_start *start, struct sw__engine_args *out,
			       struct sw_error *err);

/** What weights must be where no flag makes them so: "int4"; NULL: the published ones will do. */
const char *sw__engine_checkpoint(const struct sw_engine *engine, const struct sw_model *model);

/** A bundled model is known by its repository; for others the id is all there is. Appended to `out`. SW_NO_MEMORY. */
enum sw_status sw__model_reference(const struct sw_model *model, struct sw_text *out,
				   struct sw_error *err);

#endif
