// SPDX-License-Identifier: Apache-2.0
#include "dataset/dataset_fixture.h"

#define HEADER                                                                   \
	"experiment,repeat,gpu,mechanism,model,share,concurrency,prompt_tokens," \
	"output_tokens,tpot_mean_ms\n"

static void import(sw_dataset *dataset, const char *path, const struct sw_rows_given *given,
		   size_t runs, size_t added)
{
	struct sw_imported imported;

	if (!CHECK(sw_dataset_import(dataset, catalog, path, given, &imported, &err) == SW_OK))
		printf("    %s\n", err.message);
	CHECK_INT(imported.runs, runs);
	CHECK_INT(imported.added, added);
}

static sw_dataset *fresh(const char *name)
{
	sw_dataset *dataset = NULL;

	CHECK_INT(sw_dataset_open(path_of(name), SW_DATASET_WRITE, &dataset, &err), SW_OK);
	return dataset;
}

TEST(the_same_rows_are_added_once)
{
	static const char rows[] = HEADER "a,1,l4,mps,qwen3-0.6b,0.5,4,100,50,9\n"
					  "a,2,l4,mps,qwen3-0.6b,0.5,4,100,50,8\n";
	sw_dataset *dataset = fresh("same.db");
	char path[128];

	memcpy(path, put_file("one.csv", rows), sizeof(path));
	import(dataset, path, NULL, 2, 2);
	import(dataset, path, NULL, 2, 0);
	/* Under another name too; other rows are another campaign, where keys may come again. */
	import(dataset, put_file("two.csv", rows), NULL, 2, 0);
	import(dataset, put_file("three.csv", HEADER "a,1,l4,mps,qwen3-0.6b,0.5,4,100,50,9\n"),
	       NULL, 1, 1);
	sw_dataset_close(dataset);
}

TEST(pairs_of_another_model_are_other_runs)
{
	static const struct sw_rows_given a = {"l4", "qwen3-0.6b", 100, 10},
					  b = {"l4", "qwen3-4b", 100, 10};
	sw_dataset *dataset = fresh("pairs.db");
	char path[128];

	memcpy(path,
	       put_file("pairs.csv",
			"config,mechanism,models_per_gpu,concurrency_per_model,itl_p50_ms,"
			"sm_share_pct\nx,MPS,2,4,20,50\n"),
	       sizeof(path));
	import(dataset, path, &a, 1, 1);
	import(dataset, path, &a, 1, 0);
	import(dataset, path, &b, 1, 1);
	sw_dataset_close(dataset);
}

TEST(of_a_file_that_is_refused_nothing_is_added)
{
	sw_dataset *dataset = fresh("refused.db");
	struct sw_imported imported;
	struct sw_runs runs;

	CHECK_INT(sw_dataset_import(dataset, catalog,
				    put_file("bad.csv", HEADER "a,1,l4,mps,qwen3-0.6b,0.5,4,9,9,9\n"
							       "b,1,l4,mps,qwen9,0.5,4,9,9,9\n"),
				    NULL, &imported, &err),
		  SW_BAD_INPUT);
	CHECK(strstr(err.message, "bad.csv:3: model: unknown model"));
	CHECK_INT(sw_dataset_runs(dataset, catalog, NULL, &runs, &err), SW_OK);
	CHECK_INT(runs.n, 0);
	sw_dataset_close(dataset);
}

int main(void)
{
	return dataset_main();
}
