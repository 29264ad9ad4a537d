// SPDX-License-Identifier: Apache-2.0
#include "simulation.h"

#include <stdlib.h>
#include <string.h>

#include "must.h"

/* What prints predictions prints this, too. */
static struct sw_prediction as_prediction(const struct sw_simulated_tenant *t)
{
	struct sw_prediction p = {
		.requests_per_s = t->requests_per_s,
		.output_tokens_per_s = t->output_tokens_per_s,
		.slowdown = t->slowdown,
		.max_rate_per_s = NAN,
		.running = t->running,
		.busy = t->busy,
		.gpu_busy = t->gpu_busy,
		.kv_cache_tokens = t->kv_cache_tokens,
		.binds = t->binds,
		.extrapolated = t->extrapolated,
	};

	(void)memcpy(p.latency, t->latency, sizeof(p.latency));
	return p;
}

void simulation_add(struct simulation *simulation, const struct sw_planned_gpu *gpu, uint64_t seed,
		    struct sw_simulated *simulated)
{
	struct simulated_gpu *to = &simulation->gpus[simulation->n++];

	*to = (struct simulated_gpu){
		.gpu = gpu,
		.seed = seed,
		.simulated = simulated,
		.predictions = must_alloc(simulated->n, sizeof(*to->predictions)),
	};
	for (size_t i = 0; i < simulated->n; i++)
		to->predictions[i] = as_prediction(&simulated->tenants[i]);
}

void simulation_free(struct simulation *simulation)
{
	for (size_t i = 0; i < simulation->n; i++) {
		sw_simulated_free(simulation->gpus[i].simulated);
		free(simulation->gpus[i].predictions);
	}
	free(simulation->gpus);
}

/* What is offered to an engine: in a closed loop as much as it serves. */
static double offered(const struct sw_load *load, const struct sw_simulated_tenant *t)
{
	return sw_known(load->rate) ? load->rate : t->requests_per_s;
}

struct workload_figures simulation_workload(const struct simulation *simulation, size_t workload)
{
	struct workload_figures f = {0};
	double weight = 0, late = 0, excess = 0;

	for (size_t i = 0; i < simulation->n; i++) {
		const struct simulated_gpu *gpu = &simulation->gpus[i];

		for (size_t k = 0; k < gpu->simulated->n; k++) {
			const struct sw_simulated_tenant *t = &gpu->simulated->tenants[k];
			double part = offered(&gpu->gpu->mix->tenants[k].load, t);

			if (gpu->gpu->workload[k] != workload)
				continue;
			f.requests_per_s += t->requests_per_s;
			f.output_tokens_per_s += t->output_tokens_per_s;
			f.overload = f.overload || t->binds == SW_BINDS_OVERLOAD;
			weight += part;
			late += part * t->late_fraction;
			excess += part * t->excess_late;
		}
	}
	f.late_fraction = late / weight;
	f.excess_late = excess / weight;
	return f;
}

bool simulated_holds(const struct sw_slo *slo, const struct sw_simulated_tenant *tenant)
{
	for (int m = 0; m < SW_METRIC_COUNT; m++) {
		if (sw_known(slo->bound_ms[m][SW_MEAN]) &&
		    tenant->latency[m].at[SW_MEAN] > slo->bound_ms[m][SW_MEAN])
			return false;
	}
	return tenant->binds != SW_BINDS_OVERLOAD && !(tenant->excess_late > 0);
}
