// SPDX-License-Identifier: Apache-2.0
#include "sheet.h"

#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "document_out.h"
#include "html_page.h"
#include "must.h"

enum { COLUMN_GAP = 2 };

enum cell_kind { CELL_TEXT, CELL_NUMBER, CELL_BOOL };

struct cell {
	enum cell_kind kind;
	enum tone tone;
	char *text; /* CELL_TEXT; NULL: not known */
	double number;
};

struct sheet {
	const struct column *columns;
	size_t n_columns;
	struct cell *cells;
	size_t n_cells, capacity;
};

struct sheet *sheet_new(const struct column *columns, size_t n)
{
	struct sheet *sheet = must_alloc(1, sizeof(*sheet));

	sheet->columns = columns;
	sheet->n_columns = n;
	return sheet;
}

void sheet_free(struct sheet *sheet)
{
	if (!sheet)
		return;
	for (size_t i = 0; i < sheet->n_cells; i++)
		free(sheet->cells[i].text);
	free(sheet->cells);
	free(sheet);
}

static struct cell *next_cell(struct sheet *sheet, enum cell_kind kind)
{
	struct cell *cell;

	if (sheet->n_cells == sheet->capacity) {
		sheet->capacity = sheet->capacity ? 2 * sheet->capacity : 8 * sheet->n_columns;
		sheet->cells = must_grow(sheet->cells, sheet->capacity, sizeof(*sheet->cells));
	}
	cell = &sheet->cells[sheet->n_cells++];
	*cell = (struct cell){.kind = kind, .number = NAN};
	return cell;
}

void sheet_text(struct sheet *sheet, const char *text)
{
	struct cell *cell = next_cell(sheet, CELL_TEXT);

	cell->text = text ? must_format("%s", text) : NULL;
}

void sheet_format(struct sheet *sheet, const char *format, ...)
{
	struct cell *cell = next_cell(sheet, CELL_TEXT);
	va_list args;

	va_start(args, format);
	if (vasprintf(&cell->text, format, args) < 0)
		cell->text = NULL;
	va_end(args);
}

void sheet_number(struct sheet *sheet, double number)
{
	next_cell(sheet, CELL_NUMBER)->number = number;
}

void sheet_bool(struct sheet *sheet, bool value)
{
	next_cell(sheet, CELL_BOOL)->number = value;
}

void sheet_tone(struct sheet *sheet, enum tone tone)
{
	if (sheet->n_cells)
		sheet->cells[sheet->n_cells - 1].tone = tone;
}

/* What a person reads; free(). */
static char *shown(const struct cell *cell, const struct column *column)
{
	char *text;

	if (cell->kind == CELL_BOOL)
		return must_format("%s", cell->number != 0 ? "yes" : "no");
	if (cell->kind == CELL_NUMBER && isfinite(cell->number) &&
	    column->digits == SIGNIFICANT_COLUMN)
		return must_format("%#.4g", cell->number);
	if (cell->kind == CELL_NUMBER && isfinite(cell->number))
		return must_format("%.*f", column->digits > 0 ? column->digits : 0, cell->number);
	text = must_format("%s", cell->kind == CELL_TEXT && cell->text ? cell->text : "-");
	text_plain(text);
	return text;
}

static size_t column_width(const struct sheet *sheet, size_t c)
{
	size_t width = text_width(sheet->columns[c].title);

	for (size_t i = c; i < sheet->n_cells; i += sheet->n_columns) {
		char *text = shown(&sheet->cells[i], &sheet->columns[c]);
		size_t needed = text_width(text);

		width = needed > width ? needed : width;
		free(text);
	}
	return width;
}

/* Where a line stands: blanks are owed until something follows them, so that no line ends in blanks. */
struct line {
	const struct style *style;
	FILE *out;
	size_t owed;
};

static void put_padded(struct line *line, const char *text, enum tone tone, bool left, size_t width)
{
	size_t pad = width - text_width(text);

	if (*text)
		(void)fprintf(line->out, "%*s%s%s%s", (int)(line->owed + (left ? 0 : pad)), "",
			      style_on(line->style, tone), text, style_off(line->style, tone));
	if (*text)
		line->owed = left ? pad : 0;
	else
		line->owed += width;
}

static void put_cell(struct line *line, const struct cell *cell, const struct column *column,
		     size_t width)
{
	char *text = shown(cell, column);

	put_padded(line, text, cell->tone, column->digits == TEXT_COLUMN, width);
	free(text);
}

enum { HEADER_ROW, RULE_ROW, FIRST_ROW };

static void print_row(const struct sheet *sheet, const size_t *widths, size_t row,
		      const struct style *style, size_t indent, FILE *out)
{
	struct line line = {style, out, indent};

	for (size_t c = 0; c < sheet->n_columns; c++) {
		const struct column *column = &sheet->columns[c];

		if (!column->title)
			continue;
		if (row == HEADER_ROW) {
			put_padded(&line, column->title, TONE_STRONG, column->digits == TEXT_COLUMN,
				   widths[c]);
		} else if (row == RULE_ROW) {
			(void)fprintf(out, "%*s", (int)line.owed, "");
			style_rule(style, widths[c], out);
			line.owed = 0;
		} else {
			put_cell(&line, &sheet->cells[(row - FIRST_ROW) * sheet->n_columns + c],
				 column, widths[c]);
		}
		line.owed += COLUMN_GAP;
	}
	(void)fputc('\n', out);
}

void sheet_print(const struct sheet *sheet, const struct style *style, size_t indent, FILE *out)
{
	size_t *widths = must_alloc(sheet->n_columns, sizeof(*widths));
	size_t rows = sheet->n_cells / sheet->n_columns;

	for (size_t c = 0; c < sheet->n_columns; c++)
		widths[c] = sheet->columns[c].title ? column_width(sheet, c) : 0;
	for (size_t row = 0; row < rows + FIRST_ROW; row++)
		print_row(sheet, widths, row, style, indent, out);
	free(widths);
}

/* The first of a row is its heading, where it says anything. */
static void put_html_cell(const struct cell *cell, const struct column *column, bool first,
			  FILE *out)
{
	char *text = shown(cell, column);

	first = first && *text;
	(void)fprintf(out, first ? "<th scope=\"row\" class=\"%s%s\">" : "<td class=\"%s%s\">",
		      column->digits == TEXT_COLUMN ? "text" : "number",
		      cell->tone == TONE_BAD ? " bad" : "");
	html_escaped(out, text);
	(void)fputs(first ? "</th>" : "</td>", out);
	free(text);
}

static void put_html_head(const struct sheet *sheet, FILE *out)
{
	(void)fputs("<thead><tr>", out);
	for (size_t c = 0; c < sheet->n_columns; c++) {
		const struct column *column = &sheet->columns[c];

		if (!column->title)
			continue;
		(void)fprintf(out, "<th scope=\"col\" class=\"%s\">",
			      column->digits == TEXT_COLUMN ? "text" : "number");
		html_escaped(out, column->title);
		(void)fputs("</th>", out);
	}
	(void)fputs("</tr></thead>\n<tbody>\n", out);
}

void sheet_html(const struct sheet *sheet, const char *caption, FILE *out)
{
	(void)fputs("<div class=\"wide\" tabindex=\"0\"><table>\n<caption>", out);
	html_escaped(out, caption);
	(void)fputs("</caption>\n", out);
	put_html_head(sheet, out);
	for (size_t i = 0; i < sheet->n_cells; i += sheet->n_columns) {
		(void)fputs("<tr>", out);
		for (size_t c = 0; c < sheet->n_columns; c++)
			if (sheet->columns[c].title)
				put_html_cell(&sheet->cells[i + c], &sheet->columns[c], c == 0,
					      out);
		(void)fputs("</tr>\n", out);
	}
	(void)fputs("</tbody>\n</table></div>\n", out);
}

void csv_field(const char *text, FILE *out)
{
	if (!strpbrk(text, ",\"\r\n")) {
		(void)fputs(text, out);
		return;
	}
	(void)fputc('"', out);
	for (; *text; text++)
		(void)fprintf(out, *text == '"' ? "\"\"" : "%c", *text);
	(void)fputc('"', out);
}

static void csv_cell(const struct cell *cell, FILE *out)
{
	if (cell->kind == CELL_TEXT)
		csv_field(cell->text ? cell->text : "", out);
	else if (isfinite(cell->number))
		(void)fprintf(out, "%.*g", NUMBER_DIGITS, cell->number);
}

void sheet_csv(const struct sheet *sheet, FILE *out)
{
	size_t rows = sheet->n_cells / sheet->n_columns;

	for (size_t row = 0; row <= rows; row++) {
		const char *comma = "";

		for (size_t c = 0; c < sheet->n_columns; c++) {
			if (!sheet->columns[c].key)
				continue;
			(void)fputs(comma, out);
			comma = ",";
			if (row == 0)
				csv_field(sheet->columns[c].key, out);
			else
				csv_cell(&sheet->cells[(row - 1) * sheet->n_columns + c], out);
		}
		(void)fputc('\n', out);
	}
}

static json_t *json_cell(const struct cell *cell)
{
	if (cell->kind == CELL_BOOL)
		return json_boolean(cell->number != 0);
	if (cell->kind == CELL_NUMBER)
		return json_number(cell->number);
	return cell->text ? json_string(cell->text) : json_null();
}

json_t *sheet_json(const struct sheet *sheet)
{
	json_t *list = json_array();

	for (size_t i = 0; i + sheet->n_columns <= sheet->n_cells; i += sheet->n_columns) {
		json_t *object = json_object();

		for (size_t c = 0; c < sheet->n_columns; c++) {
			if (sheet->columns[c].key)
				json_object_set_new(object, sheet->columns[c].key,
						    json_cell(&sheet->cells[i + c]));
		}
		json_array_append_new(list, object);
	}
	return list;
}
