/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file catalog.h
 * GPUs, models, the engines' own defaults, and how much memory an engine takes: what fits and what
 * is left for the KV cache.
 *
 * The catalogue is read-only and part of the library; a handle may be used by several threads at
 * once. GPUs and models are plain structures that the caller owns and may copy. A GPU or model is
 * named by its id ("l4", "qwen3-4b") or by the path of a file (anything with a '/' or ending in
 * ".json"); relative paths are the process's own. `err` may be NULL everywhere.
 *
 * Simple calls first: open, look up, sw_engine_resolve(), sw_memory_fit(), free.
 */
#ifndef SLICEWISE_CATALOG_H
#define SLICEWISE_CATALOG_H

#include "slicewise/types.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct sw_catalog sw_catalog;

/**
 * The bundled catalogue. SW_OK: *out is the caller's, release it with sw_catalog_free(); else NULL.
 */
SW_API enum sw_status sw_catalog_open(sw_catalog **out, struct sw_error *err);

/** Release it; NULL is fine. */
SW_API void sw_catalog_free(sw_catalog *catalog);

/**
 * How many GPUs and models are bundled, and the id of the i-th in alphabetic order (NULL beyond the
 * last).
 */
SW_API size_t sw_catalog_gpu_count(const sw_catalog *catalog);
SW_API const char *sw_catalog_gpu_id(const sw_catalog *catalog, size_t i);
SW_API size_t sw_catalog_model_count(const sw_catalog *catalog);
SW_API const char *sw_catalog_model_id(const sw_catalog *catalog, size_t i);

/**
 * The GPU or model called `id_or_path`, into *out. SW_BAD_INPUT: no such id or file (the message
 * names the nearest ids), or a file that says something impossible (the message names file, line,
 * key, what was found and what was expected).
 */
SW_API enum sw_status sw_catalog_gpu(const sw_catalog *catalog, const char *id_or_path,
				     struct sw_gpu *out, struct sw_error *err);
SW_API enum sw_status sw_catalog_model(const sw_catalog *catalog, const char *id_or_path,
				       struct sw_model *out, struct sw_error *err);

/** The published number of parameters of a bundled model; NAN where the id is not bundled. */
SW_API double sw_catalog_model_published(const sw_catalog *catalog, const char *id);

/**
 * The file a bundled GPU or model comes from, with its sources: JSON text, borrowed from the
 * library for ever; NULL where the id is not bundled.
 */
SW_API const char *sw_catalog_gpu_text(const sw_catalog *catalog, const char *id);
SW_API const char *sw_catalog_model_text(const sw_catalog *catalog, const char *id);

/** A GPU file (docs/formats/gpu.md). SW_IO: it cannot be read. SW_BAD_INPUT: it is refused. */
SW_API enum sw_status sw_gpu_read(const char *path, struct sw_gpu *out, struct sw_error *err);

/**
 * A Hugging Face config.json of a llama, qwen2, qwen3, mistral, phi or phi3 model
 * (docs/formats/model.md). Its id becomes the file's name without ".json", or the folder's where
 * the file is called config.json. Statuses as sw_gpu_read().
 */
SW_API enum sw_status sw_model_read(const char *path, struct sw_model *out, struct sw_error *err);

/**
 * "bfloat16", "mps", "ada", "qwen3", "vllm", "int4": the names that files use. Static; "?" beyond
 * the enum.
 */
SW_API const char *sw_dtype_name(enum sw_dtype dtype);
SW_API const char *sw_mechanism_name(enum sw_mechanism mechanism);
SW_API const char *sw_architecture_name(enum sw_architecture architecture);
SW_API const char *sw_family_name(enum sw_family family);
SW_API const char *sw_engine_name(enum sw_engine_kind kind);
SW_API const char *sw_quantization_name(enum sw_quantization quantization);

/** Bytes of one element. */
SW_API double sw_dtype_bytes(enum sw_dtype dtype);

/** How many parameters of which kind, derived from the shapes alone. */
struct sw_parameters {
	unsigned long long embedding; /* token embedding: vocab x hidden */
	unsigned long long linear; /* matrices of all layers: what quantisation applies to */
	unsigned long long vector; /* norms and biases */
	unsigned long long lm_head; /* output matrix; 0 where it is the embedding (tied) */
};

/** Count them. */
SW_API struct sw_parameters sw_model_parameters_by_kind(const struct sw_model *model);

/** Their sum: the number a model is published with. */
SW_API unsigned long long sw_model_parameters(const struct sw_model *model);

/**
 * Fill in what `engine->given` does not mark, by that engine's own defaults on this GPU; the bits
 * stay as they are, so that an output can say which settings were given. `slice` (may be NULL: the
 * whole GPU) matters because HAMi shows the engine a smaller GPU.
 *
 * SW_BAD_INPUT: a given setting that the engine itself refuses (max_model_len beyond the model's,
 * more sequences than batched tokens, bfloat16 before compute capability 8.0, a fraction outside
 * (0, 1]); *engine is then unchanged.
 */
SW_API enum sw_status sw_engine_resolve(struct sw_engine *engine, const struct sw_gpu *gpu,
					const struct sw_model *model, const struct sw_slice *slice,
					struct sw_error *err);

/**
 * GiB that a CUDA process on the empty, unshared GPU is told as the total: slightly less than
 * `dram_gib`.
 */
SW_API double sw_gpu_visible_gib(const struct sw_gpu *gpu);

/**
 * The smallest MIG profile with at least `share` of the compute slices and `memory_gib` (NAN: any),
 * by memory, then compute, then file order; NULL where none will do. Borrowed from `gpu`.
 */
SW_API const struct sw_mig_profile *sw_gpu_mig_profile(const struct sw_gpu *gpu, double share,
						       double memory_gib);

/**
 * Where `n` MIG instances can lie side by side: starts[i] is the memory slice at which one of profiles[i] begins (borrowed
 * from `gpu`). Each begins where its profile may, none overlap, compute slices and the profiles' numbers of instances
 * suffice. False: there is no such arrangement; `starts` is then as it was. The same instances get the same places.
 */
SW_API bool sw_gpu_mig_arrange(const struct sw_gpu *gpu,
			       const struct sw_mig_profile *const *profiles, size_t n,
			       unsigned *starts);

/** Bytes of weights, in GiB, as this (resolved) engine loads them. Exact. */
SW_API double sw_weight_gib(const struct sw_model *model, const struct sw_engine *engine);

/** Bytes of keys and values that one token occupies in all layers. Exact. */
SW_API double sw_kv_bytes_per_token(const struct sw_model *model, const struct sw_engine *engine);

/**
 * GiB of KV cache that one request of `tokens` tokens occupies, sliding windows and whole blocks
 * considered.
 */
SW_API double sw_kv_request_gib(const struct sw_model *model, const struct sw_engine *engine,
				double tokens);

/** One addend of an engine's memory. */
struct sw_memory_addend {
	const char *name; /* static: "weights", "activations", ... */
	double low_gib, likely_gib, high_gib; /* all equal where exact */
	bool exact; /* arithmetic; otherwise low and high are a stated bound */
	char how[128]; /* the formula with its numbers */
};

enum { SW_MEMORY_ADDENDS_MAX = 6 };

/** What an engine does with its memory. The addends and the KV cache add up to budget_gib. */
struct sw_memory_fit {
	double seen_gib; /* total that the engine is told; its own fraction refers to this */
	double granted_gib; /* what the slice allows it */
	/* Weights, workspace and KV cache: granted x utilisation, or what kv_cache_tokens comes to where given. */
	double budget_gib;
	size_t n_addends;
	struct sw_memory_addend addends[SW_MEMORY_ADDENDS_MAX]; /* all but the KV cache */
	double kv_gib; /* what is left, with the likely addends; negative where they do not fit */
	double kv_bytes_per_token;
	double kv_tokens; /* in whole blocks; the engine's kv_cache_tokens where given */
	double kv_tokens_low, kv_tokens_high; /* with every addend at its high or low bound */
	unsigned block_tokens;
	double request_gib; /* KV of one request of max_model_len */
	unsigned max_model_len_fits; /* longest the engine would start with; 0: none */
	const char *setting; /* option that makes this engine take just the budget ... */
	double setting_value; /* ... and its value: a fraction, or a number of tokens */
};

/**
 * How `engine` (resolved) fits into `slice` of `gpu`. SW_INFEASIBLE: weights and workspace exceed
 * the budget, not one request of max_model_len fits beside them (an engine refuses to start then),
 * or the given kv_cache_tokens are more than the slice's memory holds; *out is filled in either way and the message names the numbers. SW_BAD_INPUT: more memory
 * than the GPU has, a share outside (0, 1], no such MIG profile.
 */
SW_API enum sw_status sw_memory_fit(const struct sw_gpu *gpu, const struct sw_model *model,
				    const struct sw_engine *engine, const struct sw_slice *slice,
				    struct sw_memory_fit *out, struct sw_error *err);

#ifdef __cplusplus
}
#endif

#endif
