// SPDX-License-Identifier: Apache-2.0
/* Flags as of vLLM 0.11-0.14, SGLang 0.5, TensorRT-LLM 1.0, llama.cpp b6000. */
#include "plan/engine_args.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/embedded.h"
#include "base/error.h"
#include "formats/document.h"

enum { LLAMA_PHYSICAL_BATCH = 512 };
static const double bytes_per_gib = 1024.0 * 1024 * 1024;

struct writing {
	const struct sw__engine_start *start;
	const struct sw_engine *engine;
	struct sw__engine_args *out;
	bool too_long;
};

SW__PRINTF(2, 0)
static void vadd(struct writing *w, const char *format, va_list args)
{
	int size;

	if (w->out->n == SW__ENGINE_ARGS_MAX) {
		w->too_long = true;
		return;
	}
	size = vsnprintf(w->out->at[w->out->n++], SW__ENGINE_ARG_MAX, format, args);
	w->too_long |= size < 0 || size >= SW__ENGINE_ARG_MAX;
}

SW__PRINTF(2, 3)
static void add(struct writing *w, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vadd(w, format, args);
	va_end(args);
}

static void add_number(struct writing *w, const char *flag, double value)
{
	add(w, "%s", flag);
	add(w, "%.0f", value);
}

/* Fractions are rounded down: a little less memory than planned, never more. */
static void add_fraction(struct writing *w, const char *flag, double value)
{
	add(w, "%s", flag);
	add(w, "%.4f", floor(value * 1e4) / 1e4);
}

static void add_text(struct writing *w, const char *flag, const char *value)
{
	add(w, "%s", flag);
	add(w, "%s", value);
}

/* Weights quantised as published need no flag; fp8 is made at load; narrower ones need a checkpoint that has them. */
static void add_quantization(struct writing *w)
{
	if (w->engine->quantization != w->start->model->quantization &&
	    w->engine->quantization == SW_QUANT_FP8)
		add_text(w, "--quantization", "fp8");
}

static void add_place(struct writing *w, bool host)
{
	if (w->start->port == 0)
		return;
	if (host)
		add_text(w, "--host", "0.0.0.0");
	add_number(w, "--port", w->start->port);
}

static void add_vllm(struct writing *w)
{
	const struct sw_engine *e = w->engine;

	add(w, "vllm");
	add(w, "serve");
	add(w, "%s", w->start->reference);
	if (w->start->served_as)
		add_text(w, "--served-model-name", w->start->served_as);
	add_place(w, false);
	add_text(w, "--dtype", sw_dtype_name(e->dtype));
	add_quantization(w);
	add_text(w, "--kv-cache-dtype",
		 e->kv_cache_dtype == e->dtype ? "auto" : sw_dtype_name(e->kv_cache_dtype));
	add_number(w, "--max-model-len", e->max_model_len);
	add_number(w, "--max-num-seqs", e->max_num_seqs);
	add_number(w, "--max-num-batched-tokens", e->max_num_batched_tokens);
	add_fraction(w, "--gpu-memory-utilization", w->start->fit.setting_value);
	/* Start-up profiling sees neighbours come and go; an explicit size does not. */
	add_number(w, "--kv-cache-memory-bytes", floor(w->start->fit.kv_gib * bytes_per_gib));
	add(w, "--enable-chunked-prefill");
	add(w, "%s", e->prefix_caching ? "--enable-prefix-caching" : "--no-enable-prefix-caching");
	add(w, "%s", e->cuda_graphs ? "--no-enforce-eager" : "--enforce-eager");
}

static void add_sglang(struct writing *w)
{
	const struct sw_engine *e = w->engine;

	add(w, "python3");
	add(w, "-m");
	add(w, "sglang.launch_server");
	add_text(w, "--model-path", w->start->reference);
	if (w->start->served_as)
		add_text(w, "--served-model-name", w->start->served_as);
	add_place(w, true);
	add_text(w, "--dtype", sw_dtype_name(e->dtype));
	add_quantization(w);
	add_text(w, "--kv-cache-dtype", e->kv_cache_dtype == SW_FP8 ? "fp8_e4m3" : "auto");
	add_number(w, "--context-length", e->max_model_len);
	add_number(w, "--max-running-requests", e->max_num_seqs);
	add_number(w, "--chunked-prefill-size", e->max_num_batched_tokens);
	add_fraction(w, "--mem-fraction-static", w->start->fit.setting_value);
	add_number(w, "--max-total-tokens", w->start->fit.kv_tokens);
	if (!e->cuda_graphs)
		add(w, "--disable-cuda-graph");
	if (!e->prefix_caching)
		add(w, "--disable-radix-cache");
	add(w, "--enable-metrics");
}

static void add_tensorrt_llm(struct writing *w)
{
	const struct sw_engine *e = w->engine;

	add(w, "trtllm-serve");
	add(w, "%s", w->start->reference);
	add_place(w, true);
	add_text(w, "--backend", "pytorch");
	add_number(w, "--max_batch_size", e->max_num_seqs);
	add_number(w, "--max_num_tokens", e->max_num_batched_tokens);
	add_number(w, "--max_seq_len", e->max_model_len);
	add_fraction(w, "--kv_cache_free_gpu_memory_fraction", w->start->fit.setting_value);
}

static void add_llama_cpp(struct writing *w)
{
	const struct sw_engine *e = w->engine;
	double batch = e->max_num_batched_tokens;

	if (!e->cuda_graphs)
		w->out->environment = "GGML_CUDA_DISABLE_GRAPHS=1";
	add(w, "llama-server");
	add(w, "--model");
	add(w, "%s.gguf", w->start->reference);
	if (w->start->served_as)
		add_text(w, "--alias", w->start->served_as);
	add_place(w, true);
	add_number(w, "--n-gpu-layers", 999);
	add_number(w, "--ctx-size", w->start->fit.kv_tokens);
	add_number(w, "--parallel", e->max_num_seqs);
	add(w, "--kv-unified");
	add(w, "--cont-batching");
	add_number(w, "--batch-size", batch);
	add_number(w, "--ubatch-size", fmin(batch, LLAMA_PHYSICAL_BATCH));
	add(w, "--metrics");
}

enum sw_status sw__engine_args(const struct sw__engine_start *start, struct sw__engine_args *out,
			       struct sw_error *err)
{
	static void (*const of[SW_ENGINE_COUNT])(struct writing *) = {
		[SW_VLLM] = add_vllm,
		[SW_SGLANG] = add_sglang,
		[SW_TENSORRT_LLM] = add_tensorrt_llm,
		[SW_LLAMA_CPP] = add_llama_cpp,
	};
	struct writing w = {.start = start, .engine = start->engine, .out = out};

	out->environment = NULL;
	out->n = 0;
	of[start->engine->kind](&w);
	return w.too_long ? sw_fail(err, SW_BAD_INPUT,
				    "%s: found an argument of an engine of more than %d bytes",
				    start->reference, SW__ENGINE_ARG_MAX - 1)
			  : SW_OK;
}

const char *sw__engine_checkpoint(const struct sw_engine *engine, const struct sw_model *model)
{
	enum sw_quantization wanted = engine->quantization;

	return wanted != model->quantization && wanted != SW_QUANT_FP8 && wanted != SW_QUANT_NONE
		       ? sw_quantization_name(wanted)
		       : NULL;
}

/* The address in a bundled model's file; NULL: there is none. */
static const struct sw_node *address_of(const struct sw_document *document)
{
	const struct sw_node *node = sw_node_get(sw_document_root(document), "slicewise");

	node = node ? sw_node_get(node, "source") : NULL;
	return node ? sw_node_get(node, "address") : NULL;
}

enum sw_status sw__model_reference(const struct sw_model *model, struct sw_text *out,
				   struct sw_error *err)
{
	static const char hub[] = "https://huggingface.co/";
	const struct sw_node *address = NULL;
	struct sw_document *document = NULL;
	const struct sw__embedded *file;
	char name[SW_NAME_MAX + 16];
	enum sw_status st = SW_OK;

	(void)snprintf(name, sizeof(name), "models/%s.json", model->id);
	file = sw__embedded_find(name);
	if (file)
		st = sw_document_parse(file->text, file->size, file->name, SW_FORMAT_JSON,
				       &document, err);
	if (st != SW_OK)
		return st;
	if (document)
		address = address_of(document);
	sw_text_puts(out, address && strncmp(address->text, hub, strlen(hub)) == 0
				  ? address->text + strlen(hub)
				  : model->id);
	sw_document_free(document);
	return sw_text_ok(out) ? SW_OK : sw_fail(err, SW_NO_MEMORY, "out of memory");
}
