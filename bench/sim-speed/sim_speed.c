// SPDX-License-Identifier: Apache-2.0
/*
 * How fast the simulator is, and that its cost grows with duration and engines and no faster. Writes sim-speed.txt and
 * sim-speed.csv into a folder.
 *
 * usage: slicewise-sim-speed FOLDER
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "common/figures.h"
#include "common/made_mix.h"
#include "slicewise/simulate.h"

/* Times are medians: a machine that does something else now and then moves a mean. */
enum { TIMES = 5 };
/* A minute of four busy engines, seconds; and how far growth may be from linear. */
static const double SECONDS = 0.5, BEYOND_LINEAR = 0.25;
/* Of each engine; four of them keep the GPU busy. */
static const double RATE = 0.8;

struct cost {
	double seconds, events, busy;
};

static enum sw_status make(const sw_catalog *catalog, size_t engines, struct made_mix *mix,
			   struct sw_error *err)
{
	struct sw_engine engine = made_engine();
	struct sw_load load =
		made_arrivals(RATE, (struct sw_length){400, 1200}, (struct sw_length){150, 400});
	enum sw_status st = SW_OK;

	if (!made_mix_start(catalog, "h100-sxm", SW_MPS, mix))
		return SW_BAD_INPUT;
	for (size_t i = 0; i < engines && st == SW_OK; i++)
		st = made_mix_add(catalog, mix, "llama-7b", &engine, 0.25, 19.5, &load, err);
	return st;
}

static double now_s(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static enum sw_status once(const struct sw_mix *mix, double minutes, struct cost *out,
			   struct sw_error *err)
{
	struct sw_simulate_settings settings = sw_simulate_defaults();
	struct sw_simulated *simulated;
	double start = now_s();
	enum sw_status st;

	settings.alone = false;
	settings.repetitions = 1;
	settings.duration_s = 60 * minutes;
	st = sw_simulate(mix, &settings, &simulated, err);
	if (st != SW_OK)
		return st;
	*out = (struct cost){now_s() - start, (double)simulated->events, simulated->busy};
	sw_simulated_free(simulated);
	return SW_OK;
}

static int by_seconds(const void *a, const void *b)
{
	double x = ((const struct cost *)a)->seconds, y = ((const struct cost *)b)->seconds;

	return (x > y) - (x < y);
}

static enum sw_status measure(const sw_catalog *catalog, size_t engines, double minutes,
			      struct cost *out, struct sw_error *err)
{
	struct cost all[TIMES];
	struct made_mix mix;
	enum sw_status st = make(catalog, engines, &mix, err);

	for (int i = 0; i < TIMES && st == SW_OK; i++)
		st = once(&mix.mix, minutes, &all[i], err);
	if (st != SW_OK)
		return st;
	qsort(all, TIMES, sizeof(*all), by_seconds);
	*out = all[TIMES / 2];
	return SW_OK;
}

/* A line of the table; seconds and events per unit of work against the first line's say whether growth is linear. */
static void put(struct figures *figures, const char *row, const struct cost *cost, double work,
		double per_work, double most)
{
	figures_at_most(figures, row, "seconds", cost->seconds, most);
	figures_at_most(figures, row, "events_per_s", cost->events / cost->seconds, NAN);
	figures_at_most(figures, row, "busy", cost->busy, NAN);
	if (per_work > 0)
		figures_add(figures, &(struct figure){row, "s_per_unit", per_work,
						      cost->seconds / work, BEYOND_LINEAR});
}

static enum sw_status by_duration(const sw_catalog *catalog, struct figures *figures,
				  struct sw_error *err)
{
	static const double minutes[] = {1, 2, 4, 8};
	double per_minute = 0;

	figures_section(
		figures, "duration",
		"Four llama-7b on an H100 under MPS, 0.25 each, 0.8 requests/s each: one run, "
		"CPU seconds, median of five.\n"
		"s_per_unit: per simulated minute, against the first line's.");
	for (size_t i = 0; i < sizeof(minutes) / sizeof(minutes[0]); i++) {
		struct cost cost;
		char row[32];
		enum sw_status st = measure(catalog, 4, minutes[i], &cost, err);

		if (st != SW_OK)
			return st;
		(void)snprintf(row, sizeof(row), "%g min", minutes[i]);
		put(figures, row, &cost, minutes[i], per_minute, i == 0 ? SECONDS : NAN);
		if (i == 0)
			per_minute = cost.seconds;
	}
	return SW_OK;
}

/* An event looks at every engine, and more engines have more events: the work is their product, and less where they slow each other. */
static enum sw_status by_engines(const sw_catalog *catalog, struct figures *figures,
				 struct sw_error *err)
{
	figures_section(figures, "engines",
			"The same for four minutes with fewer engines; slower engines have fewer "
			"steps, so seconds grow with events.");
	for (size_t engines = 1; engines <= 4; engines++) {
		struct cost cost;
		char row[32];
		enum sw_status st = measure(catalog, engines, 4, &cost, err);

		if (st != SW_OK)
			return st;
		(void)snprintf(row, sizeof(row), "%zu engines", engines);
		figures_at_most(figures, row, "events", cost.events, NAN);
		put(figures, row, &cost, 1, 0, NAN);
	}
	return SW_OK;
}

int main(int argc, char **argv)
{
	struct figures figures;
	struct sw_error err = {.message = ""};
	sw_catalog *catalog;
	enum sw_status st;

	if (argc != 2) {
		(void)fputs("usage: slicewise-sim-speed FOLDER\n", stderr);
		return 1;
	}
	if (sw_catalog_open(&catalog, NULL) != SW_OK ||
	    !figures_open(argv[1], "sim-speed", figures_columns, &figures))
		return 4;
	st = by_duration(catalog, &figures, &err);
	if (st == SW_OK)
		st = by_engines(catalog, &figures, &err);
	if (st != SW_OK)
		figures_say(&figures, "%s", err.message);
	sw_catalog_free(catalog);
	return figures_close(&figures) && st == SW_OK ? 0 : 4;
}
