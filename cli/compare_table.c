// SPDX-License-Identifier: Apache-2.0
/* A comparison for people: what every strategy takes, then how late it is, then who has no plan. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "compare_views.h"
#include "html_page.h"
#include "must.h"
#include "options.h"
#include "sheet.h"

static const struct column usage_columns[] = {
	{"strategy", NULL, TEXT_COLUMN},
	{"margin", NULL, 2},
	{"GPUs", NULL, 0},
	{"nodes", NULL, 0},
	{"share", NULL, 2},
	{"per hour", NULL, 2},
	{"GPUs %", NULL, 0},
	{"share %", NULL, 0},
	{"cost %", NULL, 0},
	{"later", NULL, TEXT_COLUMN},
	{"planned ms", NULL, 0},
};

static const struct column lateness_columns[] = {
	{"strategy", NULL, TEXT_COLUMN},
	{"late %", NULL, 2},
	{"excess %", NULL, 2},
	{"from", NULL, 2},
	{"to", NULL, 2},
	{"worst tenth %", NULL, 2},
	{"from", NULL, 2},
	{"to", NULL, 2},
	{"held %", NULL, 0},
	{"worst workload", NULL, TEXT_COLUMN},
};

static const double percent = 100;

struct saving saving_against(const struct sw_comparison *comparison, const struct sw_compared *row)
{
	const struct sw_compared *ours = sw_comparison_find(comparison, "slicewise");
	struct saving none = {NAN, NAN, NAN};

	if (!ours || ours == row || strcmp(row->strategy, "oracle") == 0)
		return none;
	return (struct saving){
		sw_compared_saving(ours->gpus, row->gpus),
		sw_compared_saving(ours->share, row->share),
		sw_compared_saving(ours->cost_per_hour, row->cost_per_hour),
	};
}

const char *who_is_later(const struct sw_comparison *comparison, const struct sw_compared *row)
{
	const struct sw_compared *ours = sw_comparison_find(comparison, "slicewise");

	if (!ours || !ours->planned || !row->planned)
		return NULL;
	if (sw_compared_later(row, ours))
		return "it";
	return sw_compared_later(ours, row) ? "slicewise" : NULL;
}

static void add_usage(struct sheet *sheet, const struct comparison_view *view,
		      const struct sw_compared *row)
{
	struct saving saving = saving_against(view->comparison, row);

	sheet_text(sheet, row->strategy);
	sheet_number(sheet, row->margin);
	sheet_number(sheet, row->gpus);
	sheet_number(sheet, row->nodes);
	sheet_number(sheet, row->share);
	sheet_number(sheet, row->cost_per_hour);
	sheet_number(sheet, percent * saving.gpus);
	sheet_number(sheet, percent * saving.share);
	sheet_number(sheet, percent * saving.cost);
	sheet_text(sheet, who_is_later(view->comparison, row));
	if (view->times)
		sheet_number(sheet, row->planning_ms);
}

static struct sheet *usage_sheet(const struct comparison_view *view)
{
	struct sheet *sheet = sheet_new(usage_columns, COUNT(usage_columns) - !view->times);

	for (size_t i = 0; i < view->comparison->n; i++)
		add_usage(sheet, view, &view->comparison->rows[i]);
	return sheet;
}

/* The workload whose excess is the largest, in the worst worlds first; NULL: nothing is late. */
static const char *worst_workload(const struct comparison_view *view,
				  const struct sw_compared_workload *workloads)
{
	double most = SW_COMPARE_NO_EXCESS;
	const char *name = NULL;

	for (size_t w = 0; w < view->comparison->n_workloads; w++)
		if (workloads[w].worst_decile > most) {
			most = workloads[w].worst_decile;
			name = view->problem->workloads[w].name;
		}
	return name;
}

static void add_figure(struct sheet *sheet, const struct sw_compared_figure *figure)
{
	sheet_number(sheet, percent * figure->value);
	sheet_tone(sheet, figure->value > SW_COMPARE_NO_EXCESS ? TONE_BAD : TONE_PLAIN);
	sheet_number(sheet, percent * figure->low);
	sheet_number(sheet, percent * figure->high);
}

static struct sheet *lateness_sheet(const struct comparison_view *view, int load)
{
	struct sheet *sheet = sheet_new(lateness_columns, COUNT(lateness_columns));

	for (size_t i = 0; i < view->comparison->n; i++) {
		const struct sw_compared *row = &view->comparison->rows[i];
		const struct sw_compared_lateness *l = &row->lateness[load];

		if (!row->planned)
			continue;
		sheet_text(sheet, row->strategy);
		sheet_number(sheet, percent * l->late.value);
		add_figure(sheet, &l->excess);
		add_figure(sheet, &l->worst_decile);
		sheet_number(sheet, percent * l->worlds_held);
		sheet_text(sheet, worst_workload(view, row->workloads[load]));
	}
	return sheet;
}

static void print_sheet(struct sheet *sheet, const struct style *style, FILE *out)
{
	sheet_print(sheet, style, 0, out);
	sheet_free(sheet);
}

static void put_sheet(struct sheet *sheet, const char *caption, FILE *out)
{
	sheet_html(sheet, caption, out);
	sheet_free(sheet);
}

static void print_why(const struct comparison_view *view, FILE *out)
{
	bool first = true;

	for (size_t i = 0; i < view->comparison->n; i++) {
		const struct sw_compared *row = &view->comparison->rows[i];

		if (!*row->why)
			continue;
		(void)fprintf(out, "%s%s: ", first ? "\n" : "", row->strategy);
		text_wrap(row->why, strlen(row->strategy) + 2, 4, LINE_WIDTH, out);
		first = false;
	}
}

/* What was simulated, in words; free(). */
static char *scope_of(const struct comparison_view *view)
{
	const struct sw_comparison *c = view->comparison;

	char *played = c->shortest_s < c->longest_s
			       ? must_format(" %.0f to %.0f s", c->shortest_s, c->longest_s)
		       : sw_known(c->shortest_s) ? must_format(" %.0f s", c->shortest_s)
						 : must_format("%s", "");
	char *text =
		must_format("%zu workload%s in %u world%s of the simulator, each %u time%s%s",
			    c->n_workloads, c->n_workloads == 1 ? "" : "s", c->worlds,
			    c->worlds == 1 ? "" : "s", c->seeds, c->seeds == 1 ? "" : "s", played);

	free(played);
	return text;
}

static void print_scope(const struct comparison_view *view, FILE *out)
{
	char *scope = scope_of(view);

	(void)fprintf(out, "%s\n\n", scope);
	free(scope);
}

static const char usage_note[] =
	"margin: limits were multiplied by it for planning, the best of those tried for each "
	"strategy; share: where it binds, else the whole GPU; GPUs %, share %, cost %: how much "
	"less slicewise takes; later: who has more excess late, in the median world or the worst "
	"tenth: only where it is neither, savings are at equal lateness. oracle: no plan takes "
	"less, it is proved.";
static const char lateness_note[] =
	"late, excess (beyond what limits allow): the worst workload in the median world, and in "
	"the worst tenth of the worlds; from, to: 95 %; held: worlds without excess; worst "
	"workload: in the worst tenth";

void comparison_print(const struct comparison_view *view, const struct style *style, FILE *out)
{
	print_scope(view, out);
	print_sheet(usage_sheet(view), style, out);
	text_wrap(usage_note, 0, 0, LINE_WIDTH, out);
	(void)fputs("\nLoad as it is in the file\n", out);
	print_sheet(lateness_sheet(view, SW_COMPARED_AS_GIVEN), style, out);
	if (view->other_load) {
		(void)fprintf(out, "\nArrivals %s\n", view->other_load);
		print_sheet(lateness_sheet(view, SW_COMPARED_OTHER), style, out);
	}
	text_wrap(lateness_note, 0, 0, LINE_WIDTH, out);
	print_why(view, out);
}

void comparison_html(const struct comparison_view *view, FILE *out)
{
	char *scope = scope_of(view);

	html_paragraph(out, scope);
	free(scope);
	html_heading(out, "What each takes");
	put_sheet(usage_sheet(view), "GPUs, shares and cost", out);
	html_paragraph(out, usage_note);
	html_heading(out, "How late each is");
	put_sheet(lateness_sheet(view, SW_COMPARED_AS_GIVEN), "Load as it is in the file", out);
	if (view->other_load) {
		char *caption = must_format("Arrivals %s", view->other_load);

		put_sheet(lateness_sheet(view, SW_COMPARED_OTHER), caption, out);
		free(caption);
	}
	html_paragraph(out, lateness_note);
	for (size_t i = 0; i < view->comparison->n; i++) {
		const struct sw_compared *row = &view->comparison->rows[i];
		char *text = *row->why ? must_format("%s: %s", row->strategy, row->why) : NULL;

		if (text)
			html_paragraph(out, text);
		free(text);
	}
}
