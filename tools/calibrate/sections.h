/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file sections.h
 * Each section of a calibration: read its rows, fit, and judge the fit on rows left out.
 */
#ifndef SLICEWISE_CALIBRATE_SECTIONS_H
#define SLICEWISE_CALIBRATE_SECTIONS_H

#include "attention_fit.h"
#include "held_out.h"
#include "slicewise/catalog.h"
#include "step/calibration.h"

/** A GPU that was measured, and where. */
struct measured_gpu {
	const char *id; /* catalogue */
	const char *prefix; /* of the operator files */
	enum sw__attention_kernel kernel;
	bool has_steps; /* steps/llama-a100-mps.csv */
	bool has_profile; /* serving/rtx-pro-6000-llama-3.1-8b */
};

/** What all sections need. `accuracy` collects the error table. */
struct calibrating {
	const char *measured_dir;
	const struct measured_gpu *measured;
	const sw_catalog *catalog;
	struct sw_calibration *cal; /* gpu is set */
	size_t folds;
	struct sw_text *accuracy;
	struct sw__attention_cal without_first; /* fitted without the rows of fold 0 */
};

/** The model of the engine profile. */
#define PROFILED_MODEL "llama-3.1-8b"

/** The fold that a row of attention belongs to. */
size_t attention_fold(const struct sw__attention_row *row, size_t folds);

/** Fit a section into c->cal, with its section info. Statuses as the readers and fits. */
enum sw_status calibrate_gemm(struct calibrating *c, struct sw_error *err);
enum sw_status calibrate_attention(struct calibrating *c, struct sw_error *err);
enum sw_status calibrate_mixed(struct calibrating *c, struct sw_error *err);
enum sw_status calibrate_engine(struct calibrating *c, struct sw_error *err);
enum sw_status calibrate_paged(struct calibrating *c, struct sw_error *err);

/**
 * Whole steps put together from the profile's own rows, against steps put together from predictions: decodes alone and
 * mixed. Attention rows are those of fold 0, predicted by fits without them; products are never fitted on the profile.
 */
enum sw_status judge_whole_steps(struct calibrating *c, struct sw_error *err);

/** measured_dir/BEFORE NAME AFTER into `path`. */
void measured_path(const struct calibrating *c, const char *before, const char *name,
		   const char *after, char *path, size_t size);

/** Remember where a section comes from and how it does on rows left out. */
void note_section(struct calibrating *c, enum sw__section section, const char *source, size_t rows,
		  const struct sw__error_summary *held_out);

#endif
