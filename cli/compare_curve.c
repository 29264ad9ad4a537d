// SPDX-License-Identifier: Apache-2.0
/* Savings against load, as a table, CSV and JSON. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "compare_views.h"
#include "document_out.h"
#include "html_page.h"
#include "must.h"
#include "options.h"
#include "sheet.h"

static const double percent = 100;

static const struct column columns[] = {
	{"load %", NULL, 0},
	{NULL, "load", 0},
	{"strategy", "strategy", TEXT_COLUMN},
	{"margin", "margin", 2},
	{"GPUs", "gpus", 0},
	{"share", "share", 2},
	{"per hour", "cost_per_hour", 2},
	{"GPUs %", NULL, 0},
	{NULL, "saved_gpus", 0},
	{"share %", NULL, 0},
	{NULL, "saved_share", 0},
	{"cost %", NULL, 0},
	{NULL, "saved_cost", 0},
	{"later", "later", TEXT_COLUMN},
	{"late %", NULL, 2},
	{NULL, "late_fraction", 0},
	{"excess %", NULL, 2},
	{NULL, "excess_late", 0},
	{"worst tenth %", NULL, 2},
	{NULL, "excess_late_worst_decile", 0},
	{NULL, "why", TEXT_COLUMN},
};

/* For people in per cent, for programs as a fraction. */
static void fraction(struct sheet *sheet, double x)
{
	sheet_number(sheet, percent * x);
	sheet_number(sheet, x);
}

static void add_row(struct sheet *sheet, const struct sw_load_curve_point *point,
		    const struct sw_compared *row, bool first)
{
	const struct sw_compared_lateness *l = &row->lateness[SW_COMPARED_AS_GIVEN];
	struct saving saving = saving_against(point->comparison, row);

	if (first)
		sheet_number(sheet, percent * point->load);
	else
		sheet_text(sheet, "");
	sheet_number(sheet, point->load);
	sheet_text(sheet, row->strategy);
	sheet_number(sheet, row->margin);
	sheet_number(sheet, row->gpus);
	sheet_number(sheet, row->share);
	sheet_number(sheet, row->cost_per_hour);
	fraction(sheet, saving.gpus);
	fraction(sheet, saving.share);
	fraction(sheet, saving.cost);
	sheet_text(sheet, who_is_later(point->comparison, row));
	fraction(sheet, l->late.value);
	fraction(sheet, l->excess.value);
	fraction(sheet, l->worst_decile.value);
	sheet_text(sheet, *row->why ? row->why : NULL);
}

static struct sheet *fill(const struct curve_view *view)
{
	struct sheet *sheet = sheet_new(columns, COUNT(columns));

	for (size_t i = 0; i < view->curve->n; i++) {
		const struct sw_load_curve_point *point = &view->curve->points[i];

		for (size_t k = 0; k < point->comparison->n; k++)
			add_row(sheet, point, &point->comparison->rows[k], k == 0);
	}
	return sheet;
}

static const char capacities_title[] =
	"100 % of load: what one engine with a GPU to itself sustains within the limits";

/* free() */
static char *say_capacity(const struct curve_view *view, size_t w)
{
	const struct sw_compared_capacity *c = &view->curve->capacities[w];
	const struct sw_workload *workload = &view->problem->workloads[w];
	bool open = sw_known(workload->load.rate);

	return must_format("%s: %.4g %s on %s", workload->name, c->amount,
			   open ? "requests per second" : "requests in flight",
			   view->problem->fleet[c->fleet].gpu.id);
}

static void print_capacities(const struct curve_view *view, FILE *out)
{
	(void)fprintf(out, "%s\n", capacities_title);
	for (size_t w = 0; w < view->curve->n_workloads; w++) {
		char *text = say_capacity(view, w);

		(void)fprintf(out, "  %s\n", text);
		free(text);
	}
	(void)fputc('\n', out);
}

/* Where it ends, for every strategy but ours; free(), NULL for ours. */
static char *say_break_even(const struct curve_view *view, const char *name)
{
	double at = sw_load_curve_break_even(view->curve, name);

	if (strcmp(name, "slicewise") == 0 || strcmp(name, "oracle") == 0)
		return NULL;
	if (isnan(at))
		return must_format("%s: no break-even up to the highest load", name);
	if (at > 0)
		return must_format("%s: break-even at %.0f %% of load", name, percent * at);
	return must_format("%s: slicewise costs no less at any load", name);
}

static void print_break_even(const struct curve_view *view, FILE *out)
{
	const struct sw_comparison *c = view->curve->points[0].comparison;

	(void)fputc('\n', out);
	for (size_t i = 0; i < c->n; i++) {
		char *text = say_break_even(view, c->rows[i].strategy);

		if (text)
			(void)fprintf(out, "%s\n", text);
		free(text);
	}
}

static const char note[] =
	"GPUs %, share %, cost %: how much less slicewise takes; later: who has more excess late. "
	"late, "
	"excess: the worst workload "
	"in the median world; worst tenth: of the worlds. break-even: from there on slicewise "
	"costs less than 1 % less.";

void curve_print(const struct curve_view *view, const struct style *style, FILE *out)
{
	struct sheet *sheet = fill(view);

	print_capacities(view, out);
	sheet_print(sheet, style, 0, out);
	sheet_free(sheet);
	text_wrap(note, 0, 0, LINE_WIDTH, out);
	print_break_even(view, out);
}

void curve_html(const struct curve_view *view, FILE *out)
{
	const struct sw_comparison *c = view->curve->points[0].comparison;
	struct sheet *sheet = fill(view);

	sheet_html(sheet, "By load", out);
	sheet_free(sheet);
	html_paragraph(out, note);
	html_heading(out, "Where savings end");
	for (size_t i = 0; i < c->n; i++) {
		char *text = say_break_even(view, c->rows[i].strategy);

		if (text)
			html_paragraph(out, text);
		free(text);
	}
	html_heading(out, capacities_title);
	for (size_t w = 0; w < view->curve->n_workloads; w++) {
		char *text = say_capacity(view, w);

		html_paragraph(out, text);
		free(text);
	}
}

void curve_csv(const struct curve_view *view, FILE *out)
{
	struct sheet *sheet = fill(view);

	sheet_csv(sheet, out);
	sheet_free(sheet);
}

static json_t *capacities_json(const struct curve_view *view)
{
	json_t *array = json_array();

	for (size_t w = 0; w < view->curve->n_workloads; w++) {
		const struct sw_compared_capacity *c = &view->curve->capacities[w];
		const struct sw_workload *workload = &view->problem->workloads[w];
		json_t *object = json_object();

		json_object_set_new(object, "name", json_string(workload->name));
		json_object_set_new(object, "gpu",
				    json_string(view->problem->fleet[c->fleet].gpu.id));
		json_object_set_new(object, sw_known(workload->load.rate) ? "rate" : "concurrency",
				    json_number(c->amount));
		json_array_append_new(array, object);
	}
	return array;
}

static json_t *break_even_json(const struct curve_view *view)
{
	const struct sw_comparison *c = view->curve->points[0].comparison;
	json_t *object = json_object();

	for (size_t i = 0; i < c->n; i++) {
		const char *name = c->rows[i].strategy;

		if (strcmp(name, "slicewise") != 0 && strcmp(name, "oracle") != 0)
			json_object_set_new(
				object, name,
				json_number(sw_load_curve_break_even(view->curve, name)));
	}
	return object;
}

void curve_json(const struct curve_view *view, FILE *out)
{
	struct sheet *sheet = fill(view);
	json_t *document = json_object();

	json_object_set_new(document, "points", sheet_json(sheet));
	json_object_set_new(document, "break_even", break_even_json(view));
	json_object_set_new(document, "capacities", capacities_json(view));
	sheet_free(sheet);
	json_print(document, out);
}
