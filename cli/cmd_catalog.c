// SPDX-License-Identifier: Apache-2.0
#include <math.h>
#include <string.h>

#include "catalog_views.h"
#include "lookup.h"
#include "report.h"

struct catalog_settings {
	struct common common;
	struct target target;
	bool memory;
};

static const struct catalog_settings defaults = {.target = TARGET_DEFAULTS};

static const struct option memory_options[] = {
	{"memory", 'm', OPTION_FLAG, NULL, offsetof(struct catalog_settings, memory),
	 .help = "show every addend of the memory of an engine: --model on a slice of --gpu"},
};

static const struct option_group groups[] = {
	{"Memory", memory_options, COUNT(memory_options), 0, NO_MASK, 0},
	TARGET_GROUP(struct catalog_settings, target, 0),
	ENGINE_GROUP(struct catalog_settings, target),
	COMMON_GROUP,
};

static const struct option_set options = {
	"slicewise catalog", groups, COUNT(groups), "gpus|models|ID", 0, 1,
};

static enum sw_status show_memory(const struct view *view, struct target *target,
				  struct sw_error *err)
{
	enum sw_status st;

	if (!target->gpu_name || !target->model_name)
		return fail(err, SW_USAGE, "--memory needs --gpu and --model");
	st = target_resolve(view->catalog, target, err);
	return st == SW_OK ? view_memory(view, target, err) : st;
}

static enum sw_status show_entry(const struct view *view, const char *name, struct sw_error *err)
{
	enum lookup_kind kind;
	enum sw_status st = lookup_kind(view->catalog, name, &kind, err);

	if (st != SW_OK)
		return st;
	return kind == LOOKUP_GPU ? view_gpu(view, name, err) : view_model(view, name, err);
}

static enum sw_status run(const struct call *call, FILE *out, struct sw_error *err)
{
	struct catalog_settings *settings = call->settings;
	struct view view = {call->catalog, (enum format)settings->common.format, &call->style, out};
	const char *what = call->n_operands ? call->operands[0] : NULL;
	bool gpus = what && strcmp(what, "gpus") == 0, models = what && strcmp(what, "models") == 0;

	if (settings->memory && what)
		return fail(err, SW_USAGE, "unexpected argument %s beside --memory", what);
	if (settings->memory)
		return show_memory(&view, &settings->target, err);
	if (settings->target.given || settings->target.engine.given)
		return fail(err, SW_USAGE, "options of a slice need --memory");
	if (!what && view.format == FORMAT_CSV)
		return fail(err, SW_USAGE, "CSV is one table: say gpus or models");
	return what && !gpus && !models ? show_entry(&view, what, err)
					: view_lists(&view, !models, !gpus, err);
}

const struct command command_catalog = {
	.name = "catalog",
	.summary = "the GPUs and models it knows, and what memory an engine takes",
	.about = "Lists the GPUs and models of the catalogue, shows one entry with the source of "
		 "every figure, or follows the memory of an engine addend by addend.",
	.options = &options,
	.settings_size = sizeof(struct catalog_settings),
	.defaults = &defaults,
	.run = run,
};
