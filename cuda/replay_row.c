// SPDX-License-Identifier: Apache-2.0
#include "replay_row.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "base/error.h"

static enum sw_status end_line(FILE *out, struct sw_error *err)
{
	if (fputc('\n', out) >= 0 && fflush(out) == 0)
		return SW_OK;
	return sw_fail(err, SW_IO, "the rows cannot be written: %s", strerror(errno));
}

enum sw_status replay_write_row_header(FILE *out, struct sw_error *err)
{
	(void)fputs(
		"experiment,repeat,gpu,mechanism,tenant,model,share,memory_gib,max_num_seqs,"
		"max_num_batched_tokens,cuda_graphs,rate,concurrency,prompt_tokens,output_tokens,"
		"ttft_mean_ms,ttft_p50_ms,ttft_p95_ms,ttft_p99_ms,"
		"tpot_mean_ms,tpot_p50_ms,tpot_p95_ms,tpot_p99_ms,output_tok_s," REPLAY_GPU_COLUMNS,
		out);
	return end_line(out, err);
}

/* Quoted where a comma or a quote stands in it. */
static void add_text(FILE *out, const char *text)
{
	if (!text[strcspn(text, ",\"\n")]) {
		(void)fputs(text, out);
		return;
	}
	(void)fputc('"', out);
	for (; *text; text++) {
		if (*text == '"')
			(void)fputc('"', out);
		(void)fputc(*text, out);
	}
	(void)fputc('"', out);
}

/* What is not known is empty. */
static void add_number(FILE *out, double x)
{
	(void)fputc(',', out);
	if (isfinite(x))
		(void)fprintf(out, "%.9g", x);
}

void replay_add_gpu(FILE *out, const struct replay_gpu *gpu)
{
	add_number(out, gpu->sm_clock_mhz);
	add_number(out, gpu->power_w);
	add_number(out, gpu->throttled_fraction);
}

enum sw_status replay_write_row(FILE *out, const struct replay_row *row, struct sw_error *err)
{
	const struct sw_tenant *t = row->tenant;
	const char *const names[] = {row->gpu, row->mechanism, t->name, t->model.id};

	add_text(out, row->experiment);
	(void)fprintf(out, ",%u", row->repeat);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		(void)fputc(',', out);
		add_text(out, names[i]);
	}
	add_number(out, row->share);
	add_number(out, t->slice.memory_gib);
	(void)fprintf(out, ",%u,%u,%s", t->engine.max_num_seqs, t->engine.max_num_batched_tokens,
		      t->engine.cuda_graphs ? "true" : "false");
	add_number(out, t->load.rate);
	add_number(out, t->load.concurrency);
	add_number(out, t->load.prompt_tokens.mean);
	add_number(out, t->load.output_tokens.mean);
	for (int i = 0; i < 4; i++)
		add_number(out, row->statistics->ttft_ms[i]);
	for (int i = 0; i < 4; i++)
		add_number(out, row->statistics->tpot_ms[i]);
	add_number(out, row->statistics->output_tok_s);
	replay_add_gpu(out, row->during);
	return end_line(out, err);
}
