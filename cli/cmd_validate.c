// SPDX-License-Identifier: Apache-2.0
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "document_out.h"
#include "lookup.h"
#include "must.h"
#include "sheet.h"

struct validate_settings {
	struct common common;
	const char *gpu, *model, *calibration, *fit;
	unsigned prompt_tokens, output_tokens;
	unsigned worst;
};

/* As many rows as a person looks at. */
enum { WORST_SHOWN = 5, WORST_MAX = 10000, TOKENS_MAX = 10000000 };

static const struct validate_settings defaults = {.worst = WORST_SHOWN};

#define AT(member) offsetof(struct validate_settings, member)

static const struct option row_options[] = {
	{"gpu", 0, OPTION_GPU, "GPU", AT(gpu),
	 .help = "the GPU of rows that do not name theirs: single operators, pairs"},
	{"model", 0, OPTION_MODEL, "MODEL", AT(model),
	 .help = "the model of rows that do not name theirs: pairs"},
	{"prompt-tokens", 0, OPTION_COUNT, "TOKENS", AT(prompt_tokens), 1, TOKENS_MAX,
	 .help = "length of every prompt, where rows of pairs do not say it"},
	{"output-tokens", 0, OPTION_COUNT, "TOKENS", AT(output_tokens), 1, TOKENS_MAX,
	 .help = "length of every answer, likewise"},
	{"calibration", 0, OPTION_FILE, "FILE", AT(calibration),
	 .help = "a calibration file instead of the shipped ones"},
	{"fit", 0, OPTION_FILE, "FILE", AT(fit),
	 .help = "a fit of measured mixes instead of the shipped one; of mixes and pairs"},
	{"worst", 0, OPTION_COUNT, "N", AT(worst), 0, WORST_MAX,
	 .help = "how many of the worst rows the table shows; 5 unless given"},
};

static const struct option_group groups[] = {
	{"Rows", row_options, COUNT(row_options), 0, NO_MASK, 0},
	COMMON_GROUP,
};

static const struct option_set options = {
	"slicewise validate", groups, COUNT(groups), "MEASURED.csv", 1, 1,
};

#define NAME(constant, id) id,

static const char *const kinds[] = {SW_ROWS_LIST(NAME)};

static const struct column group_columns[] = {
	{"group", "name", TEXT_COLUMN},
	{"rows", "rows", 0},
	{"MAPE %", NULL, 2},
	{NULL, "mape", 0},
	{"median %", NULL, 2},
	{NULL, "median_ape", 0},
	{"p95 %", NULL, 2},
	{NULL, "p95_ape", 0},
	{"bias %", NULL, 2},
	{NULL, "bias", 0},
	{"R2", "r2", 3},
	{"covered %", NULL, 1},
	{NULL, "covered", 0},
};

/* The same number for people, as a percentage, and for programs, as a fraction. */
static void add_fraction(struct sheet *sheet, double fraction)
{
	sheet_number(sheet, 100 * fraction);
	sheet_number(sheet, fraction);
}

static struct sheet *group_sheet(const struct sw_validation *v)
{
	struct sheet *sheet = sheet_new(group_columns, COUNT(group_columns));

	for (size_t i = 0; i < v->n_groups; i++) {
		const struct sw_error_group *group = &v->groups[i];

		sheet_text(sheet, group->name);
		sheet_number(sheet, (double)group->rows);
		add_fraction(sheet, group->mape);
		add_fraction(sheet, group->median_ape);
		add_fraction(sheet, group->p95_ape);
		add_fraction(sheet, group->bias);
		sheet_number(sheet, group->r2);
		add_fraction(sheet, group->covered);
	}
	return sheet;
}

/* A measured number and how far off its prediction is. */
struct miss {
	size_t row, metric;
	double measured, predicted;
	double error; /* (predicted - measured) / measured */
};

static int compare_misses(const void *a, const void *b)
{
	const struct miss *x = a, *y = b;

	if (fabs(x->error) != fabs(y->error))
		return fabs(x->error) > fabs(y->error) ? -1 : 1;
	if (x->row != y->row)
		return x->row < y->row ? -1 : 1;
	return x->metric < y->metric ? -1 : 1;
}

/* Everything that was measured and predicted, the worst first; free(). */
static struct miss *misses_of(const struct sw_validation *v, size_t *n)
{
	struct miss *misses = must_alloc(v->n_rows * v->n_metrics, sizeof(*misses));

	*n = 0;
	for (size_t i = 0; i < v->n_rows * v->n_metrics; i++) {
		double error = (v->predicted[i] - v->measured[i]) / v->measured[i];

		if (isfinite(error))
			misses[(*n)++] = (struct miss){i / v->n_metrics, i % v->n_metrics,
						       v->measured[i], v->predicted[i], error};
	}
	qsort(misses, *n, sizeof(*misses), compare_misses);
	return misses;
}

static const struct column miss_columns[] = {
	{"line", "line", 0},
	{"metric", "metric", TEXT_COLUMN},
	{"measured", "measured", SIGNIFICANT_COLUMN},
	{"predicted", "predicted", SIGNIFICANT_COLUMN},
	{"error %", "error", 1},
	{"binds", "binds", TEXT_COLUMN},
	{"what", NULL, TEXT_COLUMN},
};

/* The cells of a row in one line: enough to find it and to see what is special about it. */
static char *row_words(const struct sw_validation *v, size_t row)
{
	char *text = must_format("%s", sw_validation_cell(v, row, 0));

	for (size_t c = 1; c < v->n_columns; c++) {
		char *longer = must_format("%s, %s", text, sw_validation_cell(v, row, c));

		free(text);
		text = longer;
	}
	return text;
}

static void print_worst(const struct sw_validation *v, size_t worst, const struct style *style,
			FILE *out)
{
	struct sheet *sheet = sheet_new(miss_columns, COUNT(miss_columns));
	struct miss *misses;
	size_t n;

	misses = misses_of(v, &n);
	for (size_t i = 0; i < n && i < worst; i++) {
		char *what = row_words(v, misses[i].row);

		sheet_number(sheet, sw_validation_line(v, misses[i].row));
		sheet_text(sheet, v->metrics[misses[i].metric]);
		sheet_number(sheet, misses[i].measured);
		sheet_number(sheet, misses[i].predicted);
		sheet_number(sheet, 100 * misses[i].error);
		sheet_text(sheet, v->binds[misses[i].row]);
		sheet_text(sheet, what);
		free(what);
	}
	if (n && worst) {
		(void)fputs("\nThe rows that are furthest off\n\n", out);
		sheet_print(sheet, style, 0, out);
	}
	sheet_free(sheet);
	free(misses);
}

static size_t skipped_rows(const struct sw_validation *v)
{
	size_t rows = 0;

	for (size_t i = 0; i < v->n_skipped; i++)
		rows += v->skipped[i].rows;
	return rows;
}

static void print_skipped(const struct sw_validation *v, FILE *out)
{
	if (v->n_skipped)
		(void)fputc('\n', out);
	for (size_t i = 0; i < v->n_skipped; i++)
		(void)fprintf(out, "%s; %zu row%s not compared\n", v->skipped[i].why,
			      v->skipped[i].rows, v->skipped[i].rows == 1 ? "" : "s");
}

static void print_table(const struct sw_validation *v, const struct validate_settings *s,
			const char *path, const struct style *style, FILE *out)
{
	struct sheet *sheet = group_sheet(v);

	(void)fprintf(out, "%s%s%s: %zu %s rows", style_on(style, TONE_STRONG), path,
		      style_off(style, TONE_STRONG), v->n_rows, kinds[v->rows]);
	if (v->n_skipped)
		(void)fprintf(out, ", %zu not compared", skipped_rows(v));
	(void)fputs("\n\n", out);
	sheet_print(sheet, style, 0, out);
	sheet_free(sheet);
	print_worst(v, s->worst, style, out);
	print_skipped(v, out);
}

static json_t *skipped_json(const struct sw_validation *v)
{
	json_t *reasons = json_array();

	for (size_t i = 0; i < v->n_skipped; i++) {
		json_t *reason = json_object();

		json_object_set_new(reason, "why", json_string(v->skipped[i].why));
		json_object_set_new(reason, "rows", json_integer((json_int_t)v->skipped[i].rows));
		json_array_append_new(reasons, reason);
	}
	return reasons;
}

static void print_json(const struct sw_validation *v, FILE *out)
{
	struct sheet *sheet = group_sheet(v);
	json_t *document = json_object();

	json_object_set_new(document, "kind", json_string(kinds[v->rows]));
	json_object_set_new(document, "rows", json_integer((json_int_t)v->n_rows));
	json_object_set_new(document, "skipped", json_integer((json_int_t)skipped_rows(v)));
	json_object_set_new(document, "reasons", skipped_json(v));
	json_object_set_new(document, "groups", sheet_json(sheet));
	json_print(document, out);
	sheet_free(sheet);
}

static void put_field(const char *text, FILE *out)
{
	csv_field(text, out);
	(void)fputc(',', out);
}

/* Rows of several measured columns: which one a prediction belongs to must be said. */
static bool has_metrics(const struct sw_validation *v)
{
	return v->rows == SW_ROWS_MIX || v->rows == SW_ROWS_PAIR;
}

/* The file as it was, with what was predicted behind each row. */
static void print_csv(const struct sw_validation *v, FILE *out)
{
	for (size_t c = 0; c < v->n_columns; c++)
		put_field(sw_validation_column(v, c), out);
	for (size_t m = 0; m < v->n_metrics; m++)
		(void)fprintf(out, "%spredicted_%s", m ? "," : "",
			      has_metrics(v) ? v->metrics[m] : "ms");
	(void)fputc('\n', out);
	for (size_t i = 0; i < v->n_rows; i++) {
		for (size_t c = 0; c < v->n_columns; c++)
			put_field(sw_validation_cell(v, i, c), out);
		for (size_t m = 0; m < v->n_metrics; m++) {
			double predicted = v->predicted[i * v->n_metrics + m];

			(void)fputs(m ? "," : "", out);
			if (isfinite(predicted))
				(void)fprintf(out, "%.*g", NUMBER_DIGITS, predicted);
		}
		(void)fputc('\n', out);
	}
}

static enum sw_status run(const struct call *call, FILE *out, struct sw_error *err)
{
	const struct validate_settings *s = call->settings;
	struct sw_validation *v = NULL;
	enum sw_status st = SW_OK;
	struct sw_model model;
	struct sw_gpu gpu;
	const struct sw_validate_settings given = {
		.gpu = s->gpu,
		.model = s->model,
		.prompt_tokens = s->prompt_tokens,
		.output_tokens = s->output_tokens,
		.calibration = s->calibration,
		.fit = s->fit,
	};

	/* Rows that name their GPU need none, but a slip in the name is a slip all the same. */
	if (s->gpu)
		st = lookup_gpu(call->catalog, s->gpu, &gpu, err);
	if (st == SW_OK && s->model)
		st = lookup_model(call->catalog, s->model, &model, err);
	if (st == SW_OK)
		st = sw_validate_file(call->catalog, call->operands[0], &given, &v, err);
	if (st != SW_OK)
		return st;
	if (s->common.format == FORMAT_JSON)
		print_json(v, out);
	else if (s->common.format == FORMAT_CSV)
		print_csv(v, out);
	else
		print_table(v, s, call->operands[0], &call->style, out);
	sw_validation_free(v);
	return SW_OK;
}

const struct command command_validate = {
	.name = "validate",
	.summary = "predicted beside measured, for rows of your own",
	.about = "Reads measured engine steps, operators, mixes or pairs of engines, predicts "
		 "every row "
		 "and says how far the predictions are off. With --format csv every input row is "
		 "repeated in order, with predicted_ms behind it.",
	.options = &options,
	.settings_size = sizeof(struct validate_settings),
	.defaults = &defaults,
	.run = run,
};
