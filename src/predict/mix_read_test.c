// SPDX-License-Identifier: Apache-2.0
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "check.h"
#include "slicewise/predict.h"

static struct sw_error err;
static char folder[64];

/* Files of a test live in one folder, so that relative names can be tried. */
static const char *put(const char *name, const char *text)
{
	static char path[128];

	if (!*folder) {
		(void)snprintf(folder, sizeof(folder), "/tmp/slicewise-mix-XXXXXX");
		CHECK(mkdtemp(folder));
	}
	(void)snprintf(path, sizeof(path), "%s/%s", folder, name);
	CHECK_INT(sw_file_write(path, text, strlen(text), &err), SW_OK);
	return path;
}

static enum sw_status load(const char *text, struct sw_mix **mix)
{
	sw_catalog *catalog = NULL;
	enum sw_status st;
	const char *path = put("mix.yaml", text);

	err.message[0] = '\0';
	CHECK_INT(sw_catalog_open(&catalog, &err), SW_OK);
	st = sw_mix_load(catalog, path, mix, &err);
	sw_catalog_free(catalog);
	(void)unlink(path);
	return st;
}

#define PAIR                                                                           \
	"gpu: a100-sxm4-40gb\nmechanism: mps\ntenants:\n"                              \
	"  - {name: a, model: qwen3-4b, share: 0.5, memory_gib: 19.5,\n"               \
	"     engine: {max_num_seqs: 32, cuda_graphs: false, kv_cache_dtype: fp8},\n"  \
	"     load: {concurrency: 8, prompt_tokens: 2048, output_tokens: 256}}\n"      \
	"  - {name: b, model: qwen3-0.6b, share: 0.5, memory_gib: 19.5,\n"             \
	"     load: {rate: 2, burstiness: 2, prefix_hit_ratio: 0.25, prompt_tokens:\n" \
	"       {mean: 800, p95: 3000}, output_tokens: 200}, slo: {tpot_p95_ms: 40}}\n"

TEST(the_mix_of_the_design_reads)
{
	struct sw_mix *mix;
	const struct sw_tenant *a, *b;

	if (!CHECK(load(PAIR, &mix) == SW_OK)) {
		printf("    %s\n", err.message);
		return;
	}
	a = &mix->tenants[0];
	b = &mix->tenants[1];
	CHECK_INT(mix->n, 2);
	CHECK_INT(mix->mechanism, SW_MPS);
	CHECK_STR(mix->gpu.id, "a100-sxm4-40gb");
	CHECK(!mix->warning);
	CHECK_STR(a->name, "a");
	CHECK_STR(a->model.id, "qwen3-4b");
	CHECK_NEAR(a->slice.share, 0.5, 0);
	CHECK_NEAR(a->slice.memory_gib, 19.5, 0);
	CHECK_INT(a->slice.mechanism, SW_MPS);
	CHECK_INT(a->engine.max_num_seqs, 32);
	CHECK(!a->engine.cuda_graphs);
	CHECK_INT(a->engine.kv_cache_dtype, SW_FP8);
	CHECK_INT(a->engine.given,
		  SW_KEY_MAX_NUM_SEQS | SW_KEY_CUDA_GRAPHS | SW_KEY_KV_CACHE_DTYPE);
	CHECK(isnan(a->load.rate));
	CHECK_NEAR(a->load.concurrency, 8, 0);
	CHECK_NEAR(a->load.prompt_tokens.mean, 2048, 0);
	CHECK(isnan(a->load.prompt_tokens.p95));
	CHECK(isnan(a->slo.bound_ms[SW_TPOT][SW_P95]));
	CHECK_INT(b->engine.max_num_seqs, 256);
	CHECK_INT(b->engine.max_num_batched_tokens, 2048);
	CHECK(b->engine.cuda_graphs);
	CHECK_NEAR(b->load.burstiness, 2, 0);
	CHECK_NEAR(b->load.prefix_hit_ratio, 0.25, 0);
	CHECK_NEAR(b->load.prompt_tokens.p95, 3000, 0);
	CHECK_NEAR(b->slo.bound_ms[SW_TPOT][SW_P95], 40, 0);
	CHECK(isnan(b->slo.bound_ms[SW_TTFT][SW_P95]));
	sw_mix_free(mix);
}

#define HEAD(gpu, mechanism) "gpu: " gpu "\nmechanism: " mechanism "\ntenants:\n"
#define LOAD                 "load: {rate: 1, prompt_tokens: 100, output_tokens: 10}"
#define SMALL(more)          "  - {model: qwen3-0.6b, " LOAD more "}\n"

TEST(what_may_be_left_out)
{
	struct sw_mix *mix;

	if (!CHECK(load(HEAD("a100-sxm4-40gb", "timeslice") SMALL("") SMALL(", memory_gib: 10"),
			&mix) == SW_OK))
		return;
	CHECK_STR(mix->tenants[0].name, "tenant-1");
	CHECK_NEAR(mix->tenants[0].slice.share, 1, 0);
	CHECK_NEAR(mix->tenants[0].slice.memory_gib, sw_gpu_visible_gib(&mix->gpu) - 10, 1e-12);
	CHECK(mix->warning && strstr(mix->warning, "memory_gib left out"));
	sw_mix_free(mix);
	CHECK_INT(load(HEAD("l4", "exclusive") SMALL(""), &mix), SW_OK);
	CHECK(isnan(mix->tenants[0].slice.memory_gib));
	CHECK(!mix->warning);
	sw_mix_free(mix);
	CHECK_INT(load(HEAD("l4", "timeslice") SMALL(", share: 0.7") SMALL(", share: 0.7"), &mix),
		  SW_OK);
	sw_mix_free(mix);
}

TEST(a_host_reads_and_its_engines_are_predicted)
{
	struct sw_mix *mix = NULL;
	struct sw_prediction p[2];

	CHECK_INT(load("gpu: my-box\nmechanism: cpu-quota\ntenants:\n"
		       "  - {name: a, model: qwen2.5-0.5b, share: 1, engine: {name: llama.cpp, "
		       "cores: 1,"
		       " max_model_len: 2048}, load: {concurrency: 2, prompt_tokens: 60, "
		       "output_tokens: 20}}\n"
		       "  - {name: b, model: qwen2.5-0.5b, share: 0.25, engine: {name: llama.cpp, "
		       "cores: 1,"
		       " max_model_len: 2048}, load: {concurrency: 2, prompt_tokens: 60, "
		       "output_tokens: 20}}\n",
		       &mix),
		  SW_OK);
	CHECK_STR(err.message, "");
	if (!mix)
		return;
	CHECK_STR(mix->gpu.id, "my-box");
	CHECK(!mix->warning);
	CHECK_INT(sw_predict_mix(mix, NULL, p, &err), SW_OK);
	/* One has a quarter of the core, the other what is left. */
	CHECK(p[0].output_tokens_per_s > 2.5 * p[1].output_tokens_per_s);
	CHECK(p[0].output_tokens_per_s < 3.5 * p[1].output_tokens_per_s);
	CHECK(p[0].slowdown > 1.2 && p[0].slowdown < 1.6);
	CHECK(p[1].slowdown < 1.1);
	CHECK(p[0].extrapolated);
	sw_mix_free(mix);
}

TEST(shares_above_one_are_worth_a_word_under_mps_only)
{
	static const char *const two = SMALL(", share: 0.7") SMALL(", share: 0.7");
	char text[1024];
	struct sw_mix *mix;

	(void)snprintf(text, sizeof(text), "%s%s", HEAD("l40s", "mps"), two);
	CHECK_INT(load(text, &mix), SW_OK);
	CHECK(mix && mix->warning && strstr(mix->warning, "shares add up to 1.4"));
	sw_mix_free(mix);
	(void)snprintf(text, sizeof(text), "%s%s", HEAD("l40s", "hami"), two);
	CHECK_INT(load(text, &mix), SW_BAD_INPUT);
	CHECK(strstr(err.message, "tenants: found shares that add up to 1.4"));
}

TEST(traces_and_models_are_found_beside_the_file)
{
	char trace[160];
	struct sw_mix *mix;

	(void)snprintf(trace, sizeof(trace), "%s",
		       put("t.csv", "timestamp_ms,input_tokens,output_tokens\n"
				    "0,10,5\n1000,20,5\n4000,30,5\n"));
	CHECK_INT(load(HEAD("l4", "timeslice") "  - {model: qwen3-0.6b, load: {trace: t.csv}}\n"
					       "  - {name: b, model: qwen3-0.6b, load: {trace: "
					       "t.csv, rate: 3}}\n"
					       "  - {name: c, model: qwen3-0.6b, load: {trace: "
					       "t.csv, scale: 4}}\n",
		       &mix),
		  SW_OK);
	if (mix) {
		CHECK_INT(mix->n_traces, 1);
		CHECK(mix->tenants[0].load.trace_once && !mix->tenants[1].load.trace_once);
		CHECK_NEAR(mix->tenants[0].load.rate, 0.5, 1e-12);
		CHECK_NEAR(mix->tenants[1].load.rate, 3, 0);
		CHECK_NEAR(mix->tenants[2].load.rate, 2, 1e-12);
		CHECK_NEAR(mix->tenants[0].load.prompt_tokens.mean, 20, 1e-12);
		CHECK(isnan(mix->tenants[0].load.output_tokens.p95));
		CHECK_NEAR(mix->tenants[0].load.burstiness, 0.5, 1e-12);
	}
	sw_mix_free(mix);
	(void)unlink(trace);
}

#define TENANT(load) HEAD("l4", "exclusive") "  - {model: qwen3-0.6b, load: {" load "}}\n"
#define ENGINE(key)  HEAD("l4", "exclusive") SMALL(", engine: {" key "}")
#define TOKENS       ", prompt_tokens: 10, output_tokens: 10"

/* A file, and what its refusal says. */
static const char *const bad_files[][2] = {
	{"gpu: l4\nmechanism: mps\n", "mix.yaml:1: key tenants is missing"},
	{"gpu: l4\nmechanism: mps\ntenants: []\n",
	 "mix.yaml:3: tenants: found an empty list, expected a list of at least one"},
	{"gpu: l4\nmechanism: mps\ntenants: 7\n", "mix.yaml:3: tenants: found 7"},
	{"gpu: l5\nmechanism: mps\ntenants: [1]\n", "mix.yaml:1: gpu:"},
	{"gpu: l4\nmechanism: green-context\ntenants: [1]\n",
	 "mix.yaml:2: mechanism: found \"green-context\""},
	{"gpu: [h]\nmechanism: cpu-quota\ntenants: [1]\n",
	 "mix.yaml:1: gpu: found a list, expected the host's name"},
	{"gpu: l4\nmechanism: mps\ntenants: [1]\nx: 1\n", "mix.yaml:4: x: unknown key"},
	{HEAD("l4", "mps") "  - 7\n", "mix.yaml:4: tenants[0]: found 7"},
	{HEAD("l4", "mps") SMALL(""), "tenants[0]: key share is missing: mps needs one"},
	{HEAD("l4", "mps") SMALL(", share: 0"), "tenants[0].share: found 0"},
	{HEAD("l4", "mps") SMALL(", share: 1.5"), "share: found 1.5"},
	{HEAD("l4", "mps") SMALL(", share: 50%"), "share: found \"50%\""},
	{HEAD("l4", "mps") SMALL(", share: .nan"), "share: found .nan"},
	{HEAD("l4", "exclusive") SMALL(", share: 0.5"), "share: "},
	{HEAD("l4", "exclusive") SMALL("") SMALL(""), "found 2 tenants, expected at most 1"},
	{HEAD("l4", "timeslice") SMALL(", name: a") SMALL(", name: a"),
	 "tenants[1].name: found \"a\", expected a name that no other"},
	{HEAD("l4", "timeslice") SMALL(", memory_gib: -1"), "memory_gib: found -1"},
	{HEAD("l4", "timeslice") SMALL(", memory_gib: 15") SMALL(", memory_gib: 15"),
	 "found 30 GiB of memory in all"},
	{HEAD("l4", "exclusive") "  - {model: nope, " LOAD "}\n", "tenants[0].model: "},
	{HEAD("l4", "exclusive") "  - {model: no/config.json, " LOAD "}\n", "tenants[0].model: "},
	{HEAD("l4", "exclusive") "  - {model: {table: x.csv}, " LOAD "}\n",
	 "measured tables are not supported yet"},
	{HEAD("l4", "exclusive") "  - {model: qwen3-0.6b}\n", "key load is missing"},
	{TENANT("rate: 1"), "found no prompt_tokens"},
	{TENANT("rate: 1, prompt_tokens: 10"), "found no output_tokens"},
	{TENANT("prompt_tokens: 10, output_tokens: 10"), "found no rate, concurrency or trace"},
	{TENANT("rate: 1, concurrency: 1" TOKENS), "found both rate and concurrency"},
	{TENANT("rate: 1, scale: 1" TOKENS), "found both rate and scale"},
	{TENANT("scale: 1" TOKENS), "found scale without a trace"},
	{TENANT("trace: none.csv"), "tenants[0].load.trace: "},
	{TENANT("trace: 5"), "load.trace: found 5, expected the path"},
	{TENANT("rate: 0" TOKENS), "rate: found 0"},
	{TENANT("rate: 2/s" TOKENS), "rate: found \"2/s\""},
	{TENANT("rate: 1e7" TOKENS), "rate: found 1e7"},
	{TENANT("concurrency: 1.5" TOKENS), "concurrency: found 1.5, expected a whole number"},
	{TENANT("concurrency: 2, burstiness: 2" TOKENS), "both concurrency and burstiness"},
	{TENANT("rate: 1, burstiness: -1" TOKENS), "burstiness: found -1"},
	{TENANT("rate: 1, prefix_hit_ratio: 1" TOKENS), "prefix_hit_ratio: found 1"},
	{TENANT("rate: 1, prompt_tokens: 0, output_tokens: 1"), "prompt_tokens: found 0"},
	{TENANT("rate: 1, prompt_tokens: 1.5, output_tokens: 1"), "prompt_tokens: found 1.5"},
	{TENANT("rate: 1, prompt_tokens: 2e7, output_tokens: 1"), "prompt_tokens: found 2e7"},
	{TENANT("rate: 1, prompt_tokens: x, output_tokens: 1"),
	 "prompt_tokens: found \"x\", expected a number of tokens or {mean"},
	{TENANT("rate: 1, prompt_tokens: {mean: 10, p95: 9}, output_tokens: 1"),
	 "load.prompt_tokens: "},
	{TENANT("rate: 1, prompt_tokens: {mean: 10, p95: 39}, output_tokens: 1"),
	 "load.prompt_tokens: "},
	{TENANT("rate: 1, prompt_tokens: {mean: 10}, output_tokens: 1"), "key p95 is missing"},
	{TENANT("rate: 1, prompt_tokens: {mean: 10, p99: 20}, output_tokens: 1"),
	 "did you mean p95"},
	{TENANT("rate: 1, prompt_tokens: 40000, output_tokens: 20000"),
	 "the mean request has 60000 tokens, expected at most"},
	{ENGINE("name: vlm"), "engine.name: found \"vlm\", expected one of vllm"},
	{ENGINE("max_num_seq: 1"), "did you mean max_num_seqs?"},
	{ENGINE("max_num_seqs: 0"), "max_num_seqs: found 0"},
	{ENGINE("max_model_len: 1e9"), "max_model_len: found 1e9"},
	{ENGINE("dtype: int4"),
	 "dtype: found \"int4\", expected one of float32, float16, bfloat16"},
	{ENGINE("quantization: awq"), "quantization: found \"awq\", expected one of none"},
	{ENGINE("gpu_memory_utilization: 1.1"), "gpu_memory_utilization: found 1.1"},
	{ENGINE("cuda_graphs: 1"), "cuda_graphs: found 1, expected true or false"},
	{HEAD("l4", "exclusive") SMALL(", slo: {ttft_p90_ms: 4}"), "slo.ttft_p90_ms: unknown key"},
	{HEAD("l4", "exclusive") SMALL(", slo: {ttft_p95_ms: 0}"), "slo.ttft_p95_ms: found 0"},
	{HEAD("l4", "exclusive") SMALL(", max_in_flight: 0"), "max_in_flight: found 0"},
	{HEAD("l4", "exclusive") SMALL(", engine: {max_num_seqs: 8}, max_in_flight: 9"),
	 "tenants[0].max_in_flight: found 9, expected at most the engine's max_num_seqs of 8"},
	{HEAD("l4", "exclusive") SMALL(", slo: 5"), "slo: found 5"},
};

TEST(bad_input_is_refused_with_place_and_reason)
{
	for (size_t i = 0; i < sizeof(bad_files) / sizeof(bad_files[0]); i++) {
		struct sw_mix *mix;

		CHECK_INT(load(bad_files[i][0], &mix), SW_BAD_INPUT);
		if (!CHECK(strstr(err.message, bad_files[i][1])))
			printf("    %zu: %s\n    expected %s\n", i, err.message, bad_files[i][1]);
		CHECK(!mix);
		sw_mix_free(mix);
	}
}

TEST(a_model_beyond_its_memory_is_infeasible)
{
	struct sw_mix *mix;

	CHECK_INT(load(HEAD("l4", "exclusive") "  - {model: llama-13b, " LOAD "}\n", &mix),
		  SW_INFEASIBLE);
	CHECK(strstr(err.message, "mix.yaml:4: tenants[0]: "));
	CHECK_INT(load(HEAD("l4", "timeslice") SMALL(", memory_gib: 1.5"), &mix), SW_INFEASIBLE);
	CHECK_INT(sw_mix_load(NULL, "/nonexistent/mix.yaml", &mix, &err), SW_IO);
}

/* Every shorter file and every file with a changed character is read or refused; nothing is read astray. */
TEST(damaged_files_never_hurt)
{
	static const char text[] = PAIR;
	static const char changes[] = ":{}-\n 9";
	char damaged[sizeof(text)];
	struct sw_mix *mix;

	for (size_t i = 0; i < sizeof(text) - 1; i += 3) {
		memcpy(damaged, text, sizeof(text));
		damaged[i] = changes[i % (sizeof(changes) - 1)];
		(void)load(damaged, &mix);
		sw_mix_free(mix);
		damaged[i] = '\0';
		CHECK(load(damaged, &mix) != SW_OK || mix);
		sw_mix_free(mix);
	}
	(void)rmdir(folder);
}

TEST_MAIN()
