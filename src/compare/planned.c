// SPDX-License-Identifier: Apache-2.0
#include "compare/planned.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "sharing/mechanism.h"

/* Parts of a load add up to it but for rounding. */
static const double ROUNDING = 1e-6;

static void set_part(const struct sw_load *whole, double part, struct sw_load *out)
{
	double kept, cv = whole->burstiness;

	*out = *whole;
	if (!sw_known(whole->rate)) {
		out->concurrency = part;
		return;
	}
	kept = fmin(1, part / whole->rate);
	out->rate = part;
	/* A router that sends each request anywhere thins bursts: as the planner has it, src/plan/README.md. */
	out->burstiness = sqrt(fmax(0, 1 + kept * (cv * cv - 1)));
}

static void set_tenant(const struct sw_problem *problem, const struct sw_placement *p,
		       enum sw_mechanism mechanism, struct sw_tenant *out)
{
	const struct sw_workload *w = &problem->workloads[p->workload];

	(void)snprintf(out->name, sizeof(out->name), "%.*s/%u", (int)sizeof(out->name) - 12,
		       w->name, p->replica);
	out->model = w->model;
	out->engine = p->engine;
	out->max_in_flight = p->max_in_flight;
	out->slice = (struct sw_slice){mechanism, p->share, p->memory_gib};
	out->slo = w->slo;
	set_part(&w->load, p->rate_or_concurrency, &out->load);
}

enum sw_status sw__planned_gpu(const struct sw_problem *problem, const struct sw_plan *plan,
			       size_t gpu, struct sw__planned_gpu *out, struct sw_error *err)
{
	const struct sw_plan_gpu *from = &plan->gpus[gpu];
	const struct sw_fleet_entry *entry = &problem->fleet[from->fleet];

	*out = (struct sw__planned_gpu){.mix = {.gpu = entry->gpu, .mechanism = entry->mechanism}};
	out->mix.tenants = calloc(from->n, sizeof(*out->mix.tenants));
	out->workload = calloc(from->n, sizeof(*out->workload));
	if (!out->mix.tenants || !out->workload) {
		sw__planned_free(out);
		return sw_fail(err, SW_NO_MEMORY, "%zu engines", from->n);
	}
	for (size_t i = 0; i < from->n; i++) {
		if (from->tenants[i].row)
			continue;
		set_tenant(problem, &from->tenants[i], entry->mechanism,
			   &out->mix.tenants[out->mix.n]);
		out->workload[out->mix.n++] = from->tenants[i].workload;
	}
	return SW_OK;
}

void sw__planned_free(struct sw__planned_gpu *gpu)
{
	free(gpu->mix.tenants);
	free(gpu->workload);
	*gpu = (struct sw__planned_gpu){0};
}

/* The limiter does not see graphs, the driver knows no shares: then the whole GPU is taken by whoever is on it. */
static bool binds(const struct sw__mechanism *mechanism, const struct sw_engine *engine)
{
	return mechanism->share_has_effect && !(mechanism->share_is_duty && engine->cuda_graphs);
}

static double share_of(const struct sw_problem *problem, const struct sw_plan_gpu *gpu)
{
	const struct sw__mechanism *mechanism = sw__mechanism(problem->fleet[gpu->fleet].mechanism);
	double sum = 0;

	for (size_t i = 0; i < gpu->n; i++) {
		if (!binds(mechanism, &gpu->tenants[i].engine))
			return 1;
		sum += gpu->tenants[i].share;
	}
	return fmin(1, sum);
}

static double nodes_of(const struct sw_problem *problem, const struct sw_plan *plan)
{
	double nodes = 0;

	for (size_t f = 0; f < problem->n_fleet; f++) {
		double gpus = 0;

		for (size_t i = 0; i < plan->n_gpus; i++)
			gpus += plan->gpus[i].fleet == f;
		if (gpus > 0)
			nodes += ceil(gpus / problem->fleet[f].gpus_per_node);
	}
	return nodes;
}

void sw__plan_usage(const struct sw_problem *problem, const struct sw_plan *plan,
		    struct sw__usage *out)
{
	*out = (struct sw__usage){.gpus = (double)plan->n_gpus, .nodes = nodes_of(problem, plan)};
	for (size_t i = 0; i < plan->n_gpus; i++) {
		out->share += share_of(problem, &plan->gpus[i]);
		out->cost_per_hour += problem->fleet[plan->gpus[i].fleet].price_per_hour;
	}
}

static double served(const struct sw_plan *plan, size_t workload)
{
	double sum = 0;

	for (size_t i = 0; i < plan->n_gpus; i++)
		for (size_t k = 0; k < plan->gpus[i].n; k++)
			if (plan->gpus[i].tenants[k].workload == workload)
				sum += plan->gpus[i].tenants[k].rate_or_concurrency;
	return sum;
}

size_t sw__plan_lacking(const struct sw_problem *problem, const struct sw_plan *plan)
{
	for (size_t w = 0; w < problem->n_workloads; w++) {
		const struct sw_load *load = &problem->workloads[w].load;
		double whole = sw_known(load->rate) ? load->rate : load->concurrency;

		if (served(plan, w) < whole * (1 - ROUNDING))
			return w;
	}
	return problem->n_workloads;
}
