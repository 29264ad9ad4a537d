// SPDX-License-Identifier: Apache-2.0
/* Requests and moments of a simulation as files. Written line by line: there may be very many. */
#include "document_out.h"
#include "output.h"
#include "sheet.h"
#include "simulation.h"

/* A number behind a comma; empty where there is none. */
static void put_number(double x, FILE *out)
{
	if (sw_known(x))
		(void)fprintf(out, ",%.*g", NUMBER_DIGITS, x);
	else
		(void)fputc(',', out);
}

static void put_request(const struct sw_mix *mix, const struct sw_simulated_request *q, FILE *out)
{
	csv_field(mix->tenants[q->tenant].name, out);
	put_number(q->arrival_s, out);
	(void)fprintf(out, ",%u,%u", (unsigned)q->prompt_tokens, (unsigned)q->output_tokens);
	put_number(q->ttft_ms, out);
	put_number(q->tpot_ms, out);
	put_number(q->e2e_ms, out);
	(void)fprintf(out, q->late < 0 ? ",\n" : ",%d\n", q->late);
}

enum sw_status simulation_save_requests(const struct simulation *simulation, const char *path,
					struct sw_error *err)
{
	struct output output;

	output_open(&output);
	(void)fputs("tenant,arrival_s,prompt_tokens,output_tokens,ttft_ms,tpot_ms,e2e_ms,late\n",
		    output.stream);
	for (size_t i = 0; i < simulation->n; i++) {
		const struct simulated_gpu *gpu = &simulation->gpus[i];

		for (size_t k = 0; k < gpu->simulated->n_requests; k++)
			put_request(gpu->gpu->mix, &gpu->simulated->requests[k], output.stream);
	}
	return output_close(&output, path, err);
}

static void put_moment(const struct sw_mix *mix, const struct sw_simulated_moment *m, FILE *out)
{
	(void)fprintf(out, "%.*g,", NUMBER_DIGITS, m->time_s);
	if (m->tenant < mix->n)
		csv_field(mix->tenants[m->tenant].name, out);
	put_number(m->running, out);
	put_number(m->waiting, out);
	put_number(m->kv_used, out);
	put_number(m->memory_gib, out);
	put_number(m->output_tokens_per_s, out);
	put_number(m->busy, out);
	put_number(m->sms, out);
	put_number(m->dram, out);
	put_number(m->power_w, out);
	put_number(m->clock, out);
	(void)fputc('\n', out);
}

enum sw_status simulation_save_timeline(const struct simulation *simulation, const char *path,
					struct sw_error *err)
{
	bool is_plan = simulation->plan->is_plan;
	struct output output;

	output_open(&output);
	(void)fprintf(
		output.stream,
		"%stime_s,tenant,running,waiting,kv_used,memory_gib,output_tokens_per_s,busy,sms,"
		"dram,power_w,clock\n",
		is_plan ? "id," : "");
	for (size_t i = 0; i < simulation->n; i++) {
		const struct simulated_gpu *gpu = &simulation->gpus[i];

		for (size_t k = 0; k < gpu->simulated->n_moments; k++) {
			if (is_plan) {
				csv_field(gpu->gpu->id, output.stream);
				(void)fputc(',', output.stream);
			}
			put_moment(gpu->gpu->mix, &gpu->simulated->moments[k], output.stream);
		}
	}
	return output_close(&output, path, err);
}
