// SPDX-License-Identifier: Apache-2.0
/* A step of the profiled model as the sum of its measured kernels, and as the library predicts it: GPU time only. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "rows.h"
#include "sections.h"
#include "step/composed.h"

/* A layer of the profile as a function of its count (tokens or sequences), straight lines between rows. */
struct profile_line {
	const char *layer;
	double times; /* in a step: layers of the model, or 1 */
	bool per_sequence;
};

static const struct profile_line lines[] = {
	{"layernorm", 2, false}, {"qkv_proj", 1, false},     {"rotary_emb", 1, false},
	{"o_proj", 1, false},    {"gate_up_proj", 1, false}, {"act_fn", 1, false},
	{"down_proj", 1, false},
};
static const struct profile_line ends[] = {
	{"embedding", 1, false},
	{"final_layernorm", 1, false},
	{"lm_head", 1, true},
	{"sampler", 1, true},
};

struct profile {
	struct layer_row *dense, *per_sequence;
	size_t n_dense, n_per_sequence;
	struct sw__attention_row *attention;
	size_t n_attention;
	struct sw_model model;
};

static double at(const struct layer_row *rows, size_t n, const char *layer, double count)
{
	const struct layer_row *below = NULL, *above = NULL;

	for (size_t i = 0; i < n; i++) {
		if (strcmp(rows[i].layer, layer) != 0)
			continue;
		if (rows[i].count <= count && (!below || rows[i].count > below->count))
			below = &rows[i];
		if (rows[i].count >= count && (!above || rows[i].count < above->count))
			above = &rows[i];
	}
	if (!below || !above)
		return NAN; /* outside of what was profiled */
	if (above->count == below->count)
		return above->us;
	return below->us +
	       (above->us - below->us) * (count - below->count) / (above->count - below->count);
}

static double sum_of(const struct profile *p, const struct profile_line *of, size_t n,
		     double tokens, double sequences)
{
	double us = 0;

	for (size_t i = 0; i < n; i++)
		us += of[i].times *
		      (of[i].per_sequence
			       ? at(p->per_sequence, p->n_per_sequence, of[i].layer, sequences)
			       : at(p->dense, p->n_dense, of[i].layer, tokens));
	return us;
}

static double measured_us(const struct profile *p, const struct sw__attention_row *row)
{
	double tokens = row->batch.prompts * row->batch.chunk + row->batch.decodes;
	double sequences = row->batch.prompts + row->batch.decodes;
	double layer =
		sum_of(p, lines, sizeof(lines) / sizeof(lines[0]), tokens, sequences) + row->us;

	return p->model.layers * layer +
	       sum_of(p, ends, sizeof(ends) / sizeof(ends[0]), tokens, sequences);
}

static double predicted_us(const struct calibrating *c, const struct sw_calibration *held_out,
			   const struct profile *p, const struct sw__attention_row *row)
{
	struct sw__step_setting setting = {.dev = sw__calibration_device(c->cal, SW_BF16),
					   .kv_bytes = 2,
					   .weight_bytes = 2,
					   .cuda_graphs = true,
					   .host_exposed = 1};
	struct sw_step_work work = {
		.n_decode = row->batch.decodes,
		.decode_kv_tokens = row->batch.kv_decode,
		.n_prefill = row->batch.prompts,
		.prefill_tokens = row->batch.prompts * row->batch.chunk,
		.prefill_kv_tokens = row->batch.prompts * row->batch.kv_prefill,
	};
	struct sw__model_ops ops = sw__model_ops(&p->model);
	struct sw__composed_time t = sw__composed_step(held_out, &setting, &ops, &work);

	return 1000 * (t.gemm_ms + t.attention_ms + t.other_ms + t.sampling_ms);
}

static enum sw_status read_profile(struct calibrating *c, struct profile *p, struct sw_error *err)
{
	static const char *const names[] = {"/dense.csv.gz", "/per_sequence.csv.gz",
					    "/attention.csv.gz"};
	char paths[3][4096];
	enum sw_status st = sw_catalog_model(c->catalog, PROFILED_MODEL, &p->model, err);

	for (int i = 0; i < 3; i++)
		measured_path(c, "serving/rtx-pro-6000-", PROFILED_MODEL, names[i], paths[i],
			      sizeof(paths[i]));
	if (st == SW_OK)
		st = read_layer_rows(paths[0], "tokens", &p->dense, &p->n_dense, err);
	if (st == SW_OK)
		st = read_layer_rows(paths[1], "sequences", &p->per_sequence, &p->n_per_sequence,
				     err);
	if (st == SW_OK)
		st = read_mixed_rows(paths[2], &p->model, &p->attention, &p->n_attention, err);
	return st;
}

static enum sw_status judge_kind(struct calibrating *c, const struct sw_calibration *held_out,
				 const struct profile *p, bool mixed, double *scratch,
				 struct sw_error *err)
{
	double *predicted = scratch, *measured = scratch + p->n_attention;
	struct sw__error_summary errors;
	enum sw_status st;
	size_t n = 0;

	for (size_t i = 0; i < p->n_attention; i++) {
		const struct sw__attention_row *row = &p->attention[i];
		double us;

		if (attention_fold(row, c->folds) != 0 || row->batch.decodes <= 0 ||
		    (row->batch.prompts > 0) != mixed)
			continue;
		us = measured_us(p, row);
		if (isnan(us))
			continue;
		predicted[n] = predicted_us(c, held_out, p, row);
		measured[n++] = us;
	}
	st = sw__summarise_errors(predicted, measured, n, &errors, err);
	if (st == SW_OK)
		errors_line(c->accuracy, c->measured->id,
			    mixed ? PROFILED_MODEL " mixed steps" : PROFILED_MODEL " decode steps",
			    "products and a fold of attention", &errors);
	return st;
}

enum sw_status judge_whole_steps(struct calibrating *c, struct sw_error *err)
{
	struct sw_calibration held_out = *c->cal;
	struct profile p = {0};
	double *scratch = NULL;
	enum sw_status st;

	if (!c->measured->has_profile)
		return SW_OK;
	held_out.attention = c->without_first;
	st = read_profile(c, &p, err);
	if (st == SW_OK) {
		scratch = calloc(2 * p.n_attention + 1, sizeof(*scratch));
		st = scratch ? SW_OK : sw_fail(err, SW_NO_MEMORY, "steps: out of memory");
	}
	for (int mixed = 0; st == SW_OK && mixed < 2; mixed++)
		st = judge_kind(c, &held_out, &p, mixed, scratch, err);
	free(scratch);
	free(p.dense);
	free(p.per_sequence);
	free(p.attention);
	return st;
}
