// SPDX-License-Identifier: Apache-2.0
/*
 * Predictions from tables: whether they say what sw_predict() says, and how fast they are beside it and beside a single
 * row of boosted trees. Writes predict-speed.txt and predict-speed.csv into a folder.
 *
 * usage: slicewise-predict-speed FOLDER [MIXES]
 */
#include <stdlib.h>

#include "predict-speed/agreement.h"
#include "predict-speed/overload_edge.h"
#include "predict-speed/speed_section.h"

enum { MIXES = 800, EDGE_PART = 4 };

int main(int argc, char **argv)
{
	unsigned mixes = argc > 2 ? (unsigned)strtoul(argv[2], NULL, 10) : MIXES;
	struct sw_error err = {0};
	struct figures figures;
	sw_catalog *catalog = NULL;
	enum sw_status st;

	if (argc < 2) {
		(void)fputs("usage: slicewise-predict-speed FOLDER [MIXES]\n", stderr);
		return 1;
	}
	if (!figures_open(argv[1], "predict-speed", figures_columns, &figures))
		return 4;
	st = sw_catalog_open(&catalog, &err);
	if (st == SW_OK)
		st = speed_section(catalog, &figures, &err);
	if (st == SW_OK)
		st = agreement_section(catalog, mixes, &figures, &err);
	if (st == SW_OK)
		st = overload_edge_section(catalog, mixes / EDGE_PART, &figures, &err);
	if (st != SW_OK)
		(void)fprintf(stderr, "%s\n", err.message);
	sw_catalog_free(catalog);
	return figures_close(&figures) && st == SW_OK ? 0 : 4;
}
