// SPDX-License-Identifier: Apache-2.0
/* Experiments in simulated time: a run is one repetition, and a repeat of it another seed. */
#include "profile/backend.h"
#include "profile/experiment.h"
#include "slicewise/simulate.h"

static enum sw_status open_simulator(struct sw__backend *backend, struct sw_error *err)
{
	(void)backend, (void)err;
	return SW_OK; /* every run has its own simulator */
}

/* What a monitor would have read: one mean over the run. */
static void keep_gpu(const struct sw_mix *mix, const struct sw_simulated *s, double at_s,
		     struct sw__run_series *series)
{
	const struct {
		const char *metric;
		double value;
	} gpu[] = {{"busy", s->busy},
		   {"sms", s->sms},
		   {"dram", s->dram},
		   {"power_w", s->power_w},
		   {"clock", s->clock}};

	for (size_t i = 0; i < sizeof(gpu) / sizeof(gpu[0]); i++)
		sw__series_add(series, at_s, "simulator", mix->gpu.id, gpu[i].metric, gpu[i].value);
	for (size_t i = 0; i < mix->n; i++) {
		sw__series_add(series, at_s, "simulator", mix->tenants[i].name, "gpu_busy",
			       s->tenants[i].gpu_busy);
		sw__series_add(series, at_s, "simulator", mix->tenants[i].name, "busy",
			       s->tenants[i].busy);
	}
}

static enum sw_status run_simulation(struct sw__backend *backend, const struct sw_experiment *e,
				     unsigned repeat, struct sw__outcome *out, struct sw_error *err)
{
	const sw_campaign *c = backend->campaign;
	struct sw_simulate_settings settings = sw_simulate_defaults();
	struct sw_simulated *simulated;
	enum sw_status st;

	settings.seed = sw__run_seed(c, e->name, repeat);
	settings.world = c->simulator.world;
	settings.host_cores = c->simulator.host_cores;
	settings.duration_s = e->warm_up_s + e->duration_s;
	settings.repetitions = 1;
	settings.alone = false;
	st = sw_simulate(e->mix, &settings, &simulated, err);
	if (st != SW_OK)
		return st;
	out->duration_s = simulated->duration_s;
	for (size_t i = 0; i < e->mix->n; i++)
		out->measured[i] = sw_measured_of(&simulated->tenants[i]);
	keep_gpu(e->mix, simulated, settings.duration_s, &out->series);
	sw_simulated_free(simulated);
	return SW_OK;
}

const struct sw__backend_ops sw__backend_simulator = {
	.parallel = true,
	.open = open_simulator,
	.run = run_simulation,
};
