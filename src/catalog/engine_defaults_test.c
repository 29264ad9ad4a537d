// SPDX-License-Identifier: Apache-2.0
#include <string.h>

#include "catalog/catalog_fixture.h"

static const struct sw_engine nothing_given;

TEST(vllm_takes_its_small_batch_on_a100_and_below_70_gib_and_its_large_one_elsewhere)
{
	static const struct {
		const char *gpu;
		unsigned seqs, tokens;
	} cases[] = {{"a100-sxm4-40gb", 256, 2048}, {"a100-sxm4-80gb", 256, 2048},
		     {"a100-pcie-80gb", 256, 2048}, {"l4", 256, 2048},
		     {"l40s", 256, 2048},           {"h100-sxm", 1024, 8192},
		     {"h200-sxm", 1024, 8192},      {"rtx-pro-6000-server", 1024, 8192}};
	struct sw_model model = model_called("qwen3-4b");

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct sw_gpu gpu = gpu_called(cases[i].gpu);
		struct sw_engine e = resolved(nothing_given, &gpu, &model);

		CHECK_INT(e.kind, SW_VLLM);
		CHECK_INT(e.max_num_seqs, cases[i].seqs);
		CHECK_INT(e.max_num_batched_tokens, cases[i].tokens);
		CHECK_INT(e.given, 0);
	}
}

TEST(under_hami_vllm_takes_an_h100_for_the_size_of_the_slice)
{
	struct sw_gpu gpu = gpu_called("h100-sxm");
	struct sw_model model = model_called("qwen3-4b");
	struct sw_slice half = {.mechanism = SW_HAMI, .share = 0.5, .memory_gib = 40};
	struct sw_engine e = nothing_given;

	CHECK_INT(sw_engine_resolve(&e, &gpu, &model, &half, NULL), SW_OK);
	CHECK_INT(e.max_num_seqs, 256);
	half.mechanism = SW_MPS;
	e = nothing_given;
	CHECK_INT(sw_engine_resolve(&e, &gpu, &model, &half, NULL), SW_OK);
	CHECK_INT(e.max_num_seqs, 1024);
	half = (struct sw_slice){.mechanism = SW_HAMI, .share = 0.5, .memory_gib = NAN};
	e = nothing_given;
	CHECK_INT(sw_engine_resolve(&e, &gpu, &model, &half, NULL), SW_OK);
	CHECK_INT(e.max_num_seqs, 1024);
}

TEST(the_other_defaults_of_vllm)
{
	struct sw_gpu gpu = gpu_called("a100-sxm4-40gb");
	struct sw_model model = model_called("llama-3.1-8b");
	struct sw_engine e = resolved(nothing_given, &gpu, &model);

	CHECK(e.cuda_graphs && e.prefix_caching);
	CHECK_NEAR(e.gpu_memory_utilization, 0.9, 0);
	CHECK_INT(e.max_model_len, 131072);
	CHECK_INT(e.dtype, SW_BF16);
	CHECK_INT(e.kv_cache_dtype, SW_BF16);
	CHECK_INT(e.quantization, SW_QUANT_NONE);
	CHECK(!sw_known(e.kv_cache_tokens) && !sw_known(e.cores));
	CHECK_STR(e.version, "");
}

TEST(dtype_is_fp16_below_sm_80_and_never_32_bits)
{
	struct sw_gpu turing = gpu_called("quadro-rtx-6000"), ampere = gpu_called("a10");
	struct sw_model model = model_called("qwen3-4b");

	CHECK_INT(resolved(nothing_given, &turing, &model).dtype, SW_FP16);
	CHECK_INT(resolved(nothing_given, &ampere, &model).dtype, SW_BF16);
	model.dtype = SW_FP32;
	CHECK_INT(resolved(nothing_given, &ampere, &model).dtype, SW_FP16);
	model.dtype = SW_FP16;
	CHECK_INT(resolved(nothing_given, &ampere, &model).dtype, SW_FP16);
}

TEST(other_engines_have_their_own)
{
	struct sw_gpu l4 = gpu_called("l4"), a100 = gpu_called("a100-sxm4-40gb"),
		      h100 = gpu_called("h100-sxm");
	struct sw_model model = model_called("qwen3-4b");
	struct sw_engine e = {.given = SW_KEY_NAME, .kind = SW_SGLANG};

	CHECK_INT(resolved(e, &l4, &model).max_num_batched_tokens, 2048);
	CHECK_INT(resolved(e, &a100, &model).max_num_batched_tokens, 4096);
	CHECK_INT(resolved(e, &h100, &model).max_num_batched_tokens, 8192);
	e.kind = SW_LLAMA_CPP;
	CHECK_INT(resolved(e, &h100, &model).max_num_seqs, 4);
	e.kind = SW_TENSORRT_LLM;
	CHECK_INT(resolved(e, &h100, &model).max_num_seqs, 2048);
	/* without its bit the kind does not count */
	e = (struct sw_engine){.kind = SW_SGLANG};
	CHECK_INT(resolved(e, &h100, &model).kind, SW_VLLM);
}

TEST(what_is_given_stays_and_is_marked)
{
	struct sw_gpu gpu = gpu_called("l40s");
	struct sw_model model = model_called("qwen3-4b");
	struct sw_engine e = {.given = SW_KEY_MAX_NUM_SEQS | SW_KEY_CUDA_GRAPHS | SW_KEY_DTYPE |
				       SW_KEY_MAX_MODEL_LEN | SW_KEY_KV_CACHE_DTYPE |
				       SW_KEY_QUANTIZATION,
			      .max_num_seqs = 32,
			      .cuda_graphs = false,
			      .dtype = SW_FP16,
			      .kv_cache_dtype = SW_FP8,
			      .max_model_len = 4096,
			      .quantization = SW_QUANT_FP8};
	struct sw_engine r = resolved(e, &gpu, &model);

	CHECK_INT(r.given, e.given);
	CHECK_INT(r.max_num_seqs, 32);
	CHECK(!r.cuda_graphs);
	CHECK_INT(r.dtype, SW_FP16);
	CHECK_INT(r.kv_cache_dtype, SW_FP8);
	CHECK_INT(r.max_model_len, 4096);
	CHECK_INT(r.quantization, SW_QUANT_FP8);
	CHECK_INT(r.max_num_batched_tokens, 2048);
}

TEST(the_two_batch_limits_bound_each_other)
{
	struct sw_gpu gpu = gpu_called("l40s");
	struct sw_model model = model_called("qwen3-4b");
	struct sw_engine e = {.given = SW_KEY_MAX_NUM_BATCHED_TOKENS,
			      .max_num_batched_tokens = 128};

	CHECK_INT(resolved(e, &gpu, &model).max_num_seqs, 128);
	e = (struct sw_engine){.given = SW_KEY_MAX_NUM_SEQS, .max_num_seqs = 4096};
	CHECK_INT(resolved(e, &gpu, &model).max_num_batched_tokens, 4096);
	/* one sequence of 512 tokens never fills a batch of 2048 */
	e = (struct sw_engine){.given = SW_KEY_MAX_NUM_SEQS | SW_KEY_MAX_MODEL_LEN,
			       .max_num_seqs = 1,
			       .max_model_len = 512};
	CHECK_INT(resolved(e, &gpu, &model).max_num_batched_tokens, 512);
}

TEST(what_the_engine_itself_refuses_is_refused)
{
	static const struct {
		struct sw_engine engine;
		const char *gpu, *expected;
	} wrong[] = {
		{{.given = SW_KEY_MAX_MODEL_LEN, .max_model_len = 40961},
		 "l4",
		 "max_model_len: found 40961, expected at most 40960"},
		{{.given = SW_KEY_MAX_MODEL_LEN}, "l4", "max_model_len: found 0"},
		{{.given = SW_KEY_MAX_NUM_SEQS}, "l4", "max_num_seqs: found 0"},
		{{.given = SW_KEY_MAX_NUM_BATCHED_TOKENS}, "l4", "max_num_batched_tokens: found 0"},
		{{.given = SW_KEY_MAX_NUM_SEQS | SW_KEY_MAX_NUM_BATCHED_TOKENS,
		  .max_num_seqs = 64,
		  .max_num_batched_tokens = 32},
		 "l4",
		 "expected at least max_num_seqs = 64"},
		{{.given = SW_KEY_GPU_MEMORY_UTILIZATION, .gpu_memory_utilization = 1.5},
		 "l4",
		 "gpu_memory_utilization: found 1.5"},
		{{.given = SW_KEY_GPU_MEMORY_UTILIZATION, .gpu_memory_utilization = NAN},
		 "l4",
		 "gpu_memory_utilization: found nan"},
		{{.given = SW_KEY_KV_CACHE_TOKENS, .kv_cache_tokens = 0}, "l4", "kv_cache_tokens"},
		{{.given = SW_KEY_DTYPE, .dtype = SW_BF16},
		 "v100-sxm2-16gb",
		 "compute capability 7.0"},
		{{.given = SW_KEY_DTYPE, .dtype = SW_FP8}, "l4", "dtype: found fp8"},
		{{.given = SW_KEY_NAME, .kind = SW_ENGINE_COUNT}, "l4", "unknown engine"},
	};
	struct sw_model model = model_called("qwen3-4b");
	struct sw_error err;

	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		struct sw_gpu gpu = gpu_called(wrong[i].gpu);
		struct sw_engine e = wrong[i].engine;

		err.message[0] = '\0';
		CHECK_INT(sw_engine_resolve(&e, &gpu, &model, NULL, &err), SW_BAD_INPUT);
		if (!CHECK(strstr(err.message, wrong[i].expected) != NULL))
			printf("    %s\n", err.message);
		CHECK_INT(e.max_num_batched_tokens, wrong[i].engine.max_num_batched_tokens);
		CHECK_INT(e.max_model_len, wrong[i].engine.max_model_len);
	}
}

TEST_MAIN()
