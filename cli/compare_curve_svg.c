// SPDX-License-Identifier: Apache-2.0
/* Savings against load as a figure: cost, what is saved of it and of the share, where that ends, and how late. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "compare_views.h"
#include "must.h"
#include "output.h"
#include "svg_plot.h"

enum { WIDTH = 760, TOP = 84, HEIGHT = 220, BELOW = 76, KEY_TOP = 42, ROW = 14, KEY_COLUMNS = 5 };
static const double LEFT = 62, PANEL = 300, GAP = 72, KEY_STEP = 136;
static const double percent = 100, room = 1.05, least_excess = 2;

typedef double value_of(const struct sw_comparison *comparison, const struct sw_compared *row);

static double cost_of(const struct sw_comparison *c, const struct sw_compared *row)
{
	(void)c;
	return row->cost_per_hour;
}

/* Who is later than slicewise is cheap by that. */
static bool is_rival(const struct sw_comparison *c, const struct sw_compared *row)
{
	const char *later = who_is_later(c, row);

	return !later || strcmp(later, "it") != 0;
}

static double cost_saved(const struct sw_comparison *c, const struct sw_compared *row)
{
	return is_rival(c, row) ? percent * saving_against(c, row).cost : (double)NAN;
}

static double share_saved(const struct sw_comparison *c, const struct sw_compared *row)
{
	return is_rival(c, row) ? percent * saving_against(c, row).share : (double)NAN;
}

static double excess(const struct sw_comparison *c, const struct sw_compared *row)
{
	(void)c;
	return percent * row->lateness[SW_COMPARED_AS_GIVEN].excess.value;
}

/* Highest and lowest value of all strategies at all loads. */
static void range_of(const struct sw_load_curve *curve, value_of *of, double *low, double *high)
{
	for (size_t i = 0; i < curve->n; i++) {
		const struct sw_comparison *c = curve->points[i].comparison;

		for (size_t k = 0; k < c->n; k++) {
			double value = of(c, &c->rows[k]);

			*low = fmin(*low, value);
			*high = fmax(*high, value);
		}
	}
}

/* Left to right, top to bottom. `most`: how far the axis goes at least; NAN: as far as the values. */
static struct svg_panel panel_at(const struct sw_load_curve *curve, int index, int top,
				 const char *label, double most, value_of *of)
{
	double low = 0, high = 0;
	int column = index % 2, row = index / 2;

	range_of(curve, of, &low, &high);
	high = fmax(most, room * high);
	return (struct svg_panel){
		.x = LEFT + column * (PANEL + GAP),
		.y = top + row * (HEIGHT + BELOW),
		.width = PANEL,
		.height = HEIGHT,
		.title = "",
		.across = {.label = "load, % of a GPU's capacity",
			   .high = percent * curve->points[curve->n - 1].load},
		.up = {.label = label, .low = low, .high = high > low ? high : low + 1},
	};
}

static void draw_lines(const struct sw_load_curve *curve, const struct svg_panel *panel,
		       value_of *of, FILE *svg)
{
	size_t strategies = curve->points[0].comparison->n;
	double *x = must_alloc(curve->n, sizeof(*x)), *y = must_alloc(curve->n, sizeof(*y));

	for (size_t k = 0; k < strategies; k++) {
		size_t known = 0;

		for (size_t i = 0; i < curve->n; i++) {
			const struct sw_comparison *c = curve->points[i].comparison;

			x[i] = percent * curve->points[i].load;
			y[i] = of(c, &c->rows[k]);
			known += sw_known(y[i]);
		}
		if (known)
			svg_line(svg, panel, x, y, curve->n, (int)k);
	}
	free(x);
	free(y);
}

/* Dashed, where a strategy is no longer dearer. */
static void draw_ends(const struct sw_load_curve *curve, const struct svg_panel *panel, FILE *svg)
{
	const struct sw_comparison *c = curve->points[0].comparison;

	for (size_t k = 0; k < c->n; k++) {
		double at = percent * sw_load_curve_break_even(curve, c->rows[k].strategy);
		char text[16];

		if (k == 0 || !(at > 0))
			continue;
		svg_rule(svg, panel, at, panel->up.low, at, panel->up.high);
		(void)snprintf(text, sizeof(text), "%.0f %%", at);
		svg_text(svg, svg_x(panel, at), panel->y - 4, "middle", text);
	}
	svg_rule(svg, panel, 0, 0, panel->across.high, 0);
}

static void draw_key(const struct sw_comparison *c, FILE *svg)
{
	for (size_t k = 0; k < c->n; k++) {
		size_t column = k % KEY_COLUMNS, row = k / KEY_COLUMNS;
		double x = LEFT + KEY_STEP * (double)column, y = KEY_TOP + ROW * (double)row;

		(void)fprintf(svg, "<path stroke=\"%s\" stroke-width=\"4\" d=\"M%.1f %.1fh14\"/>\n",
			      svg_colour((int)k), x, y - 4);
		svg_text(svg, x + 18, y, "start", c->rows[k].strategy);
	}
}

static void draw(const struct sw_load_curve *curve, int top, FILE *svg)
{
	struct svg_panel cost = panel_at(curve, 0, top, "cost per hour", NAN, cost_of);
	struct svg_panel saved =
		panel_at(curve, 1, top, "cost that slicewise saves, %", percent, cost_saved);
	struct svg_panel share =
		panel_at(curve, 2, top, "share that slicewise saves, %", percent, share_saved);
	struct svg_panel late =
		panel_at(curve, 3, top, "excess late, worst workload, %", least_excess, excess);

	draw_key(curve->points[0].comparison, svg);
	svg_frame(svg, &cost);
	svg_frame(svg, &saved);
	svg_frame(svg, &share);
	svg_frame(svg, &late);
	draw_lines(curve, &cost, cost_of, svg);
	draw_lines(curve, &saved, cost_saved, svg);
	draw_lines(curve, &share, share_saved, svg);
	draw_lines(curve, &late, excess, svg);
	draw_ends(curve, &saved, svg);
	svg_rule(svg, &share, 0, 0, share.across.high, 0);
	svg_text(svg, saved.x, saved.y + HEIGHT + BELOW - 26, "start",
		 "dashed: break-even, saves less than 1 %");
	svg_text(svg, LEFT, late.y + HEIGHT + BELOW - 26, "start",
		 "Savings are left out where a strategy has more excess late than slicewise.");
}

void curve_draw(const struct curve_view *view, FILE *svg)
{
	size_t strategies = view->curve->points[0].comparison->n;
	int top = TOP + ROW * (int)((strategies - 1) / KEY_COLUMNS);
	char title[96];

	(void)snprintf(title, sizeof(title), "%zu workloads: cost against load",
		       view->curve->n_workloads);
	svg_begin(svg, WIDTH, top + 2 * (HEIGHT + BELOW), title);
	draw(view->curve, top, svg);
	svg_end(svg);
}

enum sw_status curve_save_svg(const struct curve_view *view, const char *path, struct sw_error *err)
{
	struct output output;

	output_open(&output);
	curve_draw(view, output.stream);
	return output_close(&output, path, err);
}
