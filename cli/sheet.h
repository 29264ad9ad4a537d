/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file sheet.h
 * Rows and columns that are printed as a table for people, as CSV, or as JSON objects: filled once, cell by cell.
 *
 *     struct sheet *sheet = sheet_new(columns, n);
 *     sheet_text(sheet, "a100"); sheet_number(sheet, 108);
 *     sheet_print(sheet, &style, out);
 *     sheet_free(sheet);
 */
#ifndef SLICEWISE_CLI_SHEET_H
#define SLICEWISE_CLI_SHEET_H

#include <jansson.h>
#include <stddef.h>
#include <stdio.h>

#include "style.h"

/** A column; without `title` it is not in the table, without `key` neither in CSV nor in JSON. */
struct column {
	const char *title;
	const char *key;
	int digits; /* decimals of numbers in the table, or one of the following */
};

enum {
	TEXT_COLUMN = -1, /* text, aligned to the left */
	SIGNIFICANT_COLUMN = -2 /* numbers of any size, with four significant digits */
};

struct sheet;

struct sheet *sheet_new(const struct column *columns, size_t n);
void sheet_free(struct sheet *sheet);

/** Add the next cell, left to right, row by row. Text is copied; NULL and NAN are "not known". */
void sheet_text(struct sheet *sheet, const char *text);
void sheet_format(struct sheet *sheet, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void sheet_number(struct sheet *sheet, double number);
void sheet_bool(struct sheet *sheet, bool value);

/** How the cell added last looks in the table. */
void sheet_tone(struct sheet *sheet, enum tone tone);

/** A header, a rule and the rows, indented by `indent` spaces. */
void sheet_print(const struct sheet *sheet, const struct style *style, size_t indent, FILE *out);

/** An HTML table with a caption. */
void sheet_html(const struct sheet *sheet, const char *caption, FILE *out);

/** RFC 4180 with "\n" as line end; what is not known is empty. */
void sheet_csv(const struct sheet *sheet, FILE *out);

/** Append one field of a CSV line, quoted where it must be. */
void csv_field(const char *text, FILE *out);

/** A list of objects; the reference is the caller's. */
json_t *sheet_json(const struct sheet *sheet);

#endif
