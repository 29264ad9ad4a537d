// SPDX-License-Identifier: Apache-2.0
/*
 * How near the simulator comes to what was measured. Writes sim-accuracy.txt and sim-accuracy.csv into a folder.
 *
 * usage: slicewise-sim-accuracy FOLDER
 */
#include "sim-accuracy/accuracy_sections.h"

#include <stdio.h>

void section_skipped(struct figures *figures)
{
	figures_say(figures, "  skipped: the measurements are not here");
}

int main(int argc, char **argv)
{
	struct figures figures;
	sw_catalog *catalog;

	if (argc != 2) {
		(void)fputs("usage: slicewise-sim-accuracy FOLDER\n", stderr);
		return 1;
	}
	if (sw_catalog_open(&catalog, NULL) != SW_OK ||
	    !figures_open(argv[1], "sim-accuracy", figures_columns, &figures))
		return 4;
	figures_say(&figures, "The simulator beside measurements: simulated (measured)\n");
	section_requests(catalog, &figures);
	section_pairs(catalog, &figures);
	section_steps(catalog, &figures);
	section_cnns(catalog, &figures);
	sw_catalog_free(catalog);
	return figures_close(&figures) ? 0 : 4;
}
