// SPDX-License-Identifier: Apache-2.0
/* Measured tables in a plan file. */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "plan/plan_read.h"
#include "sharing/mechanism.h"

/* What is believed; beyond it a number is a slip. As of tables: table_read.c. */
enum { REPLICAS_MAX = 10000, BATCH_MAX = 1 << 20, PROCESSES_MAX = 1024, START_MAX = 31 };
#define MEMORY_MAX_GIB 1e4
#define RATE_MAX       1e9

#define FIELD_COUNT(fields)      (sizeof(fields) / sizeof((fields)[0]))
#define RANGE(min_, max_, unit_) .min = min_, .max = max_, .unit = unit_, .min_open = true

bool sw__is_planned_table(const struct sw_node *node)
{
	return node->kind == SW_NODE_MAP && sw_node_get(node, "table");
}

static const struct sw_planned_workload *find_workload(const struct sw__plan_reading *r,
						       const struct sw_node *node)
{
	const struct sw_node *name =
		node->kind == SW_NODE_MAP ? sw_node_get(node, "workload") : NULL;

	for (size_t w = 0; name && name->text && w < r->plan->n_workloads; w++)
		if (strcmp(r->plan->workloads[w].name, name->text) == 0)
			return &r->plan->workloads[w];
	return NULL;
}

bool sw__is_planned_row(const struct sw__plan_reading *reading, const struct sw_node *node)
{
	const struct sw_planned_workload *w = find_workload(reading, node);

	return w && w->is_table;
}

static enum sw_status read_load(const struct sw_node *node, void *load, void *source,
				struct sw_error *err)
{
	static const struct sw_field fields[] = {
		{.key = "rate",
		 .type = SW_FIELD_NUMBER,
		 .offset = offsetof(struct sw_load, rate),
		 .required = true,
		 RANGE(0, RATE_MAX, "requests per second")},
	};

	return sw_node_read(node, fields, FIELD_COUNT(fields), false, load, source, NULL, err);
}

static const struct sw_field table_fields[] = {
	{.key = "name",
	 .type = SW_FIELD_NAME,
	 .offset = offsetof(struct sw_planned_workload, name),
	 .capacity = SW_NAME_MAX,
	 .required = true},
	{.key = "replicas",
	 .type = SW_FIELD_UINT,
	 .offset = offsetof(struct sw_planned_workload, replicas),
	 .max = REPLICAS_MAX,
	 .unit = "engines",
	 .required = true},
	{.key = "met",
	 .type = SW_FIELD_BOOL,
	 .offset = offsetof(struct sw_planned_workload, met),
	 .required = true},
	{.key = "load",
	 .type = SW_FIELD_CALL,
	 .offset = offsetof(struct sw_planned_workload, load),
	 .read = read_load,
	 .required = true},
};

enum sw_status sw__read_planned_table(struct sw__plan_reading *reading, const struct sw_node *node,
				      struct sw_planned_workload *workload, struct sw_error *err)
{
	const struct sw_length none = {NAN, NAN};

	workload->is_table = true;
	/* As of such a workload in a workloads file, so that the two can be compared. */
	workload->load = (struct sw_load){
		.concurrency = NAN, .prompt_tokens = none, .output_tokens = none, .burstiness = 1};
	return sw_node_read(node, table_fields, FIELD_COUNT(table_fields), true, workload,
			    &reading->source, NULL, err);
}

/* An engine while it is read. */
struct row {
	char workload[SW_NAME_MAX];
	struct sw_planned_row row;
	bool has_start;
};

static enum sw_status read_mig(const struct sw_node *node, void *into, void *source,
			       struct sw_error *err)
{
	static const struct sw_field fields[] = {
		{.key = "start",
		 .type = SW_FIELD_UINT,
		 .offset = offsetof(struct row, row.mig_start),
		 .max = START_MAX,
		 .unit = "memory slice",
		 .required = true},
	};
	struct row *row = into;

	row->has_start = true;
	return sw_node_read(node, fields, FIELD_COUNT(fields), true, into, source, NULL, err);
}

static const struct sw_field row_fields[] = {
	{.key = "workload",
	 .type = SW_FIELD_NAME,
	 .offset = offsetof(struct row, workload),
	 .capacity = SW_NAME_MAX,
	 .required = true},
	{.key = "replica",
	 .type = SW_FIELD_UINT,
	 .offset = offsetof(struct row, row.replica),
	 .max = REPLICAS_MAX,
	 .required = true},
	{.key = "share",
	 .type = SW_FIELD_NUMBER,
	 .offset = offsetof(struct row, row.share),
	 RANGE(0, 1, "fraction of the GPU's compute"),
	 .required = true},
	{.key = "memory_gib",
	 .type = SW_FIELD_NUMBER,
	 .offset = offsetof(struct row, row.memory_gib),
	 RANGE(0, MEMORY_MAX_GIB, "GiB"),
	 .required = true},
	{.key = "mig", .type = SW_FIELD_CALL, .offset = 0, .read = read_mig},
	{.key = "batch",
	 .type = SW_FIELD_UINT,
	 .offset = offsetof(struct row, row.batch),
	 .min = 1,
	 .max = BATCH_MAX,
	 .unit = "requests",
	 .required = true},
	{.key = "processes",
	 .type = SW_FIELD_UINT,
	 .offset = offsetof(struct row, row.processes),
	 .min = 1,
	 .max = PROCESSES_MAX,
	 .unit = "processes",
	 .required = true},
	{.key = "rate",
	 .type = SW_FIELD_NUMBER,
	 .offset = offsetof(struct row, row.rate),
	 RANGE(0, RATE_MAX, "requests per second"),
	 .required = true},
};

static enum sw_status read_row(struct sw__plan_reading *r, const struct sw_node *node,
			       const struct sw_planned_gpu *gpu, struct sw_planned_row *out,
			       struct sw_error *err)
{
	struct row row = {.has_start = false};
	char name[SW_NAME_MAX + 16];
	enum sw_status st = sw_node_read(node, row_fields, FIELD_COUNT(row_fields), true, &row,
					 &r->source, NULL, err);

	if (st != SW_OK)
		return st;
	*out = row.row;
	out->workload = (size_t)(find_workload(r, node) - r->plan->workloads);
	(void)snprintf(name, sizeof(name), "%s/%u", row.workload, out->replica);
	if (!sw_copy_name(out->name, sizeof(out->name), name))
		return sw_node_refuse(sw_node_get(node, "workload"), err,
				      "a name that is shorter by the number of its replica");
	if (gpu->mix->mechanism != SW_MIG)
		return SW_OK;
	if (!row.has_start)
		return sw_node_complain(node, err,
					"key mig is missing: it says where the instance begins");
	if (!sw_gpu_mig_profile(&gpu->mix->gpu, out->share, out->memory_gib))
		return sw_node_refuse(sw_node_get(node, "share"), err,
				      "the share and memory of a MIG profile of %s",
				      gpu->mix->gpu.id);
	return SW_OK;
}

enum sw_status sw__read_planned_rows(struct sw__plan_reading *reading, const struct sw_node *list,
				     struct sw_planned_gpu *gpu, struct sw_error *err)
{
	enum sw_status st = SW_OK;

	for (size_t i = 0; i < list->count && st == SW_OK; i++)
		if (sw__is_planned_row(reading, list->children[i]))
			st = read_row(reading, list->children[i], gpu, &gpu->rows[gpu->n_rows++],
				      err);
	return st;
}

/* Whether an instance may begin there beside those whose slices are taken. */
static bool lies(const struct sw_gpu *gpu, double share, double memory_gib, unsigned start,
		 unsigned long *taken)
{
	const struct sw_mig_profile *p = sw_gpu_mig_profile(gpu, share, memory_gib);
	unsigned long slices;

	if (!p || start > START_MAX || p->memory_slices > START_MAX ||
	    start + p->memory_slices > gpu->mig_memory_slices ||
	    (p->starts && !(p->starts >> start & 1U)))
		return false;
	slices = ((1UL << p->memory_slices) - 1) << start;
	if (*taken & slices)
		return false;
	*taken |= slices;
	return true;
}

enum sw_status sw__check_planned_rows(const struct sw_node *list, const struct sw_planned_gpu *gpu,
				      struct sw_error *err)
{
	const struct sw_mix *mix = gpu->mix;
	unsigned long taken = 0;
	bool ok = true;

	if (gpu->n_rows == 0)
		return SW_OK;
	if (mix->mechanism != SW_MIG)
		return list->count == 1 ? SW_OK
					: sw_node_complain(list, err,
							   "a measured table is alone on a GPU "
							   "that is not cut by mig");
	for (size_t i = 0; i < gpu->n_rows; i++)
		ok = ok && lies(&mix->gpu, gpu->rows[i].share, gpu->rows[i].memory_gib,
				gpu->rows[i].mig_start, &taken);
	for (size_t i = 0; i < mix->n; i++)
		if (gpu->mig_start[i] >= 0)
			ok = ok && lies(&mix->gpu, mix->tenants[i].slice.share,
					mix->tenants[i].slice.memory_gib,
					(unsigned)gpu->mig_start[i], &taken);
	return ok ? SW_OK
		  : sw_node_complain(list, err,
				     "MIG instances that cannot lie where the plan says");
}
