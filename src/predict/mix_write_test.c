// SPDX-License-Identifier: Apache-2.0
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "catalog/described.h"
#include "check.h"
#include "predict/mix_read.h"

static sw_catalog *catalog;
static struct sw_error err;
static char folder[] = "/tmp/slicewise-mix-XXXXXX";

static const char *put_file(const char *name, const char *text)
{
	static char path[128];

	(void)snprintf(path, sizeof(path), "%s/%s", folder, name);
	CHECK_INT(sw_file_write(path, text, strlen(text), NULL), SW_OK);
	return path;
}

static struct sw_mix *load(const char *text)
{
	const char *path = put_file("mix.yaml", text);
	struct sw_mix *mix = NULL;

	if (!CHECK(sw_mix_load(catalog, path, &mix, &err) == SW_OK))
		printf("    %s\n", err.message);
	return mix;
}

static void check_number(double a, double b)
{
	CHECK_NEAR(a, b, 0);
}

static void check_engine(const struct sw_engine *a, const struct sw_engine *b)
{
	CHECK_INT(a->given, b->given);
	CHECK_INT(a->kind, b->kind);
	CHECK_STR(a->version, b->version);
	CHECK(a->max_model_len == b->max_model_len && a->max_num_seqs == b->max_num_seqs);
	CHECK_INT(a->max_num_batched_tokens, b->max_num_batched_tokens);
	CHECK(a->cuda_graphs == b->cuda_graphs && a->prefix_caching == b->prefix_caching);
	CHECK(a->dtype == b->dtype && a->kv_cache_dtype == b->kv_cache_dtype);
	CHECK_INT(a->quantization, b->quantization);
	check_number(a->gpu_memory_utilization, b->gpu_memory_utilization);
	check_number(a->kv_cache_tokens, b->kv_cache_tokens);
	check_number(a->cores, b->cores);
}

static void check_load(const struct sw_load *a, const struct sw_load *b)
{
	check_number(a->rate, b->rate);
	check_number(a->concurrency, b->concurrency);
	check_number(a->prompt_tokens.mean, b->prompt_tokens.mean);
	check_number(a->prompt_tokens.p95, b->prompt_tokens.p95);
	check_number(a->output_tokens.mean, b->output_tokens.mean);
	check_number(a->output_tokens.p95, b->output_tokens.p95);
	check_number(a->prefix_hit_ratio, b->prefix_hit_ratio);
	check_number(a->burstiness, b->burstiness);
	CHECK_INT(a->trace != NULL, b->trace != NULL);
	CHECK_INT(a->trace_once, b->trace_once);
	check_number(a->trace_stretch, b->trace_stretch);
}

static void check_tenant(const struct sw_tenant *a, const struct sw_tenant *b)
{
	CHECK_STR(a->name, b->name);
	CHECK_STR(a->model.id, b->model.id);
	CHECK_INT(a->model.hidden, b->model.hidden);
	check_engine(&a->engine, &b->engine);
	CHECK_INT(a->slice.mechanism, b->slice.mechanism);
	check_number(a->slice.share, b->slice.share);
	check_number(a->slice.memory_gib, b->slice.memory_gib);
	check_load(&a->load, &b->load);
	check_number(a->start_s, b->start_s);
	CHECK_INT(a->max_in_flight, b->max_in_flight);
	for (int m = 0; m < SW_METRIC_COUNT; m++) {
		for (int s = 0; s < SW_STATISTIC_COUNT; s++)
			check_number(a->slo.bound_ms[m][s], b->slo.bound_ms[m][s]);
	}
}

/* Written and read again as a mix file and as a run's; the text goes to *json. */
static void check_round(const struct sw_mix *mix, char **json)
{
	struct sw_mix *again[2] = {NULL, NULL};

	CHECK_INT(sw_mix_to_json(catalog, mix, json, &err), SW_OK);
	CHECK_INT(sw_mix_load(catalog, put_file("mix.json", *json), &again[0], &err), SW_OK);
	CHECK_INT(sw__mix_parse(catalog, *json, "run", &again[1], &err), SW_OK);
	for (int i = 0; i < 2; i++) {
		if (!CHECK(again[i] && again[i]->n == mix->n)) {
			printf("    %s\n", err.message);
			continue;
		}
		CHECK_STR(again[i]->gpu.id, mix->gpu.id);
		CHECK_INT(again[i]->mechanism, mix->mechanism);
		for (size_t t = 0; t < mix->n; t++)
			check_tenant(&mix->tenants[t], &again[i]->tenants[t]);
		sw_mix_free(again[i]);
	}
}

TEST(a_mix_that_says_everything_is_read_as_it_was)
{
	struct sw_mix *mix = load(
		"gpu: a100-sxm4-80gb\nmechanism: mps\ntenants:\n"
		"  - name: a\n    model: qwen3-4b\n    share: 0.35\n    memory_gib: 40.1\n"
		"    engine: {name: sglang, version: '0.4', max_model_len: 8192, max_num_seqs: "
		"32,\n"
		"      max_num_batched_tokens: 4096, cuda_graphs: false, dtype: float16,\n"
		"      quantization: fp8, kv_cache_dtype: fp8, prefix_caching: false,\n"
		"      gpu_memory_utilization: 0.85, kv_cache_tokens: 90000, cores: 3.5}\n"
		"    load: {rate: 0.1, prompt_tokens: {mean: 800, p95: 2000.5}, output_tokens: "
		"100,\n"
		"      prefix_hit_ratio: 0.3, burstiness: 2.5}\n"
		"    start_s: 12.5\n"
		"    max_in_flight: 12\n"
		"    slo: {ttft_mean_ms: 1, ttft_p50_ms: 2, ttft_p95_ms: 3, ttft_p99_ms: 4.5,\n"
		"      tpot_mean_ms: 5, tpot_p50_ms: 6, tpot_p95_ms: 7, tpot_p99_ms: 8}\n"
		"  - name: b\n    model: qwen3-0.6b\n    share: 0.65\n    memory_gib: 20\n"
		"    load: {concurrency: 7, prompt_tokens: 100, output_tokens: 20}\n");
	char *json = NULL;

	check_round(mix, &json);
	CHECK_INT(mix->tenants[0].max_in_flight, 12);
	CHECK(strstr(json, "{\"gpu\":\"a100-sxm4-80gb\",\"mechanism\":\"mps\"") == json);
	CHECK(strstr(json, "\"model\":\"qwen3-0.6b\",\"share\":0.6"));
	/* Nothing of the second engine is given, so nothing is said of it. */
	CHECK(!strstr(strstr(json, "\"b\""), "engine"));
	free(json);
	sw_mix_free(mix);
}

TEST(what_a_mix_leaves_open_comes_out_the_same)
{
	struct sw_mix *mix = load("gpu: l4\nmechanism: timeslice\ntenants:\n"
				  "  - {model: qwen3-0.6b, load: {rate: 1, prompt_tokens: 9,"
				  " output_tokens: 9}}\n"
				  "  - {model: qwen3-0.6b, load: {rate: 1, prompt_tokens: 9,"
				  " output_tokens: 9}, engine: {gpu_memory_utilization: 0.4}}\n");
	char *json = NULL;

	check_round(mix, &json);
	free(json);
	sw_mix_free(mix);
}

TEST(traces_are_named_by_their_whole_path)
{
	static const char *const loads[] = {"{trace: t.csv}", "{trace: t.csv, rate: 3}",
					    "{trace: t.csv, scale: 0.7, prefix_hit_ratio: 0.5}"};

	put_file("t.csv", "timestamp_ms,input_tokens,output_tokens\n0,100,20\n900,400,30\n"
			  "2100,90,60\n2500,800,10\n");
	for (size_t i = 0; i < 3; i++) {
		char text[256], *json = NULL, expected[128];
		struct sw_mix *mix;

		(void)snprintf(text, sizeof(text),
			       "gpu: l4\nmechanism: exclusive\ntenants:\n"
			       "  - {model: qwen3-0.6b, load: %s}\n",
			       loads[i]);
		mix = load(text);
		check_round(mix, &json);
		(void)snprintf(expected, sizeof(expected), "\"trace\":\"%s/t.csv\"", folder);
		CHECK(strstr(json, expected));
		free(json);
		sw_mix_free(mix);
	}
}

TEST(what_the_catalogue_does_not_have_is_described)
{
	struct sw_mix *mix, *again = NULL;
	char *json = NULL, *other = NULL;

	put_file("own.json", "{\"model_type\": \"qwen3\", \"hidden_size\": 1024, \"head_dim\": 128,"
			     "\"intermediate_size\": 3072, \"num_hidden_layers\": 28,"
			     "\"num_attention_heads\": 16, \"num_key_value_heads\": 8,"
			     "\"vocab_size\": 151936, \"max_position_embeddings\": 4096,"
			     "\"torch_dtype\": \"bfloat16\", \"use_sliding_window\": true,"
			     "\"sliding_window\": 512, \"max_window_layers\": 20}");
	mix = load(
		"gpu: l4\nmechanism: exclusive\ntenants:\n"
		"  - {model: ./own.json, load: {rate: 1, prompt_tokens: 9, output_tokens: 9}}\n");
	mix->gpu.dram_gb_s = 200; /* not the L4 that everybody knows */
	CHECK_INT(sw_mix_to_json(catalog, mix, &json, &err), SW_OK);
	CHECK(strstr(json, "\"gpu\":{\"id\":\"l4\"") && strstr(json, "\"dram_gb_s\":200"));
	CHECK(strstr(json, "\"model\":{\"id\":\"own\"") && strstr(json, "\"window_layers\":8"));
	CHECK_INT(sw__mix_parse(catalog, json, "run", &again, &err), SW_OK);
	CHECK_NEAR(again->gpu.dram_gb_s, 200, 0);
	CHECK_INT(again->tenants[0].model.sliding_window, 512);
	CHECK_INT(sw_mix_to_json(catalog, again, &other, &err), SW_OK);
	CHECK_STR(json, other);
	/* A mix file has no such maps. */
	sw_mix_free(again);
	CHECK_INT(sw_mix_load(catalog, put_file("mix.json", json), &again, &err), SW_BAD_INPUT);
	CHECK(!again && strstr(err.message, "gpu: found a map"));
	free(json);
	free(other);
	sw_mix_free(mix);
}

TEST(a_run_may_have_been_what_a_mix_file_may_not)
{
	static const char text[] =
		"{\"gpu\": {\"id\": \"epyc\", \"name\": \"epyc\"}, \"mechanism\": \"cpu-quota\","
		"\"tenants\": [{\"name\": \"a\", \"model\": \"llama-13b\", \"share\": 0.9,"
		"\"load\": {\"concurrency\": 1.5, \"prompt_tokens\": 10.5, \"output_tokens\": 5}},"
		"{\"name\": \"b\", \"model\": \"llama-13b\", \"share\": 0.9, \"load\":"
		"{\"rate\": 1, \"prompt_tokens\": 10, \"output_tokens\": 5}}]}";
	struct sw_mix *mix = NULL;
	char *json = NULL, *again = NULL;

	CHECK_INT(sw__mix_parse(catalog, text, "run", &mix, &err), SW_OK);
	CHECK_INT(mix->mechanism, SW_CPU_QUOTA);
	CHECK(sw__is_host(&mix->gpu) && isnan(mix->gpu.dram_gib) && mix->gpu.n_mig == 0);
	CHECK_INT(mix->tenants[0].engine.max_model_len, mix->tenants[0].model.max_position);
	CHECK_NEAR(mix->tenants[0].load.prompt_tokens.mean, 10.5, 0);
	CHECK_INT(sw_mix_to_json(catalog, mix, &json, &err), SW_OK);
	sw_mix_free(mix);
	CHECK_INT(sw__mix_parse(catalog, json, "run", &mix, &err), SW_OK);
	CHECK_INT(sw_mix_to_json(catalog, mix, &again, &err), SW_OK);
	CHECK_STR(json, again);
	free(json);
	free(again);
	sw_mix_free(mix);
}

TEST(a_run_that_makes_no_sense_is_refused_by_name)
{
	static const char *const cases[][2] = {
		{"[]", "run:1"},
		{"{\"gpu\": \"l4\", \"mechanism\": \"mps\", \"tenants\": []}", "run:1: tenants"},
		{"{\"gpu\": {\"id\": \"x\"}, \"mechanism\": \"mps\", \"tenants\": []}",
		 "run:1: gpu: key name is missing"},
		{"{\"gpu\": \"l4\", \"mechanism\": \"mps\", \"tenants\": [{\"model\":"
		 "{\"id\": \"x\", \"heads\": 0}}]}",
		 "run:1: tenants[0].model.heads: found 0"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct sw_mix *mix;

		CHECK_INT(sw__mix_parse(catalog, cases[i][0], "run", &mix, &err), SW_BAD_INPUT);
		if (!CHECK(!mix && strstr(err.message, cases[i][1])))
			printf("    %s\n", err.message);
	}
}

int main(void)
{
	char command[64];
	int status;

	if (sw_catalog_open(&catalog, NULL) != SW_OK || !mkdtemp(folder))
		return 1;
	status = check_main();
	sw_catalog_free(catalog);
	(void)snprintf(command, sizeof(command), "rm -rf '%s'", folder);
	return system(command) ? 1 : status;
}
