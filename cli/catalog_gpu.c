// SPDX-License-Identifier: Apache-2.0
/* One GPU in full: every figure with its unit and its source. */
#include <stdlib.h>
#include <string.h>

#include "catalog_views.h"
#include "document_out.h"
#include "lookup.h"
#include "sheet.h"

/* A figure of struct sw_gpu; `source` is its key in the "sources" of the GPU's file. */
struct figure {
	const char *title, *key, *unit, *source;
	size_t offset;
	bool whole; /* unsigned against double */
};

#define WHOLE(member) offsetof(struct sw_gpu, member), true
#define REAL(member)  offsetof(struct sw_gpu, member), false

static const struct figure figures[] = {
	{"SMs", "sms", "", "sms", WHOLE(sms)},
	{"threads per SM", "max_threads_per_sm", "", "max_threads_per_sm",
	 WHOLE(max_threads_per_sm)},
	{"shared memory per SM", "shared_kib_per_sm", "KiB", "shared_kib_per_sm",
	 REAL(shared_kib_per_sm)},
	{"base clock", "base_clock_mhz", "MHz", "base_clock_mhz", REAL(base_clock_mhz)},
	{"boost clock", "boost_clock_mhz", "MHz", "boost_clock_mhz", REAL(boost_clock_mhz)},
	{"peak, float32", "float32_tflops", "TFLOPS", "peak_tflops", REAL(peak_tflops[SW_FP32])},
	{"peak, float16", "float16_tflops", "TFLOPS", "peak_tflops", REAL(peak_tflops[SW_FP16])},
	{"peak, bfloat16", "bfloat16_tflops", "TFLOPS", "peak_tflops", REAL(peak_tflops[SW_BF16])},
	{"peak, fp8", "fp8_tflops", "TFLOPS", "peak_tflops", REAL(peak_tflops[SW_FP8])},
	{"peak, int8", "int8_tflops", "TOPS", "peak_tflops", REAL(peak_tflops[SW_INT8])},
	{"peak, int4", "int4_tflops", "TOPS", "peak_tflops", REAL(peak_tflops[SW_INT4])},
	{"memory", "dram_gib", "GiB", "dram_mib", REAL(dram_gib)},
	{"memory a process sees", "visible_gib", "GiB", "visible_gib", REAL(visible_gib)},
	{"memory bandwidth", "dram_gb_s", "GB/s", "dram_gb_s", REAL(dram_gb_s)},
	{"L2 cache", "l2_mib", "MiB", "l2_mib", REAL(l2_mib)},
	{"power limit", "power_w", "W", "power_w", REAL(power_w)},
	{"PCIe, one way", "pcie_gb_s", "GB/s", "pcie_gb_s", REAL(pcie_gb_s)},
};

static double value_of(const struct figure *figure, const struct sw_gpu *gpu)
{
	const char *member = (const char *)gpu + figure->offset;

	return figure->whole ? *(const unsigned *)member : *(const double *)member;
}

static const struct column figure_columns[] = {
	{"figure", NULL, TEXT_COLUMN}, {NULL, "figure", TEXT_COLUMN},
	{"value", NULL, TEXT_COLUMN},  {NULL, "value", 0},
	{"unit", "unit", TEXT_COLUMN}, {"source", NULL, TEXT_COLUMN},
	{NULL, "source", TEXT_COLUMN},
};

/* The place of `id` among the documents of the file, from 1; 0: none. */
static int reference(const json_t *documents, const char *id)
{
	json_t *borrowed = (json_t *)documents;
	int n = 0;

	for (void *at = json_object_iter(borrowed); at; at = json_object_iter_next(borrowed, at)) {
		n++;
		if (id && strcmp(json_object_iter_key(at), id) == 0)
			return n;
	}
	return 0;
}

static void add_figure(struct sheet *sheet, const struct figure *figure, const struct sw_gpu *gpu,
		       const json_t *file)
{
	const json_t *documents = json_object_get(file, "documents");
	const char *id = json_string_value(
		json_object_get(json_object_get(file, "sources"), figure->source));
	const json_t *document = id ? json_object_get(documents, id) : NULL;
	double value = value_of(figure, gpu);

	if (!sw_known(value))
		return;
	sheet_text(sheet, figure->title);
	sheet_text(sheet, figure->key);
	sheet_format(sheet, "%.6g", value);
	sheet_number(sheet, value);
	sheet_text(sheet, figure->unit);
	if (document)
		sheet_format(sheet, "[%d]", reference(documents, id));
	else
		sheet_text(sheet, NULL);
	sheet_text(sheet, json_string_value(json_object_get(document, "title")));
}

static struct sheet *figure_sheet(const struct sw_gpu *gpu, const json_t *file)
{
	struct sheet *sheet = sheet_new(figure_columns, COUNT(figure_columns));

	for (size_t i = 0; i < COUNT(figures); i++)
		add_figure(sheet, &figures[i], gpu, file);
	return sheet;
}

static const struct column mig_columns[] = {
	{"MIG profile", "name", TEXT_COLUMN},
	{"compute slices", "compute_slices", 0},
	{"memory slices", "memory_slices", 0},
	{"SMs", "sms", 0},
	{"GiB", "memory_gib", 2},
	{"at most", "max_instances", 0},
	{"may begin at", "starts", TEXT_COLUMN},
};

/* "0 2 4": memory slices. */
static void add_starts(struct sheet *sheet, unsigned starts)
{
	char text[96] = "";
	int used = 0;

	for (unsigned i = 0; starts >> i && i < 32; i++)
		if (starts >> i & 1)
			used += snprintf(text + used, sizeof(text) - (size_t)used, "%s%u",
					 used ? " " : "", i);
	sheet_text(sheet, text);
}

static struct sheet *mig_sheet(const struct sw_gpu *gpu)
{
	struct sheet *sheet = sheet_new(mig_columns, COUNT(mig_columns));

	for (size_t i = 0; i < gpu->n_mig; i++) {
		sheet_text(sheet, gpu->mig[i].name);
		sheet_number(sheet, gpu->mig[i].compute_slices);
		sheet_number(sheet, gpu->mig[i].memory_slices);
		sheet_number(sheet, gpu->mig[i].sms);
		sheet_number(sheet, gpu->mig[i].memory_gib);
		sheet_number(sheet, gpu->mig[i].max_instances);
		add_starts(sheet, gpu->mig[i].starts);
	}
	return sheet;
}

static void print_notes(const json_t *file, FILE *out)
{
	const json_t *notes = json_object_get(file, "notes");

	if (json_array_size(notes))
		(void)fputc('\n', out);
	for (size_t i = 0; i < json_array_size(notes); i++)
		text_wrap(json_string_value(json_array_get(notes, i)), 0, 0, LINE_WIDTH, out);
}

static void print_documents(const json_t *file, const struct style *style, FILE *out)
{
	json_t *documents = json_object_get(file, "documents");
	int n = 0;

	if (json_object_size(documents))
		(void)fputc('\n', out);
	for (void *at = json_object_iter(documents); at;
	     at = json_object_iter_next(documents, at)) {
		const json_t *document = json_object_iter_value(at);

		(void)fprintf(out, "%s[%d] %s\n    %s%s\n", style_on(style, TONE_DIM), ++n,
			      json_string_value(json_object_get(document, "title")),
			      json_string_value(json_object_get(document, "address")),
			      style_off(style, TONE_DIM));
	}
}

static void print_calibration(const struct sw_calibration_info *info, FILE *out)
{
	if (!info)
		return;
	(void)fprintf(out,
		      "\nStep times: %s%s; doubt (one standard deviation) %.0f %% in prefill, "
		      "%.0f %% in decode.\n",
		      info->measured ? "measured" : "carried over from ",
		      info->measured ? "" : info->id, 100 * info->prefill_doubt,
		      100 * info->decode_doubt);
	text_wrap(info->basis, 0, 0, LINE_WIDTH, out);
}

static void print_table(const struct view *view, const struct sw_gpu *gpu, const json_t *file,
			const struct sw_calibration_info *info)
{
	struct sheet *sheet = figure_sheet(gpu, file), *mig = mig_sheet(gpu);

	(void)fprintf(view->out, "%s%s%s  %s, %s, compute capability %u.%u\n\n",
		      style_on(view->style, TONE_STRONG), gpu->name,
		      style_off(view->style, TONE_STRONG), gpu->id,
		      sw_architecture_name(gpu->architecture), gpu->compute_major,
		      gpu->compute_minor);
	sheet_print(sheet, view->style, 0, view->out);
	if (gpu->n_mig) {
		(void)fputc('\n', view->out);
		sheet_print(mig, view->style, 0, view->out);
	}
	print_notes(file, view->out);
	print_calibration(info, view->out);
	print_documents(file, view->style, view->out);
	sheet_free(sheet);
	sheet_free(mig);
}

static json_t *calibration_json(const struct sw_calibration_info *info)
{
	json_t *object = json_object();

	if (!info)
		return json_decref(object), json_null();
	json_object_set_new(object, "id", json_string(info->id));
	json_object_set_new(object, "measured", json_boolean(info->measured));
	json_object_set_new(object, "prefill_doubt", json_number(info->prefill_doubt));
	json_object_set_new(object, "decode_doubt", json_number(info->decode_doubt));
	json_object_set_new(object, "basis", json_string(info->basis));
	return object;
}

static void copy_part(json_t *to, const json_t *file, const char *key)
{
	json_t *part = json_object_get(file, key);

	if (part)
		json_object_set(to, key, part);
}

static void print_json(const struct view *view, const struct sw_gpu *gpu, const json_t *file,
		       const struct sw_calibration_info *info)
{
	json_t *entry = json_object(), *document = json_object();
	struct sheet *mig = mig_sheet(gpu);
	char capability[32];

	(void)snprintf(capability, sizeof(capability), "%u.%u", gpu->compute_major,
		       gpu->compute_minor);
	json_object_set_new(entry, "id", json_string(gpu->id));
	json_object_set_new(entry, "name", json_string(gpu->name));
	json_object_set_new(entry, "architecture",
			    json_string(sw_architecture_name(gpu->architecture)));
	json_object_set_new(entry, "compute_capability", json_string(capability));
	for (size_t i = 0; i < COUNT(figures); i++)
		json_object_set_new(entry, figures[i].key, json_number(value_of(&figures[i], gpu)));
	json_object_set_new(entry, "mig", sheet_json(mig));
	sheet_free(mig);
	json_object_set_new(entry, "calibration", calibration_json(info));
	copy_part(entry, file, "notes");
	copy_part(entry, file, "sources");
	copy_part(entry, file, "documents");
	json_object_set_new(document, "gpu", entry);
	json_print(document, view->out);
}

static void print_csv(const struct view *view, const struct sw_gpu *gpu, const json_t *file)
{
	struct sheet *sheet = figure_sheet(gpu, file);

	sheet_csv(sheet, view->out);
	sheet_free(sheet);
}

enum sw_status view_gpu(const struct view *view, const char *name, struct sw_error *err)
{
	const char *text = sw_catalog_gpu_text(view->catalog, name);
	const struct sw_calibration_info *info = NULL;
	sw_calibration *calibration = NULL;
	struct sw_gpu gpu;
	enum sw_status st = lookup_gpu(view->catalog, name, &gpu, err);
	json_t *file;

	if (st != SW_OK)
		return st;
	file = text ? json_loads(text, 0, NULL) : lookup_json(name);
	if (sw_calibration_open(&gpu, NULL, &calibration, NULL) == SW_OK)
		info = sw_calibration_describe(calibration);
	if (view->format == FORMAT_JSON)
		print_json(view, &gpu, file, info);
	else if (view->format == FORMAT_CSV)
		print_csv(view, &gpu, file);
	else
		print_table(view, &gpu, file, info);
	sw_calibration_free(calibration);
	json_decref(file);
	return SW_OK;
}
