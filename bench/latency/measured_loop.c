// SPDX-License-Identifier: Apache-2.0
#include "formats/csv.h"
#include "latency/judgement.h"
#include "latency/measured_loads.h"

#include <math.h>
#include <string.h>

/* Qwen3-4B in fp16 on an A100-SXM4-40GB by its datasheet: 8.0 GB of weights at 1.25 TB/s of 1.555, 147 456 bytes of KV a
 * token at 1.35 TB/s, prefill at 190 of 312 TFLOP/s, attention of prompts at 150. Rough; the step model knows better. */
static const struct sw__step_curve qwen_a100 = {
	.n_knots = 4,
	.tokens = {1, 128, 256, 8192},
	.linear_ms = {6.4, 6.9, 11.5, 11.5 + (8192 - 256) * 0.0425},
	.decode_ms_per_seq = 0.01,
	.decode_ms_per_kv_token = 147456 / 1.35e12 * 1e3,
	.mixed = {.n = 1, .decodes = {1}, .factor = {1.3}},
	.prefill_ms_per_pair = 4.0 * 36 * 4096 / 150e12 * 1e3,
	.sample_ms_per_seq = 0.005,
	.host_ms = 1.5,
};

static double cell(const struct sw_csv *table, size_t row, size_t column)
{
	double x = NAN;

	return sw_csv_number(table, row, column, NULL, &x, NULL) == SW_OK ? x : NAN;
}

static void loop_row(const struct sw_csv *table, size_t row, FILE *out)
{
	struct scenario s = {.kind = SCENARIO_LOOP, .curve = qwen_a100, .burstiness = 1};
	struct sw__latency l;
	double clients = cell(table, row, 4), most;

	s.concurrency = (int)clients;
	s.batching = (struct sw__batching){SW__MIXED_STEPS, 32, 2048, 1.3e5, true};
	sw__lengths_constant(2048, &s.prompt, NULL);
	sw__lengths_constant(256, &s.output, NULL);
	if (strcmp(sw_csv_cell(table, row, 0), "dedicated") != 0 || s.concurrency == 2 ||
	    s.concurrency == 4)
		return; /* those two have prefix-cache hits */
	if (!judgement_predict(&s, &l, &most))
		return;
	fprintf(out,
		"  concurrency %2d: TTFT p50 %5.0f (%5.0f)  ITL p50 %5.2f (%5.2f)  output tok/s "
		"%6.0f (%6.0f)\n",
		s.concurrency, l.ttft_ms[SW_P50], cell(table, row, 6), l.tpot_ms[SW_P50],
		cell(table, row, 8), l.output_tok_s, cell(table, row, 10));
}

void measured_loop(FILE *out)
{
	struct sw_csv *table;

	fputs("\nClosed form on closed loops, Qwen3-4B, A100 40 GB, 2048 tokens in, 256 out: "
	      "predicted (measured)\n",
	      out);
	if (sw_csv_load(SW_MEASURED_DIR "/pairs/llm-a100-40gb-qwen3-4b.csv", &table, NULL) !=
	    SW_OK) {
		fputs("  skipped: the measurements are not here\n", out);
		return;
	}
	for (size_t row = 0; row < table->n_rows; row++)
		loop_row(table, row, out);
	sw_csv_free(table);
}
