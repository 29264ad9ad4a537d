// SPDX-License-Identifier: Apache-2.0
/*
 * How long the exact search takes and how much it proves: `slicewise plan --strategy exact` as users start it, timed from process start
 * to its end, on random problems.
 *
 * usage: slicewise-plan-exact SLICEWISE FOLDER RESULTS
 *
 * Problems and plans go into FOLDER, the table to RESULTS and to stdout.
 */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plan-scale/plan_run.h"
#include "plan-scale/random_problem.h"

enum { WORKLOADS = 20, PROBLEMS = 30, PATH = 4096 };

/* A gap that only rounding leaves. */
static const double PROVED_PCT = 0.001;
/* What a plan with a proof is meant to take, in the median. */
static const double LIMIT_S = 1;

static bool plan(char *slicewise, const char *strategy, char *problem, const char *output,
		 struct planned *out)
{
	static char subcommand[] = "plan", format[] = "--format", json[] = "json";
	static char option[] = "--strategy";
	char name[32];
	char *command[] = {slicewise, subcommand, problem, option, name, format, json, NULL};

	(void)snprintf(name, sizeof(name), "%s", strategy);
	*out = (struct planned){0};
	return planned_run(command, output, out) && planned_read(output, out);
}

static void print_line(unsigned seed, const struct planned *usual, const struct planned *exact,
		       FILE *out)
{
	(void)fprintf(out, "  %4u  %9.2f  %6.1f  %9.2f  %8.2f  %6.2f\n", seed, usual->per_hour,
		      usual->gap_pct, exact->per_hour, exact->seconds, exact->gap_pct);
	(void)fflush(out);
}

static int ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median(double *values, size_t n)
{
	qsort(values, n, sizeof(*values), ascending);
	return (values[(n - 1) / 2] + values[n / 2]) / 2;
}

static void sum_up(double *seconds, double *gaps, FILE *out)
{
	double median_s = median(seconds, PROBLEMS), median_pct = median(gaps, PROBLEMS);
	unsigned proved = 0;

	for (int i = 0; i < PROBLEMS; i++)
		proved += gaps[i] < PROVED_PCT;
	(void)fprintf(
		out,
		"  median %.2f s, at most %g: %s; %u of %d proved; gap in the median %.2f %%, "
		"at most %.2f %%\n",
		median_s, LIMIT_S, median_s <= LIMIT_S ? "held" : "MISSED", proved, PROBLEMS,
		median_pct, gaps[PROBLEMS - 1]);
}

static bool plan_all(const sw_catalog *catalog, char **argv, FILE *out)
{
	double seconds[PROBLEMS], gaps[PROBLEMS];
	bool ok = true;

	(void)fprintf(
		out,
		"%d random problems as plan-scale makes them, of %d workloads on four kinds of "
		"GPU: `slicewise plan` and the same with\n--strategy exact, from process start "
		"to end; gap: of the cost to the proven bound.\n\n"
		"  seed     $/hour   gap %%     $/hour   seconds   gap %%\n",
		PROBLEMS, WORKLOADS);
	for (unsigned i = 0; ok && i < PROBLEMS; i++) {
		char problem[PATH], output[PATH];
		struct planned usual, exact;

		(void)snprintf(problem, sizeof(problem), "%s/exact-%u.yaml", argv[2], i + 1);
		(void)snprintf(output, sizeof(output), "%s/exact-%u.json", argv[2], i + 1);
		ok = random_problem_write(catalog, WORKLOADS, i + 1, problem) &&
		     plan(argv[1], "slicewise", problem, output, &usual) &&
		     plan(argv[1], "exact", problem, output, &exact);
		if (!ok)
			break;
		seconds[i] = exact.seconds;
		gaps[i] = fmax(0, exact.gap_pct);
		print_line(i + 1, &usual, &exact, out);
		print_line(i + 1, &usual, &exact, stdout);
	}
	if (ok)
		sum_up(seconds, gaps, out);
	return ok;
}

int main(int argc, char **argv)
{
	struct sw_error err = {0};
	sw_catalog *catalog;
	FILE *out;
	bool ok;

	if (argc != 4) {
		(void)fputs("usage: slicewise-plan-exact SLICEWISE FOLDER RESULTS\n", stderr);
		return 2;
	}
	out = fopen(argv[3], "w");
	if (!out || sw_catalog_open(&catalog, &err) != SW_OK) {
		(void)fprintf(stderr, "%s: %s\n", argv[3], out ? err.message : strerror(errno));
		return 1;
	}
	ok = plan_all(catalog, argv, out);
	sw_catalog_free(catalog);
	return fclose(out) == 0 && ok ? 0 : 1;
}
