// SPDX-License-Identifier: Apache-2.0
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "dataset_verbs.h"
#include "document_out.h"
#include "must.h"
#include "report.h"
#include "sheet.h"

/* The columns of an answer as those of a sheet; free(). */
static struct column *columns_of(const struct sw_answer *answer)
{
	struct column *columns = must_alloc(answer->n_columns, sizeof(*columns));

	for (size_t i = 0; i < answer->n_columns; i++) {
		enum sw_answer_type type = answer->columns[i].type;

		columns[i] = (struct column){answer->columns[i].name, answer->columns[i].name,
					     type == SW_ANSWER_REAL    ? SIGNIFICANT_COLUMN
					     : type == SW_ANSWER_WHOLE ? 0
								       : TEXT_COLUMN};
	}
	return columns;
}

static struct sheet *answer_sheet(const struct sw_answer *answer, const struct column *columns)
{
	struct sheet *sheet = sheet_new(columns, answer->n_columns);

	for (size_t i = 0; i < answer->n_rows * answer->n_columns; i++) {
		const struct sw_answer_cell *cell = &answer->cells[i];

		if (answer->columns[i % answer->n_columns].type == SW_ANSWER_TEXT)
			sheet_text(sheet, cell->text);
		else
			sheet_number(sheet, cell->number);
	}
	return sheet;
}

void answer_print(const struct sw_answer *answer, int format, const struct style *style, FILE *out)
{
	struct column *columns = columns_of(answer);
	struct sheet *sheet = answer_sheet(answer, columns);

	if (format == FORMAT_JSON)
		json_print(sheet_json(sheet), out);
	else if (format == FORMAT_CSV)
		sheet_csv(sheet, out);
	else
		sheet_print(sheet, style, 0, out);
	sheet_free(sheet);
	free(columns);
}

/* What info shows, in its order; what a data set has nothing of is not shown to people. */
static const struct {
	const char *query, *title;
} parts[] = {
	{"counts", "Runs"},          {"sizes", "Engines together"},
	{"models", "Models"},        {"failures", "Runs that failed"},
	{"hardware", "Hardware"},    {"software", "Software"},
	{"campaigns", "Where from"},
};

static void print_part(const struct sw_answer *answer, const char *title, const struct style *style,
		       FILE *out)
{
	if (answer->n_rows == 0)
		return;
	(void)fprintf(out, "\n%s%s%s\n\n", style_on(style, TONE_STRONG), title,
		      style_off(style, TONE_STRONG));
	answer_print(answer, FORMAT_TABLE, style, out);
}

static void put_part(const struct sw_answer *answer, const char *key, json_t *document)
{
	struct column *columns = columns_of(answer);
	struct sheet *sheet = answer_sheet(answer, columns);

	json_object_set_new(document, key, sheet_json(sheet));
	sheet_free(sheet);
	free(columns);
}

/* How many runs, of which how many failed: the sums of the counts. */
static void sum(const struct sw_answer *counts, double *runs, double *failed)
{
	*runs = *failed = 0;
	for (size_t i = 0; i < counts->n_rows; i++) {
		const struct sw_answer_cell *row = &counts->cells[i * counts->n_columns];

		*runs += row[counts->n_columns - 2].number;
		*failed += row[counts->n_columns - 1].number;
	}
}

static void print_sums(const struct sw_answer *counts, const char *path, const struct style *style,
		       FILE *out)
{
	double runs, failed;

	sum(counts, &runs, &failed);
	(void)fprintf(out, "%s%s%s: %.0f run%s", style_on(style, TONE_STRONG), path,
		      style_off(style, TONE_STRONG), runs, runs == 1 ? "" : "s");
	if (failed > 0)
		(void)fprintf(out, ", %.0f failed", failed);
	(void)fputc('\n', out);
}

enum sw_status dataset_print_info(sw_dataset *dataset, const char *path,
				  const struct sw_run_filter *filter, int format,
				  const struct style *style, FILE *out, struct sw_error *err)
{
	json_t *document = json_object();
	enum sw_status st = SW_OK;

	if (format == FORMAT_CSV)
		st = fail(err, SW_USAGE, "CSV is one table: ask query %s, or another",
			  parts[0].query);
	for (size_t i = 0; st == SW_OK && i < COUNT(parts); i++) {
		struct sw_answer answer;

		st = sw_dataset_query(dataset, parts[i].query, filter, &answer, err);
		if (st != SW_OK)
			break;
		if (format == FORMAT_JSON) {
			put_part(&answer, parts[i].query, document);
		} else {
			if (i == 0)
				print_sums(&answer, path, style, out);
			print_part(&answer, parts[i].title, style, out);
		}
		sw_answer_clear(&answer);
	}
	if (st == SW_OK && format == FORMAT_JSON)
		json_print(document, out);
	else
		json_decref(document);
	return st;
}

void dataset_print_queries(int format, const struct style *style, FILE *out)
{
	static const struct column columns[] = {
		{"query", "query", TEXT_COLUMN},
		{"answers", "answers", TEXT_COLUMN},
	};
	struct sheet *sheet = sheet_new(columns, COUNT(columns));

	for (size_t i = 0; sw_dataset_query_at(i); i++) {
		sheet_text(sheet, sw_dataset_query_at(i)->name);
		sheet_text(sheet, sw_dataset_query_at(i)->what);
	}
	if (format == FORMAT_JSON)
		json_print(sheet_json(sheet), out);
	else if (format == FORMAT_CSV)
		sheet_csv(sheet, out);
	else
		sheet_print(sheet, style, 0, out);
	sheet_free(sheet);
}
