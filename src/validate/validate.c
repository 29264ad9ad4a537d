// SPDX-License-Identifier: Apache-2.0
#include "slicewise/validate.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "math/error_summary.h"
#include "validate/rows_read.h"
#include "validate/skipped_rows.h"

enum { GROUPS_MAX = 256 };

/* The group of each measured number (GROUPS_MAX: in "all" alone), and the names of the groups in the order they first appear. */
struct grouping {
	size_t n;
	char (*names)[SW__GROUP_NAME_MAX];
	size_t *of_number;
};

static enum sw_status no_memory(struct sw_error *err)
{
	return sw_fail(err, SW_NO_MEMORY, "validate: out of memory");
}

/* Numbers beyond GROUPS_MAX groups count in "all" alone. */
static void put_in_group(struct grouping *grouping, size_t number, const char *name)
{
	size_t g = 0;

	while (g < grouping->n && strcmp(grouping->names[g], name) != 0)
		g++;
	if (g == grouping->n && g < GROUPS_MAX)
		(void)sw_copy_name(grouping->names[grouping->n++], SW__GROUP_NAME_MAX, name);
	grouping->of_number[number] = g;
}

static enum sw_status read_measured(struct sw_validation *v, struct sw_error *err)
{
	struct sw_csv_range positive = {.min = 0, .max = 1e12, .min_open = true};
	enum sw_status st = SW_OK;
	size_t column = 0;

	for (size_t m = 0; m < v->n_metrics; m++) {
		positive.unit = strstr(v->metrics[m], "_ms") ? "ms" : "tokens per second";
		(void)sw_csv_find(v->table, v->metrics[m], &column);
		for (size_t i = 0; st == SW_OK && i < v->n_rows; i++)
			st = sw_csv_number(v->table, i, column, &positive,
					   &v->measured[i * v->n_metrics + m], err);
	}
	return st;
}

static enum sw_status predict_rows(const struct sw__row_schema *schema,
				   struct sw__row_context *context, struct sw_validation *v,
				   struct grouping *grouping, struct sw_error *err)
{
	size_t columns[SW__ROW_COLUMNS_MAX] = {0};
	char group[SW__GROUP_NAME_MAX];
	enum sw_status st = SW_OK;

	for (size_t n = 0; schema->columns[n]; n++)
		(void)sw_csv_find(v->table, schema->columns[n], &columns[n]);
	for (size_t i = 0; st == SW_OK && i < v->n_rows; i++) {
		st = schema->predict(context, v->table, i, columns, &v->predicted[i], group, err);
		if (st == SW_OK)
			put_in_group(grouping, i, group);
	}
	return st;
}

static enum sw_status predict_family(const struct sw__row_family *family,
				     struct sw__row_context *context, struct sw_validation *v,
				     struct grouping *grouping, struct sw_error *err)
{
	enum sw_status st = family->predict(context, v, err);
	char group[SW__GROUP_NAME_MAX];
	size_t column = 0;

	(void)sw_csv_find(v->table, family->group_column, &column);
	for (size_t i = 0; st == SW_OK && i < v->n_rows * v->n_metrics; i++) {
		grouping->of_number[i] = GROUPS_MAX;
		if (!isfinite(v->predicted[i]))
			continue; /* v->skipped says why; a group of nothing else would say nothing */
		(void)snprintf(group, sizeof(group), "%s %.80s", v->metrics[i % v->n_metrics],
			       sw_csv_cell(v->table, i / v->n_metrics, column));
		put_in_group(grouping, i, group);
	}
	return st;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct sw_error_group *)a)->name,
		      ((const struct sw_error_group *)b)->name);
}

/* Summarise one group (everything for g == SIZE_MAX); what was not measured or not predicted does not count. */
static enum sw_status summarise(const struct sw_validation *v, const struct grouping *grouping,
				size_t g, const char *name, double *scratch,
				struct sw_error_group *out, struct sw_error *err)
{
	size_t numbers = v->n_rows * v->n_metrics, n = 0;
	double *predicted = scratch, *measured = scratch + numbers;
	double bounded = 0, below = 0;
	struct sw__error_summary s;
	enum sw_status st;

	for (size_t i = 0; i < numbers; i++) {
		if (g != SIZE_MAX && grouping->of_number[i] != g)
			continue;
		if (isnan(v->measured[i]) || !isfinite(v->predicted[i]))
			continue;
		predicted[n] = v->predicted[i];
		measured[n++] = v->measured[i];
		bounded += !isnan(v->upper[i]);
		below += v->measured[i] <= v->upper[i];
	}
	st = sw__summarise_errors(predicted, measured, n, &s, err);
	*out = (struct sw_error_group){.rows = s.rows,
				       .mape = s.mape,
				       .median_ape = s.median_ape,
				       .p95_ape = s.p95_ape,
				       .bias = s.bias,
				       .r2 = s.r2,
				       .covered = bounded > 0 ? below / bounded : (double)NAN};
	(void)sw_copy_name(out->name, sizeof(out->name), name);
	return st;
}

static enum sw_status make_groups(struct sw_validation *v, const struct grouping *grouping,
				  struct sw_error *err)
{
	double *scratch = calloc(2 * v->n_rows * v->n_metrics + 1, sizeof(*scratch));
	enum sw_status st;

	v->groups = calloc(grouping->n + 1, sizeof(*v->groups));
	if (!scratch || !v->groups) {
		free(scratch);
		return no_memory(err);
	}
	st = summarise(v, grouping, SIZE_MAX, "all", scratch, &v->groups[0], err);
	for (size_t g = 0; st == SW_OK && g < grouping->n; g++)
		st = summarise(v, grouping, g, grouping->names[g], scratch, &v->groups[g + 1], err);
	v->n_groups = grouping->n + 1;
	qsort(v->groups + 1, grouping->n, sizeof(*v->groups), by_name);
	free(scratch);
	return st;
}

static enum sw_status check_schema(const struct sw_csv *csv, const struct sw__row_schema *schema,
				   const struct sw_rows_given *given, struct sw_error *err)
{
	struct sw_text text = {0};
	enum sw_status st;

	if (schema)
		return sw__row_schema_check(schema, csv, given, err);
	sw__row_schemas_list(&text);
	st = sw_fail(err, SW_BAD_INPUT, "%s:%d: found a header of no known rows, expected %s",
		     csv->name, csv->lines[0], sw_text_string(&text));
	sw_text_free(&text);
	return st;
}

static enum sw_status no_metrics(const struct sw__row_family *family, const struct sw_csv *csv,
				 struct sw_error *err)
{
	struct sw_text text = {0};
	enum sw_status st;

	for (size_t i = 0; i < family->n_metrics; i++)
		sw_text_addf(&text, "%s%s", i ? ", " : "", family->metrics[i].column);
	st = sw_fail(err, SW_BAD_INPUT, "%s:%d: found no measured column, expected one of %s",
		     csv->name, csv->lines[0], sw_text_string(&text));
	sw_text_free(&text);
	return st;
}

/* What is compared: the last column of a schema, or what rows of a family have of what can be predicted. */
static enum sw_status find_metrics(const struct sw__row_schema *schema, struct sw_validation *v,
				   struct sw_error *err)
{
	const struct sw__row_family *family = schema->family;
	size_t n = 0, column;

	if (!family) {
		while (schema->columns[n + 1])
			n++;
		v->metrics[v->n_metrics++] = schema->columns[n];
		return SW_OK;
	}
	for (size_t i = 0; i < family->n_metrics; i++) {
		if (sw_csv_find(v->table, family->metrics[i].column, &column))
			v->metrics[v->n_metrics++] = family->metrics[i].column;
	}
	return v->n_metrics > 0 ? SW_OK : no_metrics(family, v->table, err);
}

static enum sw_status validate_table(const struct sw__row_schema *schema,
				     struct sw__row_context *context, struct sw_validation *v,
				     struct sw_error *err)
{
	struct grouping grouping = {0};
	enum sw_status st = find_metrics(schema, v, err);
	size_t numbers;

	if (st != SW_OK)
		return st;
	v->rows = schema->rows;
	v->n_columns = v->table->n_columns;
	v->n_rows = v->table->n_rows;
	numbers = v->n_rows * v->n_metrics;
	v->measured = calloc(numbers + 1, sizeof(*v->measured));
	v->predicted = calloc(numbers + 1, sizeof(*v->predicted));
	v->upper = calloc(numbers + 1, sizeof(*v->upper));
	v->binds = calloc(v->n_rows + 1, sizeof(*v->binds));
	grouping.names = calloc(GROUPS_MAX, sizeof(*grouping.names));
	grouping.of_number = calloc(numbers + 1, sizeof(*grouping.of_number));
	for (size_t i = 0; v->upper && i < numbers; i++)
		v->upper[i] = NAN;
	st = v->measured && v->predicted && v->upper && v->binds && grouping.names &&
			     grouping.of_number
		     ? read_measured(v, err)
		     : no_memory(err);
	if (st == SW_OK)
		st = schema->family ? predict_family(schema->family, context, v, &grouping, err)
				    : predict_rows(schema, context, v, &grouping, err);
	if (st == SW_OK)
		st = make_groups(v, &grouping, err);
	free(grouping.names);
	free(grouping.of_number);
	return st;
}

enum sw_status sw_validate_file(const sw_catalog *catalog, const char *path,
				const struct sw_validate_settings *settings,
				struct sw_validation **out, struct sw_error *err)
{
	struct sw__row_context context = {.catalog = catalog};
	sw_fit *fit = NULL;
	struct sw_validation *v = calloc(1, sizeof(*v));
	const struct sw__row_schema *schema = NULL;
	enum sw_status st;

	*out = NULL;
	if (!v)
		return no_memory(err);
	if (settings) {
		context.given =
			(struct sw_rows_given){settings->gpu, settings->model,
					       settings->prompt_tokens, settings->output_tokens};
		context.calibration = settings->calibration;
	}
	st = sw_csv_load(path, &v->table, err);
	if (st == SW_OK) {
		schema = sw__row_schema_of(v->table);
		st = check_schema(v->table, schema, &context.given, err);
	}
	if (st == SW_OK && schema->family)
		st = sw_fit_open(settings ? settings->fit : NULL, &fit, err);
	context.fit = fit;
	if (st == SW_OK)
		st = validate_table(schema, &context, v, err);
	sw__row_context_free(&context);
	sw_fit_free(fit);
	if (st != SW_OK) {
		sw_validation_free(v);
		return st;
	}
	*out = v;
	return SW_OK;
}

const char *sw_validation_column(const struct sw_validation *v, size_t column)
{
	return sw_csv_header(v->table, column);
}

const char *sw_validation_cell(const struct sw_validation *v, size_t row, size_t column)
{
	return sw_csv_cell(v->table, row, column);
}

int sw_validation_line(const struct sw_validation *v, size_t row)
{
	return sw_csv_line(v->table, row);
}

void sw_validation_free(struct sw_validation *v)
{
	if (!v)
		return;
	sw_csv_free(v->table);
	sw__skipped_rows_free(v);
	free(v->measured);
	free(v->predicted);
	free(v->upper);
	free(v->binds);
	free(v->groups);
	free(v);
}
