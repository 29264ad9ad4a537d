// SPDX-License-Identifier: Apache-2.0
/* Sections that are fitted on an engine's profile or on whole steps. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rows.h"
#include "sections.h"

static const char PROFILE_SOURCE[] =
	"LLMServingSim, vLLM 0.19, Llama-3.1-8B on an RTX PRO 6000 server (MIT)";
static const char STEPS_SOURCE[] =
	"MuxServe, examples/placement: Llama-7B under MPS, vLLM-based, float16 (Apache-2.0)";

/* A small kernel of the profile, and the elements it reads and writes per token (per hidden or as said). */
struct small_layer {
	const char *name;
	double (*elements)(const struct sw__model_ops *ops);
};

static double norm_elements(const struct sw__model_ops *ops)
{
	return 4 * ops->hidden;
}

static double rope_elements(const struct sw__model_ops *ops)
{
	return ops->rope_elements;
}

static double act_elements(const struct sw__model_ops *ops)
{
	return ops->act_elements;
}

static double embedding_elements(const struct sw__model_ops *ops)
{
	return 2 * ops->hidden;
}

static const struct small_layer small_layers[] = {
	{"act_fn", act_elements},           {"embedding", embedding_elements},
	{"final_layernorm", norm_elements}, {"layernorm", norm_elements},
	{"rotary_emb", rope_elements},
};

static const double LOGIT_BYTES = 4, ELEMENT_BYTES = 2;

static bool to_engine_row(const struct layer_row *layer, const struct sw__model_ops *ops,
			  struct engine_row *row)
{
	if (strcmp(layer->layer, "sampler") == 0) {
		*row = (struct engine_row){layer->count * ops->lm_head.n * LOGIT_BYTES, true,
					   layer->us};
		return true;
	}
	for (size_t i = 0; i < sizeof(small_layers) / sizeof(small_layers[0]); i++) {
		if (strcmp(layer->layer, small_layers[i].name) != 0)
			continue;
		*row = (struct engine_row){layer->count * small_layers[i].elements(ops) *
						   ELEMENT_BYTES,
					   false, layer->us};
		return true;
	}
	return false;
}

static enum sw_status read_engine_rows(struct calibrating *c, struct engine_row **out, size_t *n,
				       struct sw_error *err)
{
	static const char *const files[][2] = {{"/dense.csv.gz", "tokens"},
					       {"/per_sequence.csv.gz", "sequences"}};
	struct sw__model_ops ops;
	struct sw_model model;
	enum sw_status st = sw_catalog_model(c->catalog, PROFILED_MODEL, &model, err);

	*out = NULL;
	*n = 0;
	ops = sw__model_ops(&model);
	for (size_t f = 0; st == SW_OK && f < 2; f++) {
		struct layer_row *layers = NULL;
		struct engine_row *grown;
		size_t n_layers = 0;
		char path[4096];

		measured_path(c, "serving/rtx-pro-6000-", PROFILED_MODEL, files[f][0], path,
			      sizeof(path));
		st = read_layer_rows(path, files[f][1], &layers, &n_layers, err);
		grown = st == SW_OK ? realloc(*out, (*n + n_layers) * sizeof(**out)) : NULL;
		if (grown)
			*out = grown;
		else if (st == SW_OK)
			st = sw_fail(err, SW_NO_MEMORY, "engine: out of memory");
		for (size_t i = 0; st == SW_OK && i < n_layers; i++)
			*n += to_engine_row(&layers[i], &ops, &(*out)[*n]);
		free(layers);
	}
	return st;
}

static enum sw_status judge_engine(struct calibrating *c, const struct engine_row *rows, size_t n,
				   const struct sw__device *dev, struct sw__error_summary *errors,
				   struct sw_error *err)
{
	double *predicted = calloc(n + 1, sizeof(double)),
	       *measured = calloc(n + 1, sizeof(double));
	enum sw_status st = SW_OK;

	if (!predicted || !measured)
		st = sw_fail(err, SW_NO_MEMORY, "engine: out of memory");
	for (size_t i = 0; st == SW_OK && i < n; i++) {
		predicted[i] = engine_row_us(&c->cal->engine, dev, &rows[i]);
		measured[i] = rows[i].us;
	}
	if (st == SW_OK)
		st = sw__summarise_errors(predicted, measured, n, errors, err);
	free(predicted);
	free(measured);
	return st;
}

enum sw_status calibrate_engine(struct calibrating *c, struct sw_error *err)
{
	struct sw__device dev = sw__calibration_device(c->cal, SW_BF16);
	struct engine_row *rows = NULL;
	struct sw__error_summary errors;
	enum sw_status st;
	size_t n = 0;

	c->cal->engine = engine_start();
	if (!c->measured->has_profile)
		return SW_OK;
	st = read_engine_rows(c, &rows, &n, err);
	if (st == SW_OK)
		st = fit_engine(rows, n, &dev, &c->cal->engine, err);
	if (st == SW_OK)
		st = judge_engine(c, rows, n, &dev, &errors, err);
	if (st == SW_OK) {
		note_section(c, SW__SECTION_ENGINE, PROFILE_SOURCE, n, &errors);
		errors_line(c->accuracy, c->measured->id, "small kernels", "nothing (6 numbers)",
			    &errors);
	}
	free(rows);
	return st;
}

/* Rows of steps, and what is left out of a fit and what it is judged on. */
struct paged_run {
	struct step_row *rows, *part;
	double *predicted, *measured;
	size_t n;
	const char *fit_model;
	double leave_share; /* NAN: none */
};

static bool is_model(const struct step_row *row, const char *id)
{
	return strcmp(row->model.id, id) == 0;
}

static enum sw_status fit_part(struct calibrating *c, const struct paged_run *run,
			       struct sw__paged_cal *cal, struct sw_error *err)
{
	size_t n = 0;

	for (size_t i = 0; i < run->n; i++) {
		if (is_model(&run->rows[i], run->fit_model) &&
		    run->rows[i].share != run->leave_share)
			run->part[n++] = run->rows[i];
	}
	*cal = paged_start();
	return fit_paged(run->part, n, &c->cal->gpu, cal, err);
}

/* Errors on one model's rows of one phase at one share (NAN: all shares). */
static enum sw_status judge_paged(struct calibrating *c, const struct paged_run *run,
				  const struct sw__paged_cal *cal, const char *model, bool decode,
				  double share, const char *left_out,
				  struct sw__error_summary *errors, struct sw_error *err)
{
	enum sw_status st;
	char what[96];
	size_t n = 0;

	for (size_t i = 0; i < run->n; i++) {
		const struct step_row *row = &run->rows[i];

		if (!is_model(row, model) || row->decode != decode ||
		    (!isnan(share) && row->share != share))
			continue;
		run->predicted[n] = paged_row_ms(cal, &c->cal->gpu, row);
		run->measured[n++] = row->ms;
	}
	st = sw__summarise_errors(run->predicted, run->measured, n, errors, err);
	(void)snprintf(what, sizeof(what), "%s %s steps under MPS", model,
		       decode ? "decode" : "prefill");
	if (st == SW_OK)
		errors_line(c->accuracy, c->measured->id, what, left_out, errors);
	return st;
}

static enum sw_status leave_share_out(struct calibrating *c, struct paged_run *run, double share,
				      struct sw__error_summary phases[2], struct sw_error *err)
{
	struct sw__paged_cal cal;
	enum sw_status st;
	char left_out[64];

	run->leave_share = share;
	(void)snprintf(left_out, sizeof(left_out), "share %.1f", share);
	st = fit_part(c, run, &cal, err);
	for (int decode = 0; st == SW_OK && decode < 2; decode++)
		st = judge_paged(c, run, &cal, run->fit_model, decode, share, left_out,
				 &phases[decode], err);
	return st;
}

static enum sw_status judge_shares(struct calibrating *c, struct paged_run *run,
				   struct sw_error *err)
{
	static const double shares[] = {0.3, 0.5, 1.0};
	struct sw__error_summary phases[2], sum[2] = {{0}, {0}};
	enum sw_status st = SW_OK;

	for (size_t i = 0; st == SW_OK && i < 3; i++) {
		st = leave_share_out(c, run, shares[i], phases, err);
		for (int decode = 0; st == SW_OK && decode < 2; decode++)
			sum[decode].log_sd += phases[decode].log_sd * phases[decode].log_sd / 3;
	}
	c->cal->info.prefill_doubt = sqrt(sum[0].log_sd);
	c->cal->info.decode_doubt = sqrt(sum[1].log_sd);
	return st;
}

static enum sw_status run_paged(struct calibrating *c, struct paged_run *run, struct sw_error *err)
{
	static const char *const other = "llama-13b";
	struct sw__error_summary errors;
	enum sw_status st = judge_shares(c, run, err);

	run->leave_share = NAN;
	if (st == SW_OK)
		st = fit_part(c, run, &c->cal->paged, err);
	for (int decode = 0; st == SW_OK && decode < 2; decode++)
		st = judge_paged(c, run, &c->cal->paged, run->fit_model, decode, NAN, "nothing",
				 &errors, err);
	for (int decode = 0; st == SW_OK && decode < 2; decode++)
		st = judge_paged(c, run, &c->cal->paged, other, decode, NAN, "model", &errors, err);
	if (st == SW_OK)
		note_section(c, SW__SECTION_PAGED, STEPS_SOURCE, run->n, &errors);
	return st;
}

enum sw_status calibrate_paged(struct calibrating *c, struct sw_error *err)
{
	struct paged_run run = {.fit_model = "llama-7b", .leave_share = NAN};
	enum sw_status st;
	char path[4096];

	if (!c->measured->has_steps)
		return SW_OK;
	measured_path(c, "steps/", "llama-a100-mps", ".csv", path, sizeof(path));
	st = read_step_rows(path, c->catalog, &run.rows, &run.n, err);
	if (st != SW_OK)
		return st;
	run.part = calloc(run.n + 1, sizeof(*run.part));
	run.predicted = calloc(run.n + 1, sizeof(double));
	run.measured = calloc(run.n + 1, sizeof(double));
	st = run.part && run.predicted && run.measured
		     ? run_paged(c, &run, err)
		     : sw_fail(err, SW_NO_MEMORY, "steps: out of memory");
	free(run.rows);
	free(run.part);
	free(run.predicted);
	free(run.measured);
	return st;
}
