// SPDX-License-Identifier: Apache-2.0
/* What a workloads file wishes, and wishes that contradict each other, with numbers. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "check.h"
#include "slicewise/plan.h"

static struct sw_error err;

static enum sw_status load(const char *text, struct sw_problem **problem)
{
	char path[] = "/tmp/slicewise-wishes-XXXXXX";
	sw_catalog *catalog = NULL;
	int fd = mkstemp(path);
	enum sw_status st;

	*problem = NULL;
	if (!CHECK(fd >= 0))
		return SW_IO;
	(void)close(fd);
	err.message[0] = '\0';
	CHECK_INT(sw_file_write(path, text, strlen(text), &err), SW_OK);
	CHECK_INT(sw_catalog_open(&catalog, &err), SW_OK);
	st = sw_problem_load(catalog, path, problem, &err);
	sw_catalog_free(catalog);
	(void)unlink(path);
	return st;
}

#define FLEET                                                                             \
	"fleet:\n"                                                                        \
	"  - {gpu: l4, mechanism: mps, count: 4, gpus_per_node: 2, cores_per_node: 32}\n" \
	"  - {gpu: a10, mechanism: mps, count: 1}\n"
#define LOAD               "load: {rate: 6, prompt_tokens: 800, output_tokens: 200}"
#define CHAT(more)         "  - {name: chat, model: qwen3-0.6b, " LOAD more "}\n"
#define CODE(more)         "  - {name: code, model: qwen3-0.6b, " LOAD more "}\n"
#define FILE_OF(workloads) FLEET "workloads:\n" workloads

TEST(wishes_of_the_file_and_of_workloads)
{
	struct sw_problem *problem;
	const struct sw_workload *w;

	if (!CHECK(load("survive: {nodes: 1}\nroom: 0.1\nrouter: weighted\n" FILE_OF(CHAT("") CODE(
				", survive: 2, room: 0, router: equal") "  - {name: sum, model: "
									"qwen3-0.6b, " LOAD
									", survive: 0, gpus: "
									"[l4/0, a10], not_with: "
									"[chat]}\n"),
			&problem) == SW_OK)) {
		printf("    %s\n", err.message);
		return;
	}
	w = problem->workloads;
	CHECK(w[0].survive.nodes == 1 && w[0].survive.gpus == 0);
	CHECK_NEAR(w[0].room, 0.1, 0);
	CHECK_INT(w[0].router, SW_ROUTER_WEIGHTED);
	CHECK(w[1].survive.nodes == 0 && w[1].survive.gpus == 2);
	CHECK_NEAR(w[1].room, 0, 0);
	CHECK_INT(w[1].router, SW_ROUTER_EQUAL);
	CHECK(w[2].survive.nodes == 0 && w[2].survive.gpus == 0);
	CHECK_INT(w[2].n_gpus, 2);
	CHECK_STR(w[2].gpus[0], "l4/0");
	/* Named by one of the two, known to both. */
	CHECK(w[2].n_not_with == 1 && strcmp(w[2].not_with[0], "chat") == 0);
	CHECK(w[0].n_not_with == 1 && strcmp(w[0].not_with[0], "sum") == 0);
	CHECK_INT(w[1].n_not_with, 0);
	sw_problem_free(problem);
}

TEST(named_by_both_is_named_once)
{
	struct sw_problem *problem;

	CHECK_INT(load(FILE_OF(CHAT(", not_with: [code]") CODE(", not_with: [chat, chat]")),
		       &problem),
		  SW_OK);
	CHECK(problem && problem->workloads[0].n_not_with == 1 &&
	      problem->workloads[1].n_not_with == 1);
	sw_problem_free(problem);
	CHECK_INT(load(FILE_OF(CHAT(", gpu: [l4]")), &problem), SW_OK);
	CHECK(problem && problem->workloads[0].n_gpus == 1);
	sw_problem_free(problem);
}

TEST(contradictions_are_refused_with_numbers)
{
	static const char *const cases[][2] = {
		{CHAT(", survive: 1, replicas: 1"),
		 "replicas: found 1, expected at least 2: of 1 that may be lost"},
		{CHAT(", spread: true, replicas: 6"),
		 "replicas: found 6, expected at most 5: each is on a GPU of its own (spread)"},
		{CHAT(", survive: 1, gpus: [l4], replicas: 5"),
		 "replicas: found 5, expected at most 4: each is on a GPU of its own (survive)"},
		{CHAT(", survive: 1, gpus: [a10]"),
		 "survive: 1 GPU may be lost, and chat may use 1"},
		{CHAT(", survive: 1, gpus: [l4/3]"),
		 "survive: 1 GPU may be lost, and chat may use 1"},
		{CHAT(", survive: {nodes: 2}"), "survive: 2 nodes may be lost, and chat may use 2"},
		{CHAT(", survive: {nodes: 1}, gpus: [a10]"),
		 "may use 0 (gpus_per_node says what a node is)"},
		{CHAT(", survive: {nodes: 1}, replicas: 3"),
		 "replicas: found 3, expected at most 2: each is on a node of its own"},
		{CHAT(", survive: {gpu: 1}"), "survive.gpu: unknown key; did you mean gpus?"},
		{CHAT(", survive: -1"), "survive: found -1, expected a whole number"},
		{CHAT(", survive: some"), "survive: found \"some\", expected a map"},
		{CHAT(", room: -0.1"), "room: found -0.1, expected a number (growth of the load"},
		{CHAT(", router: random"),
		 "router: found \"random\", expected one of equal, weighted"},
		{CHAT(", gpus: [l4/4]"),
		 "gpus[0]: found \"l4/4\", expected at most 3 behind the slash: the fleet has 4"},
		{CHAT(", gpus: [l4/x]"), "gpus[0]: found \"l4/x\", expected a GPU id"},
		{CHAT(", gpus: [l40s/0]"), "expected a GPU of the fleet: l4, a10"},
		{CHAT(", gpus: [l4], gpu: [a10]"), "expected either gpus or gpu"},
		{CHAT(", not_with: code"), "not_with: found \"code\", expected a list of names"},
		{CHAT(", not_with: [code]"), "expected the name of a workload of this file"},
		{CHAT(", not_with: [chat]"), "expected another workload; spread: true"},
		{CHAT(", gpus: [l4/1]") CODE(", gpus: [l4/1], not_with: [chat]"),
		 "workloads[1].not_with[0]: both are pinned to l4/1"},
		{CHAT(", gpus: [l4], engine: {cores: 40}"),
		 "engine.cores: found 40, expected at most 32: no node"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct sw_problem *problem;
		char text[4096];

		(void)snprintf(text, sizeof(text), FLEET "workloads:\n%s", cases[i][0]);
		CHECK_INT(load(text, &problem), SW_BAD_INPUT);
		if (!CHECK(strstr(err.message, cases[i][1])))
			printf("    %zu: %s\n    expected %s\n", i, err.message, cases[i][1]);
		sw_problem_free(problem);
	}
}

TEST(a_kind_in_two_entries_has_no_single_gpus)
{
	struct sw_problem *problem;

	CHECK_INT(load("fleet:\n  - {gpu: l4, mechanism: mps}\n  - {gpu: l4, mechanism: hami}\n"
		       "workloads:\n" CHAT(", gpus: [l4/0]"),
		       &problem),
		  SW_BAD_INPUT);
	CHECK(strstr(err.message, "2 entries of the fleet are that"));
}

TEST_MAIN()
