// SPDX-License-Identifier: Apache-2.0
/*
 * slicewise-calibrate MEASURED_DIR CALIBRATION_DIR ACCURACY.csv [FOLDS [GPU [gemm]]]
 *
 * Makes the shipped calibrations: fits every section to the measured sets, judges each on rows left out of the fit,
 * writes CALIBRATION_DIR/GPU.json and the table of errors. Takes minutes; deterministic. With GPU, that one's alone, and
 * with "gemm" only its products; what is written already of the others stays.
 */
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "sections.h"

enum { FOLDS_DEFAULT = 5, N_MEASURED = 4, PROFILED = 0, ERRORS_BYTES_MAX = 1 << 20 };

/* The profiled GPU comes first: others take from it what only it was measured for. */
static const struct measured_gpu measured_gpus[N_MEASURED] = {
	{"rtx-pro-6000-server", "rtx-pro-6000-server", SW__FLASH_2_SMALL, false, true},
	{"a100-sxm4-80gb", "a100-sxm", SW__FLASH_2_LARGE, true, false},
	{"h100-sxm", "h100-sxm", SW__FLASH_3, false, false},
	{"l40s", "l40s", SW__FLASH_2_SMALL, false, false},
};

/* L2 bandwidth over DRAM bandwidth where no profile shows it: microbenchmarks published for these GPUs read 4-5 TB/s
 * from an A100's L2, 5.5-6 TB/s from an H100's and 4-5 TB/s from an L40S's. Doubt: a third; small kernels are 2-10 % of
 * a step. */
static const struct {
	const char *gpu;
	double l2_speed;
} l2_speeds[] = {{"a100-sxm4-80gb", 2.2}, {"h100-sxm", 1.7}, {"l40s", 5.0}};

/* What to do, from the command line. */
struct work {
	const char *folder; /* of the calibrations */
	const char *errors_path;
	const char *gpu; /* NULL: all */
	bool products_only;
};

static int fail(const struct sw_error *err)
{
	fprintf(stderr, "slicewise-calibrate: %s\n", err->message);
	return sw_status_exit(err->status);
}

/* Mixed batches and small kernels were profiled on one GPU; their coefficients are relative to the datasheet. */
static void take_from_profiled(const struct sw_calibration *profiled, struct calibrating *c)
{
	if (c->measured->has_profile)
		return;
	c->cal->attention.mixed = profiled->attention.mixed;
	c->cal->engine = profiled->engine;
	note_section(c, SW__SECTION_MIXED, "carried over from rtx-pro-6000-server", 0, NULL);
	note_section(c, SW__SECTION_ENGINE, "carried over from rtx-pro-6000-server", 0, NULL);
	for (size_t i = 0; i < sizeof(l2_speeds) / sizeof(l2_speeds[0]); i++) {
		if (strcmp(l2_speeds[i].gpu, c->measured->id) == 0)
			c->cal->engine.l2_speed = l2_speeds[i].l2_speed;
	}
}

/* The standard deviation that a normal error with this 95th percentile of its absolute value has: a root mean square would
 * be that of a few shapes far from any bundled model's. */
static double spread(const struct sw__section_info *section)
{
	return section->p95 / 1.96;
}

/* A whole step's error is smaller than its kernels' (they partly cancel); without measured steps the larger of products'
 * and attention's is taken, halved for the many kernels of a step, and never below 5 %. */
static void set_doubts(struct sw_calibration *cal)
{
	static const double LEAST = 0.05;
	double gemm = spread(&cal->sections[SW__SECTION_GEMM]);

	if (cal->sections[SW__SECTION_PAGED].present) {
		cal->info.prefill_doubt = fmax(LEAST, cal->info.prefill_doubt);
		cal->info.decode_doubt = fmax(LEAST, cal->info.decode_doubt);
		return;
	}
	cal->info.prefill_doubt =
		fmax(LEAST, fmax(gemm, spread(&cal->sections[SW__SECTION_PREFILL])) / 2);
	cal->info.decode_doubt =
		fmax(LEAST, fmax(gemm, spread(&cal->sections[SW__SECTION_DECODE])) / 2);
}

static void set_info(struct calibrating *c)
{
	struct sw_calibration_info *info = &c->cal->info;

	(void)sw_copy_name(info->id, sizeof(info->id), c->measured->id);
	(void)snprintf(
		info->basis, sizeof(info->basis), "fitted on measured %s of this GPU%s",
		c->measured->has_profile ? "products, attention, mixed batches and small kernels"
					 : "products and attention",
		c->measured->has_steps ? ", and on whole steps against the share under MPS" : "");
	c->cal->architecture = c->cal->gpu.architecture;
	set_doubts(c->cal);
}

/* Digits beyond these are noise of the fit; the library uses what the file says. */
static double rounded(double value)
{
	char digits[32];

	(void)snprintf(digits, sizeof(digits), "%.6g", value);
	return strtod(digits, NULL);
}

static void round_coefficient(const struct sw__coefficient *row, void *from)
{
	for (size_t i = 0; i < sw__coefficient_size(row); i++)
		sw__coefficient_set(row, from, i, rounded(sw__coefficient_get(row, from, i)));
}

static void round_all(struct sw_calibration *cal)
{
	cal->info.prefill_doubt = rounded(cal->info.prefill_doubt);
	cal->info.decode_doubt = rounded(cal->info.decode_doubt);
	for (int i = 0; i < SW__SECTION_COUNT; i++) {
		const struct sw__section_table *table = &sw__section_tables[i];
		struct sw__section_info *info = &cal->sections[i];
		char *from = (char *)cal + table->offset;

		info->mape = rounded(info->mape);
		info->p95 = rounded(info->p95);
		info->log_sd = rounded(info->log_sd);
		for (size_t j = 0; j < table->n; j++)
			round_coefficient(&table->table[j], from);
	}
}

/* CALIBRATION_DIR/ID.json as it was written before. */
static enum sw_status read_written(const char *folder, const char *id, struct sw_calibration *out,
				   struct sw_error *err)
{
	struct sw_document *document;
	enum sw_status st;
	char path[4096];

	(void)snprintf(path, sizeof(path), "%s/%s.json", folder, id);
	st = sw_document_load(path, &document, err);
	if (st == SW_OK)
		st = sw__calibration_read(document, out, err);
	sw_document_free(document);
	return st;
}

static enum sw_status all_sections(struct calibrating *c, const struct sw_calibration *profiled,
				   struct sw_error *err)
{
	static enum sw_status (*const steps[])(struct calibrating *, struct sw_error *) = {
		calibrate_gemm,   calibrate_attention, calibrate_mixed,
		calibrate_engine, calibrate_paged,     judge_whole_steps,
	};
	enum sw_status st = SW_OK;

	for (size_t i = 0; st == SW_OK && i < sizeof(steps) / sizeof(steps[0]); i++) {
		fprintf(stderr, "%s: section %zu of %zu\n", c->measured->id, i + 1,
			sizeof(steps) / sizeof(steps[0]));
		st = steps[i](c, err);
	}
	if (st == SW_OK)
		take_from_profiled(profiled, c);
	return st;
}

static enum sw_status calibrate_one(struct calibrating *c, const struct work *work,
				    struct sw_error *err)
{
	static struct sw_calibration profiled;
	const char *first = measured_gpus[PROFILED].id;
	enum sw_status st = SW_OK;

	if (work->products_only)
		st = read_written(work->folder, c->measured->id, c->cal, err);
	else if (!c->measured->has_profile)
		st = read_written(work->folder, first, &profiled, err);
	if (st == SW_OK)
		st = sw_catalog_gpu(c->catalog, c->measured->id, &c->cal->gpu, err);
	if (st == SW_OK)
		st = work->products_only ? calibrate_gemm(c, err) : all_sections(c, &profiled, err);
	if (st != SW_OK)
		return st;
	set_info(c);
	round_all(c->cal);
	return SW_OK;
}

static enum sw_status write_one(const struct calibrating *c, const char *folder,
				struct sw_error *err)
{
	struct sw_text text = {0};
	enum sw_status st;
	char path[4096];

	sw__calibration_write(&text, c->cal);
	(void)snprintf(path, sizeof(path), "%s/%s.json", folder, c->measured->id);
	st = sw_text_ok(&text) ? sw_file_write(path, text.data, text.size, err)
			       : sw_fail(err, SW_NO_MEMORY, "out of memory");
	sw_text_free(&text);
	return st;
}

/* The table of errors: all of it, or with the lines of what was done in place of their like. */
static enum sw_status write_errors(const struct calibrating *c, const struct work *work,
				   struct sw_error *err)
{
	struct sw_text old = {0}, merged = {0};
	enum sw_status st = SW_OK;
	char prefix[SW_NAME_MAX + 8];

	(void)snprintf(prefix, sizeof(prefix), "%s,%s", work->gpu ? work->gpu : "",
		       work->products_only ? "gemm," : "");
	if (work->gpu)
		st = sw_file_read(work->errors_path, ERRORS_BYTES_MAX, &old, err);
	else
		errors_header(&merged);
	if (st == SW_OK)
		errors_merge(sw_text_string(&old), prefix, sw_text_string(c->accuracy), &merged);
	if (st == SW_OK)
		st = sw_text_ok(&merged)
			     ? sw_file_write(work->errors_path, merged.data, merged.size, err)
			     : sw_fail(err, SW_NO_MEMORY, "out of memory");
	sw_text_free(&old);
	sw_text_free(&merged);
	return st;
}

static enum sw_status calibrate_all(struct calibrating *c, const struct work *work,
				    struct sw_error *err)
{
	enum sw_status st = SW_OK;
	size_t n = 0;

	for (size_t i = 0; st == SW_OK && i < N_MEASURED; i++) {
		struct sw_calibration cal = {0};

		if (work->gpu && strcmp(work->gpu, measured_gpus[i].id) != 0)
			continue;
		n++;
		c->measured = &measured_gpus[i];
		c->cal = &cal;
		st = calibrate_one(c, work, err);
		if (st == SW_OK)
			st = write_one(c, work->folder, err);
		c->cal = NULL;
	}
	if (st == SW_OK && n == 0)
		st = sw_fail(err, SW_BAD_INPUT, "%s was not measured", work->gpu);
	return st == SW_OK ? write_errors(c, work, err) : st;
}

int main(int argc, char **argv)
{
	struct sw_text accuracy = {0};
	struct calibrating c = {.accuracy = &accuracy, .folds = FOLDS_DEFAULT};
	struct sw_error err = {SW_OK, ""};
	sw_catalog *catalog = NULL;
	struct work work;
	enum sw_status st;

	if (argc < 4 || argc > 7 || (argc == 7 && strcmp(argv[6], "gemm") != 0)) {
		fprintf(stderr, "usage: slicewise-calibrate MEASURED_DIR CALIBRATION_DIR "
				"ACCURACY.csv [FOLDS [GPU [gemm]]]\n");
		return 1;
	}
	work = (struct work){argv[2], argv[3], argc > 5 ? argv[5] : NULL, argc > 6};
	if (argc > 4)
		c.folds = strtoul(argv[4], NULL, 10);
	c.measured_dir = argv[1];
	st = sw_catalog_open(&catalog, &err);
	c.catalog = catalog;
	if (st == SW_OK)
		st = calibrate_all(&c, &work, &err);
	sw_text_free(&accuracy);
	sw_catalog_free(catalog);
	return st == SW_OK ? 0 : fail(&err);
}
