// SPDX-License-Identifier: Apache-2.0
#include <math.h>
#include <stdlib.h>

#include "common/svg_file.h"
#include "predictor/predictor_sections.h"

static const double PERCENT = 100;
enum { MECHANISMS = 3, WIDE = 280, HIGH = 220, LEFT = 60, TOP = 70, GAP_X = 70, GAP_Y = 66 };

static const enum sw_mechanism mechanisms[MECHANISMS] = {SW_MPS, SW_HAMI, SW_TIMESLICE};

static int width_of(int columns)
{
	return LEFT + columns * (WIDE + GAP_X) - GAP_X + 20;
}

static int height_of(int rows)
{
	return TOP + rows * (HIGH + GAP_Y);
}

/* The place of a panel in columns and rows; its axes are left to the caller. */
static struct svg_panel panel_at(int column, int row, const char *title)
{
	return (struct svg_panel){.x = LEFT + column * (WIDE + GAP_X),
				  .y = TOP + row * (HIGH + GAP_Y),
				  .width = WIDE,
				  .height = HIGH,
				  .title = title};
}

static const char *title_of(int mechanism, int target, char *room, size_t size)
{
	(void)snprintf(room, size, "%s, %s", sw_mechanism_name(mechanisms[mechanism]),
		       target_names[target]);
	return room;
}

/* The points of one set in one panel. */
static void scatter(FILE *svg, const struct svg_panel *panel, const struct judged_rows *rows,
		    const struct measured_set *set, int target, int colour)
{
	struct judged_filter f = {.stage = STAGE_FOLDS, .set = set, .mechanism = -1};
	double *x = calloc(2 * rows->n + 1, sizeof(*x)), *y = x ? x + rows->n : NULL;
	size_t n = 0;

	for (size_t i = 0; x && i < rows->n; i++) {
		if (!judged_passes(&rows->at[i], &f))
			continue;
		x[n] = judged_measured(&rows->at[i], target);
		y[n++] = rows->at[i].said[OURS].at[target];
	}
	if (x)
		svg_points(svg, panel, x, y, n, colour);
	free(x);
}

static bool draw_scatter(const struct measured_sets *sets, const struct judged_rows *rows,
			 const char *folder)
{
	static const double ends[][2] = {{10, 10000}, {2, 500}};
	const char *names[SVG_COLOURS];
	FILE *svg = svg_open(folder, "predictor-scatter", width_of(MECHANISMS), height_of(2),
			     "Held-out mixes: predicted against measured, an engine a point");

	if (!svg)
		return false;
	for (int m = 0; m < MECHANISMS; m++)
		for (int target = TTFT_MEAN; target <= TPOT_MEAN; target++) {
			char title[64];
			struct svg_panel p =
				panel_at(m, target, title_of(m, target, title, sizeof(title)));
			double low = ends[target][0], high = ends[target][1];

			p.across = (struct svg_axis){"measured, ms", low, high, true, NULL, 0};
			p.up = (struct svg_axis){"predicted, ms", low, high, true, NULL, 0};
			svg_frame(svg, &p);
			svg_rule(svg, &p, low, low, high, high);
			for (size_t s = 0; s < sets->n; s++)
				if (sets->at[s].mechanism == mechanisms[m])
					scatter(svg, &p, rows, &sets->at[s], target, (int)s);
		}
	for (size_t s = 0; s < sets->n && s < SVG_COLOURS; s++)
		names[s] = sets->at[s].name;
	svg_key(svg, LEFT, TOP - 26, names, (int)sets->n);
	return svg_close(svg);
}

static void size_lines(FILE *svg, const struct svg_panel *panel, const struct judged_rows *rows,
		       int mechanism, int target)
{
	double x[BENCH_ENGINES_MAX], y[BENCH_ENGINES_MAX];

	for (int c = 0; c < CONTENDERS; c++) {
		for (size_t size = 1; size <= BENCH_ENGINES_MAX; size++) {
			struct judged_filter f = {.stage = STAGE_FOLDS,
						  .mechanism = (int)mechanisms[mechanism],
						  .size = size};

			x[size - 1] = (double)size - 1;
			y[size - 1] = PERCENT * judged_errors(rows, &f, c, target).mape;
		}
		svg_line(svg, panel, x, y, BENCH_ENGINES_MAX, c);
	}
}

static bool draw_sizes(const struct judged_rows *rows, const char *folder)
{
	static const char *const sizes[] = {"1", "2", "3", "4"};
	FILE *svg = svg_open(folder, "predictor-sizes", width_of(MECHANISMS), height_of(2),
			     "Held-out mixes: mean absolute error by the number of engines");

	if (!svg)
		return false;
	for (int m = 0; m < MECHANISMS; m++)
		for (int target = TTFT_MEAN; target <= TPOT_MEAN; target++) {
			char title[64];
			struct svg_panel p =
				panel_at(m, target, title_of(m, target, title, sizeof(title)));

			p.across =
				(struct svg_axis){"engines on the GPU", -0.3, 3.3, false, sizes, 4};
			p.up = (struct svg_axis){"error, %", 0.5, 200, true, NULL, 0};
			svg_frame(svg, &p);
			size_lines(svg, &p, rows, m, target);
		}
	svg_key(svg, LEFT, TOP - 26, contender_names, CONTENDERS);
	return svg_close(svg);
}

static void curve_lines(FILE *svg, const struct svg_panel *panel, const struct judged_rows *rows,
			int mechanism, int target)
{
	double x[CURVE_LEVELS], y[CURVE_LEVELS];

	for (int c = 0; c < CONTENDERS; c++) {
		for (int k = 0; k < CURVE_LEVELS; k++) {
			struct judged_filter f = {.stage = STAGE_CURVE,
						  .level = curve_levels[k],
						  .mechanism = (int)mechanisms[mechanism]};

			x[k] = curve_levels[k];
			y[k] = PERCENT * judged_errors(rows, &f, c, target).mape;
		}
		svg_line(svg, panel, x, y, CURVE_LEVELS, c);
	}
}

static bool draw_curve(const struct judged_rows *rows, const char *folder)
{
	FILE *svg = svg_open(
		folder, "predictor-curve", width_of(MECHANISMS), height_of(2),
		"Mean absolute error on held-out mixes by the number of runs learned from");

	if (!svg)
		return false;
	for (int m = 0; m < MECHANISMS; m++)
		for (int target = TTFT_MEAN; target <= TPOT_MEAN; target++) {
			char title[64];
			struct svg_panel p =
				panel_at(m, target, title_of(m, target, title, sizeof(title)));

			p.across = (struct svg_axis){"runs per model", 1.5, 32, true, NULL, 0};
			p.up = (struct svg_axis){"error, %", 0.5, 200, true, NULL, 0};
			svg_frame(svg, &p);
			curve_lines(svg, &p, rows, m, target);
		}
	svg_key(svg, LEFT, TOP - 26, contender_names, CONTENDERS);
	return svg_close(svg);
}

/* Where 99 of 100 would lie if bounds held 95 %, by a normal distribution of their number. */
static double wide_of(double runs)
{
	return 2.576 * sqrt(0.05 * 0.95 / runs);
}

static void bound_bars(FILE *svg, const struct svg_panel *panel, const struct measured_sets *sets,
		       const struct judged_rows *rows, int target)
{
	static const double BAR = 0.5;

	for (size_t s = 0; s < sets->n; s++) {
		struct judged_filter f = {
			.stage = STAGE_FOLDS, .set = &sets->at[s], .mechanism = -1};
		struct judged_coverage c = judged_coverage(rows, &f, target);
		double at = (double)s, wide = wide_of(c.runs);

		svg_bar(svg, panel, at, BAR, PERCENT * (1 - c.above / c.runs), (int)s);
		for (int sign = -1; sign <= 1; sign += 2) {
			double y = fmin(100, PERCENT * (0.95 + sign * wide));

			svg_rule(svg, panel, at - BAR / 2, y, at + BAR / 2, y);
		}
	}
}

static bool draw_bounds(const struct measured_sets *sets, const struct judged_rows *rows,
			const char *folder)
{
	static const char *const blank[SVG_COLOURS] = {"", "", "", "", "", "",
						       "", "", "", "", "", ""};
	const char *names[SVG_COLOURS];
	FILE *svg = svg_open(folder, "predictor-bounds", width_of(2), height_of(2),
			     "Single runs below their upper bound: 95 % are meant to be, 99 of 100 "
			     "between the dashes");

	if (!svg)
		return false;
	for (int target = 0; target < BENCH_TARGETS; target++) {
		struct svg_panel p = panel_at(target % 2, target / 2, target_names[target]);

		p.across = (struct svg_axis){"",    -0.6,  (double)sets->n - 0.4,
					     false, blank, (int)sets->n};
		p.up = (struct svg_axis){"below, %", 80, 100, false, NULL, 0};
		svg_frame(svg, &p);
		svg_rule(svg, &p, -0.6, 95, (double)sets->n - 0.4, 95);
		bound_bars(svg, &p, sets, rows, target);
	}
	for (size_t s = 0; s < sets->n && s < SVG_COLOURS; s++)
		names[s] = sets->at[s].name;
	svg_key(svg, LEFT, TOP - 26, names, (int)sets->n);
	return svg_close(svg);
}

bool draw_figures(const struct measured_sets *sets, const struct judged_rows *rows,
		  const char *folder)
{
	bool ok = draw_scatter(sets, rows, folder);

	ok = draw_sizes(rows, folder) && ok;
	ok = draw_bounds(sets, rows, folder) && ok;
	return (!judged_has(rows, STAGE_CURVE) || draw_curve(rows, folder)) && ok;
}
