// SPDX-License-Identifier: Apache-2.0
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/made_mix.h"
#include "formats/csv.h"
#include "math/error_summary.h"
#include "sim-accuracy/accuracy_sections.h"
#include "slicewise/simulate.h"

enum { ROWS_MAX = 512, SEEDS = 4, DECODES = 8 /* steps of a decode row that are averaged */ };

enum { MODEL, SHARE, PHASE, BATCH, LENGTH, LATENCY, COLUMNS };

static const char *const columns[COLUMNS] = {"model", "share",   "phase",
					     "batch", "seq_len", "latency_ms"};

struct row {
	const char *model;
	double share, batch, length, measured, simulated, step;
	bool decode;
};

/* When the last of a batch had its n-th token. */
struct hearing {
	unsigned n; /* listened for */
	unsigned heard;
	double at_s;
};

struct ear {
	struct hearing first, second;
};

static void hear(struct hearing *h, uint32_t n, double at_s)
{
	if (n != h->n)
		return;
	h->heard++;
	h->at_s = at_s;
}

static void token(void *context, size_t tenant, uint64_t id, uint32_t n, bool last, double at_s)
{
	struct ear *ear = context;

	(void)tenant;
	(void)id;
	(void)last;
	hear(&ear->first, n, at_s);
	hear(&ear->second, n, at_s);
}

/* The engine that the rows were measured with, just wide enough for one of them: wider ones have less memory for KV. */
static enum sw_status make(const sw_catalog *catalog, const struct row *row, struct made_mix *mix,
			   struct sw_error *err)
{
	struct sw_engine engine = made_engine();
	struct sw_load load = made_loop(1, 1, 1);
	double tokens = row->batch * (row->decode ? row->length + DECODES + 1 : row->length);

	engine.max_num_seqs = (unsigned)row->batch;
	engine.max_num_batched_tokens = (unsigned)fmax(tokens, row->length + 1);
	engine.max_model_len = (unsigned)row->length + DECODES + 2;
	engine.gpu_memory_utilization = 0.98;
	engine.cuda_graphs = false;
	engine.dtype = SW_FP16;
	(void)snprintf(engine.version, sizeof(engine.version), "0.2");
	engine.given = SW_KEY_MAX_NUM_SEQS | SW_KEY_MAX_NUM_BATCHED_TOKENS | SW_KEY_MAX_MODEL_LEN |
		       SW_KEY_CUDA_GRAPHS | SW_KEY_DTYPE | SW_KEY_VERSION |
		       SW_KEY_GPU_MEMORY_UTILIZATION;
	if (!made_mix_start(catalog, "a100-sxm4-80gb", SW_MPS, mix))
		return SW_BAD_INPUT;
	return made_mix_add(catalog, mix, row->model, &engine, row->share, NAN, &load, err);
}

/* All of a row's sequences come at once: their prompts are one step, and then they decode together. */
static enum sw_status submit(sw_sim *sim, const struct row *row, struct sw_error *err)
{
	uint32_t length = (uint32_t)row->length, before = DECODES / 2;
	struct sw_sim_request request = {.prompt_tokens = length, .output_tokens = 1};
	enum sw_status st = SW_OK;

	/* The middle one of the steps that are averaged has the row's context. */
	if (row->decode) {
		request.prompt_tokens = length > before ? length - before : 1;
		request.output_tokens = DECODES + 1;
	}
	for (double i = 0; i < row->batch && st == SW_OK; i++) {
		request.id++;
		st = sw_sim_submit(sim, 0, &request, err);
	}
	return st;
}

/* Time of the row's step as the tokens tell it. */
static enum sw_status run(const struct sw_mix *mix, const struct row *row, uint64_t seed,
			  double *ms, struct sw_error *err)
{
	struct ear ear = {{.n = 1}, {.n = DECODES + 1}};
	struct sw_sim_settings settings = {
		.seed = seed, .external = true, .listener = {.context = &ear, .token = token}};
	sw_sim *sim;
	enum sw_status st = sw_sim_new(mix, &settings, &sim, err);
	double begin_s;

	if (st != SW_OK)
		return st;
	st = submit(sim, row, err);
	begin_s = sw_sim_next_s(sim); /* they reach the scheduler, which has nothing else to do */
	while (st == SW_OK && isfinite(sw_sim_next_s(sim)))
		st = sw_sim_advance(sim, sw_sim_next_s(sim), err);
	*ms = row->decode ? (ear.second.at_s - ear.first.at_s) * 1e3 / DECODES
			  : (ear.first.at_s - begin_s) * 1e3;
	if (st == SW_OK && ear.first.heard != row->batch)
		st = SW_INFEASIBLE; /* the cache did not hold them together */
	sw_sim_free(sim);
	return st;
}

static enum sw_status step_of(const struct made_mix *mix, struct row *row, struct sw_error *err)
{
	double tokens = row->batch * row->length;
	struct sw_step_work decode = {.n_decode = row->batch, .decode_kv_tokens = tokens};
	struct sw_step_work prefill = {.n_prefill = row->batch, .prefill_tokens = tokens};
	const struct sw_tenant *t = &mix->tenants[0];
	struct sw_step_time time = {0};
	sw_calibration *calibration;
	enum sw_status st = sw_calibration_open(&mix->mix.gpu, NULL, &calibration, err);

	if (st != SW_OK)
		return st;
	st = sw_step_time(calibration, &t->model, &t->engine, &t->slice,
			  row->decode ? &decode : &prefill, &time, err);
	row->step = time.total_ms;
	sw_calibration_free(calibration);
	return st;
}

static enum sw_status simulate(const sw_catalog *catalog, struct row *row, struct sw_error *err)
{
	struct made_mix mix;
	enum sw_status st = make(catalog, row, &mix, err);

	/* More than the cache holds would come back one after the other. */
	if (st == SW_OK && row->batch * (row->length + DECODES) > mix.kv_tokens[0])
		st = SW_INFEASIBLE;
	if (st == SW_OK)
		st = step_of(&mix, row, err);
	row->simulated = 0;
	for (uint64_t seed = 1; seed <= SEEDS && st == SW_OK; seed++) {
		double ms = 0;

		st = run(&mix.mix, row, seed, &ms, err);
		row->simulated += ms / SEEDS;
	}
	return st;
}

static double number(const struct sw_csv *table, size_t row, size_t column)
{
	double x = NAN;

	return sw_csv_number(table, row, column, NULL, &x, NULL) == SW_OK ? x : NAN;
}

/* Every row that the simulator can run; how many others there are in *left_out. */
static size_t read(const sw_catalog *catalog, const struct sw_csv *table, struct row *rows,
		   size_t *left_out)
{
	size_t at[COLUMNS], n = 0;

	*left_out = 0;
	for (int i = 0; i < COLUMNS; i++)
		if (!sw_csv_find(table, columns[i], &at[i]))
			return 0;
	for (size_t i = 0; i < table->n_rows && n < ROWS_MAX; i++) {
		struct row *r = &rows[n];

		*r = (struct row){
			.model = sw_csv_cell(table, i, at[MODEL]),
			.share = number(table, i, at[SHARE]),
			.batch = number(table, i, at[BATCH]),
			.length = number(table, i, at[LENGTH]),
			.measured = number(table, i, at[LATENCY]),
			.decode = strcmp(sw_csv_cell(table, i, at[PHASE]), "decode") == 0,
		};
		if (simulate(catalog, r, NULL) == SW_OK)
			n++;
		else
			(*left_out)++;
	}
	return n;
}

static void judge_group(const struct row *rows, size_t n, bool decode, double share,
			struct figures *figures)
{
	double simulated[ROWS_MAX], measured[ROWS_MAX], step[ROWS_MAX];
	struct sw__error_summary of_measured, of_step, step_itself;
	char name[64];
	size_t k = 0;

	for (size_t i = 0; i < n; i++) {
		if (rows[i].decode != decode || rows[i].share != share)
			continue;
		simulated[k] = rows[i].simulated;
		measured[k] = rows[i].measured;
		step[k++] = rows[i].step;
	}
	if (k == 0 || sw__summarise_errors(simulated, measured, k, &of_measured, NULL) != SW_OK ||
	    sw__summarise_errors(simulated, step, k, &of_step, NULL) != SW_OK ||
	    sw__summarise_errors(step, measured, k, &step_itself, NULL) != SW_OK)
		return;
	(void)snprintf(name, sizeof(name), "%s share %.1f, %zu rows", decode ? "decode" : "prefill",
		       share, k);
	figures_at_most(figures, name, "mape_pct", 100 * of_measured.mape, 5);
	figures_at_most(figures, name, "bias_pct", 100 * of_measured.bias, NAN);
	figures_at_most(figures, name, "mape_of_step_pct", 100 * step_itself.mape, NAN);
	figures_at_most(figures, name, "from_step_pct", 100 * of_step.mape, 2);
}

void section_steps(const sw_catalog *catalog, struct figures *figures)
{
	static const double shares[] = {0.3, 0.5, 1};
	static struct row rows[ROWS_MAX];
	struct sw_csv *table;
	size_t n, left_out;

	figures_section(figures, "steps",
			"Steps of Llama-7B and 13B on an A100-80GB under MPS caps (vLLM 0.2, "
			"eager), asked of "
			"the simulated GPU token by token.\n"
			"mape, bias: against the rows; mape_of_step: of `step` itself, whose "
			"calibration was "
			"fitted on the 7B rows; from_step: what\n"
			"segments, scheduler, events and jitter add to it. Beyond `step` this says "
			"that they "
			"add nothing, no more.");
	if (sw_csv_load(SW_MEASURED_DIR "/steps/llama-a100-mps.csv", &table, NULL) != SW_OK) {
		section_skipped(figures);
		return;
	}
	n = read(catalog, table, rows, &left_out);
	for (int decode = 0; decode < 2; decode++)
		for (size_t i = 0; i < sizeof(shares) / sizeof(shares[0]); i++)
			judge_group(rows, n, decode, shares[i], figures);
	figures_say(figures, "  %zu rows are larger than the engine's memory by our reckoning",
		    left_out);
	sw_csv_free(table);
}
