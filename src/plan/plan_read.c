// SPDX-License-Identifier: Apache-2.0
/* A plan file, back into the mixes it describes. Format: docs/formats/plan.md. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "plan/plan_read.h"
#include "predict/mix_read.h"

/* What is believed; beyond it a number is a slip. */
enum { GPUS_MAX = 10000, WORKLOADS_MAX = 10000, REPLICAS_MAX = 10000 };
#define PRICE_MAX 1e6

#define FIELD_COUNT(fields) (sizeof(fields) / sizeof((fields)[0]))

static const char *const formats[] = {"slicewise-plan-1", NULL};

/* Parts of the file that need each other are read in their turn. */
static enum sw_status keep_node(const struct sw_node *node, void *into, void *source,
				struct sw_error *err)
{
	(void)node, (void)into, (void)source, (void)err;
	return SW_OK;
}

struct plan_head {
	int format;
	struct sw_fit_id fit;
};

static const struct sw_field fit_fields[] = {
	{.key = "hash",
	 .type = SW_FIELD_NAME,
	 .offset = offsetof(struct sw_fit_id, hash),
	 .capacity = sizeof(((struct sw_fit_id *)NULL)->hash),
	 .required = true},
	{.key = "origin",
	 .type = SW_FIELD_NAME,
	 .offset = offsetof(struct sw_fit_id, origin),
	 .capacity = sizeof(((struct sw_fit_id *)NULL)->origin),
	 .null_is_absent = true},
};

static enum sw_status read_fit(const struct sw_node *node, void *into, void *source,
			       struct sw_error *err)
{
	return sw_node_read(node, fit_fields, FIELD_COUNT(fit_fields), true, into, source, NULL,
			    err);
}

static const struct sw_field plan_fields[] = {
	{.key = "format",
	 .type = SW_FIELD_CHOICE,
	 .offset = offsetof(struct plan_head, format),
	 .choices = formats,
	 .required = true},
	{.key = "fit",
	 .type = SW_FIELD_CALL,
	 .offset = offsetof(struct plan_head, fit),
	 .read = read_fit,
	 .null_is_absent = true},
	{.key = "gpus", .type = SW_FIELD_CALL, .read = keep_node, .required = true},
	{.key = "workloads", .type = SW_FIELD_CALL, .read = keep_node, .required = true},
};

static const struct sw_field workload_fields[] = {
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
	 .read = sw__read_planned_load,
	 .required = true},
	{.key = "slo",
	 .type = SW_FIELD_CALL,
	 .offset = offsetof(struct sw_planned_workload, slo),
	 .read = sw__read_slo,
	 .null_is_absent = true},
};

/* A GPU of the plan while it is read. */
struct gpu_reading {
	char id[SW_NAME_MAX];
	char gpu[SW_NAME_MAX];
	enum sw_mechanism mechanism;
	double price_per_hour;
	unsigned node;
};

/* How many nodes a fleet may have is not this file's affair; a number that fits. */
enum { NODES_MAX = 1000000000, NO_NODE = NODES_MAX + 1 };

static const struct sw_field gpu_fields[] = {
	{.key = "id",
	 .type = SW_FIELD_NAME,
	 .offset = offsetof(struct gpu_reading, id),
	 .capacity = SW_NAME_MAX,
	 .required = true},
	{.key = "gpu",
	 .type = SW_FIELD_NAME,
	 .offset = offsetof(struct gpu_reading, gpu),
	 .capacity = SW_NAME_MAX,
	 .required = true},
	{.key = "mechanism",
	 .type = SW_FIELD_CHOICE,
	 .offset = offsetof(struct gpu_reading, mechanism),
	 .choices = sw__usable_mechanisms,
	 .required = true},
	{.key = "price_per_hour",
	 .type = SW_FIELD_NUMBER,
	 .offset = offsetof(struct gpu_reading, price_per_hour),
	 .min = 0,
	 .max = PRICE_MAX,
	 .unit = "per GPU-hour",
	 .null_is_absent = true},
	{.key = "node",
	 .type = SW_FIELD_UINT,
	 .offset = offsetof(struct gpu_reading, node),
	 .min = 0,
	 .max = NODES_MAX,
	 .null_is_absent = true},
	{.key = "tenants", .type = SW_FIELD_CALL, .read = keep_node, .required = true},
};

/* A name with the node to blame for it. */
struct name {
	const char *text;
	const struct sw_node *node;
};

static int by_text(const void *a, const void *b)
{
	const struct name *x = a, *y = b;
	int order = strcmp(x->text, y->text);

	return order ? order : (x->node > y->node) - (x->node < y->node);
}

/* Refuse a name that an earlier one is, too. By sorting: a file may have very many. */
static enum sw_status check_names(struct name *names, size_t n, struct sw_error *err)
{
	qsort(names, n, sizeof(*names), by_text);
	for (size_t i = 1; i < n; i++) {
		if (strcmp(names[i - 1].text, names[i].text) == 0)
			return sw_node_refuse(names[i].node, err,
					      "one that no other has (line %d has it too)",
					      names[i - 1].node->line);
	}
	return SW_OK;
}

static enum sw_status read_workloads(struct sw__plan_reading *r, struct sw_error *err)
{
	enum sw_status st = sw_node_check_list(r->workloads, WORKLOADS_MAX, "workload", err);
	struct sw_plan_mixes *plan = r->plan;

	if (st != SW_OK)
		return st;
	plan->workloads = calloc(r->workloads->count, sizeof(*plan->workloads));
	if (!plan->workloads)
		return sw_fail(err, SW_NO_MEMORY, "%zu workloads", r->workloads->count);
	for (; st == SW_OK && plan->n_workloads < r->workloads->count; plan->n_workloads++) {
		struct sw_planned_workload *w = &plan->workloads[plan->n_workloads];

		w->slo = sw__slo_none();
		if (sw__is_planned_table(r->workloads->children[plan->n_workloads]))
			st = sw__read_planned_table(r, r->workloads->children[plan->n_workloads], w,
						    err);
		else
			st = sw_node_read(r->workloads->children[plan->n_workloads],
					  workload_fields, FIELD_COUNT(workload_fields), true, w,
					  &r->source, NULL, err);
	}
	return st;
}

/* By the file it was read from where there is one, else by its id. */
static enum sw_status read_gpu_model(struct sw__plan_reading *r, const struct sw_node *node,
				     const char *id, struct sw_gpu *gpu, struct sw_error *err)
{
	const struct sw_node *file = sw_node_get(node, "gpu_file");
	enum sw_status st =
		sw__read_gpu(file ? file : sw_node_get(node, "gpu"), gpu, &r->source, err);

	if (st == SW_OK && strcmp(gpu->id, id) != 0)
		st = sw_node_complain(file ? file : node, err, "describes %s, expected %s", gpu->id,
				      id);
	return st;
}

/* What was predicted is passed over by all but those who compare: anything else in its place is nothing. */
static void read_predicted(const struct sw_node *tenant, double *p95_bound_ms)
{
	static const char *const metrics[SW_METRIC_COUNT] = {"ttft_ms", "tpot_ms"};
	const struct sw_node *predicted = sw_node_get(tenant, "predicted");

	for (int m = 0; m < SW_METRIC_COUNT; m++) {
		const struct sw_node *metric =
			predicted ? sw_node_get(predicted, metrics[m]) : NULL;
		const struct sw_node *bound = metric ? sw_node_get(metric, "p95_hi") : NULL;

		p95_bound_ms[m] =
			bound && bound->kind == SW_NODE_NUMBER ? bound->number : (double)NAN;
	}
}

/* Likewise. */
static void read_played(const struct sw_node *tenant, double factor[][SW_STATISTIC_COUNT])
{
	static const char *const metrics[SW_METRIC_COUNT] = {"ttft", "tpot"};
	static const char *const statistics[SW_STATISTIC_COUNT] = {"mean", "p50", "p95", "p99"};
	const struct sw_node *played = sw_node_get(tenant, "played_over_closed");

	for (int m = 0; m < SW_METRIC_COUNT; m++) {
		const struct sw_node *metric = played ? sw_node_get(played, metrics[m]) : NULL;

		for (int s = 0; s < SW_STATISTIC_COUNT; s++) {
			const struct sw_node *said =
				metric ? sw_node_get(metric, statistics[s]) : NULL;

			factor[m][s] = said && said->kind == SW_NODE_NUMBER && said->number > 0
					       ? said->number
					       : (double)NAN;
		}
	}
}

static double sized_for(const struct sw_node *tenant, const struct sw_load *load)
{
	const struct sw_node *said = sw_node_get(tenant, "sized_for");

	if (said && said->kind == SW_NODE_NUMBER && said->number > 0)
		return said->number;
	return sw_known(load->rate) ? load->rate : load->concurrency;
}

/* Where its MIG instance begins; -1: not said. */
static long mig_start(const struct sw_node *tenant)
{
	const struct sw_node *mig = sw_node_get(tenant, "mig");
	const struct sw_node *start = mig ? sw_node_get(mig, "start") : NULL;

	if (!start || start->kind != SW_NODE_NUMBER || start->number < 0 ||
	    start->number > CHAR_BIT * sizeof(unsigned long))
		return -1;
	return (long)start->number;
}

static bool allocate_tenants(struct sw_planned_gpu *gpu, size_t n)
{
	gpu->mix->tenants = calloc(n, sizeof(*gpu->mix->tenants));
	gpu->workload = calloc(n, sizeof(*gpu->workload));
	gpu->p95_bound_ms = calloc(n, sizeof(*gpu->p95_bound_ms));
	gpu->sized_for = calloc(n, sizeof(*gpu->sized_for));
	gpu->played_over_closed = calloc(n, sizeof(*gpu->played_over_closed));
	gpu->mig_start = calloc(n, sizeof(*gpu->mig_start));
	gpu->rows = calloc(n, sizeof(*gpu->rows));
	return gpu->mix->tenants && gpu->workload && gpu->p95_bound_ms && gpu->sized_for &&
	       gpu->played_over_closed && gpu->mig_start && gpu->rows;
}

/* The language models of a GPU. */
static enum sw_status read_models(struct sw__plan_reading *r, const struct sw_node *list,
				  struct sw_planned_gpu *gpu, struct sw_error *err)
{
	unsigned decided[SW_TENANTS_MAX] = {0};
	struct sw_mix *mix = gpu->mix;
	enum sw_status st = SW_OK;

	for (; st == SW_OK && mix->n < list->count; mix->n++)
		st = sw__read_placement(r, list->children[mix->n], mix, &gpu->workload[mix->n],
					&decided[mix->n], err);
	if (st == SW_OK && mix->n)
		st = sw__mix_check(list, r->source.path, mix, err);
	for (size_t i = 0; i < mix->n; i++) {
		read_predicted(list->children[i], gpu->p95_bound_ms[i]);
		read_played(list->children[i], gpu->played_over_closed[i]);
		gpu->sized_for[i] = sized_for(list->children[i], &mix->tenants[i].load);
		gpu->mig_start[i] = mig_start(list->children[i]);
	}
	/* Every setting was given, so that none became another; now say again which are defaults. */
	for (size_t i = 0; st == SW_OK && i < mix->n; i++)
		mix->tenants[i].engine.given = decided[i];
	return st;
}

static enum sw_status read_tenants(struct sw__plan_reading *r, const struct sw_node *list,
				   struct sw_planned_gpu *gpu, struct sw_error *err)
{
	struct sw_node *model[SW_TENANTS_MAX], models;
	enum sw_status st = sw_node_check_list(
		list, gpu->mix->mechanism == SW_EXCLUSIVE ? 1 : SW_TENANTS_MAX, "engine", err);

	if (st != SW_OK)
		return st;
	if (!allocate_tenants(gpu, list->count))
		return sw_fail(err, SW_NO_MEMORY, "%zu engines", list->count);
	models = *list;
	models.count = 0;
	models.children = model;
	for (size_t i = 0; i < list->count; i++)
		if (!sw__is_planned_row(r, list->children[i]))
			model[models.count++] = list->children[i];
	st = sw__read_planned_rows(r, list, gpu, err);
	if (st == SW_OK)
		st = read_models(r, &models, gpu, err);
	return st == SW_OK ? sw__check_planned_rows(list, gpu, err) : st;
}

static enum sw_status read_gpu(struct sw__plan_reading *r, const struct sw_node *node,
			       struct sw_planned_gpu *gpu, struct sw_error *err)
{
	struct gpu_reading reading = {
		.mechanism = SW_EXCLUSIVE, .price_per_hour = NAN, .node = NO_NODE};
	enum sw_status st = sw_node_read(node, gpu_fields, FIELD_COUNT(gpu_fields), true, &reading,
					 &r->source, NULL, err);

	if (st != SW_OK)
		return st;
	gpu->mix = calloc(1, sizeof(*gpu->mix));
	if (!gpu->mix)
		return sw_fail(err, SW_NO_MEMORY, "%s: out of memory", r->source.path);
	(void)memcpy(gpu->id, reading.id, sizeof(gpu->id));
	gpu->mix->mechanism = reading.mechanism;
	gpu->price_per_hour = reading.price_per_hour;
	gpu->node = reading.node == NO_NODE ? -1 : (long)reading.node;
	st = read_gpu_model(r, node, reading.gpu, &gpu->mix->gpu, err);
	return st == SW_OK ? read_tenants(r, sw_node_get(node, "tenants"), gpu, err) : st;
}

static enum sw_status read_gpus(struct sw__plan_reading *r, struct sw_error *err)
{
	enum sw_status st = sw_node_check_list(r->gpus, GPUS_MAX, "GPU", err);
	struct sw_plan_mixes *plan = r->plan;

	if (st != SW_OK)
		return st;
	plan->gpus = calloc(r->gpus->count, sizeof(*plan->gpus));
	if (!plan->gpus)
		return sw_fail(err, SW_NO_MEMORY, "%zu GPUs", r->gpus->count);
	for (; st == SW_OK && plan->n_gpus < r->gpus->count; plan->n_gpus++)
		st = read_gpu(r, r->gpus->children[plan->n_gpus], &plan->gpus[plan->n_gpus], err);
	return st;
}

/* The engines of one GPU behind `n` others. */
static size_t add_engines(const struct sw__plan_reading *r, const struct sw_node *node,
			  const struct sw_planned_gpu *gpu, struct name *names, size_t n)
{
	const struct sw_node *list = sw_node_get(node, "tenants");
	size_t model = 0, row = 0;

	for (size_t k = 0; k < list->count; k++) {
		bool is_row = sw__is_planned_row(r, list->children[k]);

		names[n++] =
			(struct name){is_row ? gpu->rows[row].name : gpu->mix->tenants[model].name,
				      sw_node_get(list->children[k], "replica")};
		row += is_row;
		model += !is_row;
	}
	return n;
}

/* No two workloads, no two GPUs and no two engines are called the same. */
static enum sw_status check_unique(const struct sw__plan_reading *r, struct sw_error *err)
{
	const struct sw_plan_mixes *plan = r->plan;
	size_t n = 0, most = plan->n_workloads + plan->n_gpus * SW_TENANTS_MAX;
	struct name *names = calloc(most, sizeof(*names));
	enum sw_status st;

	if (!names)
		return sw_fail(err, SW_NO_MEMORY, "%zu names", most);
	for (; n < plan->n_workloads; n++)
		names[n] = (struct name){plan->workloads[n].name,
					 sw_node_get(r->workloads->children[n], "name")};
	st = check_names(names, n, err);
	for (n = 0; n < plan->n_gpus; n++)
		names[n] = (struct name){plan->gpus[n].id, sw_node_get(r->gpus->children[n], "id")};
	if (st == SW_OK)
		st = check_names(names, n, err);
	n = 0;
	for (size_t i = 0; i < plan->n_gpus; i++)
		n = add_engines(r, r->gpus->children[i], &plan->gpus[i], names, n);
	if (st == SW_OK)
		st = check_names(names, n, err);
	free(names);
	return st;
}

static enum sw_status read_plan(struct sw__plan_reading *r, const struct sw_node *root,
				struct sw_error *err)
{
	struct plan_head head = {0};
	enum sw_status st = sw_node_read(root, plan_fields, FIELD_COUNT(plan_fields), true, &head,
					 &r->source, NULL, err);

	if (st != SW_OK)
		return st;
	r->plan->is_plan = true;
	r->plan->fit = head.fit;
	r->gpus = sw_node_get(root, "gpus");
	r->workloads = sw_node_get(root, "workloads");
	st = read_workloads(r, err);
	if (st == SW_OK)
		st = read_gpus(r, err);
	r->plan->traces = r->source.traces;
	r->plan->n_traces = r->source.n_traces;
	return st == SW_OK ? check_unique(r, err) : st;
}

/* A mix is a plan of one GPU that nobody planned. */
static enum sw_status read_mix(struct sw__plan_reading *r, const struct sw_node *root,
			       struct sw_error *err)
{
	r->plan->gpus = calloc(1, sizeof(*r->plan->gpus));
	if (!r->plan->gpus)
		return sw_fail(err, SW_NO_MEMORY, "%s: out of memory", r->source.path);
	r->plan->n_gpus = 1;
	return sw__mix_read(r->source.catalog, r->source.path, root, &r->plan->gpus->mix, err);
}

enum sw_status sw_plan_mixes_load(const sw_catalog *catalog, const char *path,
				  struct sw_plan_mixes **out, struct sw_error *err)
{
	struct sw__plan_reading r = {.source = {.catalog = catalog, .path = path}};
	struct sw_document *document = NULL;
	enum sw_status st = sw_document_load(path, &document, err);
	const struct sw_node *root;

	*out = NULL;
	if (st != SW_OK)
		return st;
	root = sw_document_root(document);
	r.plan = calloc(1, sizeof(*r.plan));
	if (!r.plan)
		st = sw_fail(err, SW_NO_MEMORY, "%s: out of memory", path);
	else if (sw_node_get(root, "format"))
		st = read_plan(&r, root, err);
	else
		st = read_mix(&r, root, err);
	if (st == SW_OK)
		*out = r.plan;
	else
		sw_plan_mixes_free(r.plan);
	sw_document_free(document);
	return st;
}

void sw_plan_mixes_free(struct sw_plan_mixes *mixes)
{
	if (!mixes)
		return;
	for (size_t i = 0; i < mixes->n_gpus; i++) {
		sw_mix_free(mixes->gpus[i].mix);
		free(mixes->gpus[i].workload);
		free(mixes->gpus[i].p95_bound_ms);
		free(mixes->gpus[i].sized_for);
		free(mixes->gpus[i].played_over_closed);
		free(mixes->gpus[i].mig_start);
		free(mixes->gpus[i].rows);
	}
	sw__traces_free(mixes->traces, mixes->n_traces);
	free(mixes->gpus);
	free(mixes->workloads);
	free(mixes);
}
