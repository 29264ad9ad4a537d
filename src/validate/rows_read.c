// SPDX-License-Identifier: Apache-2.0
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "catalog/names.h"
#include "catalog/readers.h"
#include "sharing/mechanism.h"
#include "validate/rows_read.h"

/* A GPU by the name that the rows or --gpu have for it; its calibration is opened when a row first needs it. */
struct sw__row_gpu {
	char *name;
	struct sw_gpu gpu;
	sw_calibration *calibration;
};

static const struct sw_csv_range from_one = {.min = 1, .max = 1e9};
static const struct sw_csv_range from_zero = {.min = 0, .max = 1e9};
static const struct sw_csv_range share_range = {.min = 0, .max = 1, .min_open = true};

static enum sw_status no_memory(struct sw_error *err)
{
	return sw_fail(err, SW_NO_MEMORY, "validate: out of memory");
}

static enum sw_status add_gpu(struct sw__row_context *context, const char *name,
			      const struct sw_gpu *gpu, struct sw_error *err)
{
	struct sw__row_gpu *grown =
		realloc(context->gpus, (context->n_gpus + 1) * sizeof(*context->gpus));

	if (!grown)
		return no_memory(err);
	context->gpus = grown;
	grown += context->n_gpus;
	*grown = (struct sw__row_gpu){.name = strdup(name), .gpu = *gpu};
	if (!grown->name)
		return no_memory(err);
	context->n_gpus++;
	return SW_OK;
}

/* A path in a file is beside that file; `rows` NULL: the name comes from elsewhere. */
static enum sw_status resolve(const struct sw_csv *rows, const char *name, struct sw_text *out,
			      struct sw_error *err)
{
	if (rows && sw__is_path(name))
		return sw_file_beside(rows->name, name, out, err);
	sw_text_puts(out, name);
	return sw_text_ok(out) ? SW_OK : no_memory(err);
}

static enum sw_status find_gpu(struct sw__row_context *context, const struct sw_csv *rows,
			       const char *name, struct sw__row_gpu **out, struct sw_error *err)
{
	struct sw_text path = {0};
	struct sw_gpu gpu;
	enum sw_status st;

	for (size_t i = 0; i < context->n_gpus; i++) {
		*out = &context->gpus[i];
		if (strcmp(context->gpus[i].name, name) == 0)
			return SW_OK;
	}
	st = resolve(rows, name, &path, err);
	if (st == SW_OK)
		st = sw_catalog_gpu(context->catalog, path.data, &gpu, err);
	if (st == SW_OK)
		st = add_gpu(context, name, &gpu, err);
	if (st == SW_OK)
		*out = &context->gpus[context->n_gpus - 1];
	sw_text_free(&path);
	return st;
}

static enum sw_status calibrate(const struct sw__row_context *context, struct sw__row_gpu *gpu,
				struct sw_error *err)
{
	if (gpu->calibration)
		return SW_OK;
	return sw_calibration_open(&gpu->gpu, context->calibration_path, &gpu->calibration, err);
}

/* Rows of one model mostly follow each other, and reading one takes longer than predicting a row. */
static enum sw_status find_model(struct sw__row_context *context, const struct sw_csv *rows,
				 const char *name, struct sw_error *err)
{
	struct sw_text path = {0};
	enum sw_status st;

	if (context->model_name && strcmp(context->model_name, name) == 0)
		return SW_OK;
	free(context->model_name);
	context->model_name = NULL;
	st = resolve(rows, name, &path, err);
	if (st == SW_OK)
		st = sw_catalog_model(context->catalog, path.data, &context->model, err);
	sw_text_free(&path);
	if (st != SW_OK)
		return st;
	context->model_name = strdup(name);
	return context->model_name ? SW_OK : no_memory(err);
}

void sw__row_context_free(struct sw__row_context *context)
{
	for (size_t i = 0; i < context->n_gpus; i++) {
		sw_calibration_free(context->gpus[i].calibration);
		free(context->gpus[i].name);
	}
	free(context->gpus);
	free(context->model_name);
	context->gpus = NULL;
	context->n_gpus = 0;
	context->model_name = NULL;
}

/* Put "FILE:LINE: COLUMN:" in front of what a lookup refused. */
static enum sw_status refuse_cell(const struct sw_csv *csv, size_t row, size_t column,
				  const struct sw_error *inner, struct sw_error *err)
{
	return sw_fail(err, inner->status, "%s:%d: %s: %s", csv->name, sw_csv_line(csv, row),
		       sw_csv_header(csv, column), inner->message);
}

static enum sw_status choice(const struct sw_csv *csv, size_t row, size_t column,
			     const char *const *choices, int *out, struct sw_error *err)
{
	const char *cell = sw_csv_cell(csv, row, column);
	struct sw_text text = {0};
	enum sw_status st;

	for (*out = 0; choices[*out]; (*out)++) {
		if (strcmp(cell, choices[*out]) == 0)
			return SW_OK;
	}
	for (int i = 0; choices[i]; i++)
		sw_text_addf(&text, "%s%s", i ? ", " : "one of ", choices[i]);
	st = sw_csv_refuse(csv, row, column, err, "%s", sw_text_string(&text));
	sw_text_free(&text);
	return st;
}

static enum sw_status whole(const struct sw_csv *csv, size_t row, size_t column,
			    const struct sw_csv_range *range, double *out, struct sw_error *err)
{
	enum sw_status st = sw_csv_required(csv, row, column, range, out, err);

	if (st == SW_OK && *out != floor(*out))
		return sw_csv_refuse(csv, row, column, err, "a whole number");
	return st;
}

static enum sw_status counts(const struct sw_csv *csv, size_t row, const size_t *columns,
			     double *values, size_t n, struct sw_error *err)
{
	enum sw_status st = SW_OK;

	for (size_t i = 0; st == SW_OK && i < n; i++)
		st = whole(csv, row, columns[i], &from_one, &values[i], err);
	return st;
}

enum { STEP_GPU, STEP_MODEL, STEP_MECHANISM, STEP_SHARE, STEP_PHASE, STEP_BATCH, STEP_LENGTH };

/* What a step row says, besides its GPU and model. */
struct step_cells {
	struct sw_slice slice;
	int decode;
	double size[2]; /* batch, length */
};

static enum sw_status read_slice(const struct sw_csv *csv, size_t row, const size_t *columns,
				 const struct sw_gpu *gpu, struct sw_slice *slice,
				 struct sw_error *err)
{
	struct sw_error inner;
	int mechanism = 0;
	enum sw_status st =
		choice(csv, row, columns[STEP_MECHANISM], sw__mechanism_names, &mechanism, err);

	*slice = (struct sw_slice){.mechanism = (enum sw_mechanism)mechanism, .memory_gib = NAN};
	if (st == SW_OK)
		st = sw_csv_required(csv, row, columns[STEP_SHARE], &share_range, &slice->share,
				     err);
	if (st != SW_OK)
		return st;
	/* Its messages begin with the column themselves. */
	st = sw__mechanism_check(slice->mechanism, gpu, slice->share, &inner);
	return st == SW_OK ? SW_OK
			   : sw_fail(err, st, "%s:%d: %s", csv->name, sw_csv_line(csv, row),
				     inner.message);
}

static enum sw_status read_step(const struct sw_csv *csv, size_t row, const size_t *columns,
				const struct sw_gpu *gpu, struct step_cells *cells,
				struct sw_error *err)
{
	static const char *const phases[] = {"prefill", "decode", NULL};
	enum sw_status st = read_slice(csv, row, columns, gpu, &cells->slice, err);

	if (st == SW_OK)
		st = choice(csv, row, columns[STEP_PHASE], phases, &cells->decode, err);
	if (st == SW_OK)
		st = counts(csv, row, &columns[STEP_BATCH], cells->size, 2, err);
	return st;
}

static enum sw_status step_ms(const struct sw__row_gpu *gpu, const struct sw_model *model,
			      const struct step_cells *cells, double *ms, struct sw_error *err)
{
	double tokens = cells->size[0] * cells->size[1];
	struct sw_step_work decode = {.n_decode = cells->size[0], .decode_kv_tokens = tokens};
	struct sw_step_work prefill = {.n_prefill = cells->size[0], .prefill_tokens = tokens};
	struct sw_engine engine = {.kind = SW_VLLM};
	struct sw_step_time time = {.total_ms = NAN};
	enum sw_status st = sw_engine_resolve(&engine, &gpu->gpu, model, NULL, err);

	if (st != SW_OK)
		return st;
	sw_calibration_step_engine(gpu->calibration, &engine);
	st = sw_step_time(gpu->calibration, model, &engine, &cells->slice,
			  cells->decode ? &decode : &prefill, &time, err);
	*ms = time.total_ms;
	return st;
}

static enum sw_status predict_step(struct sw__row_context *context, const struct sw_csv *csv,
				   size_t row, const size_t *columns, double *ms, char *group,
				   struct sw_error *err)
{
	struct sw__row_gpu *gpu;
	struct step_cells cells;
	struct sw_error inner;
	enum sw_status st =
		find_gpu(context, csv, sw_csv_cell(csv, row, columns[STEP_GPU]), &gpu, &inner);

	if (st != SW_OK)
		return refuse_cell(csv, row, columns[STEP_GPU], &inner, err);
	st = find_model(context, csv, sw_csv_cell(csv, row, columns[STEP_MODEL]), &inner);
	if (st != SW_OK)
		return refuse_cell(csv, row, columns[STEP_MODEL], &inner, err);
	st = read_step(csv, row, columns, &gpu->gpu, &cells, err);
	if (st == SW_OK)
		st = calibrate(context, gpu, err);
	if (st != SW_OK)
		return st;
	st = step_ms(gpu, &context->model, &cells, ms, &inner);
	if (st != SW_OK)
		return sw_fail(err, st, "%s:%d: %s", csv->name, sw_csv_line(csv, row),
			       inner.message);
	(void)snprintf(group, SW__GROUP_NAME_MAX, "%.40s %.30s %s share %.4g", gpu->gpu.id,
		       context->model.id, cells.decode ? "decode" : "prefill", cells.slice.share);
	return SW_OK;
}

/* The GPU of rows that name none. */
static enum sw_status operator_gpu(struct sw__row_context *context, struct sw__row_gpu **gpu,
				   struct sw_error *err)
{
	enum sw_status st = find_gpu(context, NULL, context->gpu_id, gpu, err);

	return st == SW_OK ? calibrate(context, *gpu, err) : st;
}

static enum sw_status predict_gemm(struct sw__row_context *context, const struct sw_csv *csv,
				   size_t row, const size_t *columns, double *ms, char *group,
				   struct sw_error *err)
{
	struct sw__row_gpu *gpu;
	int dtype = SW_BF16;
	double mnk[3];
	enum sw_status st = operator_gpu(context, &gpu, err);

	if (st == SW_OK)
		st = choice(csv, row, columns[0], sw__dtype_names, &dtype, err);
	if (st == SW_OK)
		st = counts(csv, row, &columns[1], mnk, 3, err);
	if (st != SW_OK)
		return st;
	*ms = sw_gemm_ms(gpu->calibration, (enum sw_dtype)dtype, mnk[0], mnk[1], mnk[2]);
	(void)snprintf(group, SW__GROUP_NAME_MAX, "%s gemm m %s", sw__dtype_names[dtype],
		       mnk[0] <= 64     ? "<= 64"
		       : mnk[0] <= 1024 ? "65-1024"
					: "> 1024");
	return SW_OK;
}

enum { ATT_BATCH, ATT_INPUT, ATT_HEADS, ATT_KV_HEADS, ATT_HEAD_DIM, ATT_DTYPE, ATT_BEFORE };

static enum sw_status predict_attention(struct sw__row_context *context, const struct sw_csv *csv,
					size_t row, const size_t *columns, double *ms, char *group,
					struct sw_error *err)
{
	struct sw__row_gpu *gpu;
	int dtype = SW_BF16;
	double v[5], before;
	bool decode;
	enum sw_status st = operator_gpu(context, &gpu, err);

	if (st == SW_OK)
		st = counts(csv, row, columns, v, 5, err);
	if (st == SW_OK)
		st = choice(csv, row, columns[ATT_DTYPE], sw__dtype_names, &dtype, err);
	if (st == SW_OK)
		st = whole(csv, row, columns[ATT_BEFORE], &from_zero, &before, err);
	if (st != SW_OK)
		return st;
	if (fmod(v[ATT_HEADS], v[ATT_KV_HEADS]) != 0)
		return sw_csv_refuse(csv, row, columns[ATT_KV_HEADS], err,
				     "a divisor of the %g heads", v[ATT_HEADS]);
	decode = v[ATT_INPUT] <= 1 && before > 0;
	*ms = sw_attention_ms(gpu->calibration, (enum sw_dtype)dtype, v[ATT_BATCH], v[ATT_INPUT],
			      v[ATT_HEADS], v[ATT_KV_HEADS], v[ATT_HEAD_DIM], before);
	(void)snprintf(group, SW__GROUP_NAME_MAX, "%s attention head_dim %g",
		       decode ? "decode" : "prefill", v[ATT_HEAD_DIM]);
	return SW_OK;
}

static const struct sw__row_schema schemas[] = {
	{SW_ROWS_STEP,
	 {"gpu", "model", "mechanism", "share", "phase", "batch", "seq_len", "latency_ms"},
	 false,
	 predict_step},
	{SW_ROWS_GEMM, {"dtype", "m", "n", "k", "latency_ms"}, true, predict_gemm},
	{SW_ROWS_ATTENTION,
	 {"batch", "input_len", "heads", "kv_heads", "head_dim", "dtype", "kv_len_before",
	  "latency_ms"},
	 true,
	 predict_attention},
};

static bool has_all(const struct sw_csv *csv, const struct sw__row_schema *schema)
{
	size_t column;

	for (size_t i = 0; schema->columns[i]; i++) {
		if (!sw_csv_find(csv, schema->columns[i], &column))
			return false;
	}
	return true;
}

const struct sw__row_schema *sw__row_schema_of(const struct sw_csv *csv)
{
	for (size_t i = 0; i < sizeof(schemas) / sizeof(schemas[0]); i++) {
		if (has_all(csv, &schemas[i]))
			return &schemas[i];
	}
	return NULL;
}

void sw__row_schemas_list(struct sw_text *text)
{
	for (size_t i = 0; i < sizeof(schemas) / sizeof(schemas[0]); i++) {
		sw_text_puts(text, i ? ", or " : "");
		for (size_t j = 0; schemas[i].columns[j]; j++)
			sw_text_addf(text, "%s%s", j ? "," : "", schemas[i].columns[j]);
	}
}
