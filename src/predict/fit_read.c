// SPDX-License-Identifier: Apache-2.0
/* fit.json. Format: docs/formats/fit.md. */
#include <stdlib.h>
#include <string.h>

#include "base/embedded.h"
#include "base/error.h"
#include "catalog/names.h"
#include "formats/document.h"
#include "predict/fit_known.h"

#define FIELD_COUNT(fields) (sizeof(fields) / sizeof((fields)[0]))

/* What is believed; beyond it a number is a slip. */
enum { GROUPS_MAX = 1000, MODELS_MAX = 10000, RUNS_MAX = 100000000 };
static const double DOUBT_MAX = 10, BOUND_MAX = 1e6, RANGE_MAX = 1e9;

static const char *const formats[] = {"slicewise-fit-1", NULL};
static const char *const embedded_name = "fit/shipped.json";

static enum sw_status keep_node(const struct sw_node *node, void *into, void *context,
				struct sw_error *err)
{
	(void)node, (void)into, (void)context, (void)err;
	return SW_OK;
}

/* {"value": , "doubt": } of a coefficient whose limits are the context. */
static enum sw_status read_known(const struct sw_node *node, void *into, void *context,
				 struct sw_error *err)
{
	const struct sw__fit_coefficient *c = context;
	const struct sw_field fields[] = {
		{.key = "value",
		 .type = SW_FIELD_NUMBER,
		 .offset = offsetof(struct sw__known, value),
		 .min = c->lowest,
		 .max = c->highest,
		 .required = true,
		 .unit = c->unit},
		{.key = "doubt",
		 .type = SW_FIELD_NUMBER,
		 .offset = offsetof(struct sw__known, doubt),
		 .max = DOUBT_MAX,
		 .required = true},
	};

	return sw_node_read(node, fields, FIELD_COUNT(fields), false, into, NULL, NULL, err);
}

static enum sw_status read_coefficients(const struct sw_node *map,
					const struct sw__fit_coefficient *list, size_t n,
					struct sw__known *out, struct sw_error *err)
{
	enum sw_status st = sw_node_expect(map, SW_NODE_MAP, err);

	for (size_t i = 0; i < n && st == SW_OK; i++) {
		const struct sw_node *node = sw_node_get(map, list[i].name);

		out[i] = (struct sw__known){list[i].value, list[i].spread};
		if (node)
			st = read_known(node, &out[i], (void *)&list[i], err);
	}
	for (size_t i = 0; st == SW_OK && i < map->count; i++) {
		size_t k = 0;

		while (k < n && strcmp(list[k].name, map->children[i]->key) != 0)
			k++;
		if (k == n)
			st = sw_node_complain(map->children[i], err, "no such coefficient");
	}
	return st;
}

static enum sw_status read_shared(const struct sw_node *node, void *into, void *context,
				  struct sw_error *err)
{
	(void)context;
	return read_coefficients(node, sw__shared_coefficients, SW__SHARED_COUNT, into, err);
}

static enum sw_status read_model_values(const struct sw_node *node, void *into, void *context,
					struct sw_error *err)
{
	(void)context;
	return read_coefficients(node, sw__model_coefficients, SW__MODEL_COUNT, into, err);
}

static const struct sw_field bound_fields[] = {
	{.key = "upper",
	 .type = SW_FIELD_NUMBER,
	 .offset = offsetof(struct sw__bound, upper),
	 .max = BOUND_MAX,
	 .required = true},
	{.key = "lower",
	 .type = SW_FIELD_NUMBER,
	 .offset = offsetof(struct sw__bound, lower),
	 .max = BOUND_MAX,
	 .required = true},
};

/* {"ttft_mean": {"upper": , "lower": }, ...}: all of them. */
static enum sw_status read_bounds(const struct sw_node *node, void *into, void *context,
				  struct sw_error *err)
{
	struct sw__bound(*bound)[SW_STATISTIC_COUNT] = into;
	struct sw_field fields[SW_METRIC_COUNT * SW_STATISTIC_COUNT];
	size_t n = 0;

	(void)context;
#define BOUND_FIELD(m, s, name)                                                             \
	fields[n] = (struct sw_field){                                                      \
		.key = (name), .type = SW_FIELD_CALL, .read = keep_node, .required = true}; \
	n++;
#define BOUND_FIELDS(metric, id)                 \
	BOUND_FIELD(metric, SW_MEAN, id "_mean") \
	BOUND_FIELD(metric, SW_P50, id "_p50")   \
	BOUND_FIELD(metric, SW_P95, id "_p95") BOUND_FIELD(metric, SW_P99, id "_p99")
	SW_METRIC_LIST(BOUND_FIELDS)
#undef BOUND_FIELDS
#undef BOUND_FIELD
	{
		enum sw_status st = sw_node_read(node, fields, n, false, bound, NULL, NULL, err);

		for (size_t i = 0; i < n && st == SW_OK; i++)
			st = sw_node_read(sw_node_get(node, fields[i].key), bound_fields,
					  FIELD_COUNT(bound_fields), false,
					  &bound[i / SW_STATISTIC_COUNT][i % SW_STATISTIC_COUNT],
					  NULL, NULL, err);
		return st;
	}
}

static const struct sw_field seen_fields[] = {
	{.key = "low",
	 .type = SW_FIELD_NUMBER,
	 .offset = offsetof(struct sw__seen, low),
	 .max = RANGE_MAX,
	 .required = true},
	{.key = "high",
	 .type = SW_FIELD_NUMBER,
	 .offset = offsetof(struct sw__seen, high),
	 .max = RANGE_MAX,
	 .required = true},
};

static enum sw_status read_range(const struct sw_node *node, void *into, void *context,
				 struct sw_error *err)
{
	struct sw__seen *range = into;
	struct sw_field fields[SW__RANGE_COUNT];
	enum sw_status st;

	(void)context;
	for (int i = 0; i < SW__RANGE_COUNT; i++)
		fields[i] = (struct sw_field){.key = sw__range_names[i],
					      .type = SW_FIELD_CALL,
					      .read = keep_node,
					      .required = true};
	st = sw_node_read(node, fields, SW__RANGE_COUNT, false, range, NULL, NULL, err);
	for (int i = 0; i < SW__RANGE_COUNT && st == SW_OK; i++)
		st = sw_node_read(sw_node_get(node, sw__range_names[i]), seen_fields,
				  FIELD_COUNT(seen_fields), false, &range[i], NULL, NULL, err);
	return st;
}

#define GROUP(member) offsetof(struct sw__fit_group, member)

static const struct sw_field group_fields[] = {
	{.key = "gpu",
	 .type = SW_FIELD_NAME,
	 .offset = GROUP(gpu),
	 .capacity = SW_NAME_MAX,
	 .null_is_absent = true},
	{.key = "mechanism",
	 .type = SW_FIELD_CHOICE,
	 .offset = GROUP(mechanism),
	 .choices = sw__mechanism_names,
	 .required = true},
	{.key = "runs", .type = SW_FIELD_UINT, .offset = GROUP(runs), .max = RUNS_MAX},
	{.key = "mixes", .type = SW_FIELD_UINT, .offset = GROUP(mixes), .max = RUNS_MAX},
	{.key = "coefficients",
	 .type = SW_FIELD_CALL,
	 .offset = GROUP(shared),
	 .read = read_shared,
	 .required = true},
	{.key = "bounds",
	 .type = SW_FIELD_CALL,
	 .offset = GROUP(bound[SW__BOUND_FREE]),
	 .read = read_bounds,
	 .required = true},
	{.key = "held_bounds",
	 .type = SW_FIELD_CALL,
	 .offset = GROUP(bound[SW__BOUND_HELD]),
	 .read = read_bounds},
	{.key = "quick_bounds",
	 .type = SW_FIELD_CALL,
	 .offset = GROUP(quick_bound[SW__BOUND_FREE]),
	 .read = read_bounds,
	 .required = true},
	{.key = "held_quick_bounds",
	 .type = SW_FIELD_CALL,
	 .offset = GROUP(quick_bound[SW__BOUND_HELD]),
	 .read = read_bounds},
	{.key = "bound_rows", .type = SW_FIELD_UINT, .offset = GROUP(bound_rows), .max = RUNS_MAX},
	{.key = "range",
	 .type = SW_FIELD_CALL,
	 .offset = GROUP(range),
	 .read = read_range,
	 .required = true},
};

#define MODEL(member) offsetof(struct sw__fit_model, member)

static const struct sw_field model_fields[] = {
	{.key = "gpu",
	 .type = SW_FIELD_NAME,
	 .offset = MODEL(gpu),
	 .capacity = SW_NAME_MAX,
	 .required = true},
	{.key = "model",
	 .type = SW_FIELD_NAME,
	 .offset = MODEL(model),
	 .capacity = SW_NAME_MAX,
	 .null_is_absent = true},
	{.key = "runs", .type = SW_FIELD_UINT, .offset = MODEL(runs), .max = RUNS_MAX},
	{.key = "coefficients",
	 .type = SW_FIELD_CALL,
	 .offset = MODEL(at),
	 .read = read_model_values,
	 .required = true},
};

static enum sw_status read_list(const struct sw_node *list, size_t max, const char *what,
				const struct sw_field *fields, size_t n_fields, size_t size,
				void **out, size_t *n, struct sw_error *err)
{
	enum sw_status st = list->count ? sw_node_check_list(list, max, what, err)
					: sw_node_expect(list, SW_NODE_LIST, err);
	char *items;

	if (st != SW_OK)
		return st;
	items = calloc(list->count + 1, size);
	if (!items)
		return sw_fail(err, SW_NO_MEMORY, "a fit");
	*out = items;
	*n = list->count;
	for (size_t i = 0; i < list->count && st == SW_OK; i++)
		st = sw_node_read(list->children[i], fields, n_fields, false, items + i * size,
				  NULL, NULL, err);
	return st;
}

struct fit_head {
	int format;
	char origin[256];
	unsigned runs, mixes;
};

static const struct sw_field fit_fields[] = {
	{.key = "format",
	 .type = SW_FIELD_CHOICE,
	 .offset = offsetof(struct fit_head, format),
	 .choices = formats,
	 .required = true},
	{.key = "origin",
	 .type = SW_FIELD_NAME,
	 .offset = offsetof(struct fit_head, origin),
	 .capacity = sizeof(((struct fit_head *)0)->origin)},
	{.key = "runs",
	 .type = SW_FIELD_UINT,
	 .offset = offsetof(struct fit_head, runs),
	 .max = RUNS_MAX},
	{.key = "mixes",
	 .type = SW_FIELD_UINT,
	 .offset = offsetof(struct fit_head, mixes),
	 .max = RUNS_MAX},
	{.key = "groups", .type = SW_FIELD_CALL, .read = keep_node, .required = true},
	{.key = "models", .type = SW_FIELD_CALL, .read = keep_node, .required = true},
};

/* Where a file has no bounds of their own for engines that are held, they have everybody's. */
static void complete(const struct sw_node *list, struct sw_fit *fit)
{
	for (size_t i = 0; i < fit->n_groups; i++) {
		struct sw__fit_group *g = &fit->groups[i];

		if (!sw_node_get(list->children[i], "held_bounds"))
			memcpy(g->bound[SW__BOUND_HELD], g->bound[SW__BOUND_FREE],
			       sizeof(g->bound[0]));
		if (!sw_node_get(list->children[i], "held_quick_bounds"))
			memcpy(g->quick_bound[SW__BOUND_HELD], g->quick_bound[SW__BOUND_FREE],
			       sizeof(g->quick_bound[0]));
	}
}

static enum sw_status read_fit(const struct sw_node *root, struct sw_fit *fit, struct sw_error *err)
{
	struct fit_head head = {0};
	void *groups = NULL, *models = NULL;
	enum sw_status st = sw_node_read(root, fit_fields, FIELD_COUNT(fit_fields), false, &head,
					 NULL, NULL, err);

	if (st != SW_OK)
		return st;
	memcpy(fit->origin, head.origin, sizeof(fit->origin));
	fit->runs = head.runs;
	fit->mixes = head.mixes;
	st = read_list(sw_node_get(root, "groups"), GROUPS_MAX, "a GPU under a mechanism",
		       group_fields, FIELD_COUNT(group_fields), sizeof(*fit->groups), &groups,
		       &fit->n_groups, err);
	fit->groups = groups;
	if (st == SW_OK)
		complete(sw_node_get(root, "groups"), fit);
	if (st == SW_OK)
		st = read_list(sw_node_get(root, "models"), MODELS_MAX, "a model on a GPU",
			       model_fields, FIELD_COUNT(model_fields), sizeof(*fit->models),
			       &models, &fit->n_models, err);
	fit->models = models;
	return st;
}

static enum sw_status load(const char *path, struct sw_document **out, struct sw_error *err)
{
	const struct sw__embedded *file;

	if (path)
		return sw_document_load(path, out, err);
	file = sw__embedded_find(embedded_name);
	if (!file)
		return sw_fail(err, SW_IO, "%s: not part of this library", embedded_name);
	return sw_document_parse(file->text, file->size, embedded_name, SW_FORMAT_JSON, out, err);
}

enum sw_status sw_fit_open(const char *path, sw_fit **out, struct sw_error *err)
{
	struct sw_document *document = NULL;
	struct sw_fit *fit = calloc(1, sizeof(*fit));
	enum sw_status st = SW_OK;

	*out = NULL;
	if (!fit)
		return sw_fail(err, SW_NO_MEMORY, "a fit");
	st = load(path, &document, err);
	if (st == SW_OK)
		st = read_fit(sw_document_root(document), fit, err);
	sw_document_free(document);
	if (st != SW_OK) {
		sw_fit_free(fit);
		return st;
	}
	*out = fit;
	return SW_OK;
}
