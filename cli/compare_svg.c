// SPDX-License-Identifier: Apache-2.0
/* A comparison as a figure: a line for each strategy; cost and share as bars, excess late as points with intervals. */
#include <math.h>
#include <string.h>

#include "compare_views.h"
#include "output.h"
#include "svg_plot.h"

enum { WIDTH = 960, TOP = 64, ROW = 24, BAR = 12, BELOW = 56, TEXT_DROP = 4, ASIDE = 4 };
/* Where the panels begin and how wide they are, pixels. */
static const double NAMES_END = 150, PANEL = 220, GAP = 44;
static const double percent = 100;

static const char *const no_words[] = {NULL};

static struct svg_panel panel_at(int index, size_t rows, const char *title, const char *label,
				 double high)
{
	return (struct svg_panel){
		.x = NAMES_END + index * (PANEL + GAP),
		.y = TOP,
		.width = PANEL,
		.height = (double)rows * ROW,
		.title = title,
		.across = {.label = label, .high = high},
		.up = {.label = "", .low = (double)rows, .words = no_words},
	};
}

static double row_y(size_t row)
{
	return TOP + ROW * ((double)row + 0.5);
}

/* Ours in a colour of its own. */
static int colour_of(const struct sw_compared *row)
{
	return strcmp(row->strategy, "slicewise") == 0 ? 0 : 6;
}

static void put_bar(FILE *svg, const struct svg_panel *panel, size_t row,
		    const struct sw_compared *compared, double value)
{
	char text[32];
	double end;

	if (!sw_known(value)) {
		svg_text(svg, panel->x + 6, row_y(row) + TEXT_DROP, "start", "-");
		return;
	}
	end = svg_x(panel, value);
	(void)fprintf(svg,
		      "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%d\" fill=\"%s\"/>\n",
		      panel->x, row_y(row) - BAR / 2.0, end - panel->x, BAR,
		      svg_colour(colour_of(compared)));
	(void)snprintf(text, sizeof(text), "%.2f", value);
	svg_text(svg, end + 4, row_y(row) + TEXT_DROP, "start", text);
}

static void put_line(FILE *svg, double x1, double x2, double y, const char *colour)
{
	(void)fprintf(svg, "<path stroke=\"%s\" stroke-width=\"2\" d=\"M%.1f %.1fH%.1f\"/>\n",
		      colour, x1, y, x2);
}

/* A disc for the median world, a ring for the worst tenth. */
static void put_figure(FILE *svg, const struct svg_panel *panel, double y,
		       const struct sw_compared_figure *figure, bool ring, const char *colour)
{
	double x = svg_x(panel, percent * figure->value);

	if (!sw_known(figure->value))
		return;
	if (sw_known(figure->low))
		put_line(svg, svg_x(panel, percent * figure->low),
			 svg_x(panel, percent * figure->high), y, colour);
	(void)fprintf(svg,
		      "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"3.5\" fill=\"%s\" stroke=\"%s\" "
		      "stroke-width=\"1.5\"/>\n",
		      x, y, ring ? "none" : colour, colour);
}

static double largest(const struct sw_comparison *c, double (*of)(const struct sw_compared *))
{
	double most = 0;

	for (size_t i = 0; i < c->n; i++)
		most = fmax(most, of(&c->rows[i]));
	return most > 0 ? most : 1;
}

static double cost_of(const struct sw_compared *row)
{
	return row->cost_per_hour;
}

static double share_of(const struct sw_compared *row)
{
	return row->share;
}

static double excess_of(const struct sw_compared *row)
{
	const struct sw_compared_lateness *l = &row->lateness[SW_COMPARED_AS_GIVEN];

	return fmax(fmax(l->worst_decile.value, l->worst_decile.high), l->excess.high);
}

/* Room for the number behind the longest bar. */
static const double ROOM = 1.25, EXCESS_LEAST = 2, EXCESS_ROOM = 1.05;

static void draw(const struct comparison_view *view, FILE *svg)
{
	const struct sw_comparison *c = view->comparison;
	double excess = fmax(EXCESS_LEAST, EXCESS_ROOM * percent * largest(c, excess_of));
	struct svg_panel cost = panel_at(0, c->n, "cost per hour", "", ROOM * largest(c, cost_of));
	struct svg_panel share =
		panel_at(1, c->n, "share that is used, GPUs", "", ROOM * largest(c, share_of));
	struct svg_panel late = panel_at(2, c->n, "excess late, worst workload",
					 "% of requests: disc median world, ring worst tenth",
					 fmin(percent, excess));

	svg_frame(svg, &cost);
	svg_frame(svg, &share);
	svg_frame(svg, &late);
	for (size_t i = 0; i < c->n; i++) {
		const struct sw_compared *row = &c->rows[i];
		const struct sw_compared_lateness *l = &row->lateness[SW_COMPARED_AS_GIVEN];
		const char *colour = svg_colour(colour_of(row));

		svg_text(svg, NAMES_END - 8, row_y(i) + TEXT_DROP, "end", row->strategy);
		put_bar(svg, &cost, i, row, row->cost_per_hour);
		put_bar(svg, &share, i, row, row->share);
		put_figure(svg, &late, row_y(i) + ASIDE, &l->worst_decile, true, colour);
		put_figure(svg, &late, row_y(i) - ASIDE, &l->excess, false, colour);
	}
}

void comparison_draw(const struct comparison_view *view, FILE *svg)
{
	char title[128];

	(void)snprintf(title, sizeof(title), "%zu workloads by strategy, %u world%s",
		       view->comparison->n_workloads, view->comparison->worlds,
		       view->comparison->worlds == 1 ? "" : "s");
	svg_begin(svg, WIDTH, TOP + (int)view->comparison->n * ROW + BELOW, title);
	draw(view, svg);
	svg_end(svg);
}

enum sw_status comparison_save_svg(const struct comparison_view *view, const char *path,
				   struct sw_error *err)
{
	struct output output;

	output_open(&output);
	comparison_draw(view, output.stream);
	return output_close(&output, path, err);
}
