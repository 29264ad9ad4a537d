// SPDX-License-Identifier: Apache-2.0
#include "fit_views.h"

#include <math.h>

#include "document_out.h"
#include "options.h"
#include "sheet.h"

static const struct column error_columns[] = {
	{"GPU", "gpu", TEXT_COLUMN},
	{"mechanism", "mechanism", TEXT_COLUMN},
	{"latency", "latency", TEXT_COLUMN},
	{"MAPE %", NULL, 1},
	{NULL, "mape", 0},
	{"median", NULL, 1},
	{NULL, "median_ape", 0},
	{"p95", NULL, 1},
	{NULL, "p95_ape", 0},
	{"bias", NULL, 1},
	{NULL, "bias", 0},
	{"unfitted MAPE %", NULL, 1},
	{NULL, "unfitted_mape", 0},
	{"above bound %", NULL, 1},
	{NULL, "above_bound", 0},
	{"bound at +%", NULL, 0},
	{NULL, "bound_width", 0},
};

static const char *const latencies[SW_METRIC_COUNT][SW_STATISTIC_COUNT] = {
	{"TTFT mean", "TTFT p50", "TTFT p95", "TTFT p99"},
	{"TPOT mean", "TPOT p50", "TPOT p95", "TPOT p99"},
};

/* For people in per cent, for programs as a fraction. */
static void cell(struct sheet *sheet, double fraction)
{
	sheet_number(sheet, 100 * fraction);
	sheet_number(sheet, fraction);
}

static struct sheet *error_sheet(const struct sw_fit_report *report)
{
	struct sheet *sheet = sheet_new(error_columns, COUNT(error_columns));

	for (size_t i = 0; i < report->n_found; i++)
		for (int m = 0; m < SW_METRIC_COUNT; m++)
			for (int s = 0; s < SW_STATISTIC_COUNT; s++) {
				const struct sw_fit_found *f = &report->found[i];
				const struct sw_fit_error *e = &f->held_out[m][s];

				if (isnan(e->mape))
					continue;
				sheet_text(sheet, f->gpu);
				sheet_text(sheet, sw_mechanism_name(f->mechanism));
				sheet_text(sheet, latencies[m][s]);
				cell(sheet, e->mape);
				cell(sheet, e->median);
				cell(sheet, e->p95);
				cell(sheet, e->bias);
				cell(sheet, s == SW_MEAN ? f->unfitted[m].mape : NAN);
				cell(sheet, e->above);
				cell(sheet, e->width);
			}
	return sheet;
}

static const struct column line_columns[] = {
	{"GPU", "gpu", TEXT_COLUMN},
	{"of", "subject", TEXT_COLUMN},
	{"runs", "runs", 0},
	{"coefficient", "coefficient", TEXT_COLUMN},
	{"value", "value", SIGNIFICANT_COLUMN},
	{"unit", "unit", TEXT_COLUMN},
	{"from", "low", SIGNIFICANT_COLUMN},
	{"to", "high", SIGNIFICANT_COLUMN},
	{"unmeasured", "unmeasured", SIGNIFICANT_COLUMN},
	{"learned %", NULL, 0},
	{NULL, "learned", 0},
	{"meaning", "meaning", TEXT_COLUMN},
};

static struct sheet *line_sheet(const sw_fit *fit)
{
	struct sheet *sheet = sheet_new(line_columns, COUNT(line_columns));
	struct sw_fit_line line;

	for (size_t i = 0; sw_fit_line_at(fit, i, &line); i++) {
		if (!line.fitted)
			continue;
		sheet_text(sheet, line.gpu);
		sheet_text(sheet, line.subject);
		sheet_number(sheet, line.runs);
		sheet_text(sheet, line.name);
		sheet_number(sheet, line.value);
		sheet_text(sheet, line.unit);
		sheet_number(sheet, line.low);
		sheet_number(sheet, line.high);
		sheet_number(sheet, line.unmeasured);
		cell(sheet, line.learned);
		sheet_text(sheet, line.meaning);
	}
	return sheet;
}

static void print_counts(const struct sw_fit_report *report, FILE *out)
{
	for (size_t i = 0; i < report->n_found; i++) {
		const struct sw_fit_found *f = &report->found[i];

		(void)fprintf(out, "%s, %s: %zu runs of %zu mixes, %zu latencies of engines\n",
			      f->gpu, sw_mechanism_name(f->mechanism), f->runs, f->mixes,
			      f->engines);
	}
	if (report->failed)
		(void)fprintf(out, "%zu runs failed and are left out\n", report->failed);
	if (report->overloaded)
		(void)fprintf(out, "%zu engines were overloaded and have no latencies\n",
			      report->overloaded);
	if (report->unpredictable)
		(void)fprintf(out, "%zu runs are of mechanisms that are not predicted\n",
			      report->unpredictable);
}

void fit_table(const sw_fit *fit, const struct sw_fit_report *report, bool explain,
	       const struct style *style, FILE *out)
{
	struct sheet *errors = error_sheet(report);

	print_counts(report, out);
	(void)fputs("\nErrors on mixes that were held out\n", out);
	sheet_print(errors, style, 2, out);
	sheet_free(errors);
	if (explain) {
		struct sheet *lines = line_sheet(fit);

		(void)fputs("\nCoefficients; 95 % lie between from and to\n", out);
		sheet_print(lines, style, 2, out);
		sheet_free(lines);
	}
	if (report->n_advice)
		(void)fputs("\nWhat the runs do not say\n", out);
	for (size_t i = 0; i < report->n_advice; i++)
		(void)fprintf(out, "  %s\n", report->advice[i].text);
}

void fit_json(const sw_fit *fit, const struct sw_fit_report *report, bool explain, FILE *out)
{
	struct sheet *errors = error_sheet(report), *lines = line_sheet(fit);
	json_t *document = json_object(), *advice = json_array();

	json_object_set_new(document, "errors", sheet_json(errors));
	if (explain)
		json_object_set_new(document, "coefficients", sheet_json(lines));
	for (size_t i = 0; i < report->n_advice; i++)
		json_array_append_new(advice, json_string(report->advice[i].text));
	json_object_set_new(document, "advice", advice);
	json_object_set_new(document, "failed", json_integer((json_int_t)report->failed));
	json_object_set_new(document, "overloaded", json_integer((json_int_t)report->overloaded));
	json_object_set_new(document, "unpredictable",
			    json_integer((json_int_t)report->unpredictable));
	sheet_free(errors);
	sheet_free(lines);
	json_print(document, out);
}

void fit_csv(const sw_fit *fit, const struct sw_fit_report *report, bool explain, FILE *out)
{
	struct sheet *sheet = explain ? line_sheet(fit) : error_sheet(report);

	sheet_csv(sheet, out);
	sheet_free(sheet);
}
