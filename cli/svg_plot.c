// SPDX-License-Identifier: Apache-2.0
#include "svg_plot.h"

#include <math.h>
#include <string.h>

#include "html_page.h"

static const char *const colours[SVG_COLOURS] = {"#3b82d6", "#e0862b", "#36a16a", "#c9508a",
						 "#8b72d4", "#17a2b0", "#8a8a8a", "#b5a100",
						 "#d2544a", "#6b9b2f", "#a06a3c", "#5f6fbf"};
static const char INK[] = "#808080";
enum { TICK = 4, TEXT = 11, MINOR = 9 };

void svg_begin(FILE *svg, int width, int height, const char *title)
{
	(void)fprintf(svg,
		      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" "
		      "font-family=\"sans-serif\" font-size=\"%d\" fill=\"%s\">\n"
		      "<!-- SPDX-License-Identifier: Apache-2.0 -->\n<title>",
		      width, height, TEXT, INK);
	html_escaped(svg, title);
	(void)fputs("</title>\n<text x=\"12\" y=\"20\" font-size=\"14\">", svg);
	html_escaped(svg, title);
	(void)fputs("</text>\n", svg);
}

void svg_end(FILE *svg)
{
	(void)fputs("</svg>\n", svg);
}

void svg_text(FILE *svg, double x, double y, const char *anchor, const char *text)
{
	(void)fprintf(svg, "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">", x, y, anchor);
	html_escaped(svg, text);
	(void)fputs("</text>\n", svg);
}

const char *svg_colour(int colour)
{
	return colours[colour % SVG_COLOURS];
}

/* Where a value lies between the ends of its axis: 0 to 1 inside. */
static double along(const struct svg_axis *axis, double value)
{
	if (axis->logarithmic)
		return log(value / axis->low) / log(axis->high / axis->low);
	return (value - axis->low) / (axis->high - axis->low);
}

static double x_of(const struct svg_panel *p, double value)
{
	return p->x + p->width * along(&p->across, value);
}

static double y_of(const struct svg_panel *p, double value)
{
	return p->y + p->height * (1 - along(&p->up, value));
}

static void put_tick(FILE *svg, const struct svg_panel *p, bool across, double at, const char *word)
{
	double x = across ? x_of(p, at) : p->x;
	double y = across ? p->y + p->height : y_of(p, at);
	int length = *word ? TICK : TICK / 2;

	(void)fprintf(svg, "<path d=\"M%.1f %.1f%c%d\" stroke=\"%s\"/>", x, y, across ? 'v' : 'h',
		      across ? length : -length, INK);
	if (*word)
		(void)fprintf(svg, "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">%s</text>",
			      across ? x : x - TICK - 3, across ? y + TICK + TEXT : y + 4,
			      across ? "middle" : "end", word);
	(void)fputc('\n', svg);
}

static void number_tick(FILE *svg, const struct svg_panel *p, bool across, double at, bool named)
{
	char word[32];

	(void)snprintf(word, sizeof(word), "%g", at);
	put_tick(svg, p, across, at, named ? word : "");
}

/* Powers of ten and, where these are few, twice and five times; all of their multiples without a number. */
static void logarithmic_ticks(FILE *svg, const struct svg_panel *p, bool across,
			      const struct svg_axis *axis)
{
	bool few = axis->high / axis->low < 500;

	for (int power = (int)floor(log10(axis->low)); pow(10, power) <= axis->high; power++)
		for (int k = 1; k <= MINOR; k++) {
			double at = k * pow(10, power);

			if (at < axis->low * (1 - 1e-9) || at > axis->high * (1 + 1e-9))
				continue;
			number_tick(svg, p, across, at, k == 1 || (few && (k == 2 || k == 5)));
		}
}

/* One, two or five times a power of ten, so that there are about five. */
static double spacing(const struct svg_axis *axis)
{
	double rough = (axis->high - axis->low) / 5, power = pow(10, floor(log10(rough)));

	return rough > 5 * power ? 10 * power : rough > 2 * power ? 5 * power : 2 * power;
}

static void ticks(FILE *svg, const struct svg_panel *p, bool across, const struct svg_axis *axis)
{
	double step;

	for (int i = 0; axis->words && i < axis->n_words; i++)
		put_tick(svg, p, across, i, axis->words[i]);
	if (axis->words)
		return;
	if (axis->logarithmic) {
		logarithmic_ticks(svg, p, across, axis);
		return;
	}
	step = spacing(axis);
	/* By whole steps: sums of them would miss 0 by a rounding. */
	for (double i = ceil(axis->low / step); i * step <= axis->high * (1 + 1e-9); i++)
		number_tick(svg, p, across, i == 0 ? 0 : i * step, true);
}

void svg_frame(FILE *svg, const struct svg_panel *p)
{
	double middle = p->y + p->height / 2;

	(void)fprintf(svg,
		      "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" fill=\"none\" "
		      "stroke=\"%s\"/>\n<text x=\"%.1f\" y=\"%.1f\">%s</text>\n",
		      p->x, p->y, p->width, p->height, INK, p->x, p->y - 6, p->title);
	(void)fprintf(svg, "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"middle\">%s</text>\n",
		      p->x + p->width / 2, p->y + p->height + 32, p->across.label);
	(void)fprintf(svg,
		      "<text transform=\"translate(%.1f %.1f) rotate(-90)\" "
		      "text-anchor=\"middle\">%s</text>\n",
		      p->x - 36, middle, p->up.label);
	ticks(svg, p, true, &p->across);
	ticks(svg, p, false, &p->up);
}

static bool is_inside(const struct svg_panel *p, double x, double y)
{
	double a = along(&p->across, x), b = along(&p->up, y);

	return isfinite(a) && isfinite(b) && a >= 0 && a <= 1 && b >= 0 && b <= 1;
}

/* A move without length and a round pen make a dot in few bytes. */
void svg_points(FILE *svg, const struct svg_panel *p, const double *x, const double *y, size_t n,
		int colour)
{
	(void)fprintf(svg,
		      "<path stroke=\"%s\" stroke-width=\"3\" stroke-linecap=\"round\" "
		      "stroke-opacity=\"0.6\" d=\"",
		      colours[colour % SVG_COLOURS]);
	for (size_t i = 0; i < n; i++)
		if (is_inside(p, x[i], y[i]))
			(void)fprintf(svg, "M%.1f %.1fh0", x_of(p, x[i]), y_of(p, y[i]));
	(void)fputs("\"/>\n", svg);
}

static double at_edge(const struct svg_axis *axis, double value)
{
	return fmin(axis->high, fmax(axis->low, value));
}

double svg_x(const struct svg_panel *panel, double value)
{
	return x_of(panel, at_edge(&panel->across, value));
}

double svg_y(const struct svg_panel *panel, double value)
{
	return y_of(panel, at_edge(&panel->up, value));
}

void svg_line(FILE *svg, const struct svg_panel *p, const double *x, const double *y, size_t n,
	      int colour)
{
	bool begun = false;

	(void)fprintf(svg, "<path fill=\"none\" stroke=\"%s\" stroke-width=\"2\" d=\"",
		      colours[colour % SVG_COLOURS]);
	for (size_t i = 0; i < n; i++) {
		if (!isfinite(x[i]) || !isfinite(y[i]))
			continue;
		(void)fprintf(svg, "%c%.1f %.1f", begun ? 'L' : 'M',
			      x_of(p, at_edge(&p->across, x[i])), y_of(p, at_edge(&p->up, y[i])));
		begun = true;
	}
	(void)fputs("\"/>\n", svg);
	svg_points(svg, p, x, y, n, colour);
}

void svg_rule(FILE *svg, const struct svg_panel *p, double x1, double y1, double x2, double y2)
{
	(void)fprintf(svg,
		      "<path stroke=\"%s\" stroke-dasharray=\"4 3\" d=\"M%.1f %.1fL%.1f %.1f\"/>\n",
		      INK, x_of(p, x1), y_of(p, y1), x_of(p, x2), y_of(p, y2));
}

void svg_bar(FILE *svg, const struct svg_panel *p, double x, double width, double y, int colour)
{
	double left = x_of(p, x - width / 2), top = y_of(p, at_edge(&p->up, y));

	if (isfinite(y))
		(void)fprintf(svg,
			      "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" "
			      "fill=\"%s\"/>\n",
			      left, top, x_of(p, x + width / 2) - left, p->y + p->height - top,
			      colours[colour % SVG_COLOURS]);
}

void svg_key(FILE *svg, double x, double y, const char *const *names, int n)
{
	for (int i = 0; i < n; i++) {
		(void)fprintf(svg,
			      "<path stroke=\"%s\" stroke-width=\"4\" d=\"M%.1f %.1fh14\"/>"
			      "<text x=\"%.1f\" y=\"%.1f\">%s</text>\n",
			      colours[i % SVG_COLOURS], x, y - 4, x + 18, y, names[i]);
		x += 34 + 6.2 * (double)strlen(names[i]);
	}
}
