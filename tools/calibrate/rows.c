// SPDX-License-Identifier: Apache-2.0
#include "rows.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "formats/csv.h"

enum { COLUMNS_MAX = 10 };
static const double EVERY_ROW_COUNTS = 1;

/* A reader: which columns, and what becomes of one row. */
struct row_reader {
	const char *const
		*columns; /* NULL-terminated; a name with a leading '=' is a text, not a number */
	size_t row_size;
	enum sw_status (*take)(const struct sw_csv *csv, size_t row, const size_t *columns,
			       const double *values, const void *context, void *out,
			       struct sw_error *err);
	const void *context;
};

static enum sw_status find_columns(const struct sw_csv *csv, const struct row_reader *reader,
				   size_t *columns, struct sw_error *err)
{
	enum sw_status st = SW_OK;

	for (size_t i = 0; st == SW_OK && reader->columns[i]; i++)
		st = sw_csv_column(csv, reader->columns[i] + (*reader->columns[i] == '='),
				   &columns[i], err);
	return st;
}

static enum sw_status take_row(const struct sw_csv *csv, const struct row_reader *reader,
			       const size_t *columns, size_t row, void *out, struct sw_error *err)
{
	double values[COLUMNS_MAX] = {0};
	enum sw_status st = SW_OK;

	for (size_t i = 0; st == SW_OK && reader->columns[i]; i++) {
		if (*reader->columns[i] != '=')
			st = sw_csv_required(csv, row, columns[i], NULL, &values[i], err);
	}
	return st == SW_OK ? reader->take(csv, row, columns, values, reader->context, out, err)
			   : st;
}

static enum sw_status read_rows(const char *path, const struct row_reader *reader, void **out,
				size_t *n, struct sw_error *err)
{
	size_t columns[COLUMNS_MAX];
	struct sw_csv *csv = NULL;
	enum sw_status st = sw_csv_load(path, &csv, err);
	char *rows = NULL;

	*out = NULL;
	if (st == SW_OK)
		st = find_columns(csv, reader, columns, err);
	if (st != SW_OK)
		goto done;
	rows = calloc(csv->n_rows + 1, reader->row_size);
	if (!rows) {
		st = sw_fail(err, SW_NO_MEMORY, "%s: out of memory", path);
		goto done;
	}
	for (size_t i = 0; st == SW_OK && i < csv->n_rows; i++)
		st = take_row(csv, reader, columns, i, rows + i * reader->row_size, err);
	if (st == SW_OK) {
		*out = rows;
		*n = csv->n_rows;
		rows = NULL;
	}
done:
	free(rows);
	sw_csv_free(csv);
	return st;
}

static enum sw_status take_gemm(const struct sw_csv *csv, size_t row, const size_t *columns,
				const double *v, const void *context, void *out,
				struct sw_error *err)
{
	struct sw__gemm_row *r = out;

	(void)csv, (void)row, (void)columns, (void)context, (void)err;
	r->shape = (struct sw__gemm_shape){v[0], v[1], v[2], SW__GEMM_BENCHMARK_SETS};
	r->us = v[3] * 1000;
	return SW_OK;
}

enum sw_status read_gemm_rows(const char *path, struct sw__gemm_row **out, size_t *n,
			      struct sw_error *err)
{
	static const char *const columns[] = {"m", "n", "k", "latency_ms", NULL};
	struct row_reader reader = {columns, sizeof(**out), take_gemm, NULL};

	return read_rows(path, &reader, (void **)out, n, err);
}

static enum sw_status take_attention(const struct sw_csv *csv, size_t row, const size_t *columns,
				     const double *v, const void *context, void *out,
				     struct sw_error *err)
{
	struct sw__attention_row *r = out;
	double batch = v[0], input = v[1], before = v[5];

	(void)csv, (void)row, (void)columns, (void)context, (void)err;
	r->shape = (struct sw__attention_shape){v[2], v[3], v[4], 2, 1};
	if (input > 1 || before == 0)
		r->batch = (struct sw__attention_batch){batch, input, before, 0, 0};
	else
		r->batch = (struct sw__attention_batch){0, 0, 0, batch, batch * (before + 1)};
	r->us = v[6] * 1000;
	r->weight = EVERY_ROW_COUNTS;
	return SW_OK;
}

enum sw_status read_attention_rows(const char *path, struct sw__attention_row **out, size_t *n,
				   struct sw_error *err)
{
	static const char *const columns[] = {"batch",    "input_len",     "heads",      "kv_heads",
					      "head_dim", "kv_len_before", "latency_ms", NULL};
	struct row_reader reader = {columns, sizeof(**out), take_attention, NULL};

	return read_rows(path, &reader, (void **)out, n, err);
}

static enum sw_status take_mixed(const struct sw_csv *csv, size_t row, const size_t *columns,
				 const double *v, const void *context, void *out,
				 struct sw_error *err)
{
	const struct sw_model *model = context;
	struct sw__attention_row *r = out;

	(void)csv, (void)row, (void)columns, (void)err;
	/* K and V from DRAM: the profiler passes through the engine's own cache. */
	r->shape =
		(struct sw__attention_shape){model->heads, model->kv_heads, model->head_dim, 2, 0};
	r->batch = (struct sw__attention_batch){v[0] > 0, v[0], v[1], v[2], v[2] * (v[3] + 1)};
	r->us = v[4];
	r->weight = EVERY_ROW_COUNTS;
	return SW_OK;
}

enum sw_status read_mixed_rows(const char *path, const struct sw_model *model,
			       struct sw__attention_row **out, size_t *n, struct sw_error *err)
{
	static const char *const columns[] = {"prefill_chunk", "kv_prefill", "n_decode",
					      "kv_decode",     "time_us",    NULL};
	struct row_reader reader = {columns, sizeof(**out), take_mixed, model};

	return read_rows(path, &reader, (void **)out, n, err);
}

static enum sw_status take_step(const struct sw_csv *csv, size_t row, const size_t *columns,
				const double *v, const void *context, void *out,
				struct sw_error *err)
{
	struct step_row *r = out;
	enum sw_status st =
		sw_catalog_model(context, sw_csv_cell(csv, row, columns[0]), &r->model, err);

	r->decode = strcmp(sw_csv_cell(csv, row, columns[2]), "decode") == 0;
	r->share = v[1];
	r->batch = v[3];
	r->seq_len = v[4];
	r->ms = v[5];
	return st;
}

enum sw_status read_step_rows(const char *path, const sw_catalog *catalog, struct step_row **out,
			      size_t *n, struct sw_error *err)
{
	static const char *const columns[] = {"=model",  "share",      "=phase", "batch",
					      "seq_len", "latency_ms", NULL};
	struct row_reader reader = {columns, sizeof(**out), take_step, catalog};

	return read_rows(path, &reader, (void **)out, n, err);
}

static enum sw_status take_layer(const struct sw_csv *csv, size_t row, const size_t *columns,
				 const double *v, const void *context, void *out,
				 struct sw_error *err)
{
	struct layer_row *r = out;

	(void)context, (void)err;
	(void)sw_copy_name(r->layer, sizeof(r->layer), sw_csv_cell(csv, row, columns[0]));
	r->count = v[1];
	r->us = v[2];
	return SW_OK;
}

enum sw_status read_layer_rows(const char *path, const char *count_column, struct layer_row **out,
			       size_t *n, struct sw_error *err)
{
	const char *columns[] = {"=layer", count_column, "time_us", NULL};
	struct row_reader reader = {columns, sizeof(**out), take_layer, NULL};

	return read_rows(path, &reader, (void **)out, n, err);
}
