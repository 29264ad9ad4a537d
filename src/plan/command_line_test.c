// SPDX-License-Identifier: Apache-2.0
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "slicewise/plan.h"

static struct sw_error err;

/* A plan of one engine, by hand. */
static struct sw_fleet_entry entry;
static struct sw_workload workload;
static struct sw_placement placement;
static struct sw_plan_gpu gpu;
static const char *called; /* what the model is called, where not as in the catalogue */

static char *line_of(enum sw_mechanism mechanism, enum sw_engine_kind kind, double share,
		     double memory_gib)
{
	struct sw_problem problem = {
		.n_fleet = 1, .fleet = &entry, .n_workloads = 1, .workloads = &workload};
	struct sw_plan plan = {.n_gpus = 1, .gpus = &gpu, .n_workloads = 1};
	sw_catalog *catalog = NULL;
	char *line = NULL;

	CHECK_INT(sw_catalog_open(&catalog, &err), SW_OK);
	entry = (struct sw_fleet_entry){.mechanism = mechanism};
	CHECK_INT(sw_catalog_gpu(catalog, "a100-sxm4-80gb", &entry.gpu, &err), SW_OK);
	CHECK_INT(sw_catalog_model(catalog, "qwen3-4b", &workload.model, &err), SW_OK);
	if (called)
		(void)snprintf(workload.model.id, sizeof(workload.model.id), "%s", called);
	placement.share = share;
	placement.memory_gib = memory_gib;
	placement.engine.kind = kind;
	placement.engine.given |= SW_KEY_NAME | SW_KEY_MAX_MODEL_LEN | SW_KEY_MAX_NUM_SEQS |
				  SW_KEY_MAX_NUM_BATCHED_TOKENS;
	placement.engine.max_model_len = 8192;
	placement.engine.max_num_seqs = 32;
	placement.engine.max_num_batched_tokens = 2048;
	CHECK_INT(sw_engine_resolve(&placement.engine, &entry.gpu, &workload.model, NULL, &err),
		  SW_OK);
	gpu = (struct sw_plan_gpu){.id = "a100-sxm4-80gb/0", .n = 1, .tenants = &placement};
	if (!CHECK(sw_plan_command_line(&problem, &plan, 0, 0, &line, &err) == SW_OK))
		printf("    %s\n", err.message);
	sw_catalog_free(catalog);
	return line;
}

static void reset(void)
{
	workload = (struct sw_workload){.name = "w"};
	placement = (struct sw_placement){.engine = {.kv_cache_tokens = NAN, .cores = NAN}};
}

static void check_has(const char *line, const char *const *parts)
{
	for (; line && *parts; parts++) {
		if (!CHECK(strstr(line, *parts)))
			printf("    no \"%s\" in: %s", *parts, line);
	}
}

TEST(what_a_folder_is_called_is_one_word_of_the_shell)
{
	static const char *const parts[] = {"vllm serve '$(touch x)'\\''s; y' ", NULL};
	char *line;

	reset();
	called = "$(touch x)'s; y";
	line = line_of(SW_EXCLUSIVE, SW_VLLM, 1, NAN);
	called = NULL;
	check_has(line, parts);
	free(line);
}

TEST(vllm_under_mps_says_everything)
{
	static const char *const parts[] = {
		"CUDA_MPS_ACTIVE_THREAD_PERCENTAGE=30 ",
		"CUDA_MPS_PINNED_DEVICE_MEM_LIMIT=0=16384M ",
		"vllm serve Qwen/Qwen3-4B ",
		" --dtype bfloat16",
		" --kv-cache-dtype auto",
		" --max-model-len 8192",
		" --max-num-seqs 32",
		" --max-num-batched-tokens 2048",
		/* 16 GiB x 0.9 of the 79.25 GiB that it sees */
		" --gpu-memory-utilization 0.1817",
		" --kv-cache-memory-bytes ",
		" --enable-chunked-prefill",
		" --enable-prefix-caching",
		" --no-enforce-eager\n",
		NULL,
	};
	char *line;

	reset();
	line = line_of(SW_MPS, SW_VLLM, 0.3, 16);
	check_has(line, parts);
	CHECK(line && !strchr(line, '#'));
	free(line);
}

TEST(hami_caps_what_the_engine_sees)
{
	static const char *const parts[] = {
		"# resources: nvidia.com/gpu: 1, nvidia.com/gpumem: 16384,",
		" nvidia.com/gpucores: 29\n",
		"GPU_CORE_UTILIZATION_POLICY=force vllm serve",
		" --gpu-memory-utilization 0.9000",
		" --enforce-eager\n",
		" --quantization fp8",
		" --kv-cache-dtype fp8",
		NULL,
	};
	char *line;

	reset();
	placement.engine.given = SW_KEY_CUDA_GRAPHS | SW_KEY_QUANTIZATION | SW_KEY_KV_CACHE_DTYPE;
	placement.engine.quantization = SW_QUANT_FP8;
	placement.engine.kv_cache_dtype = SW_FP8;
	line = line_of(SW_HAMI, SW_VLLM, 0.29, 16);
	check_has(line, parts);
	free(line);
}

TEST(other_engines_have_their_own_words)
{
	static const char *const sglang[] = {
		"python3 -m sglang.launch_server --model-path Qwen/Qwen3-4B ",
		" --context-length 8192",
		" --max-running-requests 32",
		" --chunked-prefill-size 2048",
		" --mem-fraction-static 0.",
		" --max-total-tokens ",
		" --enable-metrics\n",
		NULL,
	};
	static const char *const tensorrt[] = {
		"trtllm-serve Qwen/Qwen3-4B --backend pytorch --max_batch_size 32 --max_num_tokens "
		"2048 "
		"--max_seq_len 8192 --kv_cache_free_gpu_memory_fraction 0.",
		NULL,
	};
	static const char *const llama[] = {
		"# in a MIG instance 2g.20gb: nvidia-smi mig -cgi 2g.20gb:4 -C\n",
		"llama-server --model Qwen/Qwen3-4B.gguf --n-gpu-layers 999",
		" --parallel 32 --kv-unified",
		" --batch-size 2048 --ubatch-size 512",
		NULL,
	};
	char *line;

	reset();
	line = line_of(SW_TIMESLICE, SW_SGLANG, 0.5, 20);
	check_has(line, sglang);
	free(line);
	reset();
	line = line_of(SW_EXCLUSIVE, SW_TENSORRT_LLM, 1, 79);
	check_has(line, tensorrt);
	free(line);
	reset();
	placement.mig_start = 4;
	line = line_of(SW_MIG, SW_LLAMA_CPP, 2.0 / 7, 19.5);
	check_has(line, llama);
	free(line);
}

TEST(an_engine_that_is_not_there)
{
	struct sw_problem problem = {0};
	struct sw_plan plan = {0};
	char *line;

	CHECK_INT(sw_plan_command_line(&problem, &plan, 0, 0, &line, &err), SW_USAGE);
	CHECK(!line);
}

TEST_MAIN()
