// SPDX-License-Identifier: Apache-2.0
#include "plan/table_split_part.h"

#include <stdlib.h>

#include "base/error.h"

/* The whole's oracle, asked about workloads by their number in the part. */
static enum sw_status settle(void *context, size_t workload, size_t fleet, struct sw_tenant *tenant,
			     struct sw_error *err)
{
	const struct sw__model_part *part = context;

	return part->oracle->settle(part->oracle->context, part->workload[workload], fleet, tenant,
				    err);
}

static enum sw_status check_memory(void *context, size_t fleet, const struct sw_tenant *tenant,
				   struct sw_error *err)
{
	const struct sw__model_part *part = context;

	return part->oracle->check_memory(part->oracle->context, fleet, tenant, err);
}

static enum sw_status prepare(void *context, size_t workload, size_t fleet,
			      const struct sw_tenant *tenant, sw_prepared **out,
			      struct sw_error *err)
{
	const struct sw__model_part *part = context;

	return part->oracle->prepare(part->oracle->context, part->workload[workload], fleet, tenant,
				     out, err);
}

/* GPUs are played by what is on them, whatever its number. */
static enum sw_status play(void *context, const struct sw__play_job *job, struct sw_prediction *out,
			   struct sw_error *err)
{
	const struct sw__model_part *part = context;

	return part->oracle->play(part->oracle->context, job, out, err);
}

static enum sw_status play_ahead(void *context, const struct sw__play_job *jobs, size_t n,
				 struct sw_error *err)
{
	const struct sw__model_part *part = context;

	return part->oracle->play_ahead(part->oracle->context, jobs, n, err);
}

static struct sw__correction *correction(void *context, size_t workload, size_t fleet,
					 bool cuda_graphs)
{
	const struct sw__model_part *part = context;

	return part->oracle->correction(part->oracle->context, part->workload[workload], fleet,
					cuda_graphs);
}

static enum sw_status copy_models(const struct sw_problem *whole, struct sw__model_part *part,
				  struct sw_error *err)
{
	size_t n = whole->n_workloads;

	part->problem.n_workloads = 0;
	part->problem.workloads = calloc(n + 1, sizeof(*part->problem.workloads));
	part->workload = calloc(n + 1, sizeof(*part->workload));
	if (!part->problem.workloads || !part->workload)
		return sw_fail(err, SW_NO_MEMORY, "%zu workloads", n);
	for (size_t w = 0; w < n; w++)
		if (!whole->workloads[w].table) {
			part->workload[part->problem.n_workloads] = w;
			part->problem.workloads[part->problem.n_workloads++] = whole->workloads[w];
		}
	return SW_OK;
}

enum sw_status sw__model_part_open(const struct sw_problem *whole, const struct sw__oracle *oracle,
				   struct sw__model_part *out, struct sw_error *err)
{
	*out = (struct sw__model_part){
		.whole = whole, .problem = *whole, .oracle = oracle, .asked = *oracle};
	out->asked.context = out;
	out->asked.settle = settle;
	out->asked.check_memory = check_memory;
	out->asked.prepare = prepare;
	out->asked.play = oracle->play ? play : NULL;
	out->asked.play_ahead = oracle->play_ahead ? play_ahead : NULL;
	out->asked.correction = oracle->correction ? correction : NULL;
	return copy_models(whole, out, err);
}

void sw__model_part_close(struct sw__model_part *part)
{
	free(part->problem.workloads);
	free(part->workload);
	*part = (struct sw__model_part){0};
}

enum sw_status sw__model_part_nothing(struct sw_plan **out, struct sw_error *err)
{
	*out = calloc(1, sizeof(**out));
	return *out ? SW_OK : sw_fail(err, SW_NO_MEMORY, "out of memory");
}

enum sw_status sw__model_part_widen(const struct sw__model_part *part, struct sw_plan *plan,
				    struct sw_error *err)
{
	size_t n = part->whole->n_workloads;
	struct sw_plan_workload *all = calloc(n + 1, sizeof(*all));

	if (!all)
		return sw_fail(err, SW_NO_MEMORY, "%zu workloads", n);
	for (size_t w = 0; w < plan->n_workloads; w++)
		all[part->workload[w]] = plan->workloads[w];
	free(plan->workloads);
	plan->workloads = all;
	plan->n_workloads = n;
	for (size_t g = 0; g < plan->n_gpus; g++)
		for (size_t k = 0; k < plan->gpus[g].n; k++)
			plan->gpus[g].tenants[k].workload =
				part->workload[plan->gpus[g].tenants[k].workload];
	for (size_t i = 0; i < plan->n_relaxations; i++)
		if (plan->relaxations[i].workload != SW_NONE)
			plan->relaxations[i].workload =
				part->workload[plan->relaxations[i].workload];
	/* They speak of GPUs that tables will change. */
	plan->n_reasons = 0;
	return SW_OK;
}
