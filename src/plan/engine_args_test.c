// SPDX-License-Identifier: Apache-2.0
#include "plan/engine_args.h"

#include <math.h>
#include <string.h>

#include "check.h"

static struct sw_error err;
static struct sw__engine_args args;

static struct sw_engine engine_of(enum sw_engine_kind kind)
{
	return (struct sw_engine){.kind = kind,
				  .max_model_len = 8192,
				  .max_num_seqs = 64,
				  .max_num_batched_tokens = 2048,
				  .cuda_graphs = true,
				  .prefix_caching = true,
				  .dtype = SW_BF16,
				  .kv_cache_dtype = SW_BF16,
				  .gpu_memory_utilization = 0.9,
				  .kv_cache_tokens = NAN,
				  .cores = NAN};
}

static struct sw_model model;
static struct sw_memory_fit fit = {.setting_value = 0.9, .kv_gib = 2.5, .kv_tokens = 23456};

static void write_args(const struct sw_engine *engine)
{
	struct sw__engine_start start = {engine, &model, "Qwen/Qwen3-0.6B", "chat", 8000, fit};

	CHECK_INT(sw__engine_args(&start, &args, &err), SW_OK);
}

static bool has(const char *arg)
{
	for (size_t i = 0; i < args.n; i++)
		if (strcmp(args.at[i], arg) == 0)
			return true;
	return false;
}

static const char *after(const char *arg)
{
	for (size_t i = 0; i + 1 < args.n; i++)
		if (strcmp(args.at[i], arg) == 0)
			return args.at[i + 1];
	return "";
}

TEST(vllm_is_told_everything)
{
	struct sw_engine engine = engine_of(SW_VLLM);

	write_args(&engine);
	CHECK_STR(args.at[0], "vllm");
	CHECK_STR(after("serve"), "Qwen/Qwen3-0.6B");
	CHECK_STR(after("--served-model-name"), "chat");
	CHECK_STR(after("--max-model-len"), "8192");
	CHECK_STR(after("--max-num-seqs"), "64");
	CHECK_STR(after("--max-num-batched-tokens"), "2048");
	CHECK_STR(after("--gpu-memory-utilization"), "0.9000");
	CHECK_STR(after("--kv-cache-memory-bytes"), "2684354560");
	CHECK_STR(after("--port"), "8000");
	CHECK_STR(after("--dtype"), "bfloat16");
	CHECK_STR(after("--kv-cache-dtype"), "auto");
	CHECK(has("--enable-prefix-caching") && !has("--enforce-eager"));
	CHECK(!has("--quantization"));
	engine.cuda_graphs = engine.prefix_caching = false;
	engine.kv_cache_dtype = SW_FP8;
	engine.quantization = SW_QUANT_FP8;
	write_args(&engine);
	CHECK(has("--enforce-eager") && has("--no-enable-prefix-caching"));
	CHECK_STR(after("--kv-cache-dtype"), "fp8");
	CHECK_STR(after("--quantization"), "fp8");
}

/* More than was planned would be taken from the neighbours. */
TEST(a_part_of_memory_is_rounded_downwards)
{
	struct sw_engine engine = engine_of(SW_VLLM);

	fit.setting_value = 0.318799;
	write_args(&engine);
	CHECK_STR(after("--gpu-memory-utilization"), "0.3187");
	fit.setting_value = 0.9;
}

TEST(others_by_their_own_names)
{
	struct sw_engine engine = engine_of(SW_SGLANG);

	engine.cuda_graphs = engine.prefix_caching = false;
	write_args(&engine);
	CHECK_STR(after("--max-running-requests"), "64");
	CHECK_STR(after("--chunked-prefill-size"), "2048");
	CHECK_STR(after("--context-length"), "8192");
	CHECK_STR(after("--mem-fraction-static"), "0.9000");
	CHECK_STR(after("--max-total-tokens"), "23456");
	CHECK(has("--disable-cuda-graph") && has("--disable-radix-cache") &&
	      has("--enable-metrics"));
	engine = engine_of(SW_TENSORRT_LLM);
	write_args(&engine);
	CHECK_STR(after("--max_batch_size"), "64");
	CHECK_STR(after("--max_num_tokens"), "2048");
	engine = engine_of(SW_LLAMA_CPP);
	engine.max_num_seqs = 4;
	write_args(&engine);
	CHECK_STR(after("--parallel"), "4");
	CHECK_STR(after("--ctx-size"), "23456"); /* of all slots together */
	CHECK_STR(after("--model"), "Qwen/Qwen3-0.6B.gguf");
	CHECK(args.environment == NULL);
	engine.cuda_graphs = false;
	write_args(&engine);
	CHECK_STR(args.environment, "GGML_CUDA_DISABLE_GRAPHS=1");
	CHECK(has("--metrics"));
}

TEST(a_path_without_end_is_refused)
{
	struct sw_engine engine = engine_of(SW_VLLM);
	char path[400];
	struct sw__engine_start start = {&engine, &model, path, "chat", 8000, fit};

	memset(path, 'a', sizeof(path));
	path[sizeof(path) - 1] = '\0';
	CHECK_INT(sw__engine_args(&start, &args, &err), SW_BAD_INPUT);
	CHECK(strstr(err.message, "aaaa") != NULL);
}

/* A flag that is not given is not there: the engine's own port, and its own name for the model. */
TEST(a_command_for_people_says_no_place)
{
	struct sw_engine engine = engine_of(SW_VLLM);
	struct sw__engine_start start = {&engine, &model, "Qwen/Qwen3-0.6B", NULL, 0, fit};

	CHECK_INT(sw__engine_args(&start, &args, &err), SW_OK);
	CHECK(!has("--port") && !has("--served-model-name"));
}

TEST(models_by_their_repository_or_else_by_their_id)
{
	struct sw_text text = {0};
	struct sw_model own = {.id = "qwen3-0.6b"};

	CHECK_INT(sw__model_reference(&own, &text, &err), SW_OK);
	CHECK_STR(sw_text_string(&text), "Qwen/Qwen3-0.6B");
	sw_text_free(&text);
	text = (struct sw_text){0};
	(void)snprintf(own.id, sizeof(own.id), "mine");
	CHECK_INT(sw__model_reference(&own, &text, &err), SW_OK);
	CHECK_STR(sw_text_string(&text), "mine");
	sw_text_free(&text);
}

TEST(narrow_weights_need_a_checkpoint)
{
	struct sw_engine engine = engine_of(SW_VLLM);

	CHECK(sw__engine_checkpoint(&engine, &model) == NULL);
	engine.quantization = SW_QUANT_FP8;
	CHECK(sw__engine_checkpoint(&engine, &model) == NULL);
	engine.quantization = SW_QUANT_INT4;
	CHECK_STR(sw__engine_checkpoint(&engine, &model), "int4");
}

TEST_MAIN()
