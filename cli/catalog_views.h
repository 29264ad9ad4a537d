/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file catalog_views.h
 * What `slicewise catalog` can show: lists, one entry, the memory of an engine.
 */
#ifndef SLICEWISE_CLI_CATALOG_VIEWS_H
#define SLICEWISE_CLI_CATALOG_VIEWS_H

#include "command.h"
#include "target.h"

/** How a view is to be printed. */
struct view {
	const sw_catalog *catalog;
	enum format format;
	const struct style *style;
	FILE *out;
};

enum sw_status view_lists(const struct view *view, bool gpus, bool models, struct sw_error *err);

/** One entry; `name` is its id or path. */
enum sw_status view_gpu(const struct view *view, const char *name, struct sw_error *err);
enum sw_status view_model(const struct view *view, const char *name, struct sw_error *err);

/** Every addend of the memory of a resolved target. SW_INFEASIBLE where it does not fit; printed all the same. */
enum sw_status view_memory(const struct view *view, const struct target *target,
			   struct sw_error *err);

/** The engine a model was published for: its own dtype and quantisation. */
struct sw_engine published_engine(const struct sw_model *model);

#endif
