// SPDX-License-Identifier: Apache-2.0
#include "plan/table_read.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "check.h"

static struct sw_error err;
static char folder[] = "/tmp/slicewise-tables-XXXXXX";
static char path[128];

static const char *in_folder(const char *name)
{
	static char text[128];

	(void)snprintf(text, sizeof(text), "%s/%s", folder, name);
	return text;
}

static void write_file(const char *name, const char *text)
{
	if (strstr(folder, "XXXXXX"))
		CHECK(mkdtemp(folder) != NULL);
	CHECK_INT(sw_file_write(in_folder(name), text, strlen(text), &err), SW_OK);
}

static enum sw_status load(const char *text, struct sw_table **out)
{
	enum sw_status st;

	write_file("t.csv", text);
	(void)snprintf(path, sizeof(path), "%s", in_folder("t.csv"));
	st = sw__table_load(path, out, &err);
	(void)unlink(path);
	return st;
}

TEST(a_table_is_read)
{
	struct sw_table *table = NULL;

	CHECK_INT(load("batch,share,latency_ms,throughput\n1,0.5,2.5,400\n8,1,5,1600\n", &table),
		  SW_OK);
	if (!table)
		return;
	CHECK_INT(table->n, 2);
	CHECK_INT(table->rows[1].batch, 8);
	CHECK_INT(table->rows[1].processes, 1);
	CHECK_NEAR(table->rows[0].share, 0.5, 0);
	CHECK_NEAR(table->rows[0].latency_ms, 2.5, 0);
	CHECK_NEAR(table->rows[1].throughput, 1600, 0);
	CHECK(isnan(table->rows[0].memory_gib));
	sw__table_free(table);
}

TEST(columns_come_in_any_order_with_processes_and_memory)
{
	struct sw_table *table = NULL;

	CHECK_INT(load("throughput,processes,batch,memory_gib,share,latency_ms\n"
		       "400,3,1,4.5,0.5,2.5\n",
		       &table),
		  SW_OK);
	if (!table)
		return;
	CHECK_INT(table->rows[0].processes, 3);
	CHECK_NEAR(table->rows[0].memory_gib, 4.5, 0);
	sw__table_free(table);
}

TEST(bad_tables_are_refused_by_line_and_column)
{
	static const struct {
		const char *text, *says;
	} cases[] = {
		{"batch,share,latency_ms\n1,1,1\n", "t.csv:1: column throughput is missing"},
		{"batch,share,latency_ms,throughput,sm\n1,1,1,1,1\n",
		 "t.csv:1: unknown column \"sm\""},
		{"batch,share,latency_ms,throughput\n", "found 0 rows"},
		{"batch,share,latency_ms,throughput\n1,1,1,1\n1,x,1,1\n", "t.csv:3: share: found"},
		{"batch,share,latency_ms,throughput\n1,1.5,1,1\n", "t.csv:2: share"},
		{"batch,share,latency_ms,throughput\n0,1,1,1\n", "t.csv:2: batch"},
		{"batch,share,latency_ms,throughput\n1.5,1,1,1\n", "whole number"},
		{"batch,share,latency_ms,throughput\n1,1,,1\n", "t.csv:2: latency_ms"},
		{"batch,share,latency_ms,throughput\n1,1,1,0\n", "t.csv:2: throughput"},
		{"batch,share,latency_ms,throughput\n1,1,nan,1\n", "t.csv:2: latency_ms"},
		{"batch,share,latency_ms,throughput\n1,1,1,1\n2,1,1,1\n1,1,3,4\n",
		 "t.csv:4: batch: found \"1\", expected each batch, share and processes once "
		 "(line 2"},
		{"batch,share,latency_ms,throughput,processes\n1,1,1,1,0\n", "t.csv:2: processes"},
		{"batch,share,latency_ms,throughput\n1,1,1\n", "t.csv:2"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct sw_table *table = NULL;

		CHECK_INT(load(cases[i].text, &table), SW_BAD_INPUT);
		CHECK(!table);
		if (!CHECK(strstr(err.message, cases[i].says)))
			printf("    %zu: %s\n", i, err.message);
	}
}

TEST(a_table_that_is_not_there)
{
	struct sw_table *table;

	CHECK_INT(sw__table_load("/nowhere/t.csv", &table, &err), SW_IO);
	CHECK(!table);
}

#define FLEET "fleet:\n  - {gpu: a100-sxm4-80gb, mechanism: mig}\n"
#define TWO   "fleet:\n  - {gpu: a100-sxm4-80gb, mechanism: mig}\n  - {gpu: l4, mechanism: mps}\n"

static enum sw_status load_problem(const char *text, struct sw_problem **out)
{
	sw_catalog *catalog = NULL;
	enum sw_status st;

	write_file("w.yaml", text);
	write_file("net.v1.csv", "batch,share,latency_ms,throughput\n4,1,10,400\n");
	write_file("bad.csv", "batch,share,latency_ms,throughput\n4,2,10,400\n");
	CHECK_INT(sw_catalog_open(&catalog, &err), SW_OK);
	st = sw_problem_load(catalog, in_folder("w.yaml"), out, &err);
	sw_catalog_free(catalog);
	(void)unlink(in_folder("w.yaml"));
	(void)unlink(in_folder("net.v1.csv"));
	(void)unlink(in_folder("bad.csv"));
	return st;
}

TEST(a_workload_with_a_table)
{
	struct sw_problem *problem = NULL;
	const struct sw_workload *w;

	CHECK_INT(load_problem(TWO "workloads:\n  - name: net\n    model: {table: net.v1.csv}\n"
				   "    load: {rate: 50}\n    slo: {latency_ms: 80}\n"
				   "    replicas: 2\n    spread: true\n    gpus: [l4]\n",
			       &problem),
		  SW_OK);
	if (!problem)
		return;
	w = problem->workloads;
	CHECK(w->table && w->table->n == 1);
	CHECK_STR(w->model.id, "net");
	CHECK_NEAR(w->load.rate, 50, 0);
	CHECK(isnan(w->load.concurrency));
	CHECK_NEAR(w->latency_ms, 80, 0);
	CHECK_INT(w->replicas, 2);
	CHECK(w->spread && w->n_gpus == 1);
	sw_problem_free(problem);
}

TEST(bad_workloads_are_refused_by_line_and_key)
{
	static const struct {
		const char *text, *says;
	} cases[] = {
		{FLEET "workloads:\n  - {name: a, model: {table: bad.csv}, load: {rate: 5}}\n",
		 "bad.csv:2: share: found \"2\""},
		{FLEET "workloads:\n  - {name: a, model: {table: no.csv}, load: {rate: 5}}\n",
		 "w.yaml:4: workloads[0].model.table: "},
		{FLEET "workloads:\n  - {name: a, model: {file: no.csv}, load: {rate: 5}}\n",
		 "unknown key"},
		{FLEET "workloads:\n  - {name: a, model: {table: 5}, load: {rate: 5}}\n",
		 "workloads[0].model.table"},
		{FLEET "workloads:\n  - {name: a, model: {table: net.v1.csv}, load: {}}\n",
		 "rate is missing"},
		{FLEET "workloads:\n  - {name: a, model: {table: net.v1.csv}, load: {rate: 0}}\n",
		 "workloads[0].load.rate"},
		{FLEET "workloads:\n  - {name: a, model: {table: net.v1.csv}, load: {rate: 1, "
		       "prompt_tokens: 5}}\n",
		 "unknown key"},
		{FLEET
		 "workloads:\n  - {name: a, model: {table: net.v1.csv}, load: {rate: 1}, slo: "
		 "{ttft_p95_ms: 5}}\n",
		 "unknown key"},
		{FLEET "workloads:\n  - {name: a, model: {table: net.v1.csv}, load: {rate: 1}, "
		       "engine: {max_num_seqs: 5}}\n",
		 "unknown key"},
		{FLEET "workloads:\n  - {name: a, model: {table: net.v1.csv}, load: {rate: 1}, "
		       "gpus: [l4]}\n",
		 "a GPU of the fleet"},
		{TWO "workloads:\n  - {name: a, model: {table: net.v1.csv}, load: {rate: 1}}\n",
		 "of which of the fleet's GPUs the table speaks"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct sw_problem *problem = NULL;

		CHECK_INT(load_problem(cases[i].text, &problem), SW_BAD_INPUT);
		CHECK(!problem);
		if (!CHECK(strstr(err.message, cases[i].says)))
			printf("    %zu: %s\n", i, err.message);
	}
	(void)rmdir(folder);
}

TEST_MAIN()
