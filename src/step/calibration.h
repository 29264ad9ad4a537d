/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file calibration.h
 * Everything known of how fast one GPU runs an engine's kernels, as a file in data/calibration and as a structure.
 *
 * A file has sections, each with its coefficients, what they were fitted on and how wrong they are on rows they were not
 * fitted on. docs/formats/calibration.md describes it; the section table in calibration.c is its only definition.
 */
#ifndef SLICEWISE_STEP_CALIBRATION_H
#define SLICEWISE_STEP_CALIBRATION_H

#include "base/text.h"
#include "formats/document.h"
#include "step/attention.h"
#include "step/coefficients.h"
#include "step/engine_part.h"
#include "step/gemm.h"
#include "step/paged.h"

/** X(name in files, member, coefficient table). The sections, in the order of the file. */
enum sw__section {
	SW__SECTION_GEMM,
	SW__SECTION_PREFILL,
	SW__SECTION_DECODE,
	SW__SECTION_MIXED,
	SW__SECTION_ENGINE,
	SW__SECTION_PAGED,
	SW__SECTION_COUNT
};

/** What a section was fitted on and how it does on rows left out of the fit (errors as fractions). */
struct sw__section_info {
	bool present;
	double rows;
	double mape, p95,
		log_sd; /* on left-out rows; log_sd: standard deviation of log(measured / predicted) */
	char source[256];
};

struct sw_calibration {
	struct sw_calibration_info info;
	struct sw_gpu gpu; /* the GPU it is used for */
	struct sw__section_info sections[SW__SECTION_COUNT];
	struct sw__gemm_cal gemm;
	struct sw__attention_cal attention;
	struct sw__engine_cal engine;
	struct sw__paged_cal paged;
	enum sw_architecture architecture; /* of the GPU it was measured on */
};

/** Name and coefficients of a section. */
struct sw__section_table {
	const char *name;
	const struct sw__coefficient *table;
	size_t n;
	size_t offset; /* of the coefficients in struct sw_calibration */
	const char *about;
};

extern const struct sw__section_table sw__section_tables[SW__SECTION_COUNT];

/** Read a calibration document into *out (whose gpu member is left alone). SW_BAD_INPUT with file, line and key. */
enum sw_status sw__calibration_read(const struct sw_document *document, struct sw_calibration *out,
				    struct sw_error *err);

/** Append the file's text; reads back the same. */
void sw__calibration_write(struct sw_text *text, const struct sw_calibration *calibration);

/** The whole GPU (share 1) as kernels of dtype see it. */
struct sw__device sw__calibration_device(const struct sw_calibration *calibration,
					 enum sw_dtype dtype);

#endif
