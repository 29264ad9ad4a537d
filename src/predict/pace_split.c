// SPDX-License-Identifier: Apache-2.0
/*
 * A fluid: in a window the load is steady; what is offered beyond the capacity stands in line and is served in the order
 * of coming, first thing in the next windows. Whoever comes to a line of b waits b / capacity.
 */
#include <math.h>

#include "math/ordered.h"
#include "predict/pace.h"

/* Part of the capacity up to which a window's load is taken as steady: closer to it, the waits of a steady state take
 * longer to build up than a window lasts. Origin: the Azure 2023 traces in bench/latency; doubt: 0.85 to 0.97. */
static const double steady_most = 0.93;

struct fluid {
	const struct sw__pace *pace;
	double rate, capacity, window;
	double longest; /* wait */
	struct sw__pace_split *out;
};

/* One window: the line at its end. *busy gets the part of the window with a line. */
static double after_window(const struct fluid *f, double rate, double line, double *busy)
{
	double change = (rate - f->capacity) * f->window;

	*busy = 1;
	if (line + change > 0)
		return line + change;
	*busy = line > 0 ? -line / change : 0;
	return 0;
}

/* Those who come while the line goes from `from` to `to`, spread over the lines' classes by their waits. */
static void add_line(const struct fluid *f, double weight, double from, double to)
{
	double low = sw__smaller(from, to) / f->capacity, high = sw__larger(from, to) / f->capacity;
	double class = f->longest / SW__PACE_LINES;

	for (size_t i = 0; i < SW__PACE_LINES; i++) {
		double within = sw__smaller(high, (double)(i + 1) * class) -
				sw__larger(low, (double)i * class);

		if (within > 0)
			f->out->line[i].weight += weight * within / (high - low);
	}
}

static double part_of_time(const struct fluid *f)
{
	return 1 / (double)f->pace->n;
}

/* The levels are classes of windows by their rate, `width` apart; weight * rate is summed up in rate. */
static void add_level(const struct fluid *f, double rate, double least, double width, double time)
{
	double steady = sw__smaller(rate, steady_most * f->capacity);
	size_t i =
		width > 0 ? (size_t)sw__smaller((steady - least) / width, SW__PACE_LEVELS - 1) : 0;
	struct sw__pace_level *level = &f->out->level[i];

	level->weight += time * rate / f->rate;
	level->time += time;
	level->rate += time * steady;
}

static void find_range(struct fluid *f, double *least, double *most)
{
	double line = 0, busy;

	*least = f->capacity;
	*most = 0;
	for (size_t k = 0; k < f->pace->n; k++) {
		double rate = f->rate * (double)f->pace->factor[k];
		double steady = sw__smaller(rate, steady_most * f->capacity);

		line = after_window(f, rate, line, &busy);
		f->longest = sw__larger(f->longest, line / f->capacity);
		*least = sw__smaller(*least, steady);
		*most = sw__larger(*most, steady);
	}
}

/* Only classes that somebody is in. */
static void close_up(struct sw__pace_split *out, double longest)
{
	for (size_t i = 0; i < SW__PACE_LEVELS; i++) {
		struct sw__pace_level level = out->level[i];

		if (level.weight <= 0)
			continue;
		level.rate /= level.time;
		out->level[out->n_levels++] = level;
	}
	for (size_t i = 0; i < SW__PACE_LINES; i++) {
		struct sw__pace_line line = out->line[i];

		line.low = longest * (double)i / SW__PACE_LINES;
		line.high = longest * (double)(i + 1) / SW__PACE_LINES;
		if (line.weight > 0)
			out->line[out->n_lines++] = line;
	}
}

void sw__pace_split(const struct sw__pace *pace, double rate, double capacity, double window,
		    struct sw__pace_split *out)
{
	struct fluid f = {
		.pace = pace, .rate = rate, .capacity = capacity, .window = window, .out = out};
	double least, most, line = 0;

	*out = (struct sw__pace_split){0};
	find_range(&f, &least, &most);
	for (size_t k = 0; k < pace->n; k++) {
		double now = rate * (double)pace->factor[k], busy;
		double after = after_window(&f, now, line, &busy);

		if (busy > 0 && f.longest > 0)
			add_line(&f, busy * part_of_time(&f) * now / rate, line, after);
		out->line_time += busy * part_of_time(&f);
		if (busy < 1)
			add_level(&f, now, least, (most - least) / SW__PACE_LEVELS,
				  (1 - busy) * part_of_time(&f));
		line = after;
	}
	close_up(out, f.longest);
}
