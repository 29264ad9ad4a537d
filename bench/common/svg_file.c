// SPDX-License-Identifier: Apache-2.0
#include "common/svg_file.h"

FILE *svg_open(const char *folder, const char *name, int width, int height, const char *title)
{
	char path[4096];
	FILE *svg = NULL;

	if (snprintf(path, sizeof(path), "%s/%s.svg", folder, name) < (int)sizeof(path))
		svg = fopen(path, "w");
	if (!svg) {
		(void)fprintf(stderr, "%s/%s.svg cannot be written\n", folder, name);
		return NULL;
	}
	svg_begin(svg, width, height, title);
	return svg;
}

bool svg_close(FILE *svg)
{
	bool ok;

	svg_end(svg);
	ok = !ferror(svg);
	return fclose(svg) == 0 && ok;
}
