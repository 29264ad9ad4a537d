/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file figures.h
 * What a bench found, as a text for people and as rows for programs: NAME.txt and NAME.csv in one folder.
 *
 * A figure is one number beside the one it is held against, with the limit of their difference. The text is printed to standard output
 * as well. Nothing here decides an exit status: a figure that misses its limit is a result.
 */
#ifndef SLICEWISE_BENCH_FIGURES_H
#define SLICEWISE_BENCH_FIGURES_H

#include <stdbool.h>
#include <stdio.h>

struct figures {
	FILE *text, *csv;
	const char *section; /* static */
	unsigned held, missed; /* of the section */
	unsigned all_held, all_missed;
};

struct figure {
	const char *row, *metric; /* "dedicated 8", "itl_ms" */
	double expected, found;
	double limit; /* of |found / expected - 1|; NAN: none */
};

/** The columns of figures_add() and figures_at_most(). */
extern const char figures_columns[];

/**
 * False, and a word on stderr: a file cannot be written. With columns of its own the caller writes the rows itself, into out->csv, and
 * adds no figures.
 */
bool figures_open(const char *folder, const char *name, const char *columns, struct figures *out);

/** Says how many figures held. False: what was written is not all there. */
bool figures_close(struct figures *figures);

/** A heading; `what` explains it and may be several lines. */
void figures_section(struct figures *figures, const char *section, const char *what);

/** A line of text alone. */
void figures_say(struct figures *figures, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/** A line of text and a row. */
void figures_add(struct figures *figures, const struct figure *figure);

/** A number with an upper limit of its own (NAN: none) and nothing to be held against: an error, a time. */
void figures_at_most(struct figures *figures, const char *row, const char *metric, double found,
		     double most);

#endif
