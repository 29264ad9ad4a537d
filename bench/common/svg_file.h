/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file svg_file.h
 * Figures of the benches (svg_plot.h), each into a file of its own.
 */
#ifndef SLICEWISE_BENCH_SVG_FILE_H
#define SLICEWISE_BENCH_SVG_FILE_H

#include "svg_plot.h"

/** A figure that is being written. NULL, and a word on stderr: it cannot be. */
FILE *svg_open(const char *folder, const char *name, int width, int height, const char *title);

/** False: what was written is not all there. */
bool svg_close(FILE *svg);

#endif
