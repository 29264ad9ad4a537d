// SPDX-License-Identifier: Apache-2.0
/* A workloads file: the fleet and what it shall serve. Format: docs/formats/workloads.md. */
#include <stdlib.h>
#include <string.h>

#include "plan/places.h"
#include "plan/problem_wishes.h"
#include "plan/table_read.h"
#include "predict/tenant_read.h"

/* What is believed; beyond it a number is a slip. */
enum {
	FLEET_MAX = 256,
	WORKLOADS_MAX = 10000,
	GPUS_MAX = 1000000,
	REPLICAS_MAX = 10000,
	NODE_GPUS_MAX = 1024
};
#define PRICE_MAX      1e6 /* per GPU-hour, in whatever currency */
#define NODE_CORES_MAX 1e5

/* Engines that one GPU takes where the file does not say. */
static const unsigned default_max_tenants[SW_MECHANISM_COUNT] = {
	[SW_EXCLUSIVE] = 1,  [SW_MPS] = 48, /* client contexts of one MPS server, Volta and later */
	[SW_TIMESLICE] = 64, /* the driver knows no limit; as many as a mix file may have */
	[SW_HAMI] = 10, /* HAMi's deviceSplitCount */
	[SW_MIG] = 7, /* compute slices of a GPU */
};

#define RANGE(min_, max_, unit_) .min = min_, .max = max_, .unit = unit_

/* A fleet entry while it is read: whole numbers that end as doubles. */
struct fleet_reading {
	struct sw_fleet_entry entry;
	unsigned count, gpus_per_node;
};

static const struct sw_field fleet_fields[] = {
	{.key = "gpu",
	 .type = SW_FIELD_CALL,
	 .offset = offsetof(struct fleet_reading, entry.gpu),
	 .read = sw__read_gpu,
	 .required = true},
	{.key = "count",
	 .type = SW_FIELD_UINT,
	 .offset = offsetof(struct fleet_reading, count),
	 RANGE(1, GPUS_MAX, "GPUs")},
	{.key = "mechanism",
	 .type = SW_FIELD_CHOICE,
	 .offset = offsetof(struct fleet_reading, entry.mechanism),
	 .choices = sw__usable_mechanisms,
	 .required = true},
	{.key = "price_per_hour",
	 .type = SW_FIELD_NUMBER,
	 .offset = offsetof(struct fleet_reading, entry.price_per_hour),
	 .min_open = true,
	 RANGE(0, PRICE_MAX, "per GPU-hour")},
	{.key = "gpus_per_node",
	 .type = SW_FIELD_UINT,
	 .offset = offsetof(struct fleet_reading, gpus_per_node),
	 RANGE(1, NODE_GPUS_MAX, "GPUs")},
	{.key = "cores_per_node",
	 .type = SW_FIELD_NUMBER,
	 .offset = offsetof(struct fleet_reading, entry.cores_per_node),
	 RANGE(1, NODE_CORES_MAX, "host cores")},
	{.key = "max_tenants",
	 .type = SW_FIELD_UINT,
	 .offset = offsetof(struct fleet_reading, entry.max_tenants),
	 RANGE(1, 1024, "engines per GPU")},
};

/* What needs other parts of the file is read in its turn; the table only says that there is such a key. */
static enum sw_status keep_node(const struct sw_node *node, void *into, void *source,
				struct sw_error *err)
{
	(void)node, (void)into, (void)source, (void)err;
	return SW_OK;
}

const char *const sw__isolations[] = {"shared", "process", "hardware", NULL};

static const struct sw_field workload_fields[] = {
	{.key = "name",
	 .type = SW_FIELD_NAME,
	 .offset = offsetof(struct sw_workload, name),
	 .capacity = SW_NAME_MAX,
	 .required = true},
	{.key = "model",
	 .type = SW_FIELD_CALL,
	 .offset = offsetof(struct sw_workload, model),
	 .read = sw__read_model,
	 .required = true},
	{.key = "engine",
	 .type = SW_FIELD_CALL,
	 .offset = offsetof(struct sw_workload, engine),
	 .read = sw__read_engine,
	 .null_is_absent = true},
	{.key = "load",
	 .type = SW_FIELD_CALL,
	 .offset = offsetof(struct sw_workload, load),
	 .read = sw__read_load,
	 .required = true},
	{.key = "slo",
	 .type = SW_FIELD_CALL,
	 .offset = offsetof(struct sw_workload, slo),
	 .read = sw__read_slo,
	 .null_is_absent = true},
	{.key = "replicas",
	 .type = SW_FIELD_UINT,
	 .offset = offsetof(struct sw_workload, replicas),
	 RANGE(1, REPLICAS_MAX, "engines"),
	 .null_is_absent = true},
	{.key = "spread", .type = SW_FIELD_BOOL, .offset = offsetof(struct sw_workload, spread)},
	{.key = "isolation",
	 .type = SW_FIELD_CHOICE,
	 .offset = offsetof(struct sw_workload, isolation),
	 .choices = sw__isolations},
	{.key = "gpus", .type = SW_FIELD_CALL, .read = sw__read_gpus, .null_is_absent = true},
	{.key = "gpu", .type = SW_FIELD_CALL, .read = sw__read_gpus, .null_is_absent = true},
	{.key = "not_with", .type = SW_FIELD_CALL, .read = keep_node, .null_is_absent = true},
	SW__WISH_FIELDS,
};

static const struct sw_field problem_fields[] = {
	{.key = "fleet", .type = SW_FIELD_CALL, .read = keep_node, .required = true},
	{.key = "workloads", .type = SW_FIELD_CALL, .read = keep_node, .required = true},
	SW__WISH_FIELDS, /* of every workload that says nothing of its own */
};

static enum sw_status read_fleet_entry(const struct sw_node *node, struct sw_fleet_entry *entry,
				       struct sw__source *source, struct sw_error *err)
{
	struct fleet_reading r = {
		.entry = {.price_per_hour = 1, .cores_per_node = NAN},
	};
	enum sw_status st =
		sw_node_read(node, fleet_fields, sizeof(fleet_fields) / sizeof(fleet_fields[0]),
			     false, &r, source, NULL, err);

	if (st != SW_OK)
		return st;
	if (r.entry.mechanism == SW_MIG && r.entry.gpu.n_mig == 0)
		return sw_node_complain(sw_node_get(node, "mechanism"), err, "%s has no MIG",
					r.entry.gpu.id);
	if (r.entry.mechanism == SW_EXCLUSIVE && r.entry.max_tenants > 1)
		return sw_node_refuse(sw_node_get(node, "max_tenants"), err, "1 under exclusive");
	if (!r.entry.max_tenants)
		r.entry.max_tenants = default_max_tenants[r.entry.mechanism];
	r.entry.count = r.count ? (double)r.count : (double)INFINITY;
	r.entry.gpus_per_node = r.gpus_per_node ? (double)r.gpus_per_node : (double)NAN;
	*entry = r.entry;
	return sw__read_path(sw_node_get(node, "gpu"), source, &entry->gpu_file, err);
}

static enum sw_status read_fleet(const struct sw_node *list, struct sw_problem *problem,
				 struct sw__source *source, struct sw_error *err)
{
	enum sw_status st = sw_node_check_list(list, FLEET_MAX, "kind of GPU", err);

	if (st != SW_OK)
		return st;
	problem->fleet = calloc(list->count, sizeof(*problem->fleet));
	if (!problem->fleet)
		return sw_fail(err, SW_NO_MEMORY, "%zu kinds of GPU", list->count);
	for (; st == SW_OK && problem->n_fleet < list->count; problem->n_fleet++)
		st = read_fleet_entry(list->children[problem->n_fleet],
				      &problem->fleet[problem->n_fleet], source, err);
	return st;
}

/* Settings that the planner will choose must not make the given ones look refused: give them values that do not. */
static struct sw_engine with_room(struct sw_engine engine)
{
	if (!(engine.given & SW_KEY_MAX_NUM_SEQS)) {
		engine.max_num_seqs = 1;
		engine.given |= SW_KEY_MAX_NUM_SEQS;
	}
	if (!(engine.given & SW_KEY_MAX_NUM_BATCHED_TOKENS)) {
		engine.max_num_batched_tokens = engine.max_num_seqs;
		engine.given |= SW_KEY_MAX_NUM_BATCHED_TOKENS;
	}
	return engine;
}

/* What every kind of GPU refuses is wrong in the file; what only some refuse narrows the planner's choice. */
static enum sw_status check_engine(const struct sw_node *node, const struct sw_problem *problem,
				   const struct sw_workload *workload, struct sw_error *err)
{
	const struct sw_node *place = sw_node_get(node, "engine");
	enum sw_status st = SW_OK;
	struct sw_error inner;

	for (size_t i = 0; i < problem->n_fleet; i++) {
		struct sw_engine engine = with_room(workload->engine);

		st = sw_engine_resolve(&engine, &problem->fleet[i].gpu, &workload->model, NULL,
				       &inner);
		if (st == SW_OK)
			return sw__check_lengths(sw_node_get(node, "load"), &workload->load,
						 engine.max_model_len, err);
	}
	return sw__relay(place ? place : node, st, &inner, err);
}

static enum sw_status read_workload(const struct sw_node *node, const struct sw_problem *problem,
				    const struct sw_workload *unless_said,
				    struct sw_workload *workload, struct sw__source *source,
				    struct sw_error *err)
{
	enum sw_status st;

	if (sw__is_table_workload(node)) {
		st = sw__read_table_workload(node, workload, source, err);
		if (st == SW_OK)
			st = sw__check_gpus(node, problem, workload, err);
		return st == SW_OK ? sw__check_measured_gpu(node, problem, workload, err) : st;
	}
	*workload = *unless_said;
	workload->latency_ms = NAN;
	workload->engine = sw__engine_nothing_given();
	workload->slo = sw__slo_none();
	st = sw_node_read(node, workload_fields,
			  sizeof(workload_fields) / sizeof(workload_fields[0]), false, workload,
			  source, NULL, err);
	if (st == SW_OK)
		st = sw__read_path(sw_node_get(node, "model"), source, &workload->model_file, err);
	if (st == SW_OK)
		st = sw__check_wishes(node, problem, workload, err);
	return st == SW_OK ? check_engine(node, problem, workload, err) : st;
}

static enum sw_status read_workloads(const struct sw_node *list,
				     const struct sw_workload *unless_said,
				     struct sw_problem *problem, struct sw__source *source,
				     struct sw_error *err)
{
	enum sw_status st = sw_node_check_list(list, WORKLOADS_MAX, "workload", err);

	if (st != SW_OK)
		return st;
	problem->workloads = calloc(list->count, sizeof(*problem->workloads));
	if (!problem->workloads)
		return sw_fail(err, SW_NO_MEMORY, "%zu workloads", list->count);
	for (; st == SW_OK && problem->n_workloads < list->count; problem->n_workloads++)
		st = read_workload(list->children[problem->n_workloads], problem, unless_said,
				   &problem->workloads[problem->n_workloads], source, err);
	if (st == SW_OK)
		st = sw__check_unique(list, problem->workloads[0].name, sizeof(*problem->workloads),
				      problem->n_workloads, err);
	return st == SW_OK ? sw__read_not_with(list, problem, err) : st;
}

static enum sw_status read_problem(const struct sw_node *root, struct sw_problem *problem,
				   struct sw__source *source, struct sw_error *err)
{
	struct sw_workload unless_said = {.window_s = SW_WINDOW_S};
	enum sw_status st = sw_node_read(root, problem_fields,
					 sizeof(problem_fields) / sizeof(problem_fields[0]), false,
					 &unless_said, source, NULL, err);

	if (st == SW_OK)
		st = read_fleet(sw_node_get(root, "fleet"), problem, source, err);
	if (st == SW_OK)
		st = read_workloads(sw_node_get(root, "workloads"), &unless_said, problem, source,
				    err);
	problem->traces = source->traces;
	problem->n_traces = source->n_traces;
	return st;
}

enum sw_status sw_problem_load(const sw_catalog *catalog, const char *path, struct sw_problem **out,
			       struct sw_error *err)
{
	struct sw__source source = {.catalog = catalog, .path = path};
	struct sw_document *document = NULL;
	struct sw_problem *problem;
	enum sw_status st = sw_document_load(path, &document, err);

	*out = NULL;
	if (st != SW_OK)
		return st;
	problem = calloc(1, sizeof(*problem));
	if (problem)
		st = read_problem(sw_document_root(document), problem, &source, err);
	else
		st = sw_fail(err, SW_NO_MEMORY, "%s: out of memory", path);
	if (st == SW_OK)
		*out = problem;
	else
		sw_problem_free(problem);
	sw_document_free(document);
	return st;
}

void sw_problem_free(struct sw_problem *problem)
{
	if (!problem)
		return;
	for (size_t i = 0; i < problem->n_workloads; i++) {
		free(problem->workloads[i].gpus);
		free(problem->workloads[i].not_with);
		free(problem->workloads[i].model_file);
		sw__table_free(problem->workloads[i].table);
	}
	for (size_t i = 0; i < problem->n_fleet; i++)
		free(problem->fleet[i].gpu_file);
	sw__traces_free(problem->traces, problem->n_traces);
	free(problem->workloads);
	free(problem->fleet);
	free(problem);
}
