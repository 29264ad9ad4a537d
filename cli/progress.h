/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file progress.h
 * How far a long command is: one line on stderr that is drawn again and again and erased at the end. It comes up after about
 * a second, and only on a terminal.
 *
 *     struct progress progress = progress_start("simulating");
 *     ... progress_tell(&progress, 0.3); ...
 *     progress_end(&progress);
 */
#ifndef SLICEWISE_CLI_PROGRESS_H
#define SLICEWISE_CLI_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct progress {
	FILE *out; /* NULL: nobody looks */
	const char *what; /* what is being done: "simulating" */
	double started_s, drawn_s; /* on the monotonic clock */
	double fraction; /* the largest told; it never goes back */
	bool shown;
};

/** Begin; `what` is borrowed. */
struct progress progress_start(const char *what);

/** `fraction` in [0, 1] is done; `progress` is a struct progress. Draws seldom, so it may be called often. */
void progress_tell(void *progress, double fraction);

/** Erase the line. To be called before anything else is written. */
void progress_end(struct progress *progress);

/** The line's text, for `elapsed_s` seconds. Returns its length; it is never longer than a small terminal is wide. */
size_t progress_line(const struct progress *progress, double elapsed_s, char *out, size_t size);

#endif
