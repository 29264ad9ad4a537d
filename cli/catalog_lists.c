// SPDX-License-Identifier: Apache-2.0
/* The catalogue as two tables. */
#include <math.h>

#include "catalog_views.h"
#include "document_out.h"
#include "sheet.h"

static const double kib = 1024, billion = 1e9;

struct sw_engine published_engine(const struct sw_model *model)
{
	return (struct sw_engine){.dtype = model->dtype,
				  .kv_cache_dtype = model->dtype,
				  .quantization = model->quantization,
				  .kv_cache_tokens = NAN,
				  .cores = NAN};
}

static const struct column gpu_columns[] = {
	{"GPU", "id", TEXT_COLUMN},
	{NULL, "name", TEXT_COLUMN},
	{"architecture", "architecture", TEXT_COLUMN},
	{NULL, "compute_capability", TEXT_COLUMN},
	{"SMs", "sms", 0},
	{NULL, "boost_clock_mhz", 0},
	{"16-bit TFLOPS", "float16_tflops", 0},
	{"fp8", "fp8_tflops", 0},
	{"GiB", "dram_gib", 0},
	{"GB/s", "dram_gb_s", 0},
	{"L2 MiB", "l2_mib", 0},
	{"W", "power_w", 0},
	{"MIG", "mig", TEXT_COLUMN},
	{"step times", "calibration", TEXT_COLUMN},
};

/* "measured", or whose measurements are carried over. */
static void add_calibration(struct sheet *sheet, const struct sw_gpu *gpu)
{
	const struct sw_calibration_info *info;
	sw_calibration *calibration;

	if (sw_calibration_open(gpu, NULL, &calibration, NULL) != SW_OK) {
		sheet_text(sheet, NULL);
		return;
	}
	info = sw_calibration_describe(calibration);
	if (info->measured)
		sheet_text(sheet, "measured");
	else
		sheet_format(sheet, "from %s", info->id);
	sheet_tone(sheet, info->measured ? TONE_GOOD : TONE_DIM);
	sw_calibration_free(calibration);
}

static void add_gpu(struct sheet *sheet, const struct sw_gpu *gpu)
{
	sheet_text(sheet, gpu->id);
	sheet_text(sheet, gpu->name);
	sheet_text(sheet, sw_architecture_name(gpu->architecture));
	sheet_format(sheet, "%u.%u", gpu->compute_major, gpu->compute_minor);
	sheet_number(sheet, gpu->sms);
	sheet_number(sheet, gpu->boost_clock_mhz);
	sheet_number(sheet, gpu->peak_tflops[SW_FP16]);
	sheet_number(sheet, gpu->peak_tflops[SW_FP8]);
	sheet_number(sheet, gpu->dram_gib);
	sheet_number(sheet, gpu->dram_gb_s);
	sheet_number(sheet, gpu->l2_mib);
	sheet_number(sheet, gpu->power_w);
	sheet_bool(sheet, gpu->n_mig > 0);
	add_calibration(sheet, gpu);
}

static const struct column model_columns[] = {
	{"model", "id", TEXT_COLUMN},
	{"family", "family", TEXT_COLUMN},
	{"billion", NULL, 2},
	{NULL, "parameters", 0},
	{NULL, "parameters_published", 0},
	{"layers", "layers", 0},
	{"hidden", "hidden", 0},
	{"heads", NULL, TEXT_COLUMN},
	{NULL, "heads", 0},
	{NULL, "kv_heads", 0},
	{NULL, "head_dim", 0},
	{NULL, "intermediate", 0},
	{NULL, "vocab", 0},
	{"context", "max_position", 0},
	{"dtype", "dtype", TEXT_COLUMN},
	{"KiB/token", NULL, 0},
	{NULL, "kv_bytes_per_token", 0},
};

static void add_model(struct sheet *sheet, const sw_catalog *catalog, const struct sw_model *model)
{
	struct sw_engine engine = published_engine(model);
	double parameters = (double)sw_model_parameters(model);
	double kv_bytes = sw_kv_bytes_per_token(model, &engine);

	sheet_text(sheet, model->id);
	sheet_text(sheet, sw_family_name(model->family));
	sheet_number(sheet, parameters / billion);
	sheet_number(sheet, parameters);
	sheet_number(sheet, sw_catalog_model_published(catalog, model->id));
	sheet_number(sheet, model->layers);
	sheet_number(sheet, model->hidden);
	sheet_format(sheet, "%u/%u", model->heads, model->kv_heads);
	sheet_number(sheet, model->heads);
	sheet_number(sheet, model->kv_heads);
	sheet_number(sheet, model->head_dim);
	sheet_number(sheet, model->intermediate);
	sheet_number(sheet, model->vocab);
	sheet_number(sheet, model->max_position);
	sheet_text(sheet, sw_dtype_name(model->dtype));
	sheet_number(sheet, kv_bytes / kib);
	sheet_number(sheet, kv_bytes);
}

static enum sw_status list_gpus(const sw_catalog *catalog, struct sheet *sheet,
				struct sw_error *err)
{
	enum sw_status st = SW_OK;

	for (size_t i = 0; st == SW_OK && i < sw_catalog_gpu_count(catalog); i++) {
		struct sw_gpu gpu;

		st = sw_catalog_gpu(catalog, sw_catalog_gpu_id(catalog, i), &gpu, err);
		if (st == SW_OK)
			add_gpu(sheet, &gpu);
	}
	return st;
}

static enum sw_status list_models(const sw_catalog *catalog, struct sheet *sheet,
				  struct sw_error *err)
{
	enum sw_status st = SW_OK;

	for (size_t i = 0; st == SW_OK && i < sw_catalog_model_count(catalog); i++) {
		struct sw_model model;

		st = sw_catalog_model(catalog, sw_catalog_model_id(catalog, i), &model, err);
		if (st == SW_OK)
			add_model(sheet, catalog, &model);
	}
	return st;
}

static void print_lists(const struct view *view, const struct sheet *gpus,
			const struct sheet *models)
{
	json_t *document;

	if (view->format == FORMAT_CSV) {
		sheet_csv(gpus ? gpus : models, view->out);
	} else if (view->format == FORMAT_JSON) {
		document = json_object();
		if (gpus)
			json_object_set_new(document, "gpus", sheet_json(gpus));
		if (models)
			json_object_set_new(document, "models", sheet_json(models));
		json_print(document, view->out);
	} else {
		if (gpus)
			sheet_print(gpus, view->style, 0, view->out);
		if (gpus && models)
			(void)fputc('\n', view->out);
		if (models)
			sheet_print(models, view->style, 0, view->out);
	}
}

enum sw_status view_lists(const struct view *view, bool gpus, bool models, struct sw_error *err)
{
	struct sheet *gpu_sheet = gpus ? sheet_new(gpu_columns, COUNT(gpu_columns)) : NULL;
	struct sheet *model_sheet = models ? sheet_new(model_columns, COUNT(model_columns)) : NULL;
	enum sw_status st = gpus ? list_gpus(view->catalog, gpu_sheet, err) : SW_OK;

	if (st == SW_OK && models)
		st = list_models(view->catalog, model_sheet, err);
	if (st == SW_OK)
		print_lists(view, gpu_sheet, model_sheet);
	sheet_free(gpu_sheet);
	sheet_free(model_sheet);
	return st;
}
