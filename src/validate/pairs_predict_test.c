// SPDX-License-Identifier: Apache-2.0
#include "validate/pairs_predict.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "check.h"

static struct sw_error err;
static sw_catalog *catalog;

static const struct sw_validate_settings qwen = {
	.gpu = "a100-sxm4-40gb", .model = "qwen3-4b", .prompt_tokens = 2048, .output_tokens = 256};

static const char *file_of(const char *text)
{
	static char path[64];
	int fd;

	(void)snprintf(path, sizeof(path), "/tmp/slicewise-pairs-XXXXXX");
	fd = mkstemp(path);
	CHECK(fd >= 0 && close(fd) == 0);
	CHECK_INT(sw_file_write(path, text, strlen(text), NULL), SW_OK);
	err.message[0] = '\0';
	return path;
}

static struct sw_validation *validate(const char *text, const struct sw_validate_settings *given)
{
	struct sw_validation *v;
	const char *path = file_of(text);

	(void)sw_validate_file(catalog, path, given, &v, &err);
	unlink(path);
	return v;
}

#define HEADER                                                                                 \
	"config,mechanism,models,models_per_gpu,concurrency_per_model,ttft_p50_ms,itl_p50_ms," \
	"output_tok_s_per_gpu,sm_share_pct,memory_visible_or_cap_mib,gpu_memory_utilization\n"

/* The same engines as a mix file would have them. */
static void check_against_mix(const char *row, const char *mix_text)
{
	char text[1024];
	const char *path;
	struct sw_validation *v;
	struct sw_prediction p[2];
	struct sw_mix *mix;
	double tokens = 0;

	(void)snprintf(text, sizeof(text), "%s%s\n", HEADER, row);
	v = validate(text, &qwen);
	CHECK_STR(err.message, "");
	path = file_of(mix_text);
	CHECK_INT(sw_mix_load(catalog, path, &mix, &err), SW_OK);
	unlink(path);
	CHECK_INT(sw_predict_mix(catalog, mix, p, &err), SW_OK);
	for (size_t i = 0; i < mix->n; i++)
		tokens += p[i].output_tokens_per_s;
	sw_mix_free(mix);
	CHECK_NEAR(v->predicted[0], p[0].latency[SW_TTFT].at[SW_P50], 1e-9);
	CHECK_NEAR(v->predicted[1], p[0].latency[SW_TPOT].at[SW_P50], 1e-9);
	CHECK_NEAR(v->predicted[2], tokens, 1e-9);
	sw_validation_free(v);
}

#define LOAD  "load: {concurrency: 16, prompt_tokens: 2048, output_tokens: 256}}\n"
#define MODEL "  - {model: qwen3-4b, "

/* 40 960 tokens of context, the model's own, do not fit beside the weights in half of the memory: rows mean what does. */
#define FITS ", max_model_len: 32768}, "

TEST(a_gpu_alone_is_one_engine_with_all_of_it)
{
	check_against_mix("a,none (1 model/GPU),8,1,16,430,15.5,930,100,40960,0.85",
			  "gpu: a100-sxm4-40gb\nmechanism: exclusive\ntenants:\n" MODEL
			  "engine: {gpu_memory_utilization: 0.85}, " LOAD);
}

TEST(a_memory_cap_is_what_the_engine_sees)
{
	check_against_mix(
		"b,HAMi memory cap only; driver time-slicing,16,2,16,770,35,830,none,20070,0.85 "
		"(of "
		"the ~20 GB virtual device)",
		"gpu: a100-sxm4-40gb\nmechanism: timeslice\ntenants:\n" MODEL
		"memory_gib: 19.599609375, engine: {gpu_memory_utilization: 0.85" FITS LOAD MODEL
		"memory_gib: 19.599609375, engine: {gpu_memory_utilization: 0.85" FITS LOAD);
}

TEST(a_fraction_of_the_physical_gpu_is_one_of_all_its_memory)
{
	check_against_mix("c,\"MPS, active threads 50%\",16,2,16,780,29,1000,50,19968,0.40 (of "
			  "physical 39.5 GiB)",
			  "gpu: a100-sxm4-40gb\nmechanism: mps\ntenants:\n" MODEL
			  "share: 0.5, engine: {gpu_memory_utilization: 0.4" FITS LOAD MODEL
			  "share: 0.5, engine: {gpu_memory_utilization: 0.4" FITS LOAD);
}

TEST(a_file_that_says_more_needs_less)
{
	static const char *const text =
		"config,mechanism,models_per_gpu,concurrency_per_model,itl_p50_ms,gpu,model,"
		"prompt_tokens,output_tokens\n"
		"a,none,1,1,9,a100-sxm4-40gb,qwen3-4b,2048,256\n"
		"a,none,1,1,9,a100-sxm4-40gb,qwen3-0.6b,2048,256\n";
	struct sw_validation *v = validate(text, NULL);

	CHECK_STR(err.message, "");
	CHECK_INT(v->rows, SW_ROWS_PAIR);
	CHECK_INT(v->n_metrics, 1);
	CHECK(v->predicted[0] > 2 * v->predicted[1]);
	CHECK_STR(v->groups[1].name, "itl_p50_ms a");
	sw_validation_free(v);
}

TEST(what_is_missing_is_named)
{
	struct sw_validate_settings some = qwen;

	CHECK(!validate(HEADER "a,none,8,1,1,100,8,100,100,40960,0.85\n", NULL));
	CHECK_INT(err.status, SW_USAGE);
	CHECK(strstr(err.message, "GPU, model, prompt length, output length, expected --gpu ID, "
				  "--model ID, --prompt-tokens N, --output-tokens N"));
	some.model = NULL;
	CHECK(!validate(HEADER "a,none,8,1,1,100,8,100,100,40960,0.85\n", &some));
	CHECK(strstr(err.message, "do not say their model, expected --model ID"));
}

TEST(bad_rows_are_refused_by_line_and_column)
{
	static const char *const cases[][2] = {
		{"a,wishes,8,1,1,100,8,100,100,40960,0.85\n", ":2: mechanism: found \"wishes\""},
		{"a,none,8,2,1,100,8,100,100,40960,0.85\n", ":2: models_per_gpu: found \"2\""},
		{"a,MPS,8,1.5,1,100,8,100,50,,\n", ":2: models_per_gpu: found \"1.5\""},
		{"a,MPS,8,2,0,100,8,100,50,,\n", ":2: concurrency_per_model: found \"0\""},
		{"a,MPS,8,2,1,100,8,100,none,,\n", ":2: sm_share_pct: found \"none\""},
		{"a,MPS,8,2,1,100,8,100,500,,\n", ":2: sm_share_pct: found \"500\""},
		{"a,MPS,8,2,1,100,8,100,50,99999,\n",
		 ":2: memory_visible_or_cap_mib: found \"99999\""},
		{"a,MPS,8,2,1,100,8,100,50,,half\n", ":2: gpu_memory_utilization: found \"half\""},
		{"a,MPS,8,2,1,100,8,100,50,,0.5of\n", ":2: gpu_memory_utilization: found"},
		{"a,MPS,8,2,1,100,8,100,50,,1.5\n", ":2: gpu_memory_utilization: found \"1.5\""},
		{"a,MPS,8,2,1,-1,8,100,50,,\n", ":2: ttft_p50_ms: found \"-1\""},
		{"a,HAMi,8,2,1,100,8,100,70,,\n", ":2: found shares that add up to 1.4"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char text[1024];

		(void)snprintf(text, sizeof(text), "%s%s", HEADER, cases[i][0]);
		CHECK(!validate(text, &qwen));
		if (!CHECK(err.status == SW_BAD_INPUT && strstr(err.message, cases[i][1])))
			printf("    %zu: %s\n", i, err.message);
	}
	CHECK(!validate("config,mechanism,models_per_gpu,concurrency_per_model\n", &qwen));
	CHECK(strstr(err.message, ":1: found no measured column, expected one of ttft_p50_ms"));
}

TEST(what_does_not_fit_is_skipped_and_said)
{
	struct sw_validate_settings large = qwen;
	struct sw_validation *v;

	large.model = "llama-13b";
	v = validate(HEADER "a,MPS,8,2,1,100,8,100,50,,\n", &large);
	CHECK_INT(v->n_skipped, 1);
	CHECK(strstr(v->skipped[0].why, "llama-13b does not fit on a100-sxm4-40gb"));
	CHECK(isnan(v->predicted[0]));
	sw_validation_free(v);
}

TEST(the_published_pairs_are_met)
{
	struct sw_validation *v;

	if (access(SW_MEASURED_DIR, R_OK) != 0)
		SKIP("no measured rows here");
	(void)sw_validate_file(catalog, SW_MEASURED_DIR "/pairs/llm-a100-40gb-qwen3-4b.csv", &qwen,
			       &v, &err);
	CHECK_INT(v->n_rows, 12);
	CHECK_INT(v->n_skipped, 0);
	/* TTFT of two rows is of prompts that the prefix cache had: no limit on the groups that have them. */
	for (size_t g = 1; g < v->n_groups; g++)
		if (!strstr(v->groups[g].name, "ttft") && !CHECK(v->groups[g].mape < 0.08))
			printf("    %s: %.3f\n", v->groups[g].name, v->groups[g].mape);
	sw_validation_free(v);
}

int main(void)
{
	int status;

	if (sw_catalog_open(&catalog, NULL) != SW_OK)
		return 1;
	status = check_main();
	sw_catalog_free(catalog);
	return status;
}
