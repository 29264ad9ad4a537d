// SPDX-License-Identifier: Apache-2.0
/*
 * The closed form of mixes beside the simulator, on random mixes under every mechanism. Writes predictor-vs-sim.txt and
 * predictor-vs-sim.csv (a row an engine) into a folder.
 *
 * usage: slicewise-predictor-vs-sim FOLDER [MIXES]
 */
#include <stdlib.h>

#include "predictor-vs-sim/summary_table.h"

enum { MIXES = 50, ENGINES_MAX = 4 };

static const enum sw_mechanism mechanisms[] = {SW_EXCLUSIVE, SW_MPS, SW_TIMESLICE, SW_HAMI, SW_MIG};
enum { MECHANISMS = sizeof(mechanisms) / sizeof(mechanisms[0]) };

static size_t compare_all(const sw_catalog *catalog, enum sw_mechanism mechanism, unsigned mixes,
			  struct comparison *rows)
{
	size_t n = 0;

	for (unsigned i = 0; i < mixes; i++) {
		struct random_mix mix;
		struct sw_error err;

		if (!random_mix_draw(catalog, mechanism, i, &mix))
			(void)fprintf(stderr, "%s mix %u: none fits\n",
				      sw_mechanism_name(mechanism), i);
		else if (compare_mix(&mix, &rows[n], &err) != SW_OK)
			(void)fprintf(stderr, "%s mix %u: %s\n", sw_mechanism_name(mechanism), i,
				      err.message);
		else
			n += mix.made.mix.n;
	}
	return n;
}

static bool run(const sw_catalog *catalog, const char *folder, unsigned mixes,
		struct comparison *rows)
{
	struct figures figures;
	size_t n = 0;

	if (!figures_open(folder, "predictor-vs-sim", comparison_columns, &figures))
		return false;
	for (int m = 0; m < MECHANISMS; m++)
		n += compare_all(catalog, mechanisms[m], mixes, &rows[n]);
	for (size_t i = 0; i < n; i++)
		comparison_csv(&rows[i], figures.csv);
	summary_table(rows, n, &figures);
	return figures_close(&figures);
}

int main(int argc, char **argv)
{
	unsigned mixes = argc > 2 ? (unsigned)strtoul(argv[2], NULL, 10) : MIXES;
	struct comparison *rows;
	sw_catalog *catalog = NULL;
	bool ok;

	if (argc < 2) {
		(void)fputs("usage: slicewise-predictor-vs-sim FOLDER [MIXES]\n", stderr);
		return 1;
	}
	rows = calloc((size_t)mixes * MECHANISMS * ENGINES_MAX, sizeof(*rows));
	ok = rows && sw_catalog_open(&catalog, NULL) == SW_OK && run(catalog, argv[1], mixes, rows);
	sw_catalog_free(catalog);
	free(rows);
	return ok ? 0 : 4;
}
