// SPDX-License-Identifier: Apache-2.0
#include "apply/kube_object.h"

#include <ctype.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"

static const double MIB_PER_GIB = 1024;
/* An engine may take so long to load its weights and to compile before it is given up: 15 minutes. */
enum { PROBE_S = 5, START_PROBES = 180, HASH_DIGITS = 8 };

/* FNV-1a. */
static uint32_t hash_of(const char *text)
{
	uint32_t hash = 2166136261u;

	for (; *text; text++)
		hash = (hash ^ (unsigned char)*text) * 16777619u;
	return hash;
}

/* Lower case, digits and single dashes within; *changed where another name could come out the same. */
static void put_label(const char *text, char *out, size_t size, bool *changed)
{
	size_t n = 0;

	*changed = false;
	for (; *text; text++) {
		char c = (char)tolower((unsigned char)*text);
		bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');

		*changed |= (!plain && c != '-') || c != *text || n + 1 >= size;
		if (n + 1 >= size)
			break;
		if (plain || (n > 0 && out[n - 1] != '-'))
			out[n++] = plain ? c : '-';
		else
			*changed = true;
	}
	*changed |= n > 0 && out[n - 1] == '-';
	while (n > 0 && out[n - 1] == '-')
		n--;
	out[n] = '\0';
}

void sw__kube_name(const char *workload, long replica, char out[SW__KUBE_NAME_MAX])
{
	char number[24] = "", label[SW__KUBE_NAME_MAX - sizeof(number) - HASH_DIGITS - 2];
	bool changed;

	if (replica >= 0)
		(void)snprintf(number, sizeof(number), "-%ld", replica);
	put_label(workload, label, sizeof(label), &changed);
	/* A Service's name begins with a letter (RFC 1035). */
	if (changed || !isalpha((unsigned char)label[0]))
		(void)snprintf(out, SW__KUBE_NAME_MAX, "%s%s%s%08x%s",
			       isalpha((unsigned char)label[0]) ? "" : "w", label,
			       label[0] ? "-" : "", hash_of(workload), number);
	else
		(void)snprintf(out, SW__KUBE_NAME_MAX, "%s%s", label, number);
}

struct sw__hami_request sw__hami_request(const struct sw_tenant *tenant,
					 enum sw_mechanism mechanism)
{
	struct sw__hami_request out = {
		.memory_mib = (unsigned)floor(tenant->slice.memory_gib * MIB_PER_GIB + 1e-6)};

	if (mechanism == SW_EXCLUSIVE)
		out.cores_percent = 100;
	else if (mechanism == SW_HAMI && !tenant->engine.cuda_graphs)
		out.cores_percent = (unsigned)fmax(1, round(100 * tenant->slice.share));
	return out;
}

/* json_pack() with a NULL where memory is out is NULL itself, and releases the rest. */
static json_t *labels_of(const struct sw__kube_engine *e, const char *service, const char *name)
{
	return json_pack("{s:s, s:s, s:s, s:s}", "app.kubernetes.io/name", service,
			 "app.kubernetes.io/instance", name, "app.kubernetes.io/managed-by",
			 "slicewise", "slicewise.io/engine",
			 sw_engine_name(e->tenant->engine.kind));
}

static json_t *args_json(const struct sw__engine_args *args)
{
	json_t *list = json_array();

	for (size_t i = 0; list && i < args->n; i++)
		if (json_array_append_new(list, json_string(args->at[i])) != 0) {
			json_decref(list);
			list = NULL;
		}
	return list;
}

static json_t *limits_of(const struct sw__kube_engine *e)
{
	struct sw__hami_request request = sw__hami_request(e->tenant, e->mechanism);
	json_t *limits = json_pack("{s:i, s:i}", "nvidia.com/gpu", 1, "nvidia.com/gpumem",
				   (int)request.memory_mib);

	if (limits && request.cores_percent > 0)
		(void)json_object_set_new(limits, "nvidia.com/gpucores",
					  json_integer(request.cores_percent));
	if (limits && sw_known(e->tenant->engine.cores))
		(void)json_object_set_new(limits, "cpu",
					  json_integer((json_int_t)ceil(e->tenant->engine.cores)));
	return limits;
}

static json_t *probe(int failures)
{
	return json_pack("{s:{s:s, s:i}, s:i, s:i}", "httpGet", "path", "/health", "port",
			 SW__ENGINE_PORT, "periodSeconds", PROBE_S, "failureThreshold", failures);
}

static void image_of(const struct sw_engine *engine, char out[SW__ENGINE_ARG_MAX])
{
	static const struct {
		const char *repository, *before, *latest;
	} images[SW_ENGINE_COUNT] = {
		[SW_VLLM] = {"vllm/vllm-openai", "v", "latest"},
		[SW_SGLANG] = {"lmsysorg/sglang", "v", "latest"},
		[SW_TENSORRT_LLM] = {"nvcr.io/nvidia/tensorrt-llm/release", "", "latest"},
		[SW_LLAMA_CPP] = {"ghcr.io/ggml-org/llama.cpp", "", "server-cuda"},
	};
	const char *version = engine->version;

	(void)snprintf(out, SW__ENGINE_ARG_MAX, "%s:%s%s", images[engine->kind].repository,
		       version[0] ? images[engine->kind].before : "",
		       version[0] ? version : images[engine->kind].latest);
}

/* The policy without which HAMi's monitor lets the limit go, and what the engine needs besides. */
static json_t *environment_of(const struct sw__engine_args *args)
{
	json_t *list =
		json_pack("[{s:s, s:s}]", "name", "GPU_CORE_UTILIZATION_POLICY", "value", "force");
	const char *equals = args->environment ? strchr(args->environment, '=') : NULL;

	if (list && equals)
		(void)json_array_append_new(
			list, json_pack("{s:s%, s:s}", "name", args->environment,
					(size_t)(equals - args->environment), "value", equals + 1));
	return list;
}

static json_t *container(const struct sw__kube_engine *e, const struct sw__engine_args *args)
{
	char image[SW__ENGINE_ARG_MAX];

	image_of(&e->tenant->engine, image);
	return json_pack("{s:s, s:s, s:o, s:o, s:[{s:s, s:i}], s:{s:o}, s:o, s:o}", "name",
			 "engine", "image", e->image ? e->image : image, "command", args_json(args),
			 "env", environment_of(args), "ports", "name", "http", "containerPort",
			 SW__ENGINE_PORT, "resources", "limits", limits_of(e), "startupProbe",
			 probe(START_PROBES), "readinessProbe", probe(3));
}

/* For Prometheus, for HAMi's scheduler, for a gateway that lets in so many requests at once, and for people who ask why. */
static json_t *annotations(const struct sw__kube_engine *e)
{
	char port[16], limit[16];
	json_t *out;

	(void)snprintf(port, sizeof(port), "%d", SW__ENGINE_PORT);
	(void)snprintf(limit, sizeof(limit), "%u", e->tenant->max_in_flight);
	out = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s}", "nvidia.com/use-gpuuuid", e->gpu->uuid,
			"nvidia.com/vgpu-mode", "hami-core", "slicewise.io/gpu", e->plan_gpu,
			"prometheus.io/scrape", "true", "prometheus.io/port", port,
			"prometheus.io/path", "/metrics");
	if (out && e->tenant->max_in_flight > 0)
		(void)json_object_set_new(out, "slicewise.io/max-in-flight", json_string(limit));
	return out;
}

static json_t *metadata(const char *name, const char *name_space)
{
	json_t *out = json_pack("{s:s}", "name", name);

	if (out && name_space)
		(void)json_object_set_new(out, "namespace", json_string(name_space));
	return out;
}

static json_t *pod_template(const struct sw__kube_engine *e, const char *service, const char *name,
			    const struct sw__engine_args *args)
{
	return json_pack("{s:{s:o, s:o}, s:{s:{s:s}, s:[o]}}", "metadata", "labels",
			 labels_of(e, service, name), "annotations", annotations(e), "spec",
			 "nodeSelector", "kubernetes.io/hostname", e->gpu->node, "containers",
			 container(e, args));
}

/* Two of it at once would need twice the slice: the old one goes first. */
static json_t *deployment(const struct sw__kube_engine *e, const struct sw__engine_args *args)
{
	char name[SW__KUBE_NAME_MAX], service[SW__KUBE_NAME_MAX];
	json_t *meta;

	sw__kube_name(e->workload, (long)e->replica, name);
	sw__kube_name(e->workload, -1, service);
	meta = metadata(name, e->name_space);
	if (meta)
		(void)json_object_set_new(meta, "labels", labels_of(e, service, name));
	return json_pack("{s:s, s:s, s:o, s:{s:i, s:{s:s}, s:{s:{s:s, s:s}}, s:o}}", "apiVersion",
			 "apps/v1", "kind", "Deployment", "metadata", meta, "spec", "replicas", 1,
			 "strategy", "type", "Recreate", "selector", "matchLabels",
			 "app.kubernetes.io/name", service, "app.kubernetes.io/instance", name,
			 "template", pod_template(e, service, name, args));
}

static enum sw_status args_of(const struct sw__kube_engine *engine, struct sw__engine_args *out,
			      struct sw_error *err)
{
	const struct sw_tenant *t = engine->tenant;
	struct sw__engine_start start = {.engine = &t->engine,
					 .model = &t->model,
					 .served_as = engine->workload,
					 .port = SW__ENGINE_PORT};
	struct sw_text reference = {0};
	struct sw_slice slice = t->slice;
	enum sw_status st;

	slice.mechanism = engine->mechanism;
	st = sw_memory_fit(engine->kind, &t->model, &t->engine, &slice, &start.fit, err);
	if (st == SW_OK)
		st = sw__model_reference(&t->model, &reference, err);
	start.reference = sw_text_string(&reference);
	if (st == SW_OK)
		st = sw__engine_args(&start, out, err);
	sw_text_free(&reference);
	return st;
}

enum sw_status sw__kube_deployment(const struct sw__kube_engine *engine, json_t **out,
				   struct sw_error *err)
{
	struct sw__engine_args args;
	enum sw_status st = args_of(engine, &args, err);

	*out = NULL;
	if (st != SW_OK)
		return st;
	*out = deployment(engine, &args);
	return *out ? SW_OK : sw_fail(err, SW_NO_MEMORY, "%s", engine->workload);
}

json_t *sw__kube_service(const char *workload, const char *name_space)
{
	char name[SW__KUBE_NAME_MAX];
	json_t *meta;

	sw__kube_name(workload, -1, name);
	meta = metadata(name, name_space);
	return json_pack("{s:s, s:s, s:o, s:{s:{s:s}, s:[{s:s, s:i, s:s}]}}", "apiVersion", "v1",
			 "kind", "Service", "metadata", meta, "spec", "selector",
			 "app.kubernetes.io/name", name, "ports", "name", "http", "port", 80,
			 "targetPort", "http");
}
