// SPDX-License-Identifier: Apache-2.0
#include "slicewise/validate.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "check.h"

static struct sw_error err;

static struct sw_validation *validate(const char *path, const char *gpu)
{
	struct sw_validation *v = NULL;
	sw_catalog *catalog;

	err.message[0] = '\0';
	CHECK_INT(sw_catalog_open(&catalog, NULL), SW_OK);
	(void)sw_validate_file(catalog, path, &(struct sw_validate_settings){.gpu = gpu}, &v, &err);
	sw_catalog_free(catalog);
	return v;
}

static struct sw_validation *validate_text(const char *text, const char *gpu)
{
	char path[] = "/tmp/slicewise-rows-XXXXXX";
	int fd = mkstemp(path);
	struct sw_validation *v;

	CHECK(fd >= 0);
	CHECK_INT(sw_file_write(path, text, strlen(text), NULL), SW_OK);
	v = validate(path, gpu);
	close(fd);
	unlink(path);
	return v;
}

#define STEP_HEADER "gpu,model,mechanism,share,phase,batch,seq_len,latency_ms\n"

TEST(every_row_comes_back_in_order_with_its_prediction)
{
	struct sw_validation *v =
		validate_text("note," STEP_HEADER "b,l40s,qwen3-4b,mps,0.5,decode,8,100,20\n\n"
			      "a,l4,qwen3-0.6b,exclusive,1,prefill,1,500,\n",
			      NULL);

	CHECK_STR(err.message, "");
	CHECK_INT(v->n_rows, 2);
	CHECK_INT(v->n_columns, 9);
	CHECK_STR(sw_validation_column(v, 1), "gpu");
	CHECK_STR(sw_validation_cell(v, 0, 0), "b");
	CHECK_STR(sw_validation_cell(v, 1, 1), "l4");
	CHECK_INT(sw_validation_line(v, 0), 2);
	CHECK_INT(sw_validation_line(v, 1), 4);
	CHECK(v->predicted[0] > 1 && v->predicted[1] > 1);
	/* A row that was not measured is predicted and does not count. */
	CHECK(isnan(v->measured[1]));
	CHECK_STR(v->groups[0].name, "all");
	CHECK_INT(v->groups[0].rows, 1);
	CHECK_NEAR(v->groups[0].mape, fabs(v->predicted[0] / 20 - 1), 1e-12);
	CHECK_INT(v->n_groups, 3);
	CHECK_STR(v->groups[1].name, "l4 qwen3-0.6b prefill share 1");
	sw_validation_free(v);
}

TEST(operators_need_a_gpu)
{
	static const char *const rows = "dtype,m,n,k,latency_ms\nbfloat16,16,4096,4096,0.03\n";
	struct sw_validation *v = validate_text(rows, "l40s");

	CHECK_INT(v->rows, SW_ROWS_GEMM);
	CHECK(v->predicted[0] > 0.001 && v->predicted[0] < 1);
	sw_validation_free(v);
	CHECK(!validate_text(rows, NULL));
	CHECK(strstr(err.message, "--gpu"));
	CHECK(!validate_text(rows, "l41"));
	CHECK(strstr(err.message, "l41"));
}

TEST(bad_rows_are_refused_by_line_and_column)
{
	static const char *const cases[][2] = {
		{"a,b\n1,2\n", ":1: found a header of no known rows"},
		{STEP_HEADER "l40s,qwen3-4b,mps,0,decode,8,100,20\n", ":2: share: found \"0\""},
		{STEP_HEADER "l40s,qwen3-4b,mps,0.5,decode,8,100,20\n"
			     "l40s,qwen3-4b,mps,0.5,decoding,8,100,20\n",
		 ":3: phase: found \"decoding\", expected one of prefill, decode"},
		{STEP_HEADER "l40s,qwen3-4b,mpps,0.5,decode,8,100,20\n", ":2: mechanism: found"},
		{STEP_HEADER "l41s,qwen3-4b,mps,0.5,decode,8,100,20\n", ":2: gpu:"},
		{STEP_HEADER "l40s,qwen9,mps,0.5,decode,8,100,20\n", ":2: model:"},
		{STEP_HEADER "l40s,qwen3-4b,mps,0.5,decode,-8,100,20\n", ":2: batch: found \"-8\""},
		{STEP_HEADER "l40s,qwen3-4b,mps,0.5,decode,8,nan,20\n", ":2: seq_len: found"},
		{STEP_HEADER "l40s,qwen3-4b,mps,0.5,decode,8,100,0\n", ":2: latency_ms: found"},
		{STEP_HEADER "l40s,qwen3-4b,exclusive,0.5,decode,8,100,20\n",
		 ":2: share: found 0.5, expected 1 under exclusive"},
		{STEP_HEADER "l4,qwen3-4b,mig,0.5,decode,8,100,20\n",
		 ":2: mechanism: l4 has no MIG"},
		{STEP_HEADER "l40s,qwen3-4b,mps,0.5,decode,1.5,100,20\n",
		 ":2: batch: found \"1.5\", expected a whole number"},
		{"\n\na,b\n1,2\n", ":3: found a header"},
		{STEP_HEADER "l40s,qwen3-4b,mps,0.5,decode,8,100\n", ":2:"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		CHECK(!validate_text(cases[i][0], NULL));
		if (!CHECK(strstr(err.message, cases[i][1])))
			printf("    %zu: %s\n", i, err.message);
	}
	CHECK(!validate("/nonexistent.csv", NULL));
	CHECK_INT(err.status, SW_IO);
}

/* What the shipped calibrations do on the rows they were fitted on; on rows left out: bench/results/accuracy.csv. */
TEST(measured_rows_are_met)
{
	static const struct {
		const char *file, *gpu;
		double mape;
	} sets[] = {
		{"steps/llama-a100-mps.csv", NULL, 0.02},
		{"ops/a100-sxm-gemm.csv.gz", "a100-sxm4-80gb", 0.08},
		{"ops/h100-sxm-gemm.csv.gz", "h100-sxm", 0.08},
		{"ops/rtx-pro-6000-server-gemm.csv.gz", "rtx-pro-6000-server", 0.08},
		{"ops/a100-sxm-prefill-attention.csv.gz", "a100-sxm4-80gb", 0.10},
		{"ops/h100-sxm-decode-attention.csv.gz", "h100-sxm", 0.10},
		{"ops/l40s-decode-attention.csv.gz", "l40s", 0.10},
	};
	char path[512];

	if (access(SW_MEASURED_DIR, R_OK) != 0)
		SKIP("no measured rows here");
	for (size_t i = 0; i < sizeof(sets) / sizeof(sets[0]); i++) {
		struct sw_validation *v;

		snprintf(path, sizeof(path), "%s/%s", SW_MEASURED_DIR, sets[i].file);
		v = validate(path, sets[i].gpu);
		CHECK_STR(err.message, "");
		if (v && !CHECK(v->groups[0].mape < sets[i].mape))
			printf("    %s: %.4f\n", sets[i].file, v->groups[0].mape);
		sw_validation_free(v);
	}
}

TEST(steps_of_both_sizes_and_every_share_are_met)
{
	struct sw_validation *v;

	if (access(SW_MEASURED_DIR, R_OK) != 0)
		SKIP("no measured rows here");
	v = validate(SW_MEASURED_DIR "/steps/llama-a100-mps.csv", NULL);
	CHECK_INT(v->groups[0].rows, 343);
	for (size_t g = 1; g < v->n_groups; g++) {
		/* The larger model was never fitted. */
		bool other_model = strstr(v->groups[g].name, "13b") != NULL;

		if (!CHECK(v->groups[g].mape < (other_model ? 0.04 : 0.025)))
			printf("    %s: %.4f\n", v->groups[g].name, v->groups[g].mape);
	}
	sw_validation_free(v);
}

TEST_MAIN()
