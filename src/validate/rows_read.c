// SPDX-License-Identifier: Apache-2.0
#include "validate/rows_read.h"

#include <math.h>
#include <stdio.h>

#include "catalog/names.h"
#include "dataset/mix_rows.h"
#include "dataset/pair_rows.h"
#include "sharing/mechanism.h"
#include "validate/mixes_predict.h"
#include "validate/pairs_predict.h"

static const struct sw_csv_range from_one = {.min = 1, .max = 1e9};
static const struct sw_csv_range from_zero = {.min = 0, .max = 1e9};
static const struct sw_csv_range share_range = {.min = 0, .max = 1, .min_open = true};

static enum sw_status counts(const struct sw_csv *csv, size_t row, const size_t *columns,
			     double *values, size_t n, struct sw_error *err)
{
	enum sw_status st = SW_OK;

	for (size_t i = 0; st == SW_OK && i < n; i++)
		st = sw__row_whole(csv, row, columns[i], &from_one, &values[i], err);
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
	enum sw_status st = sw__row_choice(csv, row, columns[STEP_MECHANISM], sw__mechanism_names,
					   &mechanism, err);

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
		st = sw__row_choice(csv, row, columns[STEP_PHASE], phases, &cells->decode, err);
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
	enum sw_status st = sw__row_gpu(context, csv, row, columns[STEP_GPU], &gpu, err);

	if (st == SW_OK)
		st = sw__row_model(context, csv, row, columns[STEP_MODEL], err);
	if (st == SW_OK)
		st = read_step(csv, row, columns, &gpu->gpu, &cells, err);
	if (st == SW_OK)
		st = sw__calibrate(context, gpu, err);
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

/* Of operators, which do not name theirs. */
static enum sw_status given_gpu(struct sw__row_context *context, struct sw__row_gpu **gpu,
				struct sw_error *err)
{
	enum sw_status st = sw__given_gpu(context, gpu, err);

	return st == SW_OK ? sw__calibrate(context, *gpu, err) : st;
}

static enum sw_status predict_gemm(struct sw__row_context *context, const struct sw_csv *csv,
				   size_t row, const size_t *columns, double *ms, char *group,
				   struct sw_error *err)
{
	struct sw__row_gpu *gpu;
	int dtype = SW_BF16;
	double mnk[3];
	enum sw_status st = given_gpu(context, &gpu, err);

	if (st == SW_OK)
		st = sw__row_choice(csv, row, columns[0], sw__dtype_names, &dtype, err);
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
	enum sw_status st = given_gpu(context, &gpu, err);

	if (st == SW_OK)
		st = counts(csv, row, columns, v, 5, err);
	if (st == SW_OK)
		st = sw__row_choice(csv, row, columns[ATT_DTYPE], sw__dtype_names, &dtype, err);
	if (st == SW_OK)
		st = sw__row_whole(csv, row, columns[ATT_BEFORE], &from_zero, &before, err);
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
	 predict_step,
	 NULL},
	{SW_ROWS_GEMM, {"dtype", "m", "n", "k", "latency_ms"}, predict_gemm, NULL},
	{SW_ROWS_ATTENTION,
	 {"batch", "input_len", "heads", "kv_heads", "head_dim", "dtype", "kv_len_before",
	  "latency_ms"},
	 predict_attention,
	 NULL},
	{.rows = SW_ROWS_MIX, .columns = SW__MIX_COLUMNS, .family = &sw__mix_family},
	{.rows = SW_ROWS_PAIR, .columns = SW__PAIR_COLUMNS_NEEDED, .family = &sw__pair_family},
};

static enum sw_status check_operators(const struct sw_csv *csv, const struct sw_rows_given *given,
				      struct sw_error *err)
{
	return given->gpu
		       ? SW_OK
		       : sw_fail(err, SW_USAGE,
				 "%s: rows of operators do not name their GPU, expected --gpu ID",
				 csv->name);
}

enum sw_status sw__row_schema_check(const struct sw__row_schema *schema, const struct sw_csv *csv,
				    const struct sw_rows_given *given, struct sw_error *err)
{
	switch (schema->rows) {
	case SW_ROWS_GEMM:
	case SW_ROWS_ATTENTION:
		return check_operators(csv, given, err);
	case SW_ROWS_PAIR:
		return sw__pair_rows_check(csv, given, err);
	default:
		return SW_OK;
	}
}

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
