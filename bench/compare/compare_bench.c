// SPDX-License-Identifier: Apache-2.0
/*
 * Strategies side by side on the evaluation of the paper (examples/paper): every case, then the curve of savings against load for every
 * GPU and mechanism, then what was to be reached. Writes compare.txt, .csv, compare-curve.txt, .csv, compare-targets.txt, .csv and
 * figures into a folder.
 *
 * usage: slicewise-compare-bench EXAMPLES FOLDER [WORLDS [PART...]]
 *
 * WORLDS: 100 unless given. PART: only cases whose names have one of them ("a100-mps", "light"); all unless given.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/figures.h"
#include "compare/targets.h"
#include "compare_views.h"
#include "slicewise/slicewise.h"

static const char *const gpus[] = {"a100", "rtx-6000"};
static const char *const mechanisms[] = {"mps", "hami-eager", "hami"};
static const char *const intensities[] = {"light", "medium", "heavy"};
static const double loads[] = {0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9};
static const char *const of_curve[] = {"slicewise", "exclusive", "even-split",
				       "igniter",   "paper",     "packed"};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
enum { WORLDS = 100 };

/* A text and its rows; the columns come with the first of them. */
struct results {
	FILE *text, *csv;
	bool begun;
};

struct bench {
	sw_catalog *catalog;
	sw_fit *fit;
	const char *examples, *folder;
	unsigned worlds;
	char **parts;
	int n_parts;
	struct results cases, curves;
	struct figures targets;
	struct style style;
};

static bool wanted(const struct bench *b, const char *name)
{
	for (int i = 0; i < b->n_parts; i++)
		if (strstr(name, b->parts[i]))
			return true;
	return b->n_parts == 0;
}

static struct sw_problem *load(const struct bench *b, const char *name)
{
	struct sw_error err = {SW_OK, ""};
	struct sw_problem *problem = NULL;
	char path[4096];

	(void)snprintf(path, sizeof(path), "%s/%s.yaml", b->examples, name);
	if (sw_problem_load(b->catalog, path, &problem, &err) != SW_OK) {
		(void)fprintf(stderr, "%s\n", err.message);
		return NULL;
	}
	problem->fit = b->fit;
	return problem;
}

static FILE *open_in(const char *folder, const char *name)
{
	char path[4096];
	FILE *file;

	(void)snprintf(path, sizeof(path), "%s/%s", folder, name);
	file = fopen(path, "w");
	if (!file)
		(void)fprintf(stderr, "%s: %s\n", path, strerror(errno));
	return file;
}

static bool results_close(struct results *results)
{
	bool ok = !ferror(results->text) && !ferror(results->csv);

	ok = fclose(results->text) == 0 && ok;
	return fclose(results->csv) == 0 && ok;
}

/* What takes hours is written as it comes. */
static void put_text(struct results *results, const char *name, const char *text)
{
	FILE *const both[] = {results->text, stdout};

	for (size_t i = 0; i < COUNT(both); i++) {
		(void)fprintf(both[i], "== %s\n\n%s\n", name, text);
		(void)fflush(both[i]);
	}
}

/* Rows of a CSV with the case in front; its header once. */
static void put_rows(struct results *results, const char *name, const char *text)
{
	FILE *csv = results->csv;
	for (const char *line = text; *line;) {
		size_t size = strcspn(line, "\n");

		if (line != text)
			(void)fprintf(csv, "%s,%.*s\n", name, (int)size, line);
		else if (!results->begun)
			(void)fprintf(csv, "case,%.*s\n", (int)size, line);
		line += size + (line[size] == '\n');
	}
	results->begun = true;
	(void)fflush(csv);
}

static void put_comparison(struct bench *b, const char *name, const struct comparison_view *view)
{
	struct sw_error err = {SW_OK, ""};
	char path[4096], *text = NULL, *rows = NULL;
	size_t text_size, rows_size;
	FILE *table = open_memstream(&text, &text_size), *csv = open_memstream(&rows, &rows_size);

	if (!table || !csv)
		abort();
	comparison_print(view, &b->style, table);
	comparison_csv(view, csv);
	(void)fclose(table);
	(void)fclose(csv);
	put_text(&b->cases, name, text);
	put_rows(&b->cases, name, rows);
	free(text);
	free(rows);
	(void)snprintf(path, sizeof(path), "%s/compare-%s.svg", b->folder, name);
	if (comparison_save_svg(view, path, &err) != SW_OK)
		(void)fprintf(stderr, "%s\n", err.message);
}

static void compare_case(struct bench *b, const char *name)
{
	struct sw_compare_settings settings = sw_compare_defaults();
	struct sw_problem *problem = load(b, name);
	struct sw_comparison *comparison = NULL;
	struct sw_error err = {SW_OK, ""};

	settings.worlds = b->worlds;
	settings.events_max = INFINITY;
	settings.duration_s = 300;
	if (problem && sw_compare(b->catalog, problem, &settings, &comparison, &err) != SW_OK)
		(void)fprintf(stderr, "%s: %s\n", name, err.message);
	if (comparison) {
		const struct comparison_view view = {
			.comparison = comparison, .problem = problem, .times = true};

		put_comparison(b, name, &view);
		targets_of_case(&b->targets, name, comparison);
	}
	sw_comparison_free(comparison);
	sw_problem_free(problem);
}

static void put_curve(struct bench *b, const char *name, const struct curve_view *view)
{
	struct sw_error err = {SW_OK, ""};
	char path[4096], *text = NULL, *rows = NULL;
	size_t text_size, rows_size;
	FILE *table = open_memstream(&text, &text_size), *csv = open_memstream(&rows, &rows_size);

	if (!table || !csv)
		abort();
	curve_print(view, &b->style, table);
	curve_csv(view, csv);
	(void)fclose(table);
	(void)fclose(csv);
	put_text(&b->curves, name, text);
	put_rows(&b->curves, name, rows);
	free(text);
	free(rows);
	(void)snprintf(path, sizeof(path), "%s/compare-curve-%s.svg", b->folder, name);
	if (curve_save_svg(view, path, &err) != SW_OK)
		(void)fprintf(stderr, "%s\n", err.message);
}

/* The traffic of any of its files: only its lengths and limits matter. */
static void draw_curve(struct bench *b, const char *name, const char *file)
{
	struct sw_compare_settings settings = sw_compare_defaults();
	struct sw_problem *problem = load(b, file);
	struct sw_load_curve *curve = NULL;
	struct sw_error err = {SW_OK, ""};

	settings.strategies = of_curve;
	settings.n_strategies = COUNT(of_curve);
	settings.worlds = 1;
	settings.duration_s = 300;
	if (problem && sw_load_curve(b->catalog, problem, &settings, loads, COUNT(loads), &curve,
				     &err) != SW_OK)
		(void)fprintf(stderr, "%s: %s\n", name, err.message);
	if (curve) {
		const struct curve_view view = {curve, problem};

		put_curve(b, name, &view);
		targets_of_curve(&b->targets, name, curve);
	}
	sw_load_curve_free(curve);
	sw_problem_free(problem);
}

/* A GPU under a mechanism: at every intensity, then as a curve. */
static void run_kind(struct bench *b, const char *kind)
{
	char file[96];

	for (size_t i = 0; i < COUNT(intensities); i++) {
		(void)snprintf(file, sizeof(file), "%s-%s", kind, intensities[i]);
		if (wanted(b, file))
			compare_case(b, file);
	}
	(void)snprintf(file, sizeof(file), "%s-%s", kind, intensities[0]);
	if (wanted(b, file))
		draw_curve(b, kind, file);
}

static void run(struct bench *b)
{
	char kind[64];

	for (size_t g = 0; g < COUNT(gpus); g++)
		for (size_t m = 0; m < COUNT(mechanisms); m++) {
			(void)snprintf(kind, sizeof(kind), "%s-%s", gpus[g], mechanisms[m]);
			run_kind(b, kind);
		}
}

static bool open_all(struct bench *b)
{
	b->cases.text = open_in(b->folder, "compare.txt");
	b->cases.csv = open_in(b->folder, "compare.csv");
	b->curves.text = open_in(b->folder, "compare-curve.txt");
	b->curves.csv = open_in(b->folder, "compare-curve.csv");
	return b->cases.text && b->cases.csv && b->curves.text && b->curves.csv &&
	       figures_open(b->folder, "compare-targets", figures_columns, &b->targets) &&
	       sw_catalog_open(&b->catalog, NULL) == SW_OK &&
	       sw_fit_open(NULL, &b->fit, NULL) == SW_OK;
}

int main(int argc, char **argv)
{
	struct bench b = {.worlds = WORLDS};
	bool ok;

	if (argc < 3) {
		(void)fprintf(stderr, "usage: %s EXAMPLES FOLDER [WORLDS [PART...]]\n", argv[0]);
		return 1;
	}
	b.examples = argv[1];
	b.folder = argv[2];
	if (argc > 3)
		b.worlds = (unsigned)strtoul(argv[3], NULL, 10);
	b.parts = argv + (argc > 4 ? 4 : argc);
	b.n_parts = argc > 4 ? argc - 4 : 0;
	ok = open_all(&b);
	if (ok) {
		run(&b);
		ok = results_close(&b.cases);
		ok = results_close(&b.curves) && ok;
		ok = figures_close(&b.targets) && ok;
	}
	sw_fit_free(b.fit);
	sw_catalog_free(b.catalog);
	return ok ? 0 : 1;
}
