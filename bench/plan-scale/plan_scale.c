// SPDX-License-Identifier: Apache-2.0
/*
 * How long a plan takes and how near it is to what is proved, by the number of workloads: `slicewise plan` as users start it,
 * timed from process start to its end.
 *
 * usage: slicewise-plan-scale SLICEWISE FOLDER RESULTS [MOST]
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

enum { REPEATS = 3, SEEDS = 3, PATH = 4096 };

static const size_t sizes[] = {12, 100, 1000, 10000};

static int by_seconds(const void *a, const void *b)
{
	double x = ((const struct planned *)a)->seconds, y = ((const struct planned *)b)->seconds;

	return (x > y) - (x < y);
}

static char slicewise_strategy[] = "slicewise", exact_strategy[] = "exact";

/* The median of some runs of one problem. */
static bool plan(char *slicewise, char *strategy, int repeats, char *problem, char *output,
		 struct planned *out)
{
	static char subcommand[] = "plan", option[] = "--format", format[] = "json";
	static char by[] = "--strategy";
	char *command[] = {slicewise, subcommand, problem, option, format, by, strategy, NULL};
	struct planned runs[REPEATS];

	for (int i = 0; i < repeats; i++) {
		runs[i] = (struct planned){0};
		if (!planned_run(command, output, &runs[i]) || !planned_read(output, &runs[i]))
			return false;
	}
	qsort(runs, (size_t)repeats, sizeof(runs[0]), by_seconds);
	*out = runs[repeats / 2];
	return true;
}

/* What a size is meant to take: from process start to end, and how far above what is proved. */
static const struct {
	double seconds, gap_pct;
} limits[sizeof(sizes) / sizeof(sizes[0])] = {{INFINITY, INFINITY}, {5, 3}, {0.1, 6}, {2, 6}};

static const char *verdict(bool held)
{
	return held ? "held" : "MISSED";
}

static void print_line(size_t n, unsigned seed, const struct planned *p, FILE *out)
{
	(void)fprintf(out, "  %6zu  %4u  %9.3f  %7.0f  %6.0f  %9.2f  %9.2f  %6.1f\n", n, seed,
		      p->seconds, p->mib, p->gpus, p->per_hour, p->exclusive_per_hour, p->gap_pct);
	(void)fflush(out);
}

static void print_both(size_t n, unsigned seed, const struct planned *p, FILE *out)
{
	print_line(n, seed, p, out);
	print_line(n, seed, p, stdout);
}

/* The last problem of a size once more, by who asks for a proof. */
static bool prove(char *slicewise, size_t n, char *problem, char *output, FILE *out)
{
	struct planned p;

	if (!plan(slicewise, exact_strategy, 1, problem, output, &p))
		return false;
	print_both(n, SEEDS, &p, out);
	(void)fprintf(out, "  %6zu workloads: the last line is of --strategy exact, once\n", n);
	return true;
}

static bool plan_size(const sw_catalog *catalog, char *slicewise, const char *folder, size_t size,
		      FILE *out)
{
	size_t n = sizes[size];
	char problem[PATH], output[PATH];
	struct planned worst = {0};

	for (unsigned seed = 1; seed <= SEEDS; seed++) {
		struct planned p;

		(void)snprintf(problem, sizeof(problem), "%s/workloads-%zu-%u.yaml", folder, n,
			       seed);
		(void)snprintf(output, sizeof(output), "%s/plan-%zu-%u.json", folder, n, seed);
		if (!random_problem_write(catalog, n, seed, problem) ||
		    !plan(slicewise, slicewise_strategy, REPEATS, problem, output, &p))
			return false;
		print_both(n, seed, &p, out);
		worst.seconds = fmax(worst.seconds, p.seconds);
		worst.mib = fmax(worst.mib, p.mib);
		worst.gap_pct = fmax(worst.gap_pct, p.gap_pct);
	}
	if (isfinite(limits[size].seconds))
		(void)fprintf(
			out,
			"  %6zu workloads: %.3f s, at most %g: %s; gap %.1f %%, at most %g: %s; "
			"%.0f MiB, at most 500: %s\n",
			n, worst.seconds, limits[size].seconds,
			verdict(worst.seconds <= limits[size].seconds), worst.gap_pct,
			limits[size].gap_pct, verdict(worst.gap_pct <= limits[size].gap_pct),
			worst.mib, verdict(worst.mib <= 500));
	return prove(slicewise, n, problem, output, out);
}

static bool plan_all(const sw_catalog *catalog, char **argv, size_t most, FILE *out)
{
	bool ok = true;

	(void)fputs(
		"Random workloads of any models of the catalogue up to 15 billion parameters, on "
		"four "
		"kinds of GPU under mps, at\n1 to 40 % of what an A100-80GB sustains. `slicewise "
		"plan` "
		"from process start to end, the median of three;\ngap: of the cost to the proven "
		"bound.\n\n"
		"  workloads seed   seconds      MiB    GPUs     $/hour  exclusive   gap %\n",
		out);
	for (size_t i = 0; ok && i < sizeof(sizes) / sizeof(sizes[0]) && sizes[i] <= most; i++)
		ok = plan_size(catalog, argv[1], argv[2], i, out);
	return ok;
}

int main(int argc, char **argv)
{
	size_t most = argc > 4 ? strtoul(argv[4], NULL, 10) : SIZE_MAX;
	struct sw_error err = {0};
	sw_catalog *catalog;
	FILE *out;
	bool ok;

	if (argc < 4) {
		(void)fputs("usage: slicewise-plan-scale SLICEWISE FOLDER RESULTS [MOST]\n",
			    stderr);
		return 2;
	}
	out = fopen(argv[3], "w");
	if (!out || sw_catalog_open(&catalog, &err) != SW_OK) {
		(void)fprintf(stderr, "%s: %s\n", argv[3], out ? err.message : strerror(errno));
		return 1;
	}
	ok = plan_all(catalog, argv, most, out);
	sw_catalog_free(catalog);
	return fclose(out) == 0 && ok ? 0 : 1;
}
