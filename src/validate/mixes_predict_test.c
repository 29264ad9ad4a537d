// SPDX-License-Identifier: Apache-2.0
#include "validate/mixes_predict.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "check.h"
#include "slicewise/predict.h"

static struct sw_error err;
static sw_catalog *catalog;

/* `text` as a file for the time of one reader. */
static const char *file_of(const char *text)
{
	static char path[64];
	int fd;

	(void)snprintf(path, sizeof(path), "/tmp/slicewise-mixes-XXXXXX");
	fd = mkstemp(path);
	CHECK(fd >= 0 && close(fd) == 0);
	CHECK_INT(sw_file_write(path, text, strlen(text), NULL), SW_OK);
	err.message[0] = '\0';
	return path;
}

static struct sw_validation *validate(const char *text)
{
	struct sw_validation *v;
	const char *path = file_of(text);

	(void)sw_validate_file(catalog, path, NULL, &v, &err);
	unlink(path);
	return v;
}

#define HEADER                                                                             \
	"experiment,repeat,gpu,mechanism,tenant,model,share,memory_gib,max_num_seqs,rate," \
	"concurrency,prompt_tokens,output_tokens,ttft_p95_ms,tpot_mean_ms,output_tok_s\n"

TEST(rows_of_one_experiment_are_predicted_as_the_mix_they_are)
{
	static const char *const mix_text =
		"gpu: a100-sxm4-80gb\nmechanism: timeslice\ntenants:\n"
		"  - {model: qwen3-4b, share: 0.4, engine: {max_num_seqs: 32},\n"
		"     load: {rate: 1, prompt_tokens: 500, output_tokens: 100}}\n"
		"  - {model: qwen3-0.6b, share: 0.6, memory_gib: 20,\n"
		"     load: {concurrency: 4, prompt_tokens: 300, output_tokens: 50}}\n";
	/* Another experiment stands between the two rows, and one more repeat behind them. */
	struct sw_validation *v = validate(
		HEADER "b,1,a100-sxm4-80gb,timeslice,x,qwen3-4b,0.4,,32,1,,500,100,400,12,100\n"
		       "a,1,l4,exclusive,y,qwen3-0.6b,,,,1,,500,100,,,\n"
		       "b,1,a100-sxm4-80gb,timeslice,z,qwen3-0.6b,0.6,20,,,4,300,50,,,\n"
		       "b,2,a100-sxm4-80gb,timeslice,z,qwen3-0.6b,0.6,20,,,4,300,50,,,\n");
	const char *path = file_of(mix_text);
	struct sw_prediction p[2];
	struct sw_mix *mix;

	CHECK_INT(sw_mix_load(catalog, path, &mix, &err), SW_OK);
	unlink(path);
	CHECK_INT(sw_predict_mix(mix, NULL, p, &err), SW_OK);
	sw_mix_free(mix);
	CHECK_INT(v->n_metrics, 3);
	CHECK_STR(v->metrics[0], "ttft_p95_ms");
	CHECK_STR(v->metrics[2], "output_tok_s");
	CHECK_NEAR(v->predicted[0], p[0].latency[SW_TTFT].at[SW_P95], 1e-12);
	CHECK_NEAR(v->predicted[1], p[0].latency[SW_TPOT].at[SW_MEAN], 1e-12);
	CHECK_NEAR(v->predicted[2], p[0].output_tokens_per_s, 1e-12);
	CHECK_NEAR(v->predicted[6], p[1].latency[SW_TTFT].at[SW_P95], 1e-12);
	/* Alone, the second engine is faster. */
	CHECK(v->predicted[10] < 0.9 * v->predicted[7]);
	CHECK_INT(v->n_skipped, 0);
	CHECK_INT(v->groups[0].rows, 3);
	CHECK_STR(v->groups[1].name, "output_tok_s exclusive");
	sw_validation_free(v);
}

TEST(engines_with_a_gpu_each_do_not_disturb_each_other)
{
	struct sw_validation *v =
		validate(HEADER "a,1,l4,exclusive,x,qwen3-0.6b,1,,,1,,500,100,,9,\n"
				"a,1,l4,exclusive,y,qwen3-0.6b,1,,,1,,500,100,,9,\n"
				"b,1,l4,exclusive,y,qwen3-0.6b,1,,,1,,500,100,,9,\n");

	CHECK_NEAR(v->predicted[1], v->predicted[4], 0);
	CHECK_NEAR(v->predicted[1], v->predicted[7], 0);
	sw_validation_free(v);
}

TEST(what_cannot_be_predicted_is_skipped_and_said)
{
	struct sw_validation *v =
		validate(HEADER "a,1,l4,mps,x,llama-13b,0.5,,,1,,500,100,100,9,\n"
				"b,1,l4,mps,x,qwen3-0.6b,0.5,,,1000,,500,100,100,9,\n"
				"c,1,l4,mps,x,qwen3-0.6b,0.5,,,1,,500,100,100,9,\n");

	CHECK_INT(v->n_skipped, 2);
	CHECK(strstr(v->skipped[0].why, "llama-13b does not fit on l4"));
	CHECK_STR(v->skipped[1].why, "overload: no prediction of latencies");
	CHECK(v->skipped[0].rows == 1 && v->skipped[1].rows == 1);
	CHECK(isnan(v->predicted[0]) && isnan(v->predicted[3]) && v->predicted[6] > 0);
	CHECK_INT(v->groups[0].rows, 2);
	sw_validation_free(v);
}

TEST(a_mechanism_that_nothing_predicts_is_read_and_counted)
{
	struct sw_validation *v =
		validate(HEADER "a,1,l4,green-context,x,qwen3-0.6b,0.5,,,1,,500,100,100,9,\n"
				"a,1,l4,green-context,y,qwen3-0.6b,0.5,,,1,,500,100,100,9,\n"
				"b,1,l4,cpu-quota,x,qwen3-0.6b,0.5,,,1,,500,100,100,9,\n"
				"c,1,l4,mps,x,qwen3-0.6b,0.5,,,1,,500,100,100,9,\n"
				"d,1,l4,green-context,x,llama-13b,0.9,,,1,,500,100,100,9,\n");

	CHECK_STR(err.message, "");
	CHECK_INT(v->n_skipped, 1);
	CHECK_STR(v->skipped[0].why, "green-context: no prediction");
	CHECK_INT(v->skipped[0].rows, 3);
	CHECK(isnan(v->predicted[0]) && isnan(v->predicted[14]) && v->predicted[9] > 0);
	sw_validation_free(v);
}

TEST(a_long_context_that_the_rows_do_not_mention_is_no_reason_to_skip)
{
	/* One request of the model's whole context would not fit, and the engine ran. */
	struct sw_validation *v =
		validate(HEADER "a,1,l4,mps,x,llama-3.1-8b,0.5,,,0.1,,500,100,,60,\n");

	CHECK_INT(v->n_skipped, 0);
	CHECK(v->predicted[1] > 0);
	sw_validation_free(v);
}

TEST(bad_rows_are_refused_by_line_and_column)
{
	static const char *const cases[][2] = {
		{"a,1,l4,mpps,x,qwen3-4b,0.5,,,1,,500,100,,,\n",
		 ":2: mechanism: found \"mpps\", expected one of exclusive, mps, timeslice, hami, "
		 "mig, "
		 "green-context, cpu-quota"},
		{"a,1,l4,green-context,x,qwen9,0.5,,,1,,500,100,,,\n", ":2: model: unknown model"},
		{"a,1,l4,green-context,x,qwen3-4b,2,,,1,,500,100,,,\n", ":2: share: found \"2\""},
		{"a,1,l5,mps,x,qwen3-4b,0.5,,,1,,500,100,,,\n", ":2: gpu: unknown GPU"},
		{"a,1,l4,mps,x,qwen9,0.5,,,1,,500,100,,,\n", ":2: model: unknown model"},
		{"a,1,l4,mps,x,qwen3-4b,,,,1,,500,100,,,\n", ":2: share: found nothing"},
		{"a,1,l4,mps,x,qwen3-4b,2,,,1,,500,100,,,\n", ":2: share: found \"2\""},
		{"a,1,l4,exclusive,x,qwen3-4b,0.5,,,1,,500,100,,,\n", ":2: share: found 0.5"},
		{"a,1,l4,mps,x,qwen3-4b,0.5,99,,1,,500,100,,,\n", ":2: memory_gib: found \"99\""},
		{"a,1,l4,mps,x,qwen3-4b,0.5,,1.5,1,,500,100,,,\n",
		 ":2: max_num_seqs: found \"1.5\""},
		{"a,1,l4,mps,x,qwen3-4b,0.5,,,1,1,500,100,,,\n",
		 ":2: expected a rate or a concurrency"},
		{"a,1,l4,mps,x,qwen3-4b,0.5,,,,,500,100,,,\n",
		 ":2: expected a rate or a concurrency"},
		{"a,1,l4,mps,x,qwen3-4b,0.5,,,1,,,100,,,\n", ":2: prompt_tokens: found nothing"},
		{"a,1,l4,mps,x,qwen3-4b,0.5,,,1,,500,100,-1,,\n", ":2: ttft_p95_ms: found \"-1\""},
		{"a,1,l4,mps,x,qwen3-4b,0.5,,,1,,500,100,,,\n"
		 "a,1,l4,hami,y,qwen3-4b,0.5,,,1,,500,100,,,\n",
		 ":3: mechanism: found \"hami\", expected mps as on line 2"},
		{"a,1,l4,mps,x,qwen3-4b,0.5,,,1,,500,100,,,\n"
		 "a,1,a10,mps,y,qwen3-4b,0.5,,,1,,500,100,,,\n",
		 ":3: gpu: found \"a10\", expected l4 as on line 2"},
		{"a,1,l4,hami,x,qwen3-0.6b,0.7,,,1,,500,100,,,\n"
		 "a,1,l4,hami,y,qwen3-0.6b,0.7,,,1,,500,100,,,\n",
		 ":2: found shares that add up to 1.4, expected at most 1 under hami"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char text[1024];

		(void)snprintf(text, sizeof(text), "%s%s", HEADER, cases[i][0]);
		CHECK(!validate(text));
		if (!CHECK(err.status == SW_BAD_INPUT && strstr(err.message, cases[i][1])))
			printf("    %zu: %s\n", i, err.message);
	}
	CHECK(!validate("experiment,gpu,mechanism,model,share,prompt_tokens,output_tokens\n"));
	CHECK(strstr(err.message, ":1: found no measured column, expected one of ttft_mean_ms"));
}

TEST(more_engines_than_fit_on_a_gpu_are_refused)
{
	struct sw_text text = {0};

	sw_text_puts(&text, HEADER);
	for (int i = 0; i < SW_TENANTS_MAX + 1; i++)
		sw_text_puts(&text, "a,1,l4,mps,x,qwen2.5-0.5b,0.01,,,1,,50,10,,,\n");
	CHECK(!validate(sw_text_string(&text)));
	CHECK(strstr(err.message, ":18: experiment: found \"a\", expected at most 16 engines"));
	sw_text_free(&text);
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
