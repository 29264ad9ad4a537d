// SPDX-License-Identifier: Apache-2.0
/* Sections that are fitted on single kernels: products and attention. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "rows.h"
#include "sections.h"

static const char OPS_SOURCE[] = "NVIDIA aiconfigurator, vLLM 0.14 and 0.24 (Apache-2.0)";
static const char PROFILE_SOURCE[] =
	"LLMServingSim, vLLM 0.19, Llama-3.1-8B on an RTX PRO 6000 server (MIT)";
/* FlashAttention hands larger heads to another kernel, which no model of the bundled families has. */
static const double HEAD_DIM_MAX = 256;
/* The engine's own profile counts more than a kernel in a loop: K and V come from DRAM there, as in a step. */
static const double PROFILE_WEIGHT = 4;

/* How DRAM bandwidth bends with the SMs, s(1 + k)/(s + k): whole decode steps on an A100 under MPS read at 65 % of the
 * full bandwidth with 30 % of the SMs and at 90 % with half of them (fit of paged_step); k = 0.22 gives 70 and 85 %.
 * Doubt: 0.1. No row of single kernels shows it, and every k leaves the whole GPU as it is. */
static const double BANDWIDTH_KNEE = 0.22;

void measured_path(const struct calibrating *c, const char *before, const char *name,
		   const char *after, char *path, size_t size)
{
	(void)snprintf(path, size, "%s/%s%s%s", c->measured_dir, before, name, after);
}

void note_section(struct calibrating *c, enum sw__section section, const char *source, size_t rows,
		  const struct sw__error_summary *held_out)
{
	struct sw__section_info *info = &c->cal->sections[section];

	*info = (struct sw__section_info){.present = true,
					  .rows = (double)rows,
					  .mape = held_out ? held_out->mape : NAN,
					  .p95 = held_out ? held_out->p95_ape : NAN,
					  .log_sd = held_out ? held_out->log_sd : NAN};
	(void)sw_copy_name(info->source, sizeof(info->source), source);
}

/* Everything one leave-out run over products needs. */
struct gemm_run {
	struct sw__gemm_row *rows, *part;
	double *predicted, *measured;
	size_t n;
	size_t (*fold_of)(const struct sw__gemm_shape *shape, size_t folds);
};

static enum sw_status fit_gemm(const struct sw__gemm_row *rows, size_t n,
			       const struct sw__device *dev, struct sw__gemm_cal *cal,
			       struct sw_error *err)
{
	sw__gemm_start(cal);
	cal->bandwidth_knee = BANDWIDTH_KNEE;
	return sw__fit_gemm(rows, n, dev, cal, NULL, err);
}

/* Fit without one fold and predict it. */
static enum sw_status gemm_fold(const struct calibrating *c, struct gemm_run *run,
				const struct sw__device *dev, size_t fold, struct sw_error *err)
{
	struct sw__gemm_cal cal;
	enum sw_status st;
	size_t n = 0;

	for (size_t i = 0; i < run->n; i++) {
		if (run->fold_of(&run->rows[i].shape, c->folds) != fold)
			run->part[n++] = run->rows[i];
	}
	st = fit_gemm(run->part, n, dev, &cal, err);
	for (size_t i = 0; st == SW_OK && i < run->n; i++) {
		const struct sw__gemm_row *row = &run->rows[i];

		run->measured[i] = row->us;
		if (run->fold_of(&row->shape, c->folds) == fold)
			run->predicted[i] = sw__gemm(&cal, dev, &row->shape).us;
	}
	return st;
}

static enum sw_status judge_gemm(struct calibrating *c, struct gemm_run *run,
				 const struct sw__device *dev, const char *left_out,
				 struct sw__error_summary *errors, struct sw_error *err)
{
	enum sw_status st = SW_OK;

	for (size_t fold = 0; st == SW_OK && fold < c->folds; fold++)
		st = gemm_fold(c, run, dev, fold, err);
	if (st == SW_OK)
		st = sw__summarise_errors(run->predicted, run->measured, run->n, errors, err);
	if (st == SW_OK)
		errors_line(c->accuracy, c->measured->id, "gemm", left_out, errors);
	return st;
}

static enum sw_status judge_and_fit_gemm(struct calibrating *c, struct gemm_run *run,
					 struct sw_error *err)
{
	struct sw__device dev = sw__calibration_device(c->cal, SW_BF16);
	struct sw__error_summary errors, pair_errors;
	enum sw_status st;

	run->fold_of = sw__gemm_fold;
	st = judge_gemm(c, run, &dev, "shapes", &errors, err);
	run->fold_of = sw__gemm_pair_fold;
	if (st == SW_OK)
		st = judge_gemm(c, run, &dev, "pairs of n and k", &pair_errors, err);
	if (st == SW_OK)
		st = fit_gemm(run->rows, run->n, &dev, &c->cal->gemm, err);
	if (st == SW_OK)
		note_section(c, SW__SECTION_GEMM, OPS_SOURCE, run->n, &errors);
	return st;
}

enum sw_status calibrate_gemm(struct calibrating *c, struct sw_error *err)
{
	struct gemm_run run = {0};
	enum sw_status st;
	char path[4096];

	measured_path(c, "ops/", c->measured->prefix, "-gemm.csv.gz", path, sizeof(path));
	st = read_gemm_rows(path, &run.rows, &run.n, err);
	if (st != SW_OK)
		return st;
	run.part = calloc(run.n + 1, sizeof(*run.part));
	run.predicted = calloc(run.n + 1, sizeof(double));
	run.measured = calloc(run.n + 1, sizeof(double));
	st = run.part && run.predicted && run.measured
		     ? judge_and_fit_gemm(c, &run, err)
		     : sw_fail(err, SW_NO_MEMORY, "gemm: out of memory");
	free(run.rows);
	free(run.part);
	free(run.predicted);
	free(run.measured);
	return st;
}

typedef enum sw_status attention_fit(const struct sw__attention_row *rows, size_t n,
				     const struct sw__device *dev, struct sw__attention_cal *cal,
				     struct sw_error *err);

struct attention_run {
	struct sw__attention_row *rows, *part;
	double *predicted, *measured;
	size_t n;
	attention_fit *fit;
};

size_t attention_fold(const struct sw__attention_row *row, size_t folds)
{
	const double numbers[] = {row->shape.heads,   row->shape.kv_heads, row->shape.head_dim,
				  row->batch.prompts, row->batch.chunk,    row->batch.kv_prefill,
				  row->batch.decodes, row->batch.kv_decode};

	return fold_of(numbers, sizeof(numbers) / sizeof(numbers[0]), folds);
}

/* A prompt of one token runs as a decode: it tells a prefill fit nothing. */
static bool fits(const struct sw__attention_row *row)
{
	bool one_token = row->batch.prompts > 0 && row->batch.chunk <= 1 && row->batch.decodes <= 0;

	return row->shape.head_dim <= HEAD_DIM_MAX && !one_token;
}

static enum sw_status fit_without(struct calibrating *c, struct attention_run *run,
				  const struct sw__device *dev, size_t fold,
				  struct sw__attention_cal *cal, struct sw_error *err)
{
	enum sw_status st;
	size_t n = 0;

	for (size_t i = 0; i < run->n; i++) {
		if (attention_fold(&run->rows[i], c->folds) != fold && fits(&run->rows[i]))
			run->part[n++] = run->rows[i];
	}
	st = run->fit(run->part, n, dev, cal, err);
	for (size_t i = 0; st == SW_OK && i < run->n; i++) {
		const struct sw__attention_row *row = &run->rows[i];

		run->measured[i] = row->us;
		if (attention_fold(row, c->folds) == fold)
			run->predicted[i] = sw__attention_us(cal, dev, &row->shape, &row->batch);
	}
	return st;
}

static enum sw_status run_attention(struct calibrating *c, struct attention_run *run,
				    struct sw__error_summary *errors, struct sw_error *err)
{
	struct sw__device dev = sw__calibration_device(c->cal, SW_BF16);
	enum sw_status st = SW_OK;

	run->part = calloc(run->n + 1, sizeof(*run->part));
	run->predicted = calloc(run->n + 1, sizeof(double));
	run->measured = calloc(run->n + 1, sizeof(double));
	if (!run->part || !run->predicted || !run->measured)
		st = sw_fail(err, SW_NO_MEMORY, "attention: out of memory");
	for (size_t fold = 0; st == SW_OK && fold <= c->folds; fold++) {
		/* The first fold's fits build on each other, so that nothing of the fold reaches them. */
		struct sw__attention_cal *kept = fold == 0 ? &c->without_first : &c->cal->attention;
		struct sw__attention_cal cal = *kept;

		st = fit_without(c, run, &dev, fold, &cal, err);
		if (fold == 0 || fold == c->folds)
			*kept = cal;
	}
	if (st == SW_OK)
		st = sw__summarise_errors(run->predicted, run->measured, run->n, errors, err);
	free(run->part);
	free(run->predicted);
	free(run->measured);
	return st;
}

/* Rows of the profile that are prompts only, decodes only or both, appended to *rows. */
enum profile_part { PROFILE_PREFILL, PROFILE_DECODE, PROFILE_MIXED };

static enum profile_part part_of(const struct sw__attention_row *row)
{
	if (row->batch.prompts <= 0)
		return PROFILE_DECODE;
	return row->batch.decodes > 0 ? PROFILE_MIXED : PROFILE_PREFILL;
}

static enum sw_status append_profile(struct calibrating *c, enum profile_part part, double weight,
				     struct sw__attention_row **rows, size_t *n,
				     struct sw_error *err)
{
	struct sw__attention_row *profile = NULL, *grown;
	size_t n_profile = 0;
	struct sw_model model;
	enum sw_status st;
	char path[4096];

	measured_path(c, "serving/rtx-pro-6000-", PROFILED_MODEL, "/attention.csv.gz", path,
		      sizeof(path));
	st = sw_catalog_model(c->catalog, PROFILED_MODEL, &model, err);
	if (st == SW_OK)
		st = read_mixed_rows(path, &model, &profile, &n_profile, err);
	if (st != SW_OK)
		return st;
	grown = realloc(*rows, (*n + n_profile) * sizeof(**rows));
	if (!grown) {
		free(profile);
		return sw_fail(err, SW_NO_MEMORY, "attention: out of memory");
	}
	*rows = grown;
	for (size_t i = 0; i < n_profile; i++) {
		if (part_of(&profile[i]) != part)
			continue;
		profile[i].weight = weight;
		grown[(*n)++] = profile[i];
	}
	free(profile);
	return SW_OK;
}

static enum sw_status one_phase(struct calibrating *c, const char *phase, enum profile_part part,
				enum sw__section section, attention_fit *fit, struct sw_error *err)
{
	struct attention_run run = {.fit = fit};
	struct sw__error_summary errors;
	enum sw_status st;
	char path[4096], what[64], name[128];

	(void)snprintf(name, sizeof(name), "%s-%s", c->measured->prefix, phase);
	measured_path(c, "ops/", name, "-attention.csv.gz", path, sizeof(path));
	st = read_attention_rows(path, &run.rows, &run.n, err);
	if (st == SW_OK && c->measured->has_profile)
		st = append_profile(c, part, PROFILE_WEIGHT, &run.rows, &run.n, err);
	if (st == SW_OK)
		st = run_attention(c, &run, &errors, err);
	if (st == SW_OK) {
		(void)snprintf(what, sizeof(what), "%s attention", phase);
		note_section(c, section, OPS_SOURCE, run.n, &errors);
		errors_line(c->accuracy, c->measured->id, what, "shapes", &errors);
	}
	free(run.rows);
	return st;
}

enum sw_status calibrate_attention(struct calibrating *c, struct sw_error *err)
{
	enum sw_status st;

	sw__attention_start(c->measured->kernel, &c->cal->attention);
	c->cal->attention.prefill.bandwidth_knee = BANDWIDTH_KNEE;
	c->cal->attention.decode.bandwidth_knee = BANDWIDTH_KNEE;
	c->without_first = c->cal->attention;
	st = one_phase(c, "prefill", PROFILE_PREFILL, SW__SECTION_PREFILL,
		       sw__fit_prefill_attention, err);
	if (st == SW_OK)
		st = one_phase(c, "decode", PROFILE_DECODE, SW__SECTION_DECODE,
			       sw__fit_decode_attention, err);
	return st;
}

enum sw_status calibrate_mixed(struct calibrating *c, struct sw_error *err)
{
	struct attention_run run = {.fit = sw__fit_mixed_attention};
	struct sw__error_summary errors;
	enum sw_status st;

	if (!c->measured->has_profile)
		return SW_OK;
	st = append_profile(c, PROFILE_MIXED, 1, &run.rows, &run.n, err);
	if (st == SW_OK)
		st = run_attention(c, &run, &errors, err);
	if (st == SW_OK) {
		note_section(c, SW__SECTION_MIXED, PROFILE_SOURCE, run.n, &errors);
		errors_line(c->accuracy, c->measured->id, "mixed attention", "shapes", &errors);
	}
	free(run.rows);
	return st;
}
