// SPDX-License-Identifier: Apache-2.0
/* A comparison as JSON and as CSV. */
#include <math.h>

#include "compare_views.h"
#include "document_out.h"
#include "options.h"
#include "sheet.h"

#define LATENESS_COLUMNS(prefix)                                                           \
	{NULL, prefix "late_fraction", 0}, {NULL, prefix "late_fraction_low", 0},          \
		{NULL, prefix "late_fraction_high", 0}, {NULL, prefix "excess_late", 0},   \
		{NULL, prefix "excess_late_low", 0}, {NULL, prefix "excess_late_high", 0}, \
		{NULL, prefix "excess_late_worst_decile", 0},                              \
		{NULL, prefix "excess_late_worst_decile_low", 0},                          \
		{NULL, prefix "excess_late_worst_decile_high", 0},                         \
		{NULL, prefix "excess_late_nominal", 0},                                   \
	{                                                                                  \
		NULL, prefix "worlds_held", 0                                              \
	}

static const struct column columns[] = {
	{NULL, "strategy", TEXT_COLUMN},
	{NULL, "gpus", 0},
	{NULL, "nodes", 0},
	{NULL, "share", 0},
	{NULL, "cost_per_hour", 0},
	{NULL, "margin", 0},
	{NULL, "planning_ms", 0},
	{NULL, "saved_gpus", 0},
	{NULL, "saved_share", 0},
	{NULL, "saved_cost", 0},
	{NULL, "later", TEXT_COLUMN},
	LATENESS_COLUMNS(""),
	LATENESS_COLUMNS("other_"),
	{NULL, "why", TEXT_COLUMN},
};

static void add_figure(struct sheet *sheet, const struct sw_compared_figure *figure)
{
	sheet_number(sheet, figure->value);
	sheet_number(sheet, figure->low);
	sheet_number(sheet, figure->high);
}

static void add_lateness(struct sheet *sheet, const struct sw_compared_lateness *l)
{
	add_figure(sheet, &l->late);
	add_figure(sheet, &l->excess);
	add_figure(sheet, &l->worst_decile);
	sheet_number(sheet, l->nominal_excess);
	sheet_number(sheet, l->worlds_held);
}

static void add_row(struct sheet *sheet, const struct comparison_view *view,
		    const struct sw_compared *row)
{
	struct saving saving = saving_against(view->comparison, row);

	sheet_text(sheet, row->strategy);
	sheet_number(sheet, row->gpus);
	sheet_number(sheet, row->nodes);
	sheet_number(sheet, row->share);
	sheet_number(sheet, row->cost_per_hour);
	sheet_number(sheet, row->margin);
	sheet_number(sheet, view->times ? row->planning_ms : NAN);
	sheet_number(sheet, saving.gpus);
	sheet_number(sheet, saving.share);
	sheet_number(sheet, saving.cost);
	sheet_text(sheet, who_is_later(view->comparison, row));
	add_lateness(sheet, &row->lateness[SW_COMPARED_AS_GIVEN]);
	add_lateness(sheet, &row->lateness[SW_COMPARED_OTHER]);
	sheet_text(sheet, *row->why ? row->why : NULL);
}

void comparison_csv(const struct comparison_view *view, FILE *out)
{
	struct sheet *sheet = sheet_new(columns, COUNT(columns));

	for (size_t i = 0; i < view->comparison->n; i++)
		add_row(sheet, view, &view->comparison->rows[i]);
	sheet_csv(sheet, out);
	sheet_free(sheet);
}

static json_t *interval_json(const struct sw_compared_figure *figure)
{
	json_t *array = json_array();

	json_array_append_new(array, json_number(figure->low));
	json_array_append_new(array, json_number(figure->high));
	return array;
}

static void put_lateness(json_t *object, const struct sw_compared_lateness *l)
{
	json_object_set_new(object, "late_fraction", json_number(l->late.value));
	json_object_set_new(object, "late_fraction_interval", interval_json(&l->late));
	json_object_set_new(object, "excess_late", json_number(l->excess.value));
	json_object_set_new(object, "excess_late_interval", interval_json(&l->excess));
	json_object_set_new(object, "excess_late_worst_decile", json_number(l->worst_decile.value));
	json_object_set_new(object, "excess_late_worst_decile_interval",
			    interval_json(&l->worst_decile));
	json_object_set_new(object, "excess_late_nominal", json_number(l->nominal_excess));
	json_object_set_new(object, "worlds_held", json_number(l->worlds_held));
}

static json_t *workloads_json(const struct comparison_view *view,
			      const struct sw_compared_workload *workloads)
{
	json_t *array = json_array();

	for (size_t w = 0; workloads && w < view->comparison->n_workloads; w++) {
		json_t *object = json_object();

		json_object_set_new(object, "name", json_string(view->problem->workloads[w].name));
		json_object_set_new(object, "replicas", json_integer(workloads[w].replicas));
		json_object_set_new(object, "late_fraction", json_number(workloads[w].late));
		json_object_set_new(object, "excess_late", json_number(workloads[w].excess));
		json_object_set_new(object, "excess_late_worst_decile",
				    json_number(workloads[w].worst_decile));
		json_array_append_new(array, object);
	}
	return array;
}

static json_t *saving_json(const struct saving *saving)
{
	json_t *object = json_object();

	json_object_set_new(object, "gpus", json_number(saving->gpus));
	json_object_set_new(object, "share", json_number(saving->share));
	json_object_set_new(object, "cost_per_hour", json_number(saving->cost));
	return object;
}

static json_t *other_json(const struct comparison_view *view, const struct sw_compared *row)
{
	json_t *object = json_object();

	put_lateness(object, &row->lateness[SW_COMPARED_OTHER]);
	json_object_set_new(object, "workloads",
			    workloads_json(view, row->workloads[SW_COMPARED_OTHER]));
	return object;
}

static json_t *row_json(const struct comparison_view *view, const struct sw_compared *row)
{
	struct saving saving = saving_against(view->comparison, row);
	const char *later = who_is_later(view->comparison, row);
	json_t *object = json_object();

	json_object_set_new(object, "strategy", json_string(row->strategy));
	json_object_set_new(object, "gpus", json_number(row->gpus));
	json_object_set_new(object, "nodes", json_number(row->nodes));
	json_object_set_new(object, "share", json_number(row->share));
	json_object_set_new(object, "cost_per_hour", json_number(row->cost_per_hour));
	put_lateness(object, &row->lateness[SW_COMPARED_AS_GIVEN]);
	json_object_set_new(object, "margin", json_number(row->margin));
	json_object_set_new(object, "planning_ms",
			    json_number(view->times ? row->planning_ms : NAN));
	json_object_set_new(object, "saved_by_slicewise", saving_json(&saving));
	json_object_set_new(object, "later", later ? json_string(later) : json_null());
	json_object_set_new(object, "why", *row->why ? json_string(row->why) : json_null());
	json_object_set_new(object, "workloads",
			    workloads_json(view, row->workloads[SW_COMPARED_AS_GIVEN]));
	if (view->other_load)
		json_object_set_new(object, "other_load", other_json(view, row));
	return object;
}

void comparison_json(const struct comparison_view *view, FILE *out)
{
	const struct sw_comparison *c = view->comparison;
	json_t *document = json_object(), *rows = json_array();

	for (size_t i = 0; i < c->n; i++)
		json_array_append_new(rows, row_json(view, &c->rows[i]));
	json_object_set_new(document, "strategies", rows);
	json_object_set_new(document, "worlds", json_integer(c->worlds));
	json_object_set_new(document, "seeds", json_integer(c->seeds));
	json_object_set_new(document, "shortest_s", json_number(c->shortest_s));
	json_object_set_new(document, "longest_s", json_number(c->longest_s));
	json_print(document, out);
}
