/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file svg_plot.h
 * Figures as SVG: panels with axes, points, lines, bars, a key. Colours are of middle lightness and nothing is filled behind them, so that
 * a figure can be read on a light and on a dark page.
 */
#ifndef SLICEWISE_CLI_SVG_PLOT_H
#define SLICEWISE_CLI_SVG_PLOT_H

#include <stdbool.h>
#include <stdio.h>

/** Colours are numbered from 0. */
enum { SVG_COLOURS = 12 };

struct svg_axis {
	const char *label; /* "" for none */
	double low, high; /* above 0 where it is logarithmic */
	bool logarithmic;
	const char *const *words; /* at 0, 1, 2 ... in place of numbers; NULL: numbers */
	int n_words;
};

/** A rectangle of the figure, pixels, in which things are put by the values of its axes. */
struct svg_panel {
	double x, y, width, height;
	const char *title;
	struct svg_axis across, up;
};

/** A figure into an open stream; svg_end() ends it. */
void svg_begin(FILE *svg, int width, int height, const char *title);
void svg_end(FILE *svg);

/** Frame, ticks, labels. */
void svg_frame(FILE *svg, const struct svg_panel *panel);

/** Points that are not finite, or lie outside of the panel, are left out (of lines: at its edge). */
void svg_points(FILE *svg, const struct svg_panel *panel, const double *x, const double *y,
		size_t n, int colour);
void svg_line(FILE *svg, const struct svg_panel *panel, const double *x, const double *y, size_t n,
	      int colour);

/** A thin dashed line between two points, in the colour of the frame. */
void svg_rule(FILE *svg, const struct svg_panel *panel, double x1, double y1, double x2, double y2);

/** From the bottom up to `y`; its middle at `x`, `width` in units of the axis. */
void svg_bar(FILE *svg, const struct svg_panel *panel, double x, double width, double y,
	     int colour);

/** Text of the figure's size, escaped; `anchor` is "start", "middle" or "end". */
void svg_text(FILE *svg, double x, double y, const char *anchor, const char *text);

/** Where a point of a panel lies, pixels; values beyond an axis are put at its end. */
double svg_x(const struct svg_panel *panel, double value);
double svg_y(const struct svg_panel *panel, double value);

/** The colour of that number. Static. */
const char *svg_colour(int colour);

/** Names with their colours, in one row from x, y on. */
void svg_key(FILE *svg, double x, double y, const char *const *names, int n);

#endif
