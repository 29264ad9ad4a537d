// SPDX-License-Identifier: Apache-2.0
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/text.h"
#include "check.h"
#include "slicewise/apply.h"

static struct sw_error err;
static char folder[] = "/tmp/slicewise-manifests-XXXXXX";
static sw_catalog *catalog;

static const char workloads[] = "fleet: [{gpu: a100-sxm4-80gb, count: 4, mechanism: %s}]\n"
				"workloads:\n"
				"  - name: chat\n    model: qwen3-0.6b\n    replicas: 2\n"
				"    engine: {cuda_graphs: false}\n"
				"    load: {rate: 2, prompt_tokens: 300, output_tokens: 100}\n"
				"    slo: {ttft_p95_ms: 2000, tpot_p95_ms: 100}\n"
				"  - name: %s\n    model: qwen3-1.7b\n"
				"    load: {rate: 1, prompt_tokens: 300, output_tokens: 100}\n"
				"    slo: {ttft_p95_ms: 2000, tpot_p95_ms: 100}\n";

static const char nodes[] =
	"{\"items\":[{\"metadata\":{\"name\":\"n1\",\"annotations\":"
	"{\"hami.io/node-nvidia-register\":\"[{\\\"id\\\":\\\"GPU-a\\\",\\\"count\\\":10,"
	"\\\"devmem\\\":81920,\\\"type\\\":\\\"NVIDIA-NVIDIA A100-SXM4-80GB\\\","
	"\\\"health\\\":true}]\"}}}]}";

static const char *path_of(const char *name)
{
	static char path[4][256];
	static int next;

	next = (next + 1) % 4;
	(void)snprintf(path[next], sizeof(path[0]), "%s/%s", folder, name);
	return path[next];
}

static void write_file(const char *name, const char *text)
{
	CHECK_INT(sw_file_write(path_of(name), text, strlen(text), &err), SW_OK);
}

/* A plan of the two workloads as a file. */
static void write_plan(const char *mechanism, const char *second)
{
	struct sw_problem *problem;
	struct sw_plan *plan;
	char *json, text[1024];

	(void)snprintf(text, sizeof(text), workloads, mechanism, second);
	write_file("workloads.yaml", text);
	CHECK_INT(sw_problem_load(catalog, path_of("workloads.yaml"), &problem, &err), SW_OK);
	CHECK_INT(sw_plan_solve(catalog, problem, NULL, &plan, &err), SW_OK);
	CHECK_INT(sw_plan_to_json(problem, plan, &json, &err), SW_OK);
	write_file("plan.json", json);
	free(json);
	sw_plan_free(plan);
	sw_problem_free(problem);
}

static enum sw_status make_of(const char *name, struct sw_manifests **out)
{
	const struct sw_manifest_settings settings = {.name_space = "llm"};
	struct sw_plan_mixes *plan = NULL;
	enum sw_status st;

	*out = NULL;
	CHECK_INT(sw_plan_mixes_load(catalog, path_of(name), &plan, &err), SW_OK);
	if (!plan)
		return SW_INTERNAL;
	st = sw_manifests_make(catalog, plan, path_of("nodes.json"), &settings, out, &err);
	sw_plan_mixes_free(plan);
	return st;
}

static enum sw_status make(struct sw_manifests **out)
{
	return make_of("plan.json", out);
}

static size_t count(const char *text, const char *word)
{
	size_t n = 0;

	for (; (text = strstr(text, word)); text += strlen(word))
		n++;
	return n;
}

TEST(a_file_for_each_workload_with_a_deployment_for_each_engine)
{
	struct sw_manifests *one, *other;
	struct stat status;
	struct sw_text written = {0};

	write_file("nodes.json", nodes);
	write_plan("hami", "summarise");
	CHECK_INT(make(&one), SW_OK);
	if (!one)
		return;
	CHECK_INT(one->n_files, 2);
	CHECK_STR(one->files[0].name, "chat.yaml");
	CHECK_STR(one->files[1].name, "summarise.yaml");
	CHECK_INT(count(one->files[0].text, "kind: Deployment"), 2);
	CHECK_INT(count(one->files[0].text, "kind: Service"), 1);
	CHECK_INT(count(one->files[0].text, "name: chat-1\n"), 1);
	CHECK_INT(one->n_engines, 3);
	CHECK_STR(one->engines[0].workload, "chat");
	CHECK_STR(one->engines[0].uuid, "GPU-a");
	CHECK_STR(one->engines[2].node, "n1");
	CHECK(one->engines[0].memory_mib > 1000 && one->engines[0].cores_percent > 0);
	CHECK_INT(make(&other), SW_OK);
	if (other)
		CHECK_STR(other->files[0].text, one->files[0].text);
	CHECK_INT(sw_manifests_save(one, path_of("out"), &err), SW_OK);
	CHECK_INT(sw_manifests_save(one, path_of("out"), &err), SW_OK); /* again is the same */
	CHECK_INT(sw_file_read(path_of("out/chat.yaml"), 1 << 20, &written, &err), SW_OK);
	CHECK_STR(sw_text_string(&written), one->files[0].text);
	CHECK_INT(stat(path_of("out"), &status), 0);
	sw_text_free(&written);
	sw_manifests_free(one);
	sw_manifests_free(other);
}

TEST(what_cannot_be_is_refused_and_nothing_is_made)
{
	struct sw_manifests *out;

	write_file("nodes.json", nodes);
	write_plan("mps", "summarise");
	CHECK_INT(make(&out), SW_BAD_INPUT);
	CHECK(!out && strstr(err.message, "found mps, expected hami"));
	write_plan("exclusive", "summarise"); /* three GPUs */
	CHECK_INT(make(&out), SW_INFEASIBLE);
	CHECK(!out && strstr(err.message, "1 healthy"));
	write_plan("hami", "summarise");
	write_file("nodes.json", "{\"items\": [");
	CHECK_INT(make(&out), SW_BAD_INPUT);
	CHECK(!out && strstr(err.message, "nodes.json:1"));
	CHECK_INT(unlink(path_of("nodes.json")), 0);
	CHECK_INT(make(&out), SW_IO);
	sw_manifests_free(NULL);
}

/* Three GPUs that the plan has on three nodes: a node with four will not do, whatever it has. */
TEST(a_plan_that_wants_nodes_gets_nodes)
{
	struct sw_manifests *out;
	char text[2048];
	size_t n = (size_t)snprintf(text, sizeof(text),
				    "{\"items\":[{\"metadata\":{\"name\":\"n1\",\"annotations\":"
				    "{\"hami.io/node-nvidia-register\":\"[");

	for (int i = 0; i < 4; i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n,
				      "%s{\\\"id\\\":\\\"GPU-%d\\\",\\\"index\\\":%d,"
				      "\\\"type\\\":\\\"NVIDIA A100-SXM4-80GB\\\","
				      "\\\"health\\\":true}",
				      i ? "," : "", i, i);
	(void)snprintf(text + n, sizeof(text) - n, "]\"}}}]}");
	write_file("nodes.json", text);
	write_plan("exclusive", "summarise");
	CHECK_INT(make(&out), SW_OK);
	sw_manifests_free(out);
	write_plan("exclusive, gpus_per_node: 1", "summarise");
	CHECK_INT(make(&out), SW_INFEASIBLE);
	CHECK(strstr(err.message, "node") && strstr(err.message, "apart"));
}

TEST(a_mix_is_no_plan)
{
	static const char mix[] = "gpu: a100-sxm4-80gb\nmechanism: hami\ntenants:\n"
				  "  - {name: a, model: qwen3-0.6b, share: 0.5, memory_gib: 20,\n"
				  "     load: {rate: 1, prompt_tokens: 100, output_tokens: 10}}\n";
	struct sw_manifests *out;

	write_file("nodes.json", nodes);
	write_file("mix.yaml", mix);
	CHECK_INT(make_of("mix.yaml", &out), SW_BAD_INPUT);
	CHECK(strstr(err.message, "expected a plan"));
}

static void begin(void) __attribute__((constructor));
static void begin(void)
{
	if (!mkdtemp(folder) || sw_catalog_open(&catalog, &err) != SW_OK)
		abort();
}

static void end(void) __attribute__((destructor));
static void end(void)
{
	char command[300];

	sw_catalog_free(catalog);
	(void)snprintf(command, sizeof(command), "rm -rf %s", folder);
	(void)!system(command);
}

TEST_MAIN()
