// SPDX-License-Identifier: Apache-2.0
/*
 * How good the fitted predictor is on mixes that were held out, beside others' forms. Writes predictor.txt, predictor.csv and
 * predictor-*.svg into a folder.
 *
 * usage: slicewise-predictor-bench [--quick] DATA FOLDER [SET]...
 *
 * DATA has SET.db for each of the sets (all, unless some are named): campaigns of the *.yaml beside this file.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "predictor/predictor_sections.h"

static const char *const all_sets[] = {"a100-mps",     "a100-hami",     "a100-timeslice",
				       "rtx-6000-mps", "rtx-6000-hami", "rtx-6000-timeslice"};
enum { SETS = sizeof(all_sets) / sizeof(all_sets[0]) };

struct options {
	bool quick;
	const char *data, *folder;
	int n_sets;
	const char *const *sets;
};

static bool read_options(int argc, char **argv, struct options *out)
{
	int at = 1;

	*out = (struct options){.n_sets = SETS, .sets = all_sets};
	if (at < argc && strcmp(argv[at], "--quick") == 0) {
		out->quick = true;
		at++;
	}
	if (argc - at < 2 || argc - at - 2 > SETS)
		return false;
	out->data = argv[at++];
	out->folder = argv[at++];
	if (at < argc) {
		out->n_sets = argc - at;
		out->sets = (const char *const *)&argv[at];
	}
	return true;
}

static struct effort effort_of(const struct options *o)
{
	return o->quick ? (struct effort){.folds = 1, .curve_folds = 0}
			: (struct effort){.folds = BENCH_FOLDS, .curve_folds = 1};
}

static bool read_set(const sw_catalog *catalog, const struct options *o, int i,
		     struct measured_set *out)
{
	char path[4096];

	(void)snprintf(path, sizeof(path), "%s/%s.db", o->data, o->sets[i]);
	return measured_set_read(catalog, path, o->sets[i], out);
}

static void introduce(const struct measured_sets *sets, const struct options *o,
		      struct figures *figures)
{
	figures_say(figures,
		    "The fitted predictor on mixes that were held out, per cent of error "
		    "of what was measured: the\n"
		    "mean over a mix's repeats on the simulator, in worlds whose constants "
		    "are not those built in.\n");
	for (size_t i = 0; i < sets->n; i++)
		figures_say(figures, "  %-20s %4zu runs of %3zu mixes of %zu models",
			    sets->at[i].name, sets->at[i].runs.n, sets->at[i].n,
			    sets->at[i].n_models);
	if (o->quick)
		figures_say(figures, "\nQUICK: one fold of five, no learning curve.");
	if (!boosting_is_here())
		figures_say(figures, "\nXGBoost is left out: the library was not there.");
	figures_say(figures, "%s", ""); /* before the first section */
}

static bool report(const sw_catalog *catalog, const struct options *o,
		   const struct measured_sets *sets, const struct judged_rows *rows)
{
	struct figures figures;

	if (!figures_open(o->folder, "predictor", figures_columns, &figures))
		return false;
	introduce(sets, o, &figures);
	section_held_out(sets, rows, &figures);
	section_larger(sets, rows, &figures);
	section_bounds(sets, rows, &figures);
	section_contenders(sets, rows, &figures);
	section_curve(sets, rows, &figures);
	section_real_pairs(catalog, &figures);
	section_cnn_forms(&figures);
	return figures_close(&figures) && draw_figures(sets, rows, o->folder);
}

static bool run(const sw_catalog *catalog, const struct options *o)
{
	struct measured_set set[SETS] = {0};
	struct measured_sets sets = {0, set};
	struct effort effort = effort_of(o);
	struct judged_rows rows = {0};
	bool ok = true;

	for (int i = 0; ok && i < o->n_sets; i++) {
		sets.n++;
		ok = read_set(catalog, o, i, &set[i]) && trials_of_set(&set[i], &effort, &rows);
		(void)fprintf(stderr, "%s: %zu rows judged\n", o->sets[i], rows.n);
	}
	ok = ok && report(catalog, o, &sets, &rows);
	judged_clear(&rows);
	for (size_t i = 0; i < sets.n; i++)
		measured_set_clear(&set[i]);
	return ok;
}

int main(int argc, char **argv)
{
	struct options options;
	sw_catalog *catalog = NULL;
	bool ok;

	if (!read_options(argc, argv, &options)) {
		(void)fputs("usage: slicewise-predictor-bench [--quick] DATA FOLDER [SET]...\n",
			    stderr);
		return 1;
	}
	ok = sw_catalog_open(&catalog, NULL) == SW_OK && run(catalog, &options);
	sw_catalog_free(catalog);
	return ok ? 0 : 4;
}
