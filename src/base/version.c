// SPDX-License-Identifier: Apache-2.0
/* What slicewise.h itself declares: the version and small helpers for programs. */
#include <string.h>

#include "base/file.h"
#include "slicewise/slicewise.h"

/* More than half of the letters wrong is another word; more than three is one in any case. */
enum { NEAREST_EDITS_MAX = 3, NEAREST_LETTERS_PER_EDIT = 2 };

const char *sw_version(void)
{
	return SW_VERSION;
}

enum sw_status sw_file_replace(const char *path, const char *bytes, size_t size,
			       struct sw_error *err)
{
	return sw_file_write(path, bytes, size, err);
}

const char *sw_nearest(const char *word, const char *const *words, size_t n)
{
	size_t letters = strlen(word);
	size_t best = letters / NEAREST_LETTERS_PER_EDIT + 1;
	const char *nearest = NULL;

	if (best > NEAREST_EDITS_MAX + 1)
		best = NEAREST_EDITS_MAX + 1;
	for (size_t i = 0; i < n; i++) {
		size_t edits = sw_edit_distance(word, words[i]);

		if (edits < best) {
			best = edits;
			nearest = words[i];
		}
	}
	return nearest;
}
