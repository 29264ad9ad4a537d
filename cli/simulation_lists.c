// SPDX-License-Identifier: Apache-2.0
/* A simulation as JSON and as CSV. */
#include <stdlib.h>

#include "document_out.h"
#include "mix_views.h"
#include "options.h"
#include "simulation.h"

static json_t *tenant_json(const struct sw_tenant *tenant, const struct sw_prediction *p,
			   const struct sw_simulated_tenant *t)
{
	json_t *object = mix_tenant_json(tenant, p);

	json_object_set_new(object, "late_fraction", json_number(t->late_fraction));
	json_object_set_new(object, "excess_late", json_number(t->excess_late));
	json_object_set_new(object, "running", json_number(t->running));
	json_object_set_new(object, "busy", json_number(t->busy));
	json_object_set_new(object, "gpu_busy", json_number(t->gpu_busy));
	json_object_set_new(object, "kv_used", json_number(t->kv_used));
	json_object_set_new(object, "preemptions_per_request",
			    json_number(t->preemptions_per_request));
	json_object_set_new(object, "requests", json_integer((json_int_t)t->requests));
	json_object_set_new(object, "warm_up_s", json_number(t->warm_up_s));
	mix_tenant_json_end(object, tenant, p);
	return object;
}

static json_t *settings_json(const struct simulation *simulation, const struct simulated_gpu *gpu)
{
	const struct sw_simulate_settings *s = &simulation->settings;
	const struct sw_simulated *r = gpu->simulated;
	json_t *object = json_object();

	json_object_set_new(object, "seed", json_integer((json_int_t)gpu->seed));
	json_object_set_new(object, "world", json_integer((json_int_t)s->world));
	json_object_set_new(object, "host_cores",
			    s->host_cores > 0 ? json_number(s->host_cores) : json_null());
	json_object_set_new(object, "repetitions", json_integer(r->repetitions));
	json_object_set_new(object, "duration_s", json_number(r->duration_s));
	json_object_set_new(object, "precision", json_number(s->precision));
	json_object_set_new(object, "precise", json_boolean(r->precise));
	json_object_set_new(object, "events", json_integer((json_int_t)r->events));
	return object;
}

static json_t *use_json(const struct sw_simulated *r)
{
	json_t *object = json_object();

	json_object_set_new(object, "busy", json_number(r->busy));
	json_object_set_new(object, "sms", json_number(r->sms));
	json_object_set_new(object, "dram", json_number(r->dram));
	json_object_set_new(object, "power_w", json_number(r->power_w));
	json_object_set_new(object, "clock", json_number(r->clock));
	return object;
}

static void put_gpu(json_t *object, const struct simulation *simulation,
		    const struct simulated_gpu *gpu)
{
	const struct sw_mix *mix = gpu->gpu->mix;
	json_t *tenants = json_array();

	for (size_t i = 0; i < mix->n; i++)
		json_array_append_new(tenants, tenant_json(&mix->tenants[i], &gpu->predictions[i],
							   &gpu->simulated->tenants[i]));
	mix_json(object, mix, tenants);
	json_object_set_new(object, "simulation", settings_json(simulation, gpu));
	json_object_set_new(object, "use", use_json(gpu->simulated));
}

static json_t *workload_json(const struct simulation *simulation, size_t w)
{
	const struct sw_planned_workload *workload = &simulation->plan->workloads[w];
	struct workload_figures f = simulation_workload(simulation, w);
	json_t *object = json_object();

	json_object_set_new(object, "name", json_string(workload->name));
	json_object_set_new(object, "replicas", json_integer(workload->replicas));
	json_object_set_new(object, "late_fraction", json_number(f.late_fraction));
	json_object_set_new(object, "excess_late", json_number(f.excess_late));
	json_object_set_new(object, "requests_per_s", json_number(f.requests_per_s));
	json_object_set_new(object, "output_tokens_per_s", json_number(f.output_tokens_per_s));
	json_object_set_new(object, "overload", json_boolean(f.overload));
	return object;
}

static void put_plan(json_t *document, const struct simulation *simulation)
{
	json_t *gpus = json_array(), *workloads = json_array();

	for (size_t i = 0; i < simulation->n; i++) {
		json_t *object = json_object();

		json_object_set_new(object, "id", json_string(simulation->gpus[i].gpu->id));
		put_gpu(object, simulation, &simulation->gpus[i]);
		json_array_append_new(gpus, object);
	}
	for (size_t w = 0; w < simulation->plan->n_workloads; w++)
		json_array_append_new(workloads, workload_json(simulation, w));
	json_object_set_new(document, "gpus", gpus);
	json_object_set_new(document, "workloads", workloads);
}

void simulation_json(const struct simulation *simulation, FILE *out)
{
	json_t *document = json_object();

	if (simulation->plan->is_plan)
		put_plan(document, simulation);
	else
		put_gpu(document, simulation, &simulation->gpus[0]);
	json_print(document, out);
}

/* The first column is for plans alone. */
static const struct column csv_columns[] = {
	{NULL, "id", TEXT_COLUMN},
	MIX_COLUMNS,
	{NULL, "late_fraction", 0},
	{NULL, "excess_late", 0},
	{NULL, "running", 0},
	{NULL, "busy", 0},
	{NULL, "kv_used", 0},
	{NULL, "preemptions_per_request", 0},
	{NULL, "requests", 0},
	{NULL, "binds", TEXT_COLUMN},
	{NULL, "defaults", TEXT_COLUMN},
};

static void add_row(struct sheet *sheet, const struct simulated_gpu *gpu, size_t i, bool is_plan)
{
	const struct sw_simulated_tenant *t = &gpu->simulated->tenants[i];

	if (is_plan)
		sheet_text(sheet, gpu->gpu->id);
	mix_cells(gpu->gpu->mix, i, &gpu->predictions[i], sheet);
	sheet_number(sheet, t->late_fraction);
	sheet_number(sheet, t->excess_late);
	sheet_number(sheet, t->running);
	sheet_number(sheet, t->busy);
	sheet_number(sheet, t->kv_used);
	sheet_number(sheet, t->preemptions_per_request);
	sheet_number(sheet, (double)t->requests);
	sheet_text(sheet, sw_binds_id(t->binds));
	mix_defaults_cell(&gpu->gpu->mix->tenants[i], sheet);
}

void simulation_csv(const struct simulation *simulation, FILE *out)
{
	bool is_plan = simulation->plan->is_plan;
	struct sheet *sheet = sheet_new(csv_columns + !is_plan, COUNT(csv_columns) - !is_plan);

	for (size_t i = 0; i < simulation->n; i++)
		for (size_t k = 0; k < simulation->gpus[i].simulated->n; k++)
			add_row(sheet, &simulation->gpus[i], k, is_plan);
	sheet_csv(sheet, out);
	sheet_free(sheet);
}
