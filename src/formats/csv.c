// SPDX-License-Identifier: Apache-2.0
#include "formats/csv.h"

#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/text.h"

enum { SHOWN_CELL_MAX = 60, FIRST_CELLS = 64 };

/* One pass over the table's own copy of the text; cells are terminated in place, so they never outgrow their input. */
struct scanner {
	struct sw_csv *table;
	char *at, *end; /* *end is NUL */
	int line;
	size_t n_cells, cells_capacity;
	size_t n_lines, lines_capacity;
	struct sw_error *err;
};

static enum sw_status complain(const struct scanner *s, const char *what)
{
	return sw_fail(s->err, SW_BAD_INPUT, "%s:%d: %s", s->table->name, s->line, what);
}

static enum sw_status no_memory(const char *name, struct sw_error *err)
{
	return sw_fail(err, SW_NO_MEMORY, "%s: out of memory", name);
}

/* `array` with room for one more than n elements; NULL (and the old one still valid) without memory. */
static void *grown(void *array, size_t n, size_t *capacity, size_t element)
{
	size_t wanted = *capacity ? *capacity * 2 : FIRST_CELLS;
	void *larger;

	if (n < *capacity)
		return array;
	larger = realloc(array, wanted * element);
	if (larger)
		*capacity = wanted;
	return larger;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static bool is_line_end(char c)
{
	return c == '\n' || c == '\r';
}

/* Step over one line end: LF, CR LF or CR. */
static void take_line_end(struct scanner *s)
{
	if (s->at[0] == '\r' && s->at[1] == '\n')
		s->at++;
	s->at++;
	s->line++;
}

static enum sw_status add_cell(struct scanner *s, const char *cell)
{
	const char **cells = grown((void *)s->table->cells, s->n_cells, &s->cells_capacity,
				   sizeof(*s->table->cells));

	if (!cells)
		return no_memory(s->table->name, s->err);
	s->table->cells = cells;
	cells[s->n_cells++] = cell;
	return SW_OK;
}

static enum sw_status add_line(struct scanner *s, int line)
{
	int *lines =
		grown(s->table->lines, s->n_lines, &s->lines_capacity, sizeof(*s->table->lines));

	if (!lines)
		return no_memory(s->table->name, s->err);
	s->table->lines = lines;
	lines[s->n_lines++] = line;
	return SW_OK;
}

/* A quoted cell; the scanner stands on its quote. Leaves it behind the closing one, at what ends the cell. */
static enum sw_status quoted_cell(struct scanner *s)
{
	char *cell = ++s->at;
	char *put = cell;
	int first_line = s->line;

	for (;;) {
		if (s->at == s->end) {
			s->line = first_line;
			return complain(s, "a quote that is never closed");
		}
		if (s->at[0] == '"' && s->at[1] != '"')
			break;
		if (s->at[0] == '"')
			s->at++;
		if (*s->at == '\n')
			s->line++;
		*put++ = *s->at++;
	}
	s->at++;
	*put = '\0';
	while (is_blank(*s->at))
		s->at++;
	if (s->at != s->end && *s->at != ',' && !is_line_end(*s->at))
		return complain(s, "text behind a closing quote, expected a comma");
	return add_cell(s, cell);
}

static enum sw_status plain_cell(struct scanner *s)
{
	char *cell = s->at;
	char *cell_end;

	while (s->at != s->end && *s->at != ',' && !is_line_end(*s->at)) {
		if (*s->at == '"')
			return complain(s, "a quote inside an unquoted cell");
		s->at++;
	}
	cell_end = s->at;
	while (cell_end > cell && is_blank(cell_end[-1]))
		cell_end--;
	/* Where no blank follows the cell, next_cell() terminates it, once it has looked at what stands there. */
	if (cell_end < s->at)
		*cell_end = '\0';
	return add_cell(s, cell);
}

/* One cell and what ends it; *more tells that a comma did. */
static enum sw_status next_cell(struct scanner *s, bool *more)
{
	enum sw_status st;
	char *stop;

	while (is_blank(*s->at))
		s->at++;
	st = *s->at == '"' ? quoted_cell(s) : plain_cell(s);
	if (st != SW_OK)
		return st;
	stop = s->at;
	*more = *stop == ',';
	if (stop == s->end)
		return SW_OK;
	if (*more)
		s->at++;
	else
		take_line_end(s);
	*stop = '\0';
	return SW_OK;
}

static enum sw_status check_width(struct scanner *s, size_t cells, int line)
{
	struct sw_csv *table = s->table;

	if (s->n_lines == 1)
		table->n_columns = cells;
	if (cells > SW_CSV_COLUMNS_MAX)
		return sw_fail(s->err, SW_BAD_INPUT, "%s:%d: found more than %d columns",
			       table->name, line, SW_CSV_COLUMNS_MAX);
	if (s->n_cells > SW_CSV_CELLS_MAX)
		return sw_fail(s->err, SW_BAD_INPUT, "%s:%d: found more than %d cells", table->name,
			       line, SW_CSV_CELLS_MAX);
	if (cells == table->n_columns)
		return SW_OK;
	return sw_fail(s->err, SW_BAD_INPUT,
		       "%s:%d: found %zu cells, expected %zu as in the header", table->name, line,
		       cells, table->n_columns);
}

static enum sw_status scan_row(struct scanner *s)
{
	size_t first = s->n_cells;
	int line = s->line;
	bool more = true;
	enum sw_status st = add_line(s, line);

	while (st == SW_OK && more)
		st = next_cell(s, &more);
	return st == SW_OK ? check_width(s, s->n_cells - first, line) : st;
}

/* Step over lines of nothing but blanks. */
static void skip_blank_lines(struct scanner *s)
{
	for (;;) {
		char *at = s->at;

		while (is_blank(*at))
			at++;
		if (at == s->end)
			s->at = at;
		if (at == s->end || !is_line_end(*at))
			return;
		s->at = at;
		take_line_end(s);
	}
}

static enum sw_status check_header(struct scanner *s)
{
	const struct sw_csv *table = s->table;

	for (size_t i = 0; i < table->n_columns; i++) {
		for (size_t j = 0; j < i; j++) {
			if (*table->cells[i] && strcmp(table->cells[i], table->cells[j]) == 0)
				return sw_fail(
					s->err, SW_BAD_INPUT,
					"%s:%d: column %s: found a second time, expected once",
					table->name, table->lines[0], table->cells[i]);
		}
	}
	return SW_OK;
}

static enum sw_status scan(struct scanner *s)
{
	enum sw_status st = SW_OK;

	skip_blank_lines(s);
	if (s->at == s->end)
		return complain(s, "found an empty file, expected a header line");
	while (st == SW_OK && s->at != s->end) {
		st = scan_row(s);
		if (st == SW_OK && s->n_lines == 1)
			st = check_header(s);
		skip_blank_lines(s);
	}
	s->table->n_rows = s->n_lines - 1;
	return st;
}

static struct sw_csv *new_table(const char *text, size_t size, const char *name)
{
	struct sw_csv *table = calloc(1, sizeof(*table));

	if (!table)
		return NULL;
	table->name = strdup(name);
	table->text = calloc(1, size + 1);
	if (!table->name || !table->text) {
		sw_csv_free(table);
		return NULL;
	}
	if (size)
		memcpy(table->text, text, size);
	return table;
}

static int line_of(const char *text, const char *at)
{
	int line = 1;

	for (; text < at; text++)
		line += *text == '\n';
	return line;
}

enum sw_status sw_csv_parse(const char *text, size_t size, const char *name, struct sw_csv **out,
			    struct sw_error *err)
{
	static const char byte_order_mark[] = "\xef\xbb\xbf";
	const char *nul = size ? memchr(text, '\0', size) : NULL;
	struct scanner s = {.line = 1, .err = err};
	enum sw_status st;

	*out = NULL;
	if (size > SW_CSV_BYTES_MAX)
		return sw_fail(err, SW_BAD_INPUT, "%s: larger than %d bytes", name,
			       SW_CSV_BYTES_MAX);
	if (nul)
		return sw_fail(err, SW_BAD_INPUT, "%s:%d: found a NUL byte, expected text", name,
			       line_of(text, nul));
	s.table = new_table(text, size, name);
	if (!s.table)
		return no_memory(name, err);
	s.at = s.table->text;
	s.end = s.at + size;
	if (strncmp(s.at, byte_order_mark, strlen(byte_order_mark)) == 0)
		s.at += strlen(byte_order_mark);
	st = scan(&s);
	if (st != SW_OK) {
		sw_csv_free(s.table);
		return st;
	}
	*out = s.table;
	return SW_OK;
}

enum sw_status sw_csv_load(const char *path, struct sw_csv **out, struct sw_error *err)
{
	struct sw_text text = {0};
	enum sw_status st = sw_file_read(path, SW_CSV_BYTES_MAX, &text, err);

	*out = NULL;
	if (st == SW_OK)
		st = sw_csv_parse(sw_text_string(&text), text.size, path, out, err);
	sw_text_free(&text);
	return st;
}

void sw_csv_free(struct sw_csv *table)
{
	if (!table)
		return;
	free(table->name);
	free(table->text);
	free((void *)table->cells);
	free(table->lines);
	free(table);
}

const char *sw_csv_header(const struct sw_csv *table, size_t column)
{
	return table->cells[column];
}

const char *sw_csv_cell(const struct sw_csv *table, size_t row, size_t column)
{
	return table->cells[(row + 1) * table->n_columns + column];
}

int sw_csv_line(const struct sw_csv *table, size_t row)
{
	return table->lines[row + 1];
}

bool sw_csv_find(const struct sw_csv *table, const char *name, size_t *column)
{
	for (size_t i = 0; i < table->n_columns; i++) {
		if (strcmp(table->cells[i], name) == 0) {
			*column = i;
			return true;
		}
	}
	return false;
}

static void add_names(struct sw_text *text, const struct sw_csv *table)
{
	for (size_t i = 0; i < table->n_columns; i++)
		sw_text_addf(text, "%s%.*s", i ? "," : "", SHOWN_CELL_MAX, table->cells[i]);
}

enum sw_status sw_csv_column(const struct sw_csv *table, const char *name, size_t *column,
			     struct sw_error *err)
{
	struct sw_text names = {0};
	enum sw_status st;

	if (sw_csv_find(table, name, column))
		return SW_OK;
	add_names(&names, table);
	st = sw_fail(err, SW_BAD_INPUT, "%s:%d: found no column %s, only %s", table->name,
		     table->lines[0], name, sw_text_string(&names));
	sw_text_free(&names);
	return st;
}

bool sw_csv_header_is(const struct sw_csv *table, const char *names)
{
	for (size_t i = 0; i < table->n_columns; i++) {
		size_t length = strcspn(names, ",");

		if (strlen(table->cells[i]) != length ||
		    strncmp(table->cells[i], names, length) != 0)
			return false;
		names += length;
		if ((*names == ',') != (i + 1 < table->n_columns))
			return false;
		names += *names == ',';
	}
	return true;
}

enum sw_status sw_csv_refuse(const struct sw_csv *table, size_t row, size_t column,
			     struct sw_error *err, const char *format, ...)
{
	const char *cell = sw_csv_cell(table, row, column);
	struct sw_text text = {0};
	enum sw_status st;
	va_list args;

	va_start(args, format);
	sw_text_vaddf(&text, format, args);
	va_end(args);
	st = sw_fail(err, SW_BAD_INPUT, "%s:%d: %s: found %s%.*s%s%s, expected %s", table->name,
		     sw_csv_line(table, row), sw_csv_header(table, column),
		     *cell ? "\"" : "nothing", SHOWN_CELL_MAX, cell,
		     strlen(cell) > SHOWN_CELL_MAX ? "..." : "", *cell ? "\"" : "",
		     sw_text_string(&text));
	sw_text_free(&text);
	return st;
}

static enum sw_status refuse_number(const struct sw_csv *table, size_t row, size_t column,
				    const struct sw_csv_range *range, struct sw_error *err)
{
	const char *unit = range && range->unit ? range->unit : NULL;
	const char *low = range && range->min_open ? " above " : " from ";
	struct sw_text text = {0};
	enum sw_status st;

	sw_text_addf(&text, "a number%s%s%s", unit ? " (" : "", unit ? unit : "", unit ? ")" : "");
	if (range && isfinite(range->min))
		sw_text_addf(&text, "%s%.15g", low, range->min);
	if (range && isfinite(range->max))
		sw_text_addf(&text, " up to %.15g", range->max);
	st = sw_csv_refuse(table, row, column, err, "%s", sw_text_string(&text));
	sw_text_free(&text);
	return st;
}

enum sw_status sw_csv_required(const struct sw_csv *table, size_t row, size_t column,
			       const struct sw_csv_range *range, double *out, struct sw_error *err)
{
	double x;
	bool ok = sw_decimal(sw_csv_cell(table, row, column), &x) && isfinite(x);

	if (ok && range)
		ok = x <= range->max && (range->min_open ? x > range->min : x >= range->min);
	if (!ok)
		return refuse_number(table, row, column, range, err);
	*out = x;
	return SW_OK;
}

enum sw_status sw_csv_number(const struct sw_csv *table, size_t row, size_t column,
			     const struct sw_csv_range *range, double *out, struct sw_error *err)
{
	if (*sw_csv_cell(table, row, column))
		return sw_csv_required(table, row, column, range, out, err);
	*out = NAN;
	return SW_OK;
}
