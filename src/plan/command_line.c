// SPDX-License-Identifier: Apache-2.0
/*
 * How an engine of a plan is started. Nothing is left to an engine's defaults: they change with versions and GPUs, and the
 * prediction holds for these settings only. Flags as of vLLM 0.11-0.14, SGLang 0.5, TensorRT-LLM 1.0, llama.cpp b6000.
 */
#include <stdlib.h>
#include <string.h>

#include "base/embedded.h"
#include "base/text.h"
#include "formats/document.h"
#include "slicewise/plan.h"

enum { MIB_PER_GIB = 1024, LLAMA_PHYSICAL_BATCH = 512 };
static const double bytes_per_gib = 1024.0 * 1024 * 1024;

/* One engine of a plan with all that its command line speaks of. */
struct starting {
	const struct sw_fleet_entry *entry;
	const struct sw_plan_gpu *gpu;
	const struct sw_workload *workload;
	const struct sw_placement *placement;
	const struct sw_engine *engine;
	struct sw_memory_fit fit;
	const char *model; /* repository or path */
	struct sw_text *text;
};

static void option(const struct starting *s, const char *flag, const char *value)
{
	sw_text_addf(s->text, " %s %s", flag, value);
}

static void option_number(const struct starting *s, const char *flag, double value)
{
	sw_text_addf(s->text, " %s %.0f", flag, value);
}

/* Fractions are rounded down: a little less memory than planned, never more. */
static void option_fraction(const struct starting *s, const char *flag, double value)
{
	sw_text_addf(s->text, " %s %.4f", flag, floor(value * 1e4) / 1e4);
}

static void note(const struct starting *s, const char *what)
{
	sw_text_addf(s->text, "# %s\n", what);
}

/* Weights quantised as published need no flag; fp8 is made at load; narrower ones need a checkpoint that has them. */
static void say_quantization(const struct starting *s, bool fp8_at_load, const char *flag)
{
	enum sw_quantization wanted = s->engine->quantization;

	if (wanted == s->workload->model.quantization)
		return;
	if (wanted == SW_QUANT_FP8 && fp8_at_load)
		option(s, flag, "fp8");
}

static void note_quantization(const struct starting *s)
{
	enum sw_quantization wanted = s->engine->quantization;

	if (wanted != s->workload->model.quantization && wanted != SW_QUANT_FP8 &&
	    wanted != SW_QUANT_NONE)
		sw_text_addf(s->text, "# the model must be a checkpoint with %s weights\n",
			     sw_quantization_name(wanted));
}

static const char *kv_dtype(const struct starting *s)
{
	if (s->engine->kv_cache_dtype == s->engine->dtype)
		return "auto";
	return sw_dtype_name(s->engine->kv_cache_dtype);
}

static void say_vllm(const struct starting *s)
{
	sw_text_addf(s->text, "vllm serve %s", s->model);
	option(s, "--dtype", sw_dtype_name(s->engine->dtype));
	say_quantization(s, true, "--quantization");
	option(s, "--kv-cache-dtype", kv_dtype(s));
	option_number(s, "--max-model-len", s->engine->max_model_len);
	option_number(s, "--max-num-seqs", s->engine->max_num_seqs);
	option_number(s, "--max-num-batched-tokens", s->engine->max_num_batched_tokens);
	option_fraction(s, "--gpu-memory-utilization", s->fit.setting_value);
	/* Start-up profiling sees neighbours come and go; an explicit size does not. */
	option_number(s, "--kv-cache-memory-bytes", floor(s->fit.kv_gib * bytes_per_gib));
	sw_text_puts(s->text, " --enable-chunked-prefill");
	sw_text_puts(s->text, s->engine->prefix_caching ? " --enable-prefix-caching"
							: " --no-enable-prefix-caching");
	sw_text_puts(s->text, s->engine->cuda_graphs ? " --no-enforce-eager" : " --enforce-eager");
}

static void say_sglang(const struct starting *s)
{
	sw_text_addf(s->text, "python3 -m sglang.launch_server --model-path %s", s->model);
	option(s, "--dtype", sw_dtype_name(s->engine->dtype));
	say_quantization(s, true, "--quantization");
	option(s, "--kv-cache-dtype", s->engine->kv_cache_dtype == SW_FP8 ? "fp8_e4m3" : "auto");
	option_number(s, "--context-length", s->engine->max_model_len);
	option_number(s, "--max-running-requests", s->engine->max_num_seqs);
	option_number(s, "--chunked-prefill-size", s->engine->max_num_batched_tokens);
	option_fraction(s, "--mem-fraction-static", s->fit.setting_value);
	option_number(s, "--max-total-tokens", s->fit.kv_tokens);
	if (!s->engine->cuda_graphs)
		sw_text_puts(s->text, " --disable-cuda-graph");
	if (!s->engine->prefix_caching)
		sw_text_puts(s->text, " --disable-radix-cache");
	sw_text_puts(s->text, " --enable-metrics");
}

static void say_tensorrt_llm(const struct starting *s)
{
	sw_text_addf(s->text, "trtllm-serve %s --backend pytorch", s->model);
	option_number(s, "--max_batch_size", s->engine->max_num_seqs);
	option_number(s, "--max_num_tokens", s->engine->max_num_batched_tokens);
	option_number(s, "--max_seq_len", s->engine->max_model_len);
	option_fraction(s, "--kv_cache_free_gpu_memory_fraction", s->fit.setting_value);
}

static void say_llama_cpp(const struct starting *s)
{
	double batch = s->engine->max_num_batched_tokens;

	if (!s->engine->cuda_graphs)
		sw_text_puts(s->text, "GGML_CUDA_DISABLE_GRAPHS=1 ");
	sw_text_addf(s->text, "llama-server --model %s.gguf --n-gpu-layers 999", s->model);
	option_number(s, "--ctx-size", s->fit.kv_tokens);
	option_number(s, "--parallel", s->engine->max_num_seqs);
	sw_text_puts(s->text, " --kv-unified --cont-batching");
	option_number(s, "--batch-size", batch);
	option_number(s, "--ubatch-size", fmin(batch, LLAMA_PHYSICAL_BATCH));
	sw_text_puts(s->text, " --metrics");
}

static void (*const say_engine[SW_ENGINE_COUNT])(const struct starting *) = {
	[SW_VLLM] = say_vllm,
	[SW_SGLANG] = say_sglang,
	[SW_TENSORRT_LLM] = say_tensorrt_llm,
	[SW_LLAMA_CPP] = say_llama_cpp,
};

static double memory_mib(const struct starting *s)
{
	return floor(s->placement->memory_gib * MIB_PER_GIB);
}

/* MPS counts percent of the SMs and rounds down itself; a share is a whole number of percent. */
static void say_mps(const struct starting *s)
{
	sw_text_addf(
		s->text,
		"CUDA_MPS_ACTIVE_THREAD_PERCENTAGE=%.0f CUDA_MPS_PINNED_DEVICE_MEM_LIMIT=0=%.0fM ",
		s->placement->share * 100, memory_mib(s));
}

/* `force`: the other policies let the limit go while a neighbour is idle. */
static void say_hami(const struct starting *s)
{
	sw_text_addf(s->text,
		     "# resources: nvidia.com/gpu: 1, nvidia.com/gpumem: %.0f, "
		     "nvidia.com/gpucores: %.0f\n"
		     "GPU_CORE_UTILIZATION_POLICY=force ",
		     memory_mib(s), round(s->placement->share * 100));
}

static void say_mig(const struct starting *s)
{
	const struct sw_mig_profile *profile =
		sw_gpu_mig_profile(&s->entry->gpu, s->placement->share, s->placement->memory_gib);

	if (profile)
		sw_text_addf(s->text, "# in a MIG instance %s: nvidia-smi mig -cgi %s:%u -C\n",
			     profile->name, profile->name, s->placement->mig_start);
}

static void say_mechanism(const struct starting *s)
{
	static void (*const say[SW_MECHANISM_COUNT])(const struct starting *) = {
		[SW_MPS] = say_mps,
		[SW_HAMI] = say_hami,
		[SW_MIG] = say_mig,
	};

	if (say[s->entry->mechanism])
		say[s->entry->mechanism](s);
}

/* One word of a shell, whatever a file was called. */
static void add_word(struct sw_text *out, const char *word)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
				    "@%+=:,./_-";

	if (word[0] && word[strspn(word, plain)] == '\0') {
		sw_text_puts(out, word);
		return;
	}
	sw_text_puts(out, "'");
	for (; *word; word++) {
		if (*word == '\'')
			sw_text_puts(out, "'\\''");
		else
			sw_text_addf(out, "%c", *word);
	}
	sw_text_puts(out, "'");
}

/* A bundled model is known by its repository; for others the id is all there is. */
static enum sw_status repository_of(const struct sw_model *model, struct sw_text *out,
				    struct sw_error *err)
{
	static const char hub[] = "https://huggingface.co/";
	const struct sw_node *node = NULL;
	struct sw_document *document = NULL;
	const struct sw__embedded *file;
	struct sw_text name = {0};
	enum sw_status st = SW_OK;

	sw_text_addf(&name, "models/%s.json", model->id);
	if (!sw_text_ok(&name))
		return sw_fail(err, SW_NO_MEMORY, "out of memory");
	file = sw__embedded_find(name.data);
	sw_text_free(&name);
	if (file)
		st = sw_document_parse(file->text, file->size, file->name, SW_FORMAT_JSON,
				       &document, err);
	if (st != SW_OK)
		return st;
	if (document) {
		node = sw_node_get(sw_document_root(document), "slicewise");
		node = node ? sw_node_get(node, "source") : NULL;
		node = node ? sw_node_get(node, "address") : NULL;
	}
	if (node && strncmp(node->text, hub, strlen(hub)) == 0)
		add_word(out, node->text + strlen(hub));
	else
		add_word(out, model->id);
	sw_document_free(document);
	return sw_text_ok(out) ? SW_OK : sw_fail(err, SW_NO_MEMORY, "out of memory");
}

static enum sw_status fit_memory(struct starting *s, struct sw_error *err)
{
	const struct sw_slice slice = {s->entry->mechanism, s->placement->share,
				       s->placement->memory_gib};
	enum sw_status st =
		sw_memory_fit(&s->entry->gpu, &s->workload->model, s->engine, &slice, &s->fit, err);

	return st == SW_INFEASIBLE ? SW_INTERNAL : st;
}

static void say(const struct starting *s)
{
	if (s->engine->version[0])
		sw_text_addf(s->text, "# %s %s\n", sw_engine_name(s->engine->kind),
			     s->engine->version);
	note_quantization(s);
	if (sw_known(s->engine->cores))
		sw_text_addf(s->text, "# with %g host cores\n", s->engine->cores);
	if (s->gpu->n > 1)
		note(s,
		     "start the engines of one GPU one after another: each measures free memory");
	if (s->placement->max_in_flight)
		sw_text_addf(s->text, "# its gateway lets in %u requests at once\n",
			     s->placement->max_in_flight);
	say_mechanism(s);
	say_engine[s->engine->kind](s);
	sw_text_puts(s->text, "\n");
}

/* How the user starts what was measured, only the user knows. */
static void say_row(const struct starting *s)
{
	const struct sw_table_row *row = s->placement->row;

	say_mechanism(s);
	sw_text_addf(s->text,
		     "# %s as measured in %s: batches of %u, %u process%s, %.6g of every %.6g "
		     "requests\n",
		     s->workload->name, s->workload->table->path, row->batch, row->processes,
		     row->processes == 1 ? "" : "es", s->placement->rate_or_concurrency,
		     s->workload->load.rate);
}

enum sw_status sw_plan_command_line(const struct sw_problem *problem, const struct sw_plan *plan,
				    size_t gpu, size_t tenant, char **out, struct sw_error *err)
{
	struct sw_text text = {0}, model = {0};
	struct starting s = {.text = &text};
	enum sw_status st;

	*out = NULL;
	if (gpu >= plan->n_gpus || tenant >= plan->gpus[gpu].n)
		return sw_fail(err, SW_USAGE, "GPU %zu, engine %zu: the plan has none", gpu,
			       tenant);
	s.gpu = &plan->gpus[gpu];
	s.entry = &problem->fleet[s.gpu->fleet];
	s.placement = &s.gpu->tenants[tenant];
	s.workload = &problem->workloads[s.placement->workload];
	s.engine = &s.placement->engine;
	if (s.placement->row) {
		say_row(&s);
		*out = text.data;
		return sw_text_ok(&text) ? SW_OK : sw_fail(err, SW_NO_MEMORY, "out of memory");
	}
	st = fit_memory(&s, err);
	if (st == SW_OK)
		st = repository_of(&s.workload->model, &model, err);
	if (st == SW_OK) {
		s.model = sw_text_string(&model);
		say(&s);
		st = sw_text_ok(&text) ? SW_OK : sw_fail(err, SW_NO_MEMORY, "out of memory");
	}
	if (st == SW_OK)
		*out = text.data;
	else
		sw_text_free(&text);
	sw_text_free(&model);
	return st;
}
