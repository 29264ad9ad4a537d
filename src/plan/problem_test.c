// SPDX-License-Identifier: Apache-2.0
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "check.h"
#include "slicewise/plan.h"

static struct sw_error err;

static enum sw_status load_path(const char *path, struct sw_problem **problem)
{
	sw_catalog *catalog = NULL;
	enum sw_status st;

	err.message[0] = '\0';
	CHECK_INT(sw_catalog_open(&catalog, &err), SW_OK);
	st = sw_problem_load(catalog, path, problem, &err);
	sw_catalog_free(catalog);
	return st;
}

static enum sw_status load(const char *text, struct sw_problem **problem)
{
	char path[] = "/tmp/slicewise-problem-XXXXXX";
	int fd = mkstemp(path);
	enum sw_status st;

	if (!CHECK(fd >= 0))
		return SW_IO;
	(void)close(fd);
	CHECK_INT(sw_file_write(path, text, strlen(text), &err), SW_OK);
	st = load_path(path, problem);
	(void)unlink(path);
	return st;
}

#define FLEET      "fleet:\n  - {gpu: l4, mechanism: mps}\n  - {gpu: quadro-rtx-6000, mechanism: hami}\n"
#define WORKLOADS  "workloads:\n"
#define LOAD       "load: {rate: 6, prompt_tokens: {mean: 800, p95: 3000}, output_tokens: 200}"
#define CHAT(more) "  - {name: chat, model: qwen3-0.6b, " LOAD more "}\n"

TEST(keys_and_what_is_left_out)
{
	struct sw_problem *problem = NULL;
	const struct sw_workload *w;

	if (!CHECK(load("fleet:\n  - {gpu: a100-sxm4-80gb, count: 8, mechanism: hami, "
			"price_per_hour: "
			"1.8, gpus_per_node: 8, cores_per_node: 64, max_tenants: 5}\n"
			"  - {gpu: l4, mechanism: exclusive}\n" WORKLOADS
			"  - name: a\n    model: qwen3-0.6b\n    engine: {name: vllm, "
			"max_num_seqs: 64}\n"
			"    " LOAD
			"\n    slo: {ttft_p95_ms: 500, tpot_p95_ms: 40}\n    replicas: 2\n"
			"    spread: true\n    isolation: process\n    gpus: [l4]\n"
			"  - {name: b, model: qwen3-1.7b, " LOAD "}\n",
			&problem) == SW_OK)) {
		printf("    %s\n", err.message);
		return;
	}
	CHECK_INT(problem->n_fleet, 2);
	CHECK_INT(problem->n_workloads, 2);
	CHECK_NEAR(problem->fleet[0].count, 8, 0);
	CHECK_NEAR(problem->fleet[0].gpus_per_node, 8, 0);
	CHECK_INT(problem->fleet[0].max_tenants, 5);
	CHECK_INT(problem->fleet[0].mechanism, SW_HAMI);
	CHECK(isinf(problem->fleet[1].count));
	CHECK_NEAR(problem->fleet[1].price_per_hour, 1, 0);
	CHECK_INT(problem->fleet[1].max_tenants, 1);
	CHECK(isnan(problem->fleet[1].cores_per_node));
	w = &problem->workloads[0];
	CHECK_INT(w->replicas, 2);
	CHECK(w->spread);
	CHECK_INT(w->isolation, SW_ISOLATION_PROCESS);
	CHECK_INT(w->n_gpus, 1);
	CHECK_STR(w->gpus[0], "l4");
	CHECK_INT(w->engine.given, SW_KEY_NAME | SW_KEY_MAX_NUM_SEQS);
	CHECK_NEAR(w->slo.bound_ms[SW_TTFT][SW_P95], 500, 0);
	w = &problem->workloads[1];
	CHECK_INT(w->engine.given, 0);
	CHECK_INT(w->replicas, 0);
	CHECK(isnan(w->slo.bound_ms[SW_TTFT][SW_P95]));
	sw_problem_free(problem);
}

TEST(settings_that_one_kind_of_gpu_refuses_narrow_the_choice_only)
{
	struct sw_problem *problem = NULL;

	CHECK_INT(load(FLEET WORKLOADS CHAT(", engine: {dtype: bfloat16}"), &problem), SW_OK);
	sw_problem_free(problem);
	CHECK_INT(load("fleet:\n  - {gpu: quadro-rtx-6000, mechanism: hami}\n" WORKLOADS CHAT(
			       ", engine: {dtype: bfloat16}"),
		       &problem),
		  SW_BAD_INPUT);
	CHECK(strstr(err.message, ":4: workloads[0].engine: "));
	CHECK_INT(load(FLEET WORKLOADS CHAT(", engine: {max_num_seqs: 4096}"), &problem), SW_OK);
	sw_problem_free(problem);
}

TEST(bad_input_is_refused_with_place_and_reason)
{
	static const char *const cases[][2] = {
		{FLEET, ":1: key workloads is missing"},
		{WORKLOADS CHAT(""), ":1: key fleet is missing"},
		{"fleet: []\n" WORKLOADS CHAT(""),
		 ":1: fleet: found an empty list, expected a list of at least one"},
		{FLEET "workloads: 7\n", ":4: workloads: found 7"},
		{FLEET WORKLOADS CHAT("") CHAT(""),
		 ":6: workloads[1].name: found \"chat\", expected a name that no"},
		{FLEET WORKLOADS CHAT(", replicas: 0"), "workloads[0].replicas: found 0"},
		{FLEET WORKLOADS CHAT(", gpus: [h100-sxm]"),
		 "workloads[0].gpus[0]: found \"h100-sxm\", expected a GPU of the fleet: l4, "
		 "quadro"},
		{FLEET WORKLOADS CHAT(", gpus: l4"),
		 "workloads[0].gpus: found \"l4\", expected a list"},
		{FLEET WORKLOADS CHAT(", isolation: none"),
		 "isolation: found \"none\", expected one of shared, process, hardware"},
		{FLEET WORKLOADS CHAT(", engine: {max_model_len: 50000}"), "workloads[0].engine: "},
		{FLEET WORKLOADS CHAT(", engine: {max_model_len: 900}"),
		 "the mean request has 1000 tokens"},
		{FLEET WORKLOADS CHAT(", engine: {max_num_seqs: 100, max_num_batched_tokens: 64}"),
		 "workloads[0].engine: max_num_batched_tokens"},
		{FLEET WORKLOADS "  - {model: qwen3-0.6b, " LOAD "}\n", "key name is missing"},
		{FLEET WORKLOADS "  - {name: a, model: qwen3-0.6b}\n", "key load is missing"},
		{FLEET WORKLOADS "  - {name: a, model: qwen3-0.6b, replicas: 3, load: "
				 "{concurrency: 2, prompt_tokens: 1, output_tokens: 1}}\n",
		 "replicas: found 3, expected at most as many replicas as requests in flight (2)"},
		{FLEET WORKLOADS CHAT(", limit: 4"), "workloads[0].limit: unknown key"},
		{"fleet:\n  - {gpu: l4}\n" WORKLOADS CHAT(""),
		 "fleet[0]: key mechanism is missing"},
		{"fleet:\n  - {gpu: l4, mechanism: mps, count: 0}\n" WORKLOADS CHAT(""),
		 "fleet[0].count: found 0"},
		{"fleet:\n  - {gpu: l4, mechanism: mps, count: 1.5}\n" WORKLOADS CHAT(""),
		 "fleet[0].count: found 1.5"},
		{"fleet:\n  - {gpu: l4, mechanism: mps, price_per_hour: -1}\n" WORKLOADS CHAT(""),
		 "price_per_hour: found -1"},
		{"fleet:\n  - {gpu: l4, mechanism: mig}\n" WORKLOADS CHAT(""),
		 "fleet[0].mechanism: l4 has no MIG"},
		{"fleet:\n  - {gpu: l4, mechanism: exclusive, max_tenants: 2}\n" WORKLOADS CHAT(""),
		 "max_tenants: found 2, expected 1 under exclusive"},
		{"fleet:\n  - {gpu: nope, mechanism: mps}\n" WORKLOADS CHAT(""), "fleet[0].gpu: "},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct sw_problem *problem = NULL;

		CHECK_INT(load(cases[i][0], &problem), SW_BAD_INPUT);
		if (!CHECK(strstr(err.message, cases[i][1])))
			printf("    %zu: %s\n    expected %s\n", i, err.message, cases[i][1]);
		CHECK(!problem);
		sw_problem_free(problem);
	}
}

TEST(the_examples_read)
{
	static const char *const mixes[] = {"mix-qwen3-4b-pair", "mix-alone", "mix-four-small",
					    "mix-timeslice"};
	struct sw_problem *problem = NULL;
	sw_catalog *catalog = NULL;
	char path[512];

	CHECK_INT(load_path(SW_SOURCE_DIR "/examples/six-models.yaml", &problem), SW_OK);
	CHECK(problem && problem->n_workloads == 6);
	sw_problem_free(problem);
	CHECK_INT(sw_catalog_open(&catalog, &err), SW_OK);
	for (size_t i = 0; i < sizeof(mixes) / sizeof(mixes[0]); i++) {
		struct sw_mix *mix;

		(void)snprintf(path, sizeof(path), "%s/examples/%s.yaml", SW_SOURCE_DIR, mixes[i]);
		if (!CHECK(sw_mix_load(catalog, path, &mix, &err) == SW_OK))
			printf("    %s\n", err.message);
		CHECK(!mix || !mix->warning);
		sw_mix_free(mix);
	}
	sw_catalog_free(catalog);
}

TEST_MAIN()
