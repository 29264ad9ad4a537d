// SPDX-License-Identifier: Apache-2.0
#include "predictor-vs-sim/summary_table.h"

#include <math.h>
#include <stdlib.h>

enum { ROWS_MAX = 4096, WORST = 3, ENGINES_MAX = 4 };

#define ANY_LOAD 10

/* What is summed up of a group. */
static const struct {
	int metric, statistic;
} judged[] = {
	{SW_TTFT, SW_MEAN},
	{SW_TTFT, SW_P95},
	{SW_TPOT, SW_MEAN},
	{SW_TPOT, SW_P95},
};
enum { JUDGED = sizeof(judged) / sizeof(judged[0]) };

/* Rows of a group; -1: any. */
struct group {
	int mechanism, engines, open, graphs;
	double load_from, load_to;
};

static bool belongs(const struct comparison *c, const struct group *g)
{
	return (g->mechanism < 0 || (int)c->mechanism == g->mechanism) &&
	       (g->engines < 0 || (int)c->n == g->engines) &&
	       (g->open < 0 || (int)c->open == g->open) &&
	       (g->graphs < 0 || (int)c->tenant.engine.cuda_graphs == g->graphs) &&
	       c->load >= g->load_from && c->load <= g->load_to;
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

struct summary {
	size_t rows;
	double mape, median, p90, bias; /* per cent */
};

static struct summary summarise(const struct comparison *rows, size_t n, const struct group *g,
				int metric, int statistic)
{
	static double errors[ROWS_MAX];
	struct summary s = {0};

	for (size_t i = 0; i < n && s.rows < ROWS_MAX; i++) {
		double error = comparison_error(&rows[i], metric, statistic);

		if (!belongs(&rows[i], g) || !comparison_counts(&rows[i]) || !isfinite(error))
			continue;
		s.mape += 100 * fabs(error);
		s.bias += 100 * error;
		errors[s.rows++] = 100 * fabs(error);
	}
	if (s.rows == 0)
		return s;
	qsort(errors, s.rows, sizeof(*errors), by_value);
	s.mape /= (double)s.rows;
	s.bias /= (double)s.rows;
	s.median = errors[s.rows / 2];
	s.p90 = errors[s.rows * 9 / 10];
	return s;
}

static void error_line(const struct comparison *rows, size_t n, const char *name,
		       const struct group *g, struct figures *figures)
{
	struct summary s[JUDGED];

	for (int i = 0; i < JUDGED; i++)
		s[i] = summarise(rows, n, g, judged[i].metric, judged[i].statistic);
	if (s[0].rows == 0)
		return;
	figures_say(
		figures,
		"  %-22s %4zu   %5.1f %5.1f %5.0f %+6.1f   %5.1f %5.1f %5.0f %+6.1f   %5.1f %5.1f "
		"%5.0f %+6.1f   %5.1f %5.1f %5.0f %+6.1f",
		name, s[0].rows, s[0].mape, s[0].median, s[0].p90, s[0].bias, s[1].mape,
		s[1].median, s[1].p90, s[1].bias, s[2].mape, s[2].median, s[2].p90, s[2].bias,
		s[3].mape, s[3].median, s[3].p90, s[3].bias);
}

/* Of one mechanism: all, by size of the mix, and where it has any, eager engines apart. */
static void mechanism_lines(const struct comparison *rows, size_t n, int mechanism,
			    struct figures *figures)
{
	const char *id = sw_mechanism_name((enum sw_mechanism)mechanism);
	char name[64];

	error_line(rows, n, id, &(struct group){mechanism, -1, -1, -1, 0, ANY_LOAD}, figures);
	for (int k = 1; k <= ENGINES_MAX && mechanism != SW_EXCLUSIVE; k++) {
		(void)snprintf(name, sizeof(name), "  engines: %d", k);
		error_line(rows, n, name, &(struct group){mechanism, k, -1, -1, 0, ANY_LOAD},
			   figures);
	}
	for (int graphs = 0; graphs < 2; graphs++) {
		(void)snprintf(name, sizeof(name), "  %s", graphs ? "CUDA graphs" : "eager");
		error_line(rows, n, name, &(struct group){mechanism, -1, -1, graphs, 0, ANY_LOAD},
			   figures);
	}
}

static void error_table(const struct comparison *rows, size_t n, struct figures *figures)
{
	static const struct {
		const char *name;
		struct group group;
	} groups[] = {
		{"all", {-1, -1, -1, -1, 0, ANY_LOAD}},
		{"Poisson", {-1, -1, 1, -1, 0, ANY_LOAD}},
		{"  load up to 0.3", {-1, -1, 1, -1, 0, 0.35}},
		{"  load 0.5 to 0.7", {-1, -1, 1, -1, 0.35, 0.75}},
		{"  load 0.8 and 0.9", {-1, -1, 1, -1, 0.75, 1}},
		{"closed loops", {-1, -1, 0, -1, 0, ANY_LOAD}},
		{"CUDA graphs", {-1, -1, -1, 1, 0, ANY_LOAD}},
	};

	figures_say(
		figures,
		"Errors of the closed form against the simulator, per cent: mean of the absolute "
		"ones, median, 90th percentile, bias.\n"
		"  %-22s %4s   %-25s  %-25s  %-25s  %-25s",
		"", "rows", "TTFT mean", "TTFT p95", "TPOT mean", "TPOT p95");
	for (size_t i = 0; i < sizeof(groups) / sizeof(groups[0]); i++)
		error_line(rows, n, groups[i].name, &groups[i].group, figures);
	for (int m = 0; m < SW_MECHANISM_COUNT; m++)
		mechanism_lines(rows, n, m, figures);
}

static void overload_line(const struct comparison *rows, size_t n, int mechanism,
			  struct figures *figures)
{
	size_t count[2][2] = {{0}};
	const char *name = sw_mechanism_name((enum sw_mechanism)mechanism);

	for (size_t i = 0; i < n; i++)
		if ((int)rows[i].mechanism == mechanism && rows[i].open)
			count[comparison_overload_predicted(&rows[i])]
			     [comparison_overload_simulated(&rows[i])]++;
	if (count[0][0] + count[0][1] + count[1][0] + count[1][1] == 0)
		return;
	figures_say(figures, "  %-22s %5zu %9zu %12zu %12zu", name, count[0][0], count[1][1],
		    count[1][0], count[0][1]);
}

static void overloads(const struct comparison *rows, size_t n, struct figures *figures)
{
	figures_say(figures, "\nOverload of open engines.\n  %-22s %5s %9s %12s %12s", "", "none",
		    "both say", "predicted", "simulated");
	for (int m = 0; m < SW_MECHANISM_COUNT; m++)
		overload_line(rows, n, m, figures);
}

static double covered(const struct comparison *rows, size_t n, int mechanism, int metric,
		      int statistic)
{
	double within = 0, all = 0;

	for (size_t i = 0; i < n; i++) {
		double x = rows[i].simulated.latency[metric].at[statistic];

		if ((int)rows[i].mechanism != mechanism || !comparison_counts(&rows[i]) || isnan(x))
			continue;
		all++;
		within += x <= rows[i].predicted.latency[metric].hi[statistic];
	}
	return 100 * within / all;
}

static void bounds(const struct comparison *rows, size_t n, struct figures *figures)
{
	figures_say(figures,
		    "\nUpper bounds that hold what was simulated, per cent (meant to: 95).\n"
		    "  %-22s %9s %9s %9s %9s %9s %9s",
		    "", "TTFT mean", "p95", "p99", "TPOT mean", "p95", "p99");
	for (int m = 0; m < SW_MECHANISM_COUNT; m++) {
		static const int statistics[] = {SW_MEAN, SW_P95, SW_P99};
		const char *name = sw_mechanism_name((enum sw_mechanism)m);
		double part[6];

		for (int i = 0; i < 6; i++)
			part[i] = covered(rows, n, m, i < 3 ? SW_TTFT : SW_TPOT, statistics[i % 3]);
		if (isnan(part[0]))
			continue;
		figures_say(figures, "  %-22s %9.1f %9.1f %9.1f %9.1f %9.1f %9.1f", name, part[0],
			    part[1], part[2], part[3], part[4], part[5]);
	}
}

/* As factors: half as much is as wrong as twice as much. */
static double wrongness(const struct comparison *c, int metric)
{
	double factor = 1 + comparison_error(c, metric, SW_MEAN);

	return comparison_counts(c) && isfinite(factor) && factor > 0 ? fabs(log(factor)) : -1;
}

/* The worst of those that are less wrong than `below`; NULL: no more. */
static const struct comparison *next_worst(const struct comparison *rows, size_t n, int mechanism,
					   int metric, double below)
{
	const struct comparison *most = NULL;

	for (size_t i = 0; i < n; i++) {
		double w = wrongness(&rows[i], metric);

		if ((int)rows[i].mechanism == mechanism && w < below && w >= 0 &&
		    (!most || w > wrongness(most, metric)))
			most = &rows[i];
	}
	return most;
}

static void worst(const struct comparison *rows, size_t n, int mechanism, int metric,
		  struct figures *figures)
{
	double below = INFINITY;

	for (int k = 0; k < WORST; k++) {
		const struct comparison *most = next_worst(rows, n, mechanism, metric, below);
		char words[512];

		if (!most)
			return;
		below = wrongness(most, metric);
		comparison_words(most, words, sizeof(words));
		figures_say(figures, "  %s %7.1f / %7.1f  %s", metric == SW_TTFT ? "TTFT" : "TPOT",
			    most->predicted.latency[metric].at[SW_MEAN],
			    most->simulated.latency[metric].at[SW_MEAN], words);
	}
}

void summary_table(const struct comparison *rows, size_t n, struct figures *figures)
{
	size_t counted = 0;

	for (size_t i = 0; i < n; i++)
		counted += comparison_counts(&rows[i]);
	error_table(rows, n, figures);
	overloads(rows, n, figures);
	bounds(rows, n, figures);
	figures_say(
		figures,
		"\nFurthest off: predicted / simulated mean, ms; running predicted (simulated)");
	for (int m = 0; m < SW_MECHANISM_COUNT; m++) {
		worst(rows, n, m, SW_TTFT, figures);
		worst(rows, n, m, SW_TPOT, figures);
	}
	figures_say(figures, "\n%zu engines, of which %zu had latencies to compare", n, counted);
}
