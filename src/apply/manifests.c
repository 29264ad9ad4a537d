// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "apply/kube_object.h"
#include "apply/seats.h"
#include "apply/yaml_out.h"
#include "base/error.h"
#include "base/file.h"
#include "slicewise/apply.h"

struct making {
	const struct sw_plan_mixes *plan;
	const struct sw__inventory *inventory;
	const struct sw_manifest_settings *settings;
	size_t *seat; /* of each GPU of the plan */
	struct sw_manifests *out;
	struct sw_error *err;
};

static enum sw_status check_mechanism(const struct sw_planned_gpu *gpu, struct sw_error *err)
{
	enum sw_mechanism m = gpu->mix->mechanism;

	if (gpu->n_rows > 0)
		return sw_fail(
			err, SW_BAD_INPUT,
			"%s: found a workload measured as a table, expected language models: how "
			"%s is started is not known",
			gpu->id, gpu->rows[0].name);
	return m == SW_HAMI || m == SW_TIMESLICE || m == SW_EXCLUSIVE
		       ? SW_OK
		       : sw_fail(err, SW_BAD_INPUT,
				 "%s: mechanism: found %s, expected hami, timeslice or exclusive: "
				 "HAMi has no other that takes a share",
				 gpu->id, sw_mechanism_name(m));
}

/* "chat/3" is replica 3 of chat. */
static unsigned replica_of(const struct sw_tenant *tenant)
{
	const char *slash = strrchr(tenant->name, '/');

	return slash ? (unsigned)strtoul(slash + 1, NULL, 10) : 0;
}

static enum sw_status add_document(struct making *m, json_t *tree, struct sw_text *text)
{
	if (tree)
		sw__yaml_write(tree, text);
	if (!tree || !sw_text_ok(text)) {
		json_decref(tree);
		return sw_fail(m->err, SW_NO_MEMORY, "manifests");
	}
	json_decref(tree);
	return SW_OK;
}

static void add_seat(struct making *m, const struct sw__kube_engine *engine)
{
	struct sw__hami_request request = sw__hami_request(engine->tenant, engine->mechanism);
	struct sw_seated_engine *seated = &m->out->engines[m->out->n_engines++];

	seated->replica = engine->replica;
	seated->memory_mib = request.memory_mib;
	seated->cores_percent = request.cores_percent;
	(void)snprintf(seated->workload, sizeof(seated->workload), "%s", engine->workload);
	(void)snprintf(seated->plan_gpu, sizeof(seated->plan_gpu), "%s", engine->plan_gpu);
	(void)snprintf(seated->uuid, sizeof(seated->uuid), "%s", engine->gpu->uuid);
	(void)snprintf(seated->node, sizeof(seated->node), "%s", engine->gpu->node);
}

static enum sw_status add_engine(struct making *m, size_t gpu, size_t tenant, struct sw_text *text)
{
	const struct sw_planned_gpu *planned = &m->plan->gpus[gpu];
	const struct sw_tenant *t = &planned->mix->tenants[tenant];
	struct sw__kube_engine engine = {.workload =
						 m->plan->workloads[planned->workload[tenant]].name,
					 .replica = replica_of(t),
					 .name_space = m->settings->name_space,
					 .image = m->settings->image,
					 .tenant = t,
					 .mechanism = planned->mix->mechanism,
					 .kind = &planned->mix->gpu,
					 .gpu = &m->inventory->gpu[m->seat[gpu]],
					 .plan_gpu = planned->id};
	json_t *tree;
	enum sw_status st = sw__kube_deployment(&engine, &tree, m->err);

	if (st == SW_OK)
		add_seat(m, &engine);
	return st == SW_OK ? add_document(m, tree, text) : st;
}

static enum sw_status add_replica(struct making *m, size_t workload, unsigned replica,
				  struct sw_text *text)
{
	for (size_t i = 0; i < m->plan->n_gpus; i++)
		for (size_t k = 0; k < m->plan->gpus[i].mix->n; k++)
			if (m->plan->gpus[i].workload[k] == workload &&
			    replica_of(&m->plan->gpus[i].mix->tenants[k]) == replica)
				return add_engine(m, i, k, text);
	return SW_OK;
}

/* One more than the largest number of a replica: a plan that was changed has gaps. */
static unsigned replicas_until(const struct making *m, size_t workload)
{
	unsigned n = 0;

	for (size_t i = 0; i < m->plan->n_gpus; i++)
		for (size_t k = 0; k < m->plan->gpus[i].mix->n; k++)
			if (m->plan->gpus[i].workload[k] == workload &&
			    replica_of(&m->plan->gpus[i].mix->tenants[k]) >= n)
				n = replica_of(&m->plan->gpus[i].mix->tenants[k]) + 1;
	return n;
}

static enum sw_status add_workload(struct making *m, size_t workload)
{
	const char *name = m->plan->workloads[workload].name;
	struct sw_manifest *file = &m->out->files[m->out->n_files];
	unsigned n = replicas_until(m, workload);
	struct sw_text text = {0};
	char label[SW__KUBE_NAME_MAX];
	enum sw_status st;

	if (n == 0)
		return SW_OK;
	sw__kube_name(name, -1, label);
	(void)snprintf(file->name, sizeof(file->name), "%s.yaml", label);
	st = add_document(m, sw__kube_service(name, m->settings->name_space), &text);
	for (unsigned r = 0; r < n && st == SW_OK; r++)
		st = add_replica(m, workload, r, &text);
	file->text = text.data;
	file->size = text.size;
	m->out->n_files++;
	return st;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct sw_manifest *)a)->name, ((const struct sw_manifest *)b)->name);
}

static int by_workload(const void *a, const void *b)
{
	const struct sw_seated_engine *x = a, *y = b;
	int order = strcmp(x->workload, y->workload);

	return order ? order : (x->replica > y->replica) - (x->replica < y->replica);
}

/* Two names that are the same as Kubernetes has them would be one object. */
static enum sw_status sort(struct sw_manifests *out, struct sw_error *err)
{
	qsort(out->files, out->n_files, sizeof(*out->files), by_name);
	qsort(out->engines, out->n_engines, sizeof(*out->engines), by_workload);
	for (size_t i = 1; i < out->n_files; i++)
		if (strcmp(out->files[i - 1].name, out->files[i].name) == 0)
			return sw_fail(
				err, SW_BAD_INPUT,
				"two workloads are both %s as Kubernetes has names, expected "
				"one",
				out->files[i].name);
	return SW_OK;
}

static enum sw_status make_room(struct making *m)
{
	size_t engines = 0;

	for (size_t i = 0; i < m->plan->n_gpus; i++)
		engines += m->plan->gpus[i].mix->n;
	m->seat = calloc(m->plan->n_gpus + 1, sizeof(*m->seat));
	m->out->files = calloc(m->plan->n_workloads + 1, sizeof(*m->out->files));
	m->out->engines = calloc(engines + 1, sizeof(*m->out->engines));
	return m->seat && m->out->files && m->out->engines
		       ? SW_OK
		       : sw_fail(m->err, SW_NO_MEMORY, "%zu engines", engines);
}

static enum sw_status make(struct making *m)
{
	enum sw_status st = make_room(m);

	for (size_t i = 0; i < m->plan->n_gpus && st == SW_OK; i++)
		st = check_mechanism(&m->plan->gpus[i], m->err);
	if (st == SW_OK)
		st = sw__seats_choose(m->plan, m->inventory, NULL, m->seat, m->err);
	for (size_t w = 0; w < m->plan->n_workloads && st == SW_OK; w++)
		st = add_workload(m, w);
	return st == SW_OK ? sort(m->out, m->err) : st;
}

enum sw_status sw_manifests_make(const sw_catalog *catalog, const struct sw_plan_mixes *plan,
				 const char *nodes_path,
				 const struct sw_manifest_settings *settings,
				 struct sw_manifests **out, struct sw_error *err)
{
	static const struct sw_manifest_settings none = {0};
	struct sw__inventory inventory = {0};
	struct making m = {.plan = plan,
			   .inventory = &inventory,
			   .settings = settings ? settings : &none,
			   .out = calloc(1, sizeof(struct sw_manifests)),
			   .err = err};
	enum sw_status st;

	*out = NULL;
	if (!m.out)
		return sw_fail(err, SW_NO_MEMORY, "manifests");
	if (!plan->is_plan)
		st = sw_fail(err, SW_BAD_INPUT,
			     "found a mix, expected a plan: a mix says of no "
			     "engine which replica of what it is");
	else
		st = sw__inventory_load(catalog, nodes_path, &inventory, err);
	if (st == SW_OK)
		st = make(&m);
	sw__inventory_free(&inventory);
	free(m.seat);
	if (st == SW_OK)
		*out = m.out;
	else
		sw_manifests_free(m.out);
	return st;
}

enum sw_status sw_manifests_save(const struct sw_manifests *manifests, const char *folder,
				 struct sw_error *err)
{
	enum sw_status st = SW_OK;

	if (mkdir(folder, 0777) != 0 && errno != EEXIST)
		return sw_fail(err, SW_IO, "%s: %s", folder, strerror(errno));
	for (size_t i = 0; i < manifests->n_files && st == SW_OK; i++) {
		const struct sw_manifest *file = &manifests->files[i];
		struct sw_text path = {0};

		sw_text_addf(&path, "%s/%s", folder, file->name);
		st = sw_text_ok(&path)
			     ? sw_file_write(sw_text_string(&path), file->text, file->size, err)
			     : sw_fail(err, SW_NO_MEMORY, "%s", folder);
		sw_text_free(&path);
	}
	return st;
}

void sw_manifests_free(struct sw_manifests *manifests)
{
	if (!manifests)
		return;
	for (size_t i = 0; i < manifests->n_files; i++)
		free(manifests->files[i].text);
	free(manifests->files);
	free(manifests->engines);
	free(manifests);
}
