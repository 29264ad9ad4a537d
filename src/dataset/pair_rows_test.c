// SPDX-License-Identifier: Apache-2.0
#include "dataset/pair_rows.h"

#include "dataset/dataset_fixture.h"

static const struct sw_rows_given qwen = {"a100-sxm4-40gb", "qwen3-4b", 2048, 256};

#define HEADER                                                                                \
	"config,mechanism,models_per_gpu,concurrency_per_model,ttft_p50_ms,itl_p50_ms,"       \
	"output_tok_s_per_gpu,sm_share_pct,memory_visible_or_cap_mib,gpu_memory_utilization," \
	"driver\n"

TEST(a_pair_is_a_run_of_equal_engines)
{
	struct sw_runs runs;
	const struct sw_run *half;

	CHECK_INT(sw_runs_read_given(catalog,
				     put_file("pairs.csv",
					      HEADER "half,MPS v3,2,16,786,28.9,1003.4,50,19968,"
						     "0.40 (of physical 39.5 GiB),615.71\n"
						     "alone,none,1,4,49,9.13,429,100,40960,0.85,\n"
						     "half,MPS v3,2,16,700,29,,50,19968,0.4,\n"),
				     &qwen, &runs, &err),
		  SW_OK);
	CHECK_INT(runs.n, 3);
	CHECK_STR(runs.run[0].experiment, "alone/1x4");
	CHECK_INT(runs.run[0].mix->mechanism, SW_EXCLUSIVE);
	half = &runs.run[1];
	CHECK_STR(half->experiment, "half/2x16");
	CHECK(half->repeat == 1 && runs.run[2].repeat == 2);
	CHECK_INT(half->mix->n, 2);
	CHECK_STR(half->mix->tenants[1].name, "tenant-2");
	CHECK_NEAR(half->mix->tenants[0].slice.share, 0.5, 0);
	CHECK_NEAR(half->mix->tenants[0].load.concurrency, 16, 0);
	CHECK_NEAR(half->mix->tenants[0].load.prompt_tokens.mean, 2048, 0);
	CHECK_NEAR(half->mix->tenants[0].engine.gpu_memory_utilization, 0.4, 0);
	for (size_t t = 0; t < 2; t++) {
		CHECK_NEAR(half->measured[t].ms[SW_TTFT][SW_P50], 786, 0);
		CHECK_NEAR(half->measured[t].ms[SW_TPOT][SW_P50], 28.9, 0);
		CHECK_NEAR(half->measured[t].output_tok_s, 501.7, 1e-12);
	}
	CHECK(isnan(runs.run[2].measured[0].output_tok_s));
	CHECK_STR(half->machine.driver, "615.71");
	sw_runs_clear(&runs);
}

TEST(what_nobody_says_of_pairs_is_asked_for)
{
	struct sw_runs runs;

	CHECK_INT(sw_runs_read(catalog, put_file("pairs.csv", HEADER "a,MPS,1,1,1,1,1,50,,,\n"),
			       &runs, &err),
		  SW_USAGE);
	CHECK(strstr(err.message, "expected --gpu ID, --model ID, --prompt-tokens N"));
}

TEST(the_published_study_is_read_whole)
{
	static const char path[] = SW_MEASURED_DIR "/pairs/llm-a100-40gb-qwen3-4b.csv";
	struct sw_runs runs;
	size_t engines = 0;

	if (access(path, R_OK) != 0)
		SKIP("no shared/measured here");
	CHECK_INT(sw_runs_read_given(catalog, path, &qwen, &runs, &err), SW_OK);
	CHECK(runs.n >= 12);
	for (size_t i = 0; i < runs.n; i++)
		engines += runs.run[i].mix->n;
	CHECK(engines > runs.n);
	sw_runs_clear(&runs);
}

int main(void)
{
	return dataset_main();
}
