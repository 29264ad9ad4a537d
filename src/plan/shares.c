// SPDX-License-Identifier: Apache-2.0
/* One GPU of a plan file, made ready for share_solver.c. */
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "plan/share_solver.h"

struct sw_shares {
	struct sw_fleet_entry entry;
	struct sw_problem problem;
	struct sw__oracle oracle;
	struct sw__shares_gpu gpu;
};

static void fill(const struct sw_planned_gpu *from, const sw_fit *fit, sw_shares *s)
{
	const struct sw_mix *mix = from->mix;

	s->entry = (struct sw_fleet_entry){.gpu = mix->gpu,
					   .mechanism = mix->mechanism,
					   .count = 1,
					   .price_per_hour = from->price_per_hour,
					   .gpus_per_node = NAN,
					   .cores_per_node = NAN,
					   .max_tenants = SW_TENANTS_MAX};
	s->problem.n_fleet = 1;
	s->problem.fleet = &s->entry;
	s->problem.fit = fit;
	s->problem.n_workloads = mix->n;
	for (size_t k = 0; k < mix->n; k++) {
		struct sw_workload *w = &s->problem.workloads[k];
		const struct sw_tenant *tenant = &mix->tenants[k];

		(void)memcpy(w->name, tenant->name, sizeof(w->name));
		w->model = tenant->model;
		w->engine = tenant->engine;
		w->load = tenant->load;
		w->slo = tenant->slo;
		s->gpu.engine[k].tenant = *tenant;
	}
	s->gpu.oracle = &s->oracle;
	s->gpu.entry = &s->entry;
	s->gpu.n = mix->n;
}

enum sw_status sw_shares_open(const struct sw_planned_gpu *gpu, const sw_fit *fit, sw_shares **out,
			      struct sw_error *err)
{
	sw_shares *s = calloc(1, sizeof(*s));
	enum sw_status st;

	*out = NULL;
	if (s)
		s->problem.workloads = calloc(gpu->mix->n + 1, sizeof(*s->problem.workloads));
	if (!s || !s->problem.workloads) {
		free(s);
		return sw_fail(err, SW_NO_MEMORY, "%s: out of memory", gpu->id);
	}
	fill(gpu, fit, s);
	st = sw__oracle_open(&s->problem, &s->oracle, err);
	if (st != SW_OK) {
		free(s->problem.workloads);
		free(s);
		return st;
	}
	for (size_t k = 0; gpu->played_over_closed && k < gpu->mix->n; k++)
		if (sw_known(gpu->played_over_closed[k][SW_TTFT][SW_MEAN]))
			sw__correction_put(
				s->oracle.correction(s->oracle.context, k, 0,
						     gpu->mix->tenants[k].engine.cuda_graphs),
				gpu->mix->tenants[k].slice.share, gpu->played_over_closed[k]);
	sw__shares_start(&s->gpu);
	*out = s;
	return SW_OK;
}

void sw_shares_free(sw_shares *s)
{
	if (!s)
		return;
	sw__shares_stop(&s->gpu);
	sw__oracle_close(&s->oracle);
	free(s->problem.workloads);
	free(s);
}

enum sw_status sw_shares_solve(sw_shares *s, const double *load, double *share,
			       struct sw_prediction *predicted, struct sw_error *err)
{
	return sw__shares_solve(&s->gpu, load, share, predicted, err);
}
