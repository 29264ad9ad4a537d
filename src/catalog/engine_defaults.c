// SPDX-License-Identifier: Apache-2.0
/*
 * What an engine does with the settings it was not given. Defaults change with versions; each
 * figure says where it was read. What a plan starts is always written out in full, so a changed
 * default can spoil a prediction but not a plan.
 */
#include "catalog/engine_traits.h"

#include <string.h>

#include "base/error.h"
#include "catalog/names.h"

/*
 * Origins: vLLM 0.10-0.14 EngineArgs (cache block_size 16, gpu_memory_utilization 0.9; later
 * versions 0.92); SGLang server_args (page_size 1, max_running_requests at least 2048 unless memory
 * says less); TensorRT-LLM LlmArgs (2048 requests, 8192 tokens, 32 tokens per block, graphs up to a
 * batch of 128); llama.cpp server (4 slots where --parallel is left to it, --batch-size 2048, any
 * number of tokens). Doubt: the fractions of SGLang and TensorRT-LLM count other things (see
 * engine_setting.c); 0.9 of everything is within 0.05 of what their own defaults come to on 24-80
 * GiB.
 */
static const struct sw__engine_traits traits[SW_ENGINE_COUNT] = {
	[SW_VLLM] = {.max_num_seqs = 256,
		     .max_num_batched_tokens = 2048,
		     .gpu_memory_utilization = 0.9,
		     .block_tokens = 16,
		     .cuda_graphs = true,
		     .prefix_caching = true,
		     .rule = SW__SETTING_ALL,
		     .setting = "--gpu-memory-utilization"},
	[SW_SGLANG] = {.max_num_seqs = 2048,
		       .max_num_batched_tokens = 8192,
		       .gpu_memory_utilization = 0.9,
		       .block_tokens = 1,
		       .graph_sizes_max = 256,
		       .cuda_graphs = true,
		       .prefix_caching = true,
		       .rule = SW__SETTING_STATIC,
		       .setting = "--mem-fraction-static"},
	[SW_TENSORRT_LLM] = {.max_num_seqs = 2048,
			     .max_num_batched_tokens = 8192,
			     .gpu_memory_utilization = 0.9,
			     .block_tokens = 32,
			     .graph_sizes_max = 128,
			     .cuda_graphs = true,
			     .prefix_caching = true,
			     .rule = SW__SETTING_FREE,
			     .setting = "--kv_cache_free_gpu_memory_fraction"},
	[SW_LLAMA_CPP] = {.max_num_seqs = 4,
			  .max_num_batched_tokens = 2048,
			  .gpu_memory_utilization = 0.9,
			  .block_tokens = 1,
			  .graph_sizes_max = 1,
			  .cuda_graphs = true,
			  .prefix_caching = true,
			  .rule = SW__SETTING_TOKENS,
			  .setting = "--ctx-size"},
};

const struct sw__engine_traits *sw__engine_traits(enum sw_engine_kind kind)
{
	return &traits[kind];
}

/*
 * vLLM, EngineArgs, API server: these two on GPUs of at least 70 GiB that are not called A100, else
 * the row above.
 */
enum { VLLM_LARGE_GIB = 70, VLLM_LARGE_TOKENS = 8192, VLLM_LARGE_SEQS = 1024 };

/* SGLang, server_args: the chunk of a prefill by the GPU's memory. */
static const struct {
	double below_gib;
	unsigned tokens;
} sglang_chunks[] = {{35, 2048}, {60, 4096}, {INFINITY, 8192}};

/*
 * The total that NVML reports inside the slice. HAMi hooks NVML too, so an engine under it takes
 * the GPU for a smaller one; MPS, time-slicing and MIG (whose parent device answers) leave it as it
 * is.
 */
static double reported_gib(const struct sw_gpu *gpu, const struct sw_slice *slice)
{
	bool capped = slice && slice->mechanism == SW_HAMI && slice->memory_gib < gpu->dram_gib;

	return capped ? slice->memory_gib : gpu->dram_gib;
}

static void batch_defaults(const struct sw_engine *engine, const struct sw_gpu *gpu,
			   const struct sw_slice *slice, unsigned *seqs, unsigned *tokens)
{
	double gib = reported_gib(gpu, slice);

	*seqs = traits[engine->kind].max_num_seqs;
	*tokens = traits[engine->kind].max_num_batched_tokens;
	if (engine->kind == SW_VLLM && gib >= VLLM_LARGE_GIB && !strstr(gpu->name, "A100")) {
		*seqs = VLLM_LARGE_SEQS;
		*tokens = VLLM_LARGE_TOKENS;
	}
	for (size_t i = 0; engine->kind == SW_SGLANG; i++) {
		if (gib < sglang_chunks[i].below_gib) {
			*tokens = sglang_chunks[i].tokens;
			break;
		}
	}
}

static bool lacks_bfloat16(const struct sw_gpu *gpu)
{
	return gpu->compute_major < 8;
}

/* "auto" of vLLM and SGLang: 16 bits always, bfloat16 where the model has it and the GPU too. */
static enum sw_dtype default_dtype(const struct sw_gpu *gpu, const struct sw_model *model)
{
	return model->dtype == SW_BF16 && !lacks_bfloat16(gpu) ? SW_BF16 : SW_FP16;
}

static bool given(const struct sw_engine *engine, unsigned key)
{
	return (engine->given & key) != 0;
}

static enum sw_status check_numbers(const struct sw_engine *e, const struct sw_model *model,
				    struct sw_error *err)
{
	const struct {
		unsigned key, value;
		const char *name;
	} positive[] = {{SW_KEY_MAX_MODEL_LEN, e->max_model_len, "max_model_len"},
			{SW_KEY_MAX_NUM_SEQS, e->max_num_seqs, "max_num_seqs"},
			{SW_KEY_MAX_NUM_BATCHED_TOKENS, e->max_num_batched_tokens,
			 "max_num_batched_tokens"}};
	double u = e->gpu_memory_utilization;

	for (size_t i = 0; i < sizeof(positive) / sizeof(*positive); i++) {
		if (given(e, positive[i].key) && positive[i].value == 0)
			return sw_fail(err, SW_BAD_INPUT, "%s: found 0, expected at least 1",
				       positive[i].name);
	}
	if (given(e, SW_KEY_GPU_MEMORY_UTILIZATION) && !(u > 0 && u <= 1))
		return sw_fail(err, SW_BAD_INPUT,
			       "gpu_memory_utilization: found %g, expected a number above 0 and at "
			       "most 1",
			       u);
	if (given(e, SW_KEY_KV_CACHE_TOKENS) && !(e->kv_cache_tokens >= 1))
		return sw_fail(err, SW_BAD_INPUT, "kv_cache_tokens: found %g, expected at least 1",
			       e->kv_cache_tokens);
	if (given(e, SW_KEY_MAX_MODEL_LEN) && e->max_model_len > model->max_position)
		return sw_fail(err, SW_BAD_INPUT,
			       "max_model_len: found %u, expected at most %u, the longest context "
			       "of %s",
			       e->max_model_len, model->max_position, model->id);
	return SW_OK;
}

static enum sw_status check_dtypes(const struct sw_engine *e, const struct sw_gpu *gpu,
				   struct sw_error *err)
{
	if ((unsigned)e->kind >= SW_ENGINE_COUNT)
		return sw_fail(err, SW_BAD_INPUT, "engine name: unknown engine %u",
			       (unsigned)e->kind);
	if (!given(e, SW_KEY_DTYPE))
		return SW_OK;
	if (e->dtype != SW_FP32 && e->dtype != SW_FP16 && e->dtype != SW_BF16)
		return sw_fail(
			err, SW_BAD_INPUT,
			"dtype: found %s, expected float32, float16 or bfloat16 (weights are "
			"narrowed by quantization)",
			sw_dtype_name(e->dtype));
	if (e->dtype == SW_BF16 && lacks_bfloat16(gpu))
		return sw_fail(err, SW_BAD_INPUT,
			       "dtype: found bfloat16, expected float16: %s has compute capability "
			       "%u.%u and bfloat16 needs 8.0",
			       gpu->id, gpu->compute_major, gpu->compute_minor);
	return SW_OK;
}

/*
 * The two batch limits bound each other and the context bounds both (vLLM, EngineArgs and
 * SchedulerConfig).
 */
static enum sw_status resolve_batch(struct sw_engine *e, const struct sw_gpu *gpu,
				    const struct sw_slice *slice, struct sw_error *err)
{
	unsigned seqs, tokens;
	bool seqs_given = given(e, SW_KEY_MAX_NUM_SEQS);
	bool tokens_given = given(e, SW_KEY_MAX_NUM_BATCHED_TOKENS);

	batch_defaults(e, gpu, slice, &seqs, &tokens);
	if (!seqs_given)
		e->max_num_seqs = seqs;
	if (!tokens_given) {
		double most = (double)e->max_num_seqs * e->max_model_len;

		e->max_num_batched_tokens = most < tokens ? (unsigned)most : tokens;
	}
	if (e->max_num_seqs <= e->max_num_batched_tokens)
		return SW_OK;
	if (seqs_given && tokens_given && e->kind == SW_VLLM)
		return sw_fail(err, SW_BAD_INPUT,
			       "max_num_batched_tokens: found %u, expected at least max_num_seqs = "
			       "%u",
			       e->max_num_batched_tokens, e->max_num_seqs);
	if (!seqs_given)
		e->max_num_seqs = e->max_num_batched_tokens;
	else if (!tokens_given)
		e->max_num_batched_tokens = e->max_num_seqs;
	return SW_OK;
}

static void resolve_formats(struct sw_engine *e, const struct sw_gpu *gpu,
			    const struct sw_model *model)
{
	const struct sw__engine_traits *t = &traits[e->kind];

	if (!given(e, SW_KEY_DTYPE))
		e->dtype = default_dtype(gpu, model);
	if (!given(e, SW_KEY_KV_CACHE_DTYPE))
		e->kv_cache_dtype = e->dtype;
	if (!given(e, SW_KEY_QUANTIZATION))
		e->quantization = model->quantization;
	if (!given(e, SW_KEY_CUDA_GRAPHS))
		e->cuda_graphs = t->cuda_graphs;
	if (!given(e, SW_KEY_PREFIX_CACHING))
		e->prefix_caching = t->prefix_caching;
	if (!given(e, SW_KEY_GPU_MEMORY_UTILIZATION))
		e->gpu_memory_utilization = t->gpu_memory_utilization;
	if (!given(e, SW_KEY_KV_CACHE_TOKENS))
		e->kv_cache_tokens = NAN;
	if (!given(e, SW_KEY_CORES))
		e->cores = NAN;
	if (!given(e, SW_KEY_VERSION))
		e->version[0] = '\0';
}

enum sw_status sw_engine_resolve(struct sw_engine *engine, const struct sw_gpu *gpu,
				 const struct sw_model *model, const struct sw_slice *slice,
				 struct sw_error *err)
{
	struct sw_engine e = *engine;
	enum sw_status st;

	if (!given(&e, SW_KEY_NAME))
		e.kind = SW_VLLM;
	st = check_dtypes(&e, gpu, err);
	if (st == SW_OK)
		st = check_numbers(&e, model, err);
	if (st != SW_OK)
		return st;
	if (!given(&e, SW_KEY_MAX_MODEL_LEN))
		e.max_model_len = model->max_position;
	resolve_formats(&e, gpu, model);
	st = resolve_batch(&e, gpu, slice, err);
	if (st == SW_OK)
		*engine = e;
	return st;
}
