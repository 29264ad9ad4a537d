// SPDX-License-Identifier: Apache-2.0
#include "apply/kube_object.h"

#include <ctype.h>
#include <math.h>
#include <string.h>

#include "base/random.h"
#include "check.h"

static struct sw_error err;

/* RFC 1035, of which a Service's name is one: what Kubernetes would refuse. */
static bool is_label(const char *name)
{
	size_t n = strlen(name);

	if (n == 0 || n > 63 || !islower((unsigned char)name[0]) || name[n - 1] == '-')
		return false;
	for (size_t i = 0; i < n; i++)
		if (!islower((unsigned char)name[i]) && !isdigit((unsigned char)name[i]) &&
		    name[i] != '-')
			return false;
	return true;
}

TEST(names_are_those_of_workloads_where_kubernetes_has_them)
{
	char name[SW__KUBE_NAME_MAX];

	sw__kube_name("chat", 3, name);
	CHECK_STR(name, "chat-3");
	sw__kube_name("code-search-2", -1, name);
	CHECK_STR(name, "code-search-2");
}

/* Whatever a workload is called: a label, and two workloads are two. */
TEST(every_name_becomes_a_label_of_its_own)
{
	static const char letters[] = "abZ09-_. /\xc3\xa4";
	struct sw__random random = sw__random_make(1, 0);
	char one[SW__KUBE_NAME_MAX], other[SW__KUBE_NAME_MAX], text[2][120];

	for (int i = 0; i < 20000; i++) {
		for (int k = 0; k < 2; k++) {
			size_t n = 1 + sw__random_below(&random, i % 100 ? 6 : 118);

			for (size_t c = 0; c < n; c++)
				text[k][c] =
					letters[sw__random_below(&random, sizeof(letters) - 1)];
			text[k][n] = '\0';
		}
		sw__kube_name(text[0], i % 3 - 1, one);
		sw__kube_name(text[1], i % 3 - 1, other);
		CHECK(is_label(one));
		CHECK((strcmp(one, other) == 0) == (strcmp(text[0], text[1]) == 0));
	}
}

static struct sw_tenant tenant_of(double share, double memory_gib, bool graphs)
{
	return (struct sw_tenant){.slice = {.share = share, .memory_gib = memory_gib},
				  .engine = {.max_model_len = 4096,
					     .max_num_seqs = 32,
					     .max_num_batched_tokens = 2048,
					     .cuda_graphs = graphs,
					     .gpu_memory_utilization = 0.9,
					     .dtype = SW_BF16,
					     .kv_cache_dtype = SW_BF16,
					     .kv_cache_tokens = NAN,
					     .cores = NAN}};
}

TEST(hami_is_asked_for_what_binds)
{
	struct sw_tenant eager = tenant_of(0.15, 11.4375, false), graphs = tenant_of(1, 10, true);

	CHECK_INT(sw__hami_request(&eager, SW_HAMI).memory_mib, 11712);
	CHECK_INT(sw__hami_request(&eager, SW_HAMI).cores_percent, 15);
	eager.slice.share = 0.001;
	CHECK_INT(sw__hami_request(&eager, SW_HAMI).cores_percent, 1); /* 0 would be no limit */
	CHECK_INT(sw__hami_request(&graphs, SW_HAMI).cores_percent, 0);
	CHECK_INT(sw__hami_request(&graphs, SW_TIMESLICE).cores_percent, 0);
	CHECK_INT(sw__hami_request(&graphs, SW_EXCLUSIVE).cores_percent, 100);
	eager.slice.memory_gib = 10.9999;
	CHECK_INT(sw__hami_request(&eager, SW_HAMI).memory_mib, 11263);
}

static const char *text_at(const json_t *tree, const char *const *path)
{
	for (; *path; path++)
		tree = isdigit((unsigned char)**path)
			       ? json_array_get(tree, strtoul(*path, NULL, 10))
			       : json_object_get(tree, *path);
	return json_is_string(tree) ? json_string_value(tree) : "";
}

#define AT(tree, ...) text_at(tree, (const char *const[]){__VA_ARGS__, NULL})

TEST(a_deployment_is_bound_to_its_gpu_and_selects_its_own_pods)
{
	struct sw_tenant tenant = tenant_of(0.2, 10, false);
	struct sw__real_gpu gpu = {.uuid = "GPU-b0", .node = "gpu-b"};
	struct sw_gpu kind;
	sw_catalog *catalog;
	struct sw__kube_engine engine = {.workload = "chat",
					 .replica = 1,
					 .name_space = "llm",
					 .tenant = &tenant,
					 .mechanism = SW_HAMI,
					 .kind = &kind,
					 .gpu = &gpu,
					 .plan_gpu = "a100-sxm4-80gb/0"};
	const json_t *template, *limits, *container;
	json_t *tree;

	CHECK_INT(sw_catalog_open(&catalog, &err), SW_OK);
	CHECK_INT(sw_catalog_gpu(catalog, "a100-sxm4-80gb", &kind, &err), SW_OK);
	CHECK_INT(sw_catalog_model(catalog, "qwen3-0.6b", &tenant.model, &err), SW_OK);
	sw_catalog_free(catalog);
	CHECK_INT(sw__kube_deployment(&engine, &tree, &err), SW_OK);
	CHECK_STR(AT(tree, "kind"), "Deployment");
	CHECK_STR(AT(tree, "metadata", "name"), "chat-1");
	CHECK_STR(AT(tree, "metadata", "namespace"), "llm");
	CHECK_STR(AT(tree, "spec", "strategy", "type"), "Recreate");
	template = json_object_get(json_object_get(tree, "spec"), "template");
	CHECK_STR(AT(template, "metadata", "annotations", "nvidia.com/use-gpuuuid"), "GPU-b0");
	CHECK_STR(AT(template, "spec", "nodeSelector", "kubernetes.io/hostname"), "gpu-b");
	CHECK_STR(AT(template, "spec", "nodeName"), ""); /* HAMi's webhook would refuse it */
	CHECK_STR(AT(tree, "spec", "selector", "matchLabels", "app.kubernetes.io/instance"),
		  AT(template, "metadata", "labels", "app.kubernetes.io/instance"));
	container =
		json_array_get(json_object_get(json_object_get(template, "spec"), "containers"), 0);
	CHECK_STR(AT(container, "env", "0", "name"), "GPU_CORE_UTILIZATION_POLICY");
	CHECK_STR(AT(container, "env", "0", "value"), "force");
	CHECK_STR(AT(container, "command", "2"), "Qwen/Qwen3-0.6B");
	CHECK_STR(AT(container, "image"), "vllm/vllm-openai:latest");
	limits = json_object_get(json_object_get(container, "resources"), "limits");
	CHECK_INT(json_integer_value(json_object_get(limits, "nvidia.com/gpu")), 1);
	CHECK_INT(json_integer_value(json_object_get(limits, "nvidia.com/gpumem")), 10240);
	CHECK_INT(json_integer_value(json_object_get(limits, "nvidia.com/gpucores")), 20);
	json_decref(tree);
	(void)snprintf(tenant.engine.version, sizeof(tenant.engine.version), "0.14.0");
	tenant.engine.cuda_graphs = true;
	tenant.engine.cores = 2.5;
	CHECK_INT(sw__kube_deployment(&engine, &tree, &err), SW_OK);
	template = json_object_get(json_object_get(tree, "spec"), "template");
	container =
		json_array_get(json_object_get(json_object_get(template, "spec"), "containers"), 0);
	limits = json_object_get(json_object_get(container, "resources"), "limits");
	CHECK(!json_object_get(limits, "nvidia.com/gpucores"));
	CHECK_INT(json_integer_value(json_object_get(limits, "cpu")), 3);
	CHECK_STR(AT(container, "image"), "vllm/vllm-openai:v0.14.0");
	json_decref(tree);
}

TEST(a_service_is_of_all_replicas)
{
	json_t *tree = sw__kube_service("chat", NULL);

	CHECK_STR(AT(tree, "metadata", "name"), "chat");
	CHECK_STR(AT(tree, "spec", "selector", "app.kubernetes.io/name"), "chat");
	CHECK_STR(AT(tree, "spec", "selector", "app.kubernetes.io/instance"), "");
	CHECK(!json_object_get(json_object_get(tree, "metadata"), "namespace"));
	json_decref(tree);
}

TEST_MAIN()
