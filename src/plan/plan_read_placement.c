// SPDX-License-Identifier: Apache-2.0
/* One engine of a plan file. */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "plan/plan_read.h"
#include "sharing/mechanism.h"

enum { REPLICAS_MAX = 10000 };
#define MEMORY_MAX_GIB 1e4
#define LOAD_MAX       1e6 /* requests per second or in flight */
/* Numbers of plan files end at the ninth digit. */
static const double ROUNDING = 1e-8;

#define RANGE(min_, max_, unit_) .min = min_, .max = max_, .unit = unit_, .min_open = true

/* An engine while it is read. */
struct placement {
	char workload[SW_NAME_MAX];
	char model[SW_NAME_MAX];
	unsigned replica, max_in_flight;
	double share, memory_gib, rate, concurrency;
	struct sw__planned_engine engine;
};

static const struct sw_field placement_fields[] = {
	{.key = "workload",
	 .type = SW_FIELD_NAME,
	 .offset = offsetof(struct placement, workload),
	 .capacity = SW_NAME_MAX,
	 .required = true},
	{.key = "replica",
	 .type = SW_FIELD_UINT,
	 .offset = offsetof(struct placement, replica),
	 .max = REPLICAS_MAX,
	 .required = true},
	{.key = "model",
	 .type = SW_FIELD_NAME,
	 .offset = offsetof(struct placement, model),
	 .capacity = SW_NAME_MAX,
	 .required = true},
	{.key = "share",
	 .type = SW_FIELD_NUMBER,
	 .offset = offsetof(struct placement, share),
	 RANGE(0, 1, "fraction of the GPU's compute"),
	 .required = true},
	{.key = "memory_gib",
	 .type = SW_FIELD_NUMBER,
	 .offset = offsetof(struct placement, memory_gib),
	 RANGE(0, MEMORY_MAX_GIB, "GiB"),
	 .required = true},
	{.key = "rate",
	 .type = SW_FIELD_NUMBER,
	 .offset = offsetof(struct placement, rate),
	 RANGE(0, LOAD_MAX, "requests per second")},
	{.key = "concurrency",
	 .type = SW_FIELD_NUMBER,
	 .offset = offsetof(struct placement, concurrency),
	 RANGE(0, LOAD_MAX, "requests in flight")},
	{.key = "max_in_flight",
	 .type = SW_FIELD_UINT,
	 .offset = offsetof(struct placement, max_in_flight),
	 .min = 1,
	 .max = SW__IN_FLIGHT_MAX,
	 .unit = "requests",
	 .null_is_absent = true},
	{.key = "engine",
	 .type = SW_FIELD_CALL,
	 .offset = offsetof(struct placement, engine),
	 .read = sw__read_planned_engine,
	 .required = true},
};

static enum sw_status find_workload(const struct sw__plan_reading *r, const struct sw_node *node,
				    const char *name, size_t *out, struct sw_error *err)
{
	for (*out = 0; *out < r->plan->n_workloads; ++*out) {
		if (strcmp(r->plan->workloads[*out].name, name) == 0)
			return SW_OK;
	}
	return sw_node_refuse(sw_node_get(node, "workload"), err,
			      "the name of a workload of this plan");
}

/* By the file it was read from where there is one, else by its id. */
static enum sw_status read_model(struct sw__plan_reading *r, const struct sw_node *node,
				 size_t workload, const char *id, struct sw_model *model,
				 struct sw_error *err)
{
	const struct sw_node *name = sw_node_get(node, "model");
	const struct sw_node *file = sw_node_get(r->workloads->children[workload], "model_file");
	enum sw_status st = sw__read_model(file ? file : name, model, &r->source, err);

	if (st == SW_OK && strcmp(model->id, id) != 0)
		st = sw_node_complain(name, err, "found %s, but line %d names %s", id,
				      (file ? file : name)->line, model->id);
	return st;
}

static enum sw_status part_of_rate(const struct sw_node *node, const struct placement *p,
				   struct sw_load *load, struct sw_error *err)
{
	double kept = p->rate / load->rate, cv = load->burstiness;

	if (!sw_known(p->rate))
		return sw_node_complain(node, err,
					"key rate is missing: the workload's load has one");
	if (kept > 1 + ROUNDING)
		return sw_node_refuse(sw_node_get(node, "rate"), err,
				      "at most the workload's %.9g requests per second",
				      load->rate);
	load->rate = p->rate;
	/* As the planner thins it: src/plan/README.md. */
	load->burstiness = sqrt(fmax(0, 1 + fmin(1, kept) * (cv * cv - 1)));
	return SW_OK;
}

static enum sw_status part_of_clients(const struct sw_node *node, const struct placement *p,
				      struct sw_load *load, struct sw_error *err)
{
	const struct sw_node *given = sw_node_get(node, "concurrency");

	if (!given)
		return sw_node_complain(node, err,
					"key concurrency is missing: the workload's load has one");
	if (p->concurrency != floor(p->concurrency) || p->concurrency > load->concurrency)
		return sw_node_refuse(given, err,
				      "a whole number of at most the workload's %.9g requests in "
				      "flight",
				      load->concurrency);
	load->concurrency = p->concurrency;
	return SW_OK;
}

static enum sw_status name_tenant(const struct sw_node *node, const struct placement *p,
				  struct sw_tenant *tenant, struct sw_error *err)
{
	char name[SW_NAME_MAX + 16];

	(void)snprintf(name, sizeof(name), "%s/%u", p->workload, p->replica);
	return sw_copy_name(tenant->name, sizeof(tenant->name), name)
		       ? SW_OK
		       : sw_node_refuse(sw_node_get(node, "workload"), err,
					"a name that is shorter by the number of its replica");
}

static enum sw_status set_tenant(struct sw__plan_reading *r, const struct sw_node *node,
				 const struct placement *p, size_t workload, struct sw_mix *mix,
				 struct sw_error *err)
{
	const struct sw_planned_workload *w = &r->plan->workloads[workload];
	struct sw_tenant *tenant = &mix->tenants[mix->n];
	enum sw_status st = name_tenant(node, p, tenant, err);
	struct sw_error inner;

	tenant->engine = p->engine.engine;
	tenant->slice = (struct sw_slice){mix->mechanism, p->share, p->memory_gib};
	tenant->load = w->load;
	tenant->slo = w->slo;
	tenant->max_in_flight = p->max_in_flight;
	if (st == SW_OK)
		st = read_model(r, node, workload, p->model, &tenant->model, err);
	if (st == SW_OK)
		st = sw__relay(sw_node_get(node, "share"),
			       sw__mechanism_check(mix->mechanism, &mix->gpu, p->share, &inner),
			       &inner, err);
	if (st == SW_OK)
		st = sw_known(w->load.rate) ? part_of_rate(node, p, &tenant->load, err)
					    : part_of_clients(node, p, &tenant->load, err);
	return st;
}

enum sw_status sw__read_placement(struct sw__plan_reading *reading, const struct sw_node *node,
				  struct sw_mix *mix, size_t *workload, unsigned *decided,
				  struct sw_error *err)
{
	struct placement p = {
		.engine = {.engine = sw__engine_nothing_given()}, .rate = NAN, .concurrency = NAN};
	enum sw_status st = sw_node_read(node, placement_fields,
					 sizeof(placement_fields) / sizeof(placement_fields[0]),
					 true, &p, &reading->source, NULL, err);

	if (st == SW_OK)
		st = find_workload(reading, node, p.workload, workload, err);
	*decided = p.engine.decided;
	return st == SW_OK ? set_tenant(reading, node, &p, *workload, mix, err) : st;
}
