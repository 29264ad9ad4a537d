// SPDX-License-Identifier: Apache-2.0
#include "plan/table_read.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/text.h"
#include "formats/csv.h"
#include "plan/problem_wishes.h"

/* What is believed; beyond it a number is a slip. */
enum { BATCH_MAX = 1 << 20, PROCESSES_MAX = 1024, ROWS_MAX = 10000 };
#define LATENCY_MAX_MS 1e7
#define RATE_MAX       1e9
#define MEMORY_MAX_GIB 1e4

enum column { BATCH, SHARE, LATENCY, THROUGHPUT, PROCESSES, MEMORY, COLUMNS };

static const struct {
	const char *name;
	bool needed, whole;
	struct sw_csv_range range;
} columns[COLUMNS] = {
	[BATCH] = {"batch", true, true, {1, BATCH_MAX, false, "requests"}},
	[SHARE] = {"share", true, false, {0, 1, true, "of the GPU's compute"}},
	[LATENCY] = {"latency_ms", true, false, {0, LATENCY_MAX_MS, true, "ms"}},
	[THROUGHPUT] = {"throughput", true, false, {0, RATE_MAX, true, "requests per second"}},
	[PROCESSES] = {"processes", false, true, {1, PROCESSES_MAX, false, "processes"}},
	[MEMORY] = {"memory_gib", false, false, {0, MEMORY_MAX_GIB, true, "GiB"}},
};

static enum sw_status find_columns(const struct sw_csv *csv, size_t *at, struct sw_error *err)
{
	for (size_t c = 0; c < csv->n_columns; c++) {
		const char *name = sw_csv_header(csv, c);
		size_t known = 0;

		while (known < COLUMNS && strcmp(columns[known].name, name) != 0)
			known++;
		if (known == COLUMNS)
			return sw_fail(err, SW_BAD_INPUT,
				       "%s:1: unknown column \"%s\", expected batch, share, "
				       "latency_ms, throughput, processes or memory_gib",
				       csv->name, name);
		at[known] = c;
	}
	for (size_t known = 0; known < COLUMNS; known++)
		if (columns[known].needed && at[known] == SIZE_MAX)
			return sw_fail(err, SW_BAD_INPUT, "%s:1: column %s is missing", csv->name,
				       columns[known].name);
	return SW_OK;
}

static enum sw_status read_cells(const struct sw_csv *csv, size_t row, const size_t *at,
				 double *value, struct sw_error *err)
{
	enum sw_status st = SW_OK;

	for (size_t c = 0; c < COLUMNS && st == SW_OK; c++) {
		value[c] = NAN;
		if (at[c] == SIZE_MAX)
			continue;
		st = columns[c].needed
			     ? sw_csv_required(csv, row, at[c], &columns[c].range, &value[c], err)
			     : sw_csv_number(csv, row, at[c], &columns[c].range, &value[c], err);
		if (st == SW_OK && columns[c].whole && sw_known(value[c]) &&
		    value[c] != floor(value[c]))
			st = sw_csv_refuse(csv, row, at[c], err, "a whole number of %s",
					   columns[c].range.unit);
	}
	return st;
}

static bool same_setting(const struct sw_table_row *a, const struct sw_table_row *b)
{
	return a->batch == b->batch && a->processes == b->processes && a->share == b->share;
}

static enum sw_status read_row(const struct sw_csv *csv, size_t row, const size_t *at,
			       struct sw_table *table, struct sw_error *err)
{
	double value[COLUMNS];
	struct sw_table_row *out = &table->rows[row];
	enum sw_status st = read_cells(csv, row, at, value, err);

	if (st != SW_OK)
		return st;
	*out = (struct sw_table_row){
		.batch = (unsigned)value[BATCH],
		.processes = sw_known(value[PROCESSES]) ? (unsigned)value[PROCESSES] : 1,
		.share = value[SHARE],
		.latency_ms = value[LATENCY],
		.throughput = value[THROUGHPUT],
		.memory_gib = value[MEMORY],
	};
	for (size_t i = 0; i < row; i++)
		if (same_setting(&table->rows[i], out))
			return sw_csv_refuse(csv, row, at[BATCH], err,
					     "each batch, share and processes once (line %d has "
					     "them too)",
					     sw_csv_line(csv, i));
	return SW_OK;
}

static enum sw_status read_rows(const struct sw_csv *csv, struct sw_table *table,
				struct sw_error *err)
{
	size_t at[COLUMNS];
	enum sw_status st;

	for (size_t c = 0; c < COLUMNS; c++)
		at[c] = SIZE_MAX;
	st = find_columns(csv, at, err);
	if (st != SW_OK)
		return st;
	if (csv->n_rows == 0 || csv->n_rows > ROWS_MAX)
		return sw_fail(err, SW_BAD_INPUT, "%s: found %zu rows, expected 1 to %d", csv->name,
			       csv->n_rows, ROWS_MAX);
	table->rows = calloc(csv->n_rows, sizeof(*table->rows));
	if (!table->rows)
		return sw_fail(err, SW_NO_MEMORY, "%s: %zu rows", csv->name, csv->n_rows);
	for (; st == SW_OK && table->n < csv->n_rows; table->n++)
		st = read_row(csv, table->n, at, table, err);
	return st;
}

enum sw_status sw__table_load(const char *path, struct sw_table **out, struct sw_error *err)
{
	struct sw_csv *csv = NULL;
	struct sw_table *table = NULL;
	enum sw_status st = sw_csv_load(path, &csv, err);

	*out = NULL;
	if (st != SW_OK)
		return st;
	table = calloc(1, sizeof(*table));
	if (table)
		table->path = strdup(path);
	st = table && table->path ? read_rows(csv, table, err)
				  : sw_fail(err, SW_NO_MEMORY, "%s: out of memory", path);
	sw_csv_free(csv);
	if (st == SW_OK)
		*out = table;
	else
		sw__table_free(table);
	return st;
}

void sw__table_free(struct sw_table *table)
{
	if (!table)
		return;
	free(table->path);
	free(table->rows);
	free(table);
}

/* "tables/resnet50.csv" is called resnet50. */
static void name_model(const char *path, struct sw_model *model)
{
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
	const char *dot = strchr(name, '.');
	size_t n = dot && dot > name ? (size_t)(dot - name) : strlen(name);

	if (n >= sizeof(model->id))
		n = sizeof(model->id) - 1;
	(void)memcpy(model->id, name, n);
	model->id[n] = '\0';
}

static enum sw_status read_path(const struct sw_node *node, void *workload, void *source,
				struct sw_error *err)
{
	const struct sw__source *from = source;
	struct sw_workload *into = workload;
	struct sw_text path = {0};
	struct sw_error inner;
	enum sw_status st;

	if (node->kind != SW_NODE_STRING || !*node->text)
		return sw_node_refuse(node, err, "the path of a CSV file");
	st = sw_file_beside(from->path, node->text, &path, err);
	if (st == SW_OK)
		st = sw__relay(node, sw__table_load(path.data, &into->table, &inner), &inner, err);
	if (st == SW_OK)
		name_model(path.data, &into->model);
	sw_text_free(&path);
	return st;
}

static enum sw_status read_model(const struct sw_node *node, void *workload, void *source,
				 struct sw_error *err)
{
	static const struct sw_field fields[] = {
		{.key = "table", .type = SW_FIELD_CALL, .read = read_path, .required = true},
	};

	return sw_node_read(node, fields, 1, false, workload, source, NULL, err);
}

#define RANGE(min_, max_, unit_) .min = min_, .max = max_, .unit = unit_

static enum sw_status read_load(const struct sw_node *node, void *load, void *source,
				struct sw_error *err)
{
	static const struct sw_field fields[] = {
		{.key = "rate",
		 .type = SW_FIELD_NUMBER,
		 .offset = offsetof(struct sw_load, rate),
		 .required = true,
		 .min_open = true,
		 RANGE(0, RATE_MAX, "requests per second")},
	};

	return sw_node_read(node, fields, 1, false, load, source, NULL, err);
}

/* Every answer is held to the limit, so every percentile is. */
#define LIMIT(i, name)                                                                \
	{                                                                             \
		.key = name, .type = SW_FIELD_NUMBER, .offset = (i) * sizeof(double), \
		.min_open = true, RANGE(0, LATENCY_MAX_MS, "ms")                      \
	}
static const struct sw_field slo_fields[] = {
	LIMIT(0, "latency_ms"),     LIMIT(1, "latency_mean_ms"), LIMIT(2, "latency_p50_ms"),
	LIMIT(3, "latency_p95_ms"), LIMIT(4, "latency_p99_ms"),
};
enum { LIMITS = sizeof(slo_fields) / sizeof(slo_fields[0]) };

static enum sw_status read_slo(const struct sw_node *node, void *workload, void *source,
			       struct sw_error *err)
{
	struct sw_workload *into = workload;
	double limit[LIMITS];
	enum sw_status st;

	for (size_t i = 0; i < LIMITS; i++)
		limit[i] = NAN;
	st = sw_node_read(node, slo_fields, LIMITS, false, limit, source, NULL, err);
	into->latency_ms = NAN;
	for (size_t i = 0; i < LIMITS; i++)
		into->latency_ms = fmin(into->latency_ms, limit[i]); /* NAN is no limit */
	return st;
}

static const struct sw_field workload_fields[] = {
	{.key = "name",
	 .type = SW_FIELD_NAME,
	 .offset = offsetof(struct sw_workload, name),
	 .capacity = SW_NAME_MAX,
	 .required = true},
	{.key = "model", .type = SW_FIELD_CALL, .read = read_model, .required = true},
	{.key = "load",
	 .type = SW_FIELD_CALL,
	 .offset = offsetof(struct sw_workload, load),
	 .read = read_load,
	 .required = true},
	{.key = "slo", .type = SW_FIELD_CALL, .read = read_slo, .null_is_absent = true},
	{.key = "replicas",
	 .type = SW_FIELD_UINT,
	 .offset = offsetof(struct sw_workload, replicas),
	 RANGE(1, SW__REPLICAS_MAX, "engines"),
	 .null_is_absent = true},
	{.key = "spread", .type = SW_FIELD_BOOL, .offset = offsetof(struct sw_workload, spread)},
	{.key = "isolation",
	 .type = SW_FIELD_CHOICE,
	 .offset = offsetof(struct sw_workload, isolation),
	 .choices = sw__isolations},
	{.key = "gpus", .type = SW_FIELD_CALL, .read = sw__read_gpus, .null_is_absent = true},
};

bool sw__is_table_workload(const struct sw_node *node)
{
	const struct sw_node *model = node->kind == SW_NODE_MAP ? sw_node_get(node, "model") : NULL;

	return model && model->kind == SW_NODE_MAP;
}

enum sw_status sw__read_table_workload(const struct sw_node *node, struct sw_workload *workload,
				       struct sw__source *source, struct sw_error *err)
{
	const struct sw_length none = {NAN, NAN};

	workload->engine = sw__engine_nothing_given();
	workload->slo = sw__slo_none();
	workload->latency_ms = NAN;
	workload->load = (struct sw_load){
		.concurrency = NAN, .prompt_tokens = none, .output_tokens = none, .burstiness = 1};
	return sw_node_read(node, workload_fields,
			    sizeof(workload_fields) / sizeof(workload_fields[0]), false, workload,
			    source, NULL, err);
}

enum sw_status sw__check_measured_gpu(const struct sw_node *node, const struct sw_problem *problem,
				      const struct sw_workload *workload, struct sw_error *err)
{
	for (size_t f = 1; f < problem->n_fleet && workload->n_gpus == 0; f++)
		if (strcmp(problem->fleet[f].gpu.id, problem->fleet[0].gpu.id) != 0)
			return sw_node_complain(node, err,
						"key gpus is missing: it says of which "
						"of the fleet's GPUs the table speaks");
	return SW_OK;
}
