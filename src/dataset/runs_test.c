// SPDX-License-Identifier: Apache-2.0
#include "dataset/runs.h"

#include "catalog/described.h"
#include "dataset/dataset_fixture.h"
#include "dataset/runs_made.h"

#define HEADER                                                                             \
	"experiment,repeat,gpu,mechanism,tenant,model,share,memory_gib,max_num_seqs,rate," \
	"concurrency,prompt_tokens,output_tokens,ttft_p95_ms,tpot_mean_ms,output_tok_s\n"

static struct sw_runs read_text(const char *text)
{
	struct sw_runs runs;

	err.message[0] = '\0';
	if (!CHECK(sw_runs_read(catalog, put_file("rows.csv", text), &runs, &err) == SW_OK))
		printf("    %s\n", err.message);
	return runs;
}

static void refuse_text(const char *text, const char *says)
{
	struct sw_runs runs;

	CHECK_INT(sw_runs_read(catalog, put_file("rows.csv", text), &runs, &err), SW_BAD_INPUT);
	CHECK(runs.n == 0 && !runs.run);
	if (!CHECK(strstr(err.message, says)))
		printf("    %s\n", err.message);
}

static char *written(const struct sw_runs *runs)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	CHECK_INT(sw_runs_write(catalog, runs, out, &err), SW_OK);
	CHECK(fclose(out) == 0);
	return text;
}

TEST(rows_are_the_runs_they_say)
{
	/* Another experiment stands between the rows of one. */
	struct sw_runs runs = read_text(
		HEADER "b,2,a100-sxm4-80gb,timeslice,x,qwen3-4b,0.4,,32,1,,500,100,400,12,100\n"
		       "a,1,l4,exclusive,y,qwen3-0.6b,,,,1,,500,100,,,\n"
		       "b,2,a100-sxm4-80gb,timeslice,z,qwen3-0.6b,,20,,,4,300.5,50,,,7\n"
		       "b,10,a100-sxm4-80gb,timeslice,z,qwen3-0.6b,0.6,20,,,4,300,50,9,,\n");
	const struct sw_run *b = &runs.run[1];

	if (!CHECK(runs.run && runs.n == 3))
		return;
	CHECK_STR(runs.run[0].experiment, "a");
	CHECK_STR(b->experiment, "b");
	CHECK(b->repeat == 2 && runs.run[2].repeat == 10);
	CHECK_INT(b->mix->n, 2);
	CHECK_STR(b->mix->gpu.id, "a100-sxm4-80gb");
	CHECK_INT(b->mix->mechanism, SW_TIMESLICE);
	CHECK_STR(b->mix->tenants[1].name, "z");
	CHECK_STR(b->mix->tenants[1].model.id, "qwen3-0.6b");
	CHECK_NEAR(b->mix->tenants[0].slice.share, 0.4, 0);
	CHECK_NEAR(b->mix->tenants[1].slice.share, 1, 0);
	CHECK_INT(b->mix->tenants[0].engine.max_num_seqs, 32);
	CHECK(b->mix->tenants[0].engine.given & SW_KEY_MAX_NUM_SEQS);
	CHECK(!(b->mix->tenants[1].engine.given & SW_KEY_MAX_NUM_SEQS));
	CHECK_NEAR(b->mix->tenants[1].load.prompt_tokens.mean, 300.5, 0);
	CHECK(isnan(b->mix->tenants[1].load.rate));
	/* Who is given no memory has what the other leaves of what a process sees. */
	CHECK_NEAR(b->mix->tenants[0].slice.memory_gib, sw_gpu_visible_gib(&b->mix->gpu) - 20,
		   1e-12);
	CHECK_NEAR(b->measured[0].ms[SW_TTFT][SW_P95], 400, 0);
	CHECK_NEAR(b->measured[0].ms[SW_TPOT][SW_MEAN], 12, 0);
	CHECK_NEAR(b->measured[1].output_tok_s, 7, 0);
	CHECK(isnan(b->measured[1].ms[SW_TTFT][SW_P95]) && isnan(b->measured[0].requests));
	CHECK_INT(b->source, SW_SOURCE_IMPORT);
	CHECK(strstr(b->origin, "/rows.csv") && !b->failed && isnan(b->started_s));
	sw_runs_clear(&runs);
	sw_runs_clear(&runs);
	sw_runs_clear(NULL);
}

TEST(names_that_are_missing_or_alike_are_made_up)
{
	struct sw_runs runs = read_text(HEADER "a,,l4,mps,x,qwen3-0.6b,0.2,,,1,,50,10,,,\n"
					       "a,,l4,mps,x,qwen3-0.6b,0.2,,,1,,50,10,,,\n"
					       "a,,l4,mps,tenant-2,qwen3-0.6b,0.2,,,1,,50,10,,,\n"
					       "a,,l4,mps,,qwen3-0.6b,0.2,,,1,,50,10,,,\n");

	CHECK_INT(runs.run[0].repeat, 1);
	CHECK_STR(runs.run[0].mix->tenants[0].name, "x");
	CHECK_STR(runs.run[0].mix->tenants[1].name, "tenant-2");
	CHECK_STR(runs.run[0].mix->tenants[2].name, "tenant-3");
	CHECK_STR(runs.run[0].mix->tenants[3].name, "tenant-4");
	sw_runs_clear(&runs);
}

TEST(engines_with_a_gpu_each_are_runs_of_their_own)
{
	struct sw_runs runs = read_text(HEADER "a,1,l4,exclusive,x,qwen3-0.6b,1,,,1,,500,100,,9,\n"
					       "a,1,l4,exclusive,y,qwen3-4b,1,,,1,,500,100,,9,\n");

	if (!CHECK(runs.run && runs.n == 2))
		return;
	CHECK_STR(runs.run[0].experiment, "a");
	CHECK_STR(runs.run[1].experiment, "a/2");
	CHECK_STR(runs.run[1].mix->tenants[0].name, "y");
	sw_runs_clear(&runs);
}

TEST(mechanisms_that_nobody_predicts_and_hosts_are_kept)
{
	struct sw_runs runs =
		read_text(HEADER "a,1,l4,green-context,x,qwen3-0.6b,0.5,,,1,,500,100,100,9,\n"
				 "b,1,xeon-8480,cpu-quota,x,qwen3-0.6b,0.9,300,,1,,500,100,100,9,\n"
				 "b,1,xeon-8480,cpu-quota,y,qwen3-0.6b,0.9,,,1,,500,100,100,9,\n");

	CHECK_INT(runs.run[0].mix->mechanism, SW_GREEN_CONTEXT);
	CHECK_INT(runs.run[1].mix->mechanism, SW_CPU_QUOTA);
	CHECK_STR(runs.run[1].mix->gpu.id, "xeon-8480");
	CHECK(sw__is_host(&runs.run[1].mix->gpu) && isnan(runs.run[1].mix->gpu.dram_gib));
	CHECK_NEAR(runs.run[1].mix->tenants[0].slice.memory_gib, 300, 0);
	CHECK(isnan(runs.run[1].mix->tenants[1].slice.memory_gib));
	CHECK_INT(runs.run[1].mix->tenants[0].engine.dtype, SW_BF16);
	sw_runs_clear(&runs);
	refuse_text(HEADER "b,1,xeon-8480,mps,x,qwen3-0.6b,0.9,300,,1,,500,100,100,9,\n",
		    ":2: gpu: unknown GPU");
	refuse_text(HEADER "b,1,./xeon.json,cpu-quota,x,qwen3-0.6b,0.9,300,,1,,500,100,100,9,\n",
		    ":2: gpu: ");
}

TEST(a_model_that_does_not_fit_by_our_reckoning_ran_all_the_same)
{
	struct sw_runs runs = read_text(HEADER "a,1,l4,mps,x,llama-13b,0.5,,,1,,500,100,100,9,\n");

	if (!CHECK(runs.run && runs.n == 1))
		return;
	CHECK_INT(runs.run[0].mix->tenants[0].engine.max_num_seqs, 256);
	sw_runs_clear(&runs);
}

TEST(written_and_read_again_runs_are_the_same)
{
	static const char odd[] =
		"{\"gpu\": {\"id\": \"own\", \"name\": \"my, \\\"own\\\"\", \"architecture\": "
		"\"ada\","
		" \"compute_major\": 8, \"compute_minor\": 9, \"sms\": 10, \"max_threads_per_sm\": "
		"1,"
		" \"dram_gib\": 48, \"dram_gb_s\": 100.125, \"mig_compute_slices\": 0,"
		" \"mig_memory_slices\": 0}, \"mechanism\": \"mps\", \"tenants\": [{\"name\": "
		"\"a\","
		" \"model\": \"qwen3-4b\", \"share\": 0.1, \"memory_gib\": 20.3, \"start_s\": 3,"
		" \"slo\": {\"tpot_p99_ms\": 40.5}, \"engine\": {\"name\": \"llama.cpp\","
		" \"version\": \"b1\", \"max_model_len\": 4096, \"max_num_seqs\": 3,"
		" \"max_num_batched_tokens\": 77, \"cuda_graphs\": false, \"dtype\": \"float16\","
		" \"quantization\": \"int4\", \"kv_cache_dtype\": \"fp8\", \"prefix_caching\": "
		"true,"
		" \"gpu_memory_utilization\": 0.7, \"kv_cache_tokens\": 5000, \"cores\": 2.5},"
		" \"load\": {\"rate\": 0.3, \"burstiness\": 4, \"prefix_hit_ratio\": 0.25,"
		" \"prompt_tokens\": {\"mean\": 100, \"p95\": 250}, \"output_tokens\": 9}}]}";
	struct sw_run all[4] = {run_of("a", 1, 1), run_of("b", 2, 2), run_of("c", 1, 3),
				run_of("d", 1, 4)};
	struct sw_runs runs = {4, all}, again;
	char text[512], *csv, *csv_again;

	(void)snprintf(
		text, sizeof(text),
		"{\"gpu\":\"l4\",\"mechanism\":\"mps\",\"tenants\":[{\"name\":\"a\",\"model\":"
		"\"qwen3-0.6b\",\"share\":0.5,\"load\":{\"trace\":\"%s\"}},{\"name\":\"b\","
		"\"model\":\"qwen3-0.6b\",\"share\":0.5,\"load\":{\"trace\":\"t.csv\","
		"\"rate\":3}}]}",
		put_file("t.csv", "timestamp_ms,input_tokens,output_tokens\n0,100,20\n"
				  "900,400,30\n2100,90,60\n"));
	sw_mix_free(all[2].mix);
	/* Messages of the mix are those of a file in that folder, and so are its paths. */
	CHECK_INT(sw__mix_parse(catalog, text, path_of("mix"), &all[2].mix, &err), SW_OK);
	sw_mix_free(all[3].mix);
	all[3].mix = mix_of(odd);
	all[1].failed = strdup("a \"reason\",\nin two lines ");
	all[1].started_s = 1700000000.123456;
	csv = written(&runs);
	again = read_text(csv);
	csv_again = written(&again);
	CHECK_STR(csv_again, csv);
	CHECK_INT(again.n, 4);
	for (size_t i = 0; i < again.n; i++) {
		const struct sw_run *a = &all[i], *b = &again.run[i];

		CHECK_STR(b->experiment, a->experiment);
		CHECK(a->repeat == b->repeat && a->source == b->source && a->seed == b->seed);
		CHECK_NEAR(b->duration_s, a->duration_s, 0);
		CHECK_NEAR(b->started_s, a->started_s, 0);
		CHECK_STR(b->failed ? b->failed : "", a->failed ? a->failed : "");
		CHECK_STR(b->origin, a->origin);
		CHECK_STR(b->machine.driver, a->machine.driver);
		CHECK_STR(b->machine.cpu, a->machine.cpu);
		CHECK_INT(b->machine.cores, a->machine.cores);
		CHECK_INT(b->n_software, 2);
		CHECK_STR(b->software[1].name, "vllm");
		CHECK_STR(b->software[1].version, "0.10");
		check_same_mix(a->mix, b->mix);
		for (size_t t = 0; t < a->mix->n; t++)
			check_same_measured(&a->measured[t], &b->measured[t]);
	}
	for (size_t i = 0; i < 4; i++)
		sw__dataset_run_clear(&all[i]);
	sw_runs_clear(&again);
	free(csv);
	free(csv_again);
}

TEST(bad_rows_are_refused_by_line_and_column)
{
	static const char header[] = "experiment,gpu,mechanism,model,share,prompt_tokens,"
				     "output_tokens,rate,repeat,seed,source,dtype,trace,"
				     "prompt_tokens_p95,failed\n";
	static const char *const cases[][2] = {
		{"a,l4,mps,qwen3-4b,0.5,9,9,1,0,,,,,,\n", ":2: repeat: found \"0\""},
		{"a,l4,mps,qwen3-4b,0.5,9,9,1,1.5,,,,,,\n", ":2: repeat: found \"1.5\""},
		{",l4,mps,qwen3-4b,0.5,9,9,1,1,,,,,,\n", ":2: experiment: found nothing"},
		{"a,l4,mps,qwen3-4b,0.5,9,9,1,1,-1,,,,,\n", ":2: seed: found \"-1\""},
		{"a,l4,mps,qwen3-4b,0.5,9,9,1,1,,me,,,,\n",
		 ":2: source: found \"me\", expected one"},
		{"a,l4,mps,qwen3-4b,0.5,9,9,1,1,,,fp7,,,\n", ":2: dtype: found \"fp7\""},
		{"a,l4,mps,qwen3-4b,0.5,9,9,1,1,,,,no.csv,,\n", ":2: trace: "},
		{"a,l4,mps,qwen3-4b,0.5,9,9,1,1,,,,,900,\n", ":2: p95 900 with mean 9"},
		{"a,l4,mps,qwen3-4b,0.5,9,9,1,1,,,,,,-2\n", ":2: failed: found \"-2\""},
		{"a,l4,mps,qwen3-4b,0.5,9,9,1,1,,,,,,\na,l4,mps,qwen3-4b,0.5,9,9,1,,,,,,,\n",
		 "rows.csv: found experiment a, repeat 1 twice"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char text[1024];

		(void)snprintf(text, sizeof(text), "%s%s", header, cases[i][0]);
		refuse_text(text, cases[i][1]);
	}
	refuse_text("a,b\n1,2\n", ":1: found a header of no known rows, expected experiment");
}

TEST(what_cannot_be_read_is_the_world_s_fault)
{
	struct sw_runs runs;

	CHECK_INT(sw_runs_read(catalog, path_of("none.csv"), &runs, &err), SW_IO);
}

TEST(rows_that_cannot_be_written_are_said)
{
	struct sw_run run = run_of("a", 1, 1);
	struct sw_runs runs = {1, &run};
	FILE *full = fopen("/dev/full", "w");

	CHECK(full && setvbuf(full, NULL, _IONBF, 0) == 0);
	CHECK_INT(sw_runs_write(catalog, &runs, full, &err), SW_IO);
	CHECK(strstr(err.message, "No space left"));
	CHECK(fclose(full) == 0);
	sw__dataset_run_clear(&run);
}

TEST(runs_are_sorted_and_equals_keep_their_order)
{
	struct sw_runs runs = {0};

	for (unsigned i = 0; i < 100; i++) {
		struct sw_run run = {.repeat = 1 + i % 3, .seed = i, .experiment = {'a'}};

		run.experiment[0] = (char)('a' + i % 2);
		CHECK_INT(sw__runs_add(&runs, &run, &err), SW_OK);
	}
	CHECK_INT(sw__runs_sort(&runs, &err), SW_OK);
	for (size_t i = 1; i < runs.n; i++) {
		const struct sw_run *a = &runs.run[i - 1], *b = &runs.run[i];
		int order = strcmp(a->experiment, b->experiment);

		CHECK(order < 0 || (order == 0 && (a->repeat < b->repeat ||
						   (a->repeat == b->repeat && a->seed < b->seed))));
	}
	sw_runs_clear(&runs);
}

int main(void)
{
	return dataset_main();
}
