// SPDX-License-Identifier: Apache-2.0
#include "plan/replan_plays.h"

#include <math.h>
#include <string.h>

#include "slicewise/fit.h"

static struct sw__correction *correction_of(const struct sw_problem *problem,
					    const struct sw__oracle *oracle, const char *workload,
					    const struct sw_mix *mix, size_t tenant)
{
	size_t w = 0, f = 0;

	while (w < problem->n_workloads && strcmp(problem->workloads[w].name, workload) != 0)
		w++;
	while (f < problem->n_fleet && (strcmp(problem->fleet[f].gpu.id, mix->gpu.id) != 0 ||
					problem->fleet[f].mechanism != mix->mechanism))
		f++;
	if (!oracle->correction || w == problem->n_workloads || f == problem->n_fleet)
		return NULL;
	return oracle->correction(oracle->context, w, f, mix->tenants[tenant].engine.cuda_graphs);
}

static bool is_known(double factor[][SW_STATISTIC_COUNT])
{
	for (int i = 0; i < SW_METRIC_COUNT * SW_STATISTIC_COUNT; i++)
		if (sw_known(factor[i / SW_STATISTIC_COUNT][i % SW_STATISTIC_COUNT]))
			return true;
	return false;
}

static bool is_of_this_fit(const struct sw_problem *problem, const struct sw_plan_mixes *running)
{
	struct sw_fit_id now = {.hash = ""};

	if (problem->fit)
		sw_fit_identify(problem->fit, &now);
	return strcmp(now.hash, running->fit.hash) == 0;
}

void sw__remember_plays(const struct sw_problem *problem, const struct sw__oracle *oracle,
			const struct sw_plan_mixes *running)
{
	for (size_t i = 0; is_of_this_fit(problem, running) && i < running->n_gpus; i++) {
		const struct sw_planned_gpu *gpu = &running->gpus[i];

		for (size_t k = 0; gpu->played_over_closed && k < gpu->mix->n; k++) {
			const char *name = running->workloads[gpu->workload[k]].name;
			struct sw__correction *c =
				correction_of(problem, oracle, name, gpu->mix, k);

			if (c && is_known(gpu->played_over_closed[k]))
				sw__correction_put(c, gpu->mix->tenants[k].slice.share,
						   gpu->played_over_closed[k]);
		}
	}
}

static void pass_on(const struct sw__correction *c, struct sw_placement *p)
{
	for (int m = 0; m < SW_METRIC_COUNT; m++)
		for (int s = 0; s < SW_STATISTIC_COUNT; s++)
			p->played_over_closed[m][s] = sw__correction_at(
				c, p->share, (enum sw_metric)m, (enum sw_statistic)s);
}

void sw__pass_on_plays(const struct sw__oracle *oracle, struct sw_plan *plan)
{
	for (size_t i = 0; oracle->correction && i < plan->n_gpus; i++)
		for (size_t k = 0; k < plan->gpus[i].n; k++) {
			struct sw_placement *p = &plan->gpus[i].tenants[k];
			const struct sw__correction *c;

			if (p->row)
				continue;
			c = oracle->correction(oracle->context, p->workload, plan->gpus[i].fleet,
					       p->engine.cuda_graphs);

			if (c && c->n > 0)
				pass_on(c, p);
		}
}
