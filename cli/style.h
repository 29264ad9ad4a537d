/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file style.h
 * How output for people looks: colour and drawing characters on a terminal that has them, plain ASCII elsewhere.
 */
#ifndef SLICEWISE_CLI_STYLE_H
#define SLICEWISE_CLI_STYLE_H

#include <stdbool.h>
#include <stdio.h>

/** Columns that lines of text are wrapped to. */
enum { LINE_WIDTH = 98 };

struct style {
	bool colour;
	bool unicode;
};

enum tone {
	TONE_PLAIN,
	TONE_STRONG,
	TONE_DIM,
	TONE_GOOD,
	TONE_BAD,
	TONE_HUE, /* the first of TONE_HUES colours that only tell things apart */
	TONE_HUES = 4,
	TONE_COUNT = TONE_HUE + TONE_HUES
};

/** The colour of the i-th of several things. */
enum tone tone_of(size_t i);

/** What standard output can show: colour on a terminal unless NO_COLOR is set or TERM is dumb. */
struct style style_detect(void);

/** Escape sequences around text; "" where there is no colour. Static. */
const char *style_on(const struct style *style, enum tone tone);
const char *style_off(const struct style *style, enum tone tone);

/** A horizontal rule of `width` characters, without a line end. */
void style_rule(const struct style *style, size_t width, FILE *out);

/**
 * Replace every control character and line end by '?': what a file or a command line says is shown, not done by the
 * terminal, and stays one line.
 */
void text_plain(char *text);

/** Columns that UTF-8 text takes on a terminal, counting every character as one. */
size_t text_width(const char *text);

/** Bytes of the first `columns` columns of UTF-8 text, or of all of it where there are fewer. */
size_t text_prefix(const char *text, size_t columns);

/** Words of `text` in lines of at most `width`; the first line begins at column `at`, the others are indented. */
void text_wrap(const char *text, size_t at, size_t indent, size_t width, FILE *out);

#endif
