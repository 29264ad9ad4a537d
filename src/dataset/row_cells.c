// SPDX-License-Identifier: Apache-2.0
#include "dataset/row_cells.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "catalog/described.h"
#include "catalog/readers.h"

static enum sw_status no_memory(struct sw_error *err)
{
	return sw_fail(err, SW_NO_MEMORY, "rows: out of memory");
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

/* `read` of the description in a cell, called after the rows' file in messages. */
static enum sw_status read_described(const struct sw_csv *rows, const char *text,
				     enum sw_status (*read)(const struct sw_node *node, void *into,
							    struct sw_error *err),
				     void *into, struct sw_error *err)
{
	struct sw_document *document;
	enum sw_status st = sw_document_parse(text, strlen(text), rows ? rows->name : "description",
					      SW_FORMAT_JSON, &document, err);

	if (st != SW_OK)
		return st;
	st = read(sw_document_root(document), into, err);
	sw_document_free(document);
	return st;
}

static enum sw_status gpu_of_node(const struct sw_node *node, void *gpu, struct sw_error *err)
{
	return sw__gpu_from_described(node, gpu, err);
}

static enum sw_status model_of_node(const struct sw_node *node, void *model, struct sw_error *err)
{
	return sw__model_from_described(node, model, err);
}

static enum sw_status look_up_gpu(const struct sw__row_context *context, const struct sw_csv *rows,
				  const char *name, struct sw_gpu *gpu, struct sw_error *err)
{
	struct sw_text path = {0};
	enum sw_status st;

	if (*name == '{')
		return read_described(rows, name, gpu_of_node, gpu, err);
	st = resolve(rows, name, &path, err);
	if (st == SW_OK)
		st = sw_catalog_gpu(context->catalog, path.data, gpu, err);
	sw_text_free(&path);
	return st;
}

static enum sw_status look_up_model(const struct sw__row_context *context,
				    const struct sw_csv *rows, const char *name,
				    struct sw_model *model, struct sw_error *err)
{
	struct sw_text path = {0};
	enum sw_status st;

	if (*name == '{')
		return read_described(rows, name, model_of_node, model, err);
	st = resolve(rows, name, &path, err);
	if (st == SW_OK)
		st = sw_catalog_model(context->catalog, path.data, model, err);
	sw_text_free(&path);
	return st;
}

static enum sw_status find_gpu(struct sw__row_context *context, const struct sw_csv *rows,
			       const char *name, struct sw__row_gpu **out, struct sw_error *err)
{
	struct sw_gpu gpu;
	enum sw_status st;

	for (size_t i = 0; i < context->n_gpus; i++) {
		*out = &context->gpus[i];
		if (strcmp(context->gpus[i].name, name) == 0)
			return SW_OK;
	}
	st = look_up_gpu(context, rows, name, &gpu, err);
	if (st == SW_OK)
		st = add_gpu(context, name, &gpu, err);
	if (st == SW_OK)
		*out = &context->gpus[context->n_gpus - 1];
	return st;
}

enum sw_status sw__calibrate(const struct sw__row_context *context, struct sw__row_gpu *gpu,
			     struct sw_error *err)
{
	if (gpu->calibration)
		return SW_OK;
	return sw_calibration_open(&gpu->gpu, context->calibration, &gpu->calibration, err);
}

/* Rows of one model mostly follow each other, and reading one takes longer than predicting a row. */
static enum sw_status find_model(struct sw__row_context *context, const struct sw_csv *rows,
				 const char *name, struct sw_error *err)
{
	enum sw_status st;

	if (context->model_name && strcmp(context->model_name, name) == 0)
		return SW_OK;
	free(context->model_name);
	context->model_name = NULL;
	st = look_up_model(context, rows, name, &context->model, err);
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

enum sw_status sw__row_choice(const struct sw_csv *csv, size_t row, size_t column,
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

enum sw_status sw__row_whole(const struct sw_csv *csv, size_t row, size_t column,
			     const struct sw_csv_range *range, double *out, struct sw_error *err)
{
	enum sw_status st = sw_csv_required(csv, row, column, range, out, err);

	if (st == SW_OK && *out != floor(*out))
		return sw_csv_refuse(csv, row, column, err, "a whole number");
	return st;
}

enum sw_status sw__row_gpu(struct sw__row_context *context, const struct sw_csv *csv, size_t row,
			   size_t column, struct sw__row_gpu **out, struct sw_error *err)
{
	struct sw_error inner;
	enum sw_status st = find_gpu(context, csv, sw_csv_cell(csv, row, column), out, &inner);

	return st == SW_OK ? SW_OK : refuse_cell(csv, row, column, &inner, err);
}

enum sw_status sw__row_place(struct sw__row_context *context, const struct sw_csv *csv, size_t row,
			     size_t column, struct sw__row_gpu **out, struct sw_error *err)
{
	const char *name = sw_csv_cell(csv, row, column);
	enum sw_status st = sw__row_gpu(context, csv, row, column, out, err);
	struct sw_gpu host;

	/* A path or a description that is refused is a slip, and so is a name that no structure can hold. */
	if (st != SW_BAD_INPUT || !*name || *name == '{' || sw__is_path(name) ||
	    strlen(name) >= SW_NAME_MAX || !sw_is_plain(name))
		return st;
	host = sw__host(name);
	st = add_gpu(context, name, &host, err);
	if (st == SW_OK)
		*out = &context->gpus[context->n_gpus - 1];
	return st;
}

enum sw_status sw__row_path(const struct sw_csv *csv, size_t row, size_t column,
			    struct sw_text *out, struct sw_error *err)
{
	return sw_file_beside(csv->name, sw_csv_cell(csv, row, column), out, err);
}

enum sw_status sw__row_model(struct sw__row_context *context, const struct sw_csv *csv, size_t row,
			     size_t column, struct sw_error *err)
{
	struct sw_error inner;
	enum sw_status st = find_model(context, csv, sw_csv_cell(csv, row, column), &inner);

	return st == SW_OK ? SW_OK : refuse_cell(csv, row, column, &inner, err);
}

enum sw_status sw__given_gpu(struct sw__row_context *context, struct sw__row_gpu **gpu,
			     struct sw_error *err)
{
	return find_gpu(context, NULL, context->given.gpu, gpu, err);
}

enum sw_status sw__given_model(struct sw__row_context *context, struct sw_error *err)
{
	return find_model(context, NULL, context->given.model, err);
}
