/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file html_page.h
 * A page by itself: nothing is fetched, no scripts, light or dark as the reader has it. It is well-formed XML as well.
 */
#ifndef SLICEWISE_CLI_HTML_PAGE_H
#define SLICEWISE_CLI_HTML_PAGE_H

#include <stdio.h>

/** A page into an open stream; html_end() ends it. `title` is its first heading too. */
void html_begin(FILE *html, const char *title);
void html_end(FILE *html);

void html_heading(FILE *html, const char *text);
void html_paragraph(FILE *html, const char *text);

/** Text that stands for itself in HTML and SVG: markup is escaped, control characters are blanks. */
void html_escaped(FILE *html, const char *text);

#endif
