// SPDX-License-Identifier: Apache-2.0
/* A plan as rows, and as the commands that start its engines. */
#include <stdlib.h>
#include <string.h>

#include "latency.h"
#include "options.h"
#include "plan_views.h"
#include "sheet.h"

static const struct column columns[] = {
	{NULL, "id", TEXT_COLUMN},
	{NULL, "gpu", TEXT_COLUMN},
	{NULL, "mechanism", TEXT_COLUMN},
	{NULL, "price_per_hour", 0},
	{NULL, "workload", TEXT_COLUMN},
	{NULL, "replica", 0},
	{NULL, "model", TEXT_COLUMN},
	{NULL, "share", 0},
	{NULL, "memory_gib", 0},
	{NULL, "max_num_seqs", 0},
	{NULL, "max_num_batched_tokens", 0},
	LATENCY_COLUMNS("ttft"),
	LATENCY_COLUMNS("tpot"),
	{NULL, "met", 0},
	{NULL, "binds", TEXT_COLUMN},
	{NULL, "max_in_flight", 0},
};

static void add_row(struct sheet *sheet, const struct sw_problem *problem,
		    const struct sw_plan *plan, const struct sw_plan_gpu *gpu,
		    const struct sw_placement *p)
{
	const struct sw_fleet_entry *fleet = &problem->fleet[gpu->fleet];
	const struct sw_workload *workload = &problem->workloads[p->workload];

	sheet_text(sheet, gpu->id);
	sheet_text(sheet, fleet->gpu.id);
	sheet_text(sheet, sw_mechanism_name(fleet->mechanism));
	sheet_number(sheet, fleet->price_per_hour);
	sheet_text(sheet, workload->name);
	sheet_number(sheet, p->replica);
	sheet_text(sheet, workload->model.id);
	sheet_number(sheet, p->share);
	sheet_number(sheet, p->memory_gib);
	sheet_number(sheet, p->row ? p->row->batch : p->engine.max_num_seqs);
	sheet_number(sheet, p->row ? (double)NAN : p->engine.max_num_batched_tokens);
	latency_cells(&p->predicted.latency[SW_TTFT], sheet);
	latency_cells(&p->predicted.latency[SW_TPOT], sheet);
	sheet_bool(sheet, plan->workloads[p->workload].met);
	sheet_text(sheet, p->binds);
	sheet_number(sheet, p->max_in_flight ? p->max_in_flight : (double)NAN);
}

void plan_csv(const struct sw_problem *problem, const struct sw_plan *plan, FILE *out)
{
	struct sheet *sheet = sheet_new(columns, COUNT(columns));

	for (size_t g = 0; g < plan->n_gpus; g++) {
		for (size_t t = 0; t < plan->gpus[g].n; t++)
			add_row(sheet, problem, plan, &plan->gpus[g], &plan->gpus[g].tenants[t]);
	}
	sheet_csv(sheet, out);
	sheet_free(sheet);
}

static enum sw_status print_command(const struct sw_problem *problem, const struct sw_plan *plan,
				    size_t g, size_t t, const struct style *style, FILE *out,
				    struct sw_error *err)
{
	const struct sw_plan_gpu *gpu = &plan->gpus[g];
	enum sw_status st;
	char *line, *label;

	st = sw_plan_command_line(problem, plan, g, t, &line, err);
	if (st != SW_OK)
		return st;
	label = engine_label(problem, plan, &gpu->tenants[t]);
	(void)fprintf(out, "\n%s# %s on %s%s\n%s", style_on(style, TONE_DIM), label, gpu->id,
		      style_off(style, TONE_DIM), line);
	if (!*line || line[strlen(line) - 1] != '\n')
		(void)fputc('\n', out);
	free(label);
	free(line);
	return SW_OK;
}

enum sw_status plan_commands(const struct sw_problem *problem, const struct sw_plan *plan,
			     const struct style *style, FILE *out, struct sw_error *err)
{
	enum sw_status st = SW_OK;

	for (size_t g = 0; g < plan->n_gpus; g++) {
		for (size_t t = 0; st == SW_OK && t < plan->gpus[g].n; t++)
			st = print_command(problem, plan, g, t, style, out, err);
	}
	return st;
}
