// SPDX-License-Identifier: Apache-2.0
/*
 * slicewise-calibrate MEASURED_DIR CALIBRATION_DIR ACCURACY.csv [FOLDS]
 *
 * Makes the shipped calibrations: fits every section to the measured sets, judges each on rows left out of the fit,
 * writes CALIBRATION_DIR/GPU.json and the table of errors. Takes minutes; deterministic.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "sections.h"

enum { FOLDS_DEFAULT = 5, N_MEASURED = 4, PROFILED = 0 };

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
			sw__coefficient_set(&table->table[j], from,
					    rounded(sw__coefficient_get(&table->table[j], from)));
	}
}

static enum sw_status calibrate_one(struct calibrating *c, const struct sw_calibration *profiled,
				    struct sw_error *err)
{
	static enum sw_status (*const steps[])(struct calibrating *, struct sw_error *) = {
		calibrate_gemm,   calibrate_attention, calibrate_mixed,
		calibrate_engine, calibrate_paged,     judge_whole_steps,
	};
	enum sw_status st = sw_catalog_gpu(c->catalog, c->measured->id, &c->cal->gpu, err);

	for (size_t i = 0; st == SW_OK && i < sizeof(steps) / sizeof(steps[0]); i++) {
		fprintf(stderr, "%s: section %zu of %zu\n", c->measured->id, i + 1,
			sizeof(steps) / sizeof(steps[0]));
		st = steps[i](c, err);
	}
	if (st != SW_OK)
		return st;
	take_from_profiled(profiled, c);
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

int main(int argc, char **argv)
{
	static struct sw_calibration calibrations[N_MEASURED];
	struct sw_text accuracy = {0};
	struct calibrating c = {.accuracy = &accuracy, .folds = FOLDS_DEFAULT};
	struct sw_error err = {SW_OK, ""};
	sw_catalog *catalog = NULL;
	enum sw_status st;

	if (argc < 4 || argc > 5) {
		fprintf(stderr, "usage: slicewise-calibrate MEASURED_DIR CALIBRATION_DIR "
				"ACCURACY.csv [FOLDS]\n");
		return 1;
	}
	if (argc == 5)
		c.folds = strtoul(argv[4], NULL, 10);
	c.measured_dir = argv[1];
	st = sw_catalog_open(&catalog, &err);
	c.catalog = catalog;
	errors_header(&accuracy);
	for (size_t i = 0; st == SW_OK && i < N_MEASURED; i++) {
		c.measured = &measured_gpus[i];
		c.cal = &calibrations[i];
		st = calibrate_one(&c, &calibrations[PROFILED], &err);
		if (st == SW_OK)
			st = write_one(&c, argv[2], &err);
	}
	if (st == SW_OK)
		st = sw_file_write(argv[3], accuracy.data, accuracy.size, &err);
	sw_text_free(&accuracy);
	sw_catalog_free(catalog);
	return st == SW_OK ? 0 : fail(&err);
}
