// SPDX-License-Identifier: Apache-2.0
/* Runs as CSV, for people and as rows to be read again, or typed, for programs. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "dataset/run_columns.h"

/* RFC 4180. */
static void put_quoted(struct sw_text *out, const char *text)
{
	sw_text_puts(out, "\"");
	for (; *text; text++)
		sw_text_add(out, *text == '"' ? "\"\"" : text, *text == '"' ? 2 : 1);
	sw_text_puts(out, "\"");
}

/* A reader trims blanks that are not quoted. */
static bool needs_quotes(const char *text)
{
	size_t n = strlen(text);

	return text[strcspn(text, ",\"\r\n")] || text[0] == ' ' || text[0] == '\t' ||
	       text[n - 1] == ' ' || text[n - 1] == '\t';
}

/* As few digits as give the same number again. */
static void put_real(struct sw_text *out, double x)
{
	enum { DIGITS_MIN = 15, DIGITS_MAX = 17 };
	char text[32];
	int digits = DIGITS_MIN;

	do
		(void)snprintf(text, sizeof(text), "%.*g", digits, x);
	while (digits++ < DIGITS_MAX && strtod(text, NULL) != x);
	sw_text_puts(out, text);
}

static void put_cell(struct sw_text *out, const struct sw__run_column *column,
		     const struct sw__cell *cell, bool quote)
{
	if (!cell->known)
		return;
	switch (column->type) {
	case SW__TEXT:
		if (quote || needs_quotes(cell->text))
			put_quoted(out, cell->text);
		else
			sw_text_puts(out, cell->text);
		break;
	case SW__WHOLE:
		sw_text_addf(out, "%" PRIu64, cell->whole);
		break;
	case SW__TRUTH:
		sw_text_puts(out, cell->number != 0 ? "true" : "false");
		break;
	default:
		put_real(out, cell->number);
	}
}

static void put_row(struct sw_text *out, const struct sw__run_row *row)
{
	for (size_t i = 0; i < sw__run_columns_n; i++) {
		const struct sw__run_column *column = &sw__run_columns[i];
		struct sw_text scratch = {0};
		struct sw__cell cell = column->get(row, column->index, &scratch);

		if (i)
			sw_text_puts(out, ",");
		put_cell(out, column, &cell, row->resolved);
		out->failed |= scratch.failed;
		sw_text_free(&scratch);
	}
	sw_text_puts(out, "\n");
}

static void put_header(struct sw_text *out)
{
	for (size_t i = 0; i < sw__run_columns_n; i++)
		sw_text_addf(out, "%s%s", i ? "," : "", sw__run_columns[i].name);
	sw_text_puts(out, "\n");
}

/* What was written so far goes out and makes room. */
static enum sw_status send(struct sw_text *text, FILE *out, struct sw_error *err)
{
	bool ok = sw_text_ok(text);
	bool written = ok && fwrite(text->data, 1, text->size, out) == text->size;

	sw_text_free(text);
	if (!ok)
		return sw_fail(err, SW_NO_MEMORY, "rows: out of memory");
	return written ? SW_OK : sw_fail(err, SW_IO, "rows: cannot write: %s", strerror(errno));
}

static enum sw_status write_rows(const sw_catalog *catalog, const struct sw_runs *runs,
				 bool resolved, FILE *out, struct sw_error *err)
{
	struct sw_text text = {0};
	enum sw_status st;

	put_header(&text);
	st = send(&text, out, err);
	for (size_t i = 0; st == SW_OK && i < runs->n; i++) {
		struct sw__run_row row = {catalog, &runs->run[i], 0, resolved};

		for (; row.tenant < row.run->mix->n; row.tenant++)
			put_row(&text, &row);
		st = send(&text, out, err);
	}
	return st;
}

enum sw_status sw_runs_write(const sw_catalog *catalog, const struct sw_runs *runs, FILE *out,
			     struct sw_error *err)
{
	return write_rows(catalog, runs, false, out, err);
}

enum sw_status sw_runs_write_flat(const struct sw_runs *runs, FILE *out, struct sw_error *err)
{
	return write_rows(NULL, runs, true, out, err);
}

enum sw_status sw_runs_write_schema(FILE *out, struct sw_error *err)
{
	struct sw_text text = {0};

	sw_text_puts(&text, "column,type,unit,meaning\n");
	for (size_t i = 0; i < sw__run_columns_n; i++) {
		const struct sw__run_column *column = &sw__run_columns[i];

		sw_text_addf(&text, "%s,%s,%s,", column->name, sw__column_type_name(column->type),
			     column->unit);
		put_quoted(&text, column->meaning);
		sw_text_puts(&text, "\n");
	}
	return send(&text, out, err);
}
