// SPDX-License-Identifier: Apache-2.0
#include "parvagpu/parvagpu_recheck.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* Of an A100: sevenths of the compute, memory slices, and where an instance may begin. */
static const struct {
	unsigned slices, memory;
	const char *starts;
} placements[] = {{1, 1, "0123456"}, {2, 2, "024"}, {3, 4, "04"}, {4, 4, "0"}, {7, 8, "0"}};

enum { PLACEMENTS = sizeof(placements) / sizeof(placements[0]), MEMORY_SLICES = 8 };

static const double part_of_limit = 0.45;

static bool lies(const struct sw_placement *p, unsigned char *taken)
{
	unsigned slices = (unsigned)lround(p->share * 7);

	for (size_t i = 0; i < PLACEMENTS; i++) {
		if (placements[i].slices != slices || p->mig_start > 9 ||
		    !strchr(placements[i].starts, '0' + (int)p->mig_start))
			continue;
		for (unsigned m = p->mig_start; m < p->mig_start + placements[i].memory; m++) {
			if (m >= MEMORY_SLICES || taken[m])
				return false;
			taken[m] = 1;
		}
		return true;
	}
	return false;
}

/* The published throughput of an engine's slice, batch and processes, where that is in time. */
static double serves(const struct parvagpu_model *model, const struct sw_placement *p,
		     double limit_ms)
{
	unsigned slices = (unsigned)lround(p->row->share * 7);

	for (size_t i = 0; i < model->n; i++) {
		const struct parvagpu_row *row = &model->rows[i];

		if (row->slices == slices && slices <= (unsigned)lround(p->share * 7) &&
		    row->batch == p->row->batch && row->processes == p->row->processes &&
		    row->latency_ms < part_of_limit * limit_ms)
			return row->throughput;
	}
	return 0;
}

static int model_of(const struct parvagpu_data *data, const char *name)
{
	for (int m = 0; m < PARVAGPU_MODELS; m++)
		if (strcmp(data->model[m].name, name) == 0)
			return m;
	return -1;
}

bool parvagpu_plan_holds(const struct parvagpu_data *data, int s, const struct sw_problem *problem,
			 const struct sw_plan *plan)
{
	double served[PARVAGPU_MODELS] = {0};

	for (size_t g = 0; g < plan->n_gpus; g++) {
		unsigned char taken[MEMORY_SLICES] = {0};

		for (size_t k = 0; k < plan->gpus[g].n; k++) {
			const struct sw_placement *p = &plan->gpus[g].tenants[k];
			int m = model_of(data, problem->workloads[p->workload].name);
			double rate = m < 0 ? 0 : serves(&data->model[m], p, data->limit_ms[s][m]);

			if (!lies(p, taken) || p->rate_or_concurrency > rate * (1 + 1e-6)) {
				(void)fprintf(stderr, "%s, engine %zu: %g of %g requests/s\n",
					      plan->gpus[g].id, k, p->rate_or_concurrency, rate);
				return false;
			}
			served[m] += p->rate_or_concurrency;
		}
	}
	for (int m = 0; m < PARVAGPU_MODELS; m++)
		if (!isnan(data->limit_ms[s][m]) && served[m] < data->rate[s][m] * (1 - 1e-6)) {
			(void)fprintf(stderr, "%s: %g of %g requests/s\n", data->model[m].name,
				      served[m], data->rate[s][m]);
			return false;
		}
	return true;
}
