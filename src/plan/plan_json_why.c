// SPDX-License-Identifier: Apache-2.0
/* Reasons and relaxations as JSON: docs/formats/plan.md. */
#include "plan/plan_json_why.h"

#define NAME_OF(constant, id) id,
static const char *const metrics[] = {SW_METRIC_LIST(NAME_OF)};
static const char *const statistics[] = {SW_STATISTIC_LIST(NAME_OF)};

static void put(json_t *object, const char *key, json_t *value, bool *ok)
{
	if (json_object_set_new(object, key, value) != 0)
		*ok = false;
}

static json_t *number(double x)
{
	return isfinite(x) ? json_real(x) : json_null();
}

static json_t *name_of(const struct sw_problem *problem, size_t workload)
{
	return workload == SW_NONE ? json_null() : json_string(problem->workloads[workload].name);
}

/* "ttft_p95_ms", as in a workloads file. */
static json_t *limit_key(enum sw_metric metric, enum sw_statistic statistic)
{
	return json_sprintf("%s_%s_ms", metrics[metric], statistics[statistic]);
}

static json_t *obstacle_json(const struct sw_problem *problem, const struct sw_obstacle *o,
			     bool *ok)
{
	json_t *object = json_object();

	put(object, "kind", json_string(sw_obstacle_id(o->kind)), ok);
	put(object, "workload", name_of(problem, o->workload), ok);
	if (o->kind == SW_OBSTACLE_LIMIT)
		put(object, "limit", limit_key(o->metric, o->statistic), ok);
	put(object, "found", number(o->found), ok);
	put(object, "allowed", number(o->allowed), ok);
	if (o->idle)
		put(object, "idle", json_true(), ok);
	return object;
}

static json_t *reason_json(const struct sw_problem *problem, const struct sw_plan *plan,
			   const struct sw_reason *reason, bool *ok)
{
	const struct sw_plan_gpu *gpu = &plan->gpus[reason->gpu];
	json_t *object = json_object();

	put(object, "instead", json_string(sw_instead_id(reason->instead)), ok);
	put(object, "gpu", json_string(gpu->id), ok);
	put(object, "workload", name_of(problem, reason->workload), ok);
	if (reason->tenant != SW_NONE)
		put(object, "replica", json_integer(gpu->tenants[reason->tenant].replica), ok);
	put(object, "where", json_string(reason->where), ok);
	if (sw_known(reason->share))
		put(object, "share", number(reason->share), ok);
	if (reason->replicas)
		put(object, "replicas", json_integer(reason->replicas), ok);
	put(object, "obstacle", obstacle_json(problem, &reason->obstacle, ok), ok);
	put(object, "words", json_string(reason->words), ok);
	return object;
}

json_t *sw__reasons_json(const struct sw_problem *problem, const struct sw_plan *plan, bool *ok)
{
	json_t *array = json_array();

	for (size_t i = 0; i < plan->n_reasons; i++) {
		if (json_array_append_new(array,
					  reason_json(problem, plan, &plan->reasons[i], ok)) != 0)
			*ok = false;
	}
	return array;
}

static json_t *relaxation_json(const struct sw_problem *problem, const struct sw_relaxation *r,
			       bool *ok)
{
	json_t *object = json_object();

	put(object, "kind", json_string(sw_relaxation_id(r->kind)), ok);
	put(object, "workload", name_of(problem, r->workload), ok);
	if (r->kind == SW_RELAX_LIMIT)
		put(object, "limit", limit_key(r->metric, r->statistic), ok);
	put(object, "gpu",
	    r->fleet == SW_NONE ? json_null() : json_string(problem->fleet[r->fleet].gpu.id), ok);
	put(object, "from", number(r->from), ok);
	put(object, "to", number(r->to), ok);
	put(object, "relative", number(r->relative), ok);
	put(object, "replicas", r->replicas ? json_integer(r->replicas) : json_null(), ok);
	put(object, "basis", json_string(sw_basis_id(r->basis)), ok);
	put(object, "cost_per_hour", number(r->cost_per_hour), ok);
	put(object, "words", json_string(r->words), ok);
	return object;
}

json_t *sw__relaxations_json(const struct sw_problem *problem, const struct sw_plan *plan, bool *ok)
{
	json_t *array = json_array();

	for (size_t i = 0; i < plan->n_relaxations; i++) {
		if (json_array_append_new(array,
					  relaxation_json(problem, &plan->relaxations[i], ok)) != 0)
			*ok = false;
	}
	return array;
}
