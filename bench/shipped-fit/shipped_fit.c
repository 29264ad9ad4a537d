// SPDX-License-Identifier: Apache-2.0
/*
 * The fit that is part of the library. Nobody has measured every GPU, so it has no coefficients of its own; its bounds come from
 * random mixes, each simulated in another world: with every constant that nobody knows drawn within its doubt.
 *
 * usage: slicewise-shipped-fit simulate DATA.db [MIXES]
 *        slicewise-shipped-fit fit DATA.db|ROWS.csv FIT.json FOLDER
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "predict/fit_known.h"
#include "shipped-fit/cross_fit.h"
#include "shipped-fit/judged.h"
#include "shipped-fit/worlds.h"

/* So many of each mechanism that shares something, and a third as many of the others. */
enum { MIXES = 240 };

static int complain(const struct sw_error *err)
{
	(void)fprintf(stderr, "slicewise-shipped-fit: %s\n", err->message);
	return 1;
}

static int run_simulate(const sw_catalog *catalog, const char *path, unsigned n)
{
	struct sw_error err = {0};
	sw_dataset *dataset;
	int64_t campaign = 0;
	enum sw_status st = sw_dataset_open(path, SW_DATASET_WRITE, &dataset, &err);

	if (st != SW_OK)
		return complain(&err);
	st = sw_dataset_campaign(dataset, "shipped-fit", "random mixes on one GPU", &campaign,
				 &err);
	if (st == SW_OK)
		st = worlds_simulate(catalog, dataset, campaign, n, &err);
	sw_dataset_close(dataset);
	return st == SW_OK ? 0 : complain(&err);
}

static enum sw_status read_runs(const sw_catalog *catalog, const char *path, struct sw_runs *runs,
				struct sw_error *err)
{
	const char *dot = strrchr(path, '.');
	sw_dataset *dataset;
	enum sw_status st;

	if (dot && strcmp(dot, ".csv") == 0)
		return sw_runs_read(catalog, path, runs, err);
	st = sw_dataset_open(path, SW_DATASET_READ, &dataset, err);
	if (st != SW_OK)
		return st;
	st = sw_dataset_runs(dataset, catalog, NULL, runs, err);
	sw_dataset_close(dataset);
	return st;
}

/* Runs of the usual world, or of worlds of their own. A view; the list is the caller's to free(), what it holds is not. */
static struct sw_runs select_runs(const struct sw_runs *runs, bool usual)
{
	struct sw_runs out = {0, calloc(runs->n + 1, sizeof(*out.run))};

	if (!out.run)
		abort();
	for (size_t i = 0; i < runs->n; i++) {
		const char *end = strstr(runs->run[i].experiment, "-world-");

		if ((end && strcmp(end, "-world-0") == 0) == usual)
			out.run[out.n++] = runs->run[i];
	}
	return out;
}

/* It is one of any GPU and of no model in particular. */
static void generalise(sw_fit *fit)
{
	fit->n_models = 0;
	for (size_t i = 0; i < fit->n_groups; i++) {
		struct sw__fit_group *g = &fit->groups[i];

		memset(g->gpu, 0, sizeof(g->gpu));
		for (int k = 0; k < SW__SHARED_COUNT; k++)
			g->shared[k] = (struct sw__known){sw__shared_coefficients[k].value,
							  sw__shared_coefficients[k].spread};
	}
}

/* What was measured, and where: without coefficients, and with bounds and ranges still to come. */
static enum sw_status make_fit(const struct sw__cases *cases, sw_fit **fit, struct sw_error *err)
{
	enum sw_status st = sw__vector_fit(&cases->vector, NULL, fit, err);

	if (st != SW_OK)
		return st;
	(void)snprintf((*fit)->origin, sizeof((*fit)->origin), "%s",
		       "random mixes on an A100-80GB, each simulated in a world of its own: "
		       "bounds alone, every coefficient as without measurement "
		       "(make shipped-fit)");
	(*fit)->mixes = (unsigned)cases->n;
	for (size_t i = 0; i < cases->n; i++)
		(*fit)->runs += (unsigned)cases->at[i].repeats;
	generalise(*fit);
	cross_fit_unit(*fit);
	return SW_OK;
}

static void report_errors(const struct judged *rows, size_t n, size_t mixes, FILE *out)
{
	(void)fprintf(out,
		      "The shipped fit on random mixes of one to four engines, any models of the "
		      "catalogue, on %s,\nloads up to 0.8 of what each engine sustains beside "
		      "the others by the closed form: %zu mixes simulated in the usual world.\n"
		      "Left out are %zu in which an engine was overloaded all the same; of the "
		      "others' engines %zu are predicted to be.\n\n",
		      worlds_gpu, mixes, judged_overloaded(rows, n), judged_falsely(rows, n));
	judged_errors(rows, n, out);
}

static void report_bounds(const struct judged *rows, size_t n, size_t mixes, const sw_fit *fit,
			  FILE *out)
{
	struct judged *held_out = cross_fit_judge(rows, n, fit);

	(void)fprintf(out,
		      "\nUpper bounds (95 %%, one-sided) on %zu further mixes, each in a world of "
		      "its own, dealt to three folds: bounds of\neach fold are those of the other "
		      "two, what is shipped those of all. One engine of each mix counts; p-value: "
		      "two-sided\nbinomial test; hami held: engines without CUDA graphs, which "
		      "HAMi's limiter holds.\n\n",
		      mixes);
	judged_coverage(held_out, n, false, out);
	(void)fputs("\nThe same of the closed form, by whose bounds plans are searched.\n\n", out);
	judged_coverage(held_out, n, true, out);
	free(held_out);
}

/* Errors in the usual world; bounds from worlds of their own, into the fit. */
static enum sw_status report(const struct sw_runs *runs, struct sw__cases *cases, sw_fit *fit,
			     FILE *out, struct sw_error *err)
{
	struct sw_runs usual = select_runs(runs, true), worlds = select_runs(runs, false);
	struct judged *rows = NULL;
	size_t n;
	enum sw_status st;

	st = judge(&usual, fit, &rows, &n, err);
	if (st == SW_OK)
		report_errors(rows, n, usual.n, out);
	free(rows);
	rows = NULL;
	if (st == SW_OK)
		st = judge(&worlds, fit, &rows, &n, err);
	if (st == SW_OK) {
		report_bounds(rows, n, worlds.n, fit, out);
		cross_fit_bounds(rows, n, fit);
		cross_fit_ranges(rows, cases, fit);
	}
	free(rows);
	free(usual.run);
	free(worlds.run);
	return st;
}

static enum sw_status write_report(const struct sw_runs *runs, struct sw__cases *cases, sw_fit *fit,
				   const char *folder, struct sw_error *err)
{
	enum sw_status st = SW_IO;
	char path[4096];
	FILE *out;

	(void)snprintf(path, sizeof(path), "%s/shipped-fit.txt", folder);
	(void)snprintf(err->message, sizeof(err->message), "%s: cannot be written", path);
	out = fopen(path, "w");
	if (out)
		st = report(runs, cases, fit, out, err);
	if (out && fclose(out) != 0)
		st = SW_IO;
	return st;
}

/* DATA FIT FOLDER */
static int run_fit(const sw_catalog *catalog, char **arguments)
{
	struct sw_runs runs = {0}, worlds = {0};
	struct sw__cases cases = {0};
	struct sw_error err = {0};
	sw_fit *fit = NULL;
	enum sw_status st = read_runs(catalog, arguments[0], &runs, &err);

	if (st != SW_OK)
		return complain(&err);
	worlds = select_runs(&runs, false);
	st = sw__cases_make(&worlds, &cases, &err);
	if (st == SW_OK && cases.n != worlds.n) {
		(void)snprintf(err.message, sizeof(err.message),
			       "%s: found %zu mixes in %zu runs, expected as many", arguments[0],
			       cases.n, worlds.n);
		st = SW_BAD_INPUT;
	}
	if (st == SW_OK)
		st = make_fit(&cases, &fit, &err);
	if (st == SW_OK)
		st = write_report(&runs, &cases, fit, arguments[2], &err);
	if (st == SW_OK)
		st = sw_fit_save(fit, arguments[1], &err);
	sw__cases_clear(&cases);
	free(worlds.run);
	sw_fit_free(fit);
	sw_runs_clear(&runs);
	return st == SW_OK ? 0 : complain(&err);
}

int main(int argc, char **argv)
{
	sw_catalog *catalog;
	struct sw_error err = {0};
	int status = 1;

	if (sw_catalog_open(&catalog, &err) != SW_OK)
		return complain(&err);
	if (argc >= 3 && strcmp(argv[1], "simulate") == 0)
		status = run_simulate(catalog, argv[2],
				      argc > 3 ? (unsigned)strtoul(argv[3], NULL, 10) : MIXES);
	else if (argc == 5 && strcmp(argv[1], "fit") == 0)
		status = run_fit(catalog, argv + 2);
	else
		(void)fputs("usage: slicewise-shipped-fit simulate DATA.db [MIXES] | "
			    "fit DATA.db FIT.json FOLDER\n",
			    stderr);
	sw_catalog_free(catalog);
	return status;
}
