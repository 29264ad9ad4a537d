/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file output.h
 * Output is collected in memory and leaves all at once, so that a failure half-way prints and writes nothing half.
 */
#ifndef SLICEWISE_CLI_OUTPUT_H
#define SLICEWISE_CLI_OUTPUT_H

#include <stdio.h>

#include "slicewise/status.h"

struct output {
	FILE *stream; /* where results go */
	char *text;
	size_t size;
};

void output_open(struct output *output);

/** Write everything to `path` (atomically), or to standard output where it is NULL, and release the memory. */
enum sw_status output_close(struct output *output, const char *path, struct sw_error *err);

/** Release the memory and write nothing. */
void output_drop(struct output *output);

#endif
