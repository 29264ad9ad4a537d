/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file embedded.h
 * The files of data/ that the build puts into the library, sorted by name ("gpus/l4.json"). The array is generated.
 */
#ifndef SLICEWISE_BASE_EMBEDDED_H
#define SLICEWISE_BASE_EMBEDDED_H

#include <stddef.h>

struct sw__embedded {
	const char *name;
	const char *text; /* NUL-terminated */
	size_t size;
};

extern const struct sw__embedded sw__embedded_files[];
extern const size_t sw__embedded_count;

/** The file called `name`, or NULL. */
const struct sw__embedded *sw__embedded_find(const char *name);

#endif
