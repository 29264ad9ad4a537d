/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file types.h
 * The plain structures that several stages share: GPUs, models, engines, slices, loads, limits, latencies.
 *
 * Units are suffixes: _ms, _us, _s, _gib (2^30 bytes), _gb_s (10^9 bytes per second), _tflops (10^12 operations per
 * second, a multiply-add counted as two). A quantity that is not known is NAN, never 0; `sw_known()` asks. Strings inside
 * structures are NUL-terminated arrays. A structure without pointers may be copied freely.
 */
#ifndef SLICEWISE_TYPES_H
#define SLICEWISE_TYPES_H

#include <math.h>
#include <stdbool.h>
#include <stddef.h>

#include "slicewise/status.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { SW_NAME_MAX = 96, SW_MIG_PROFILES_MAX = 12 };

/** Whether a quantity is known (and finite). */
static inline bool sw_known(double x)
{
	return isfinite(x);
}

/** X(name, id, bytes per element). */
#define SW_DTYPE_LIST(X)            \
	X(SW_FP32, "float32", 4.0)  \
	X(SW_FP16, "float16", 2.0)  \
	X(SW_BF16, "bfloat16", 2.0) \
	X(SW_FP8, "fp8", 1.0)       \
	X(SW_INT8, "int8", 1.0)     \
	X(SW_INT4, "int4", 0.5)

enum sw_dtype {
#define SW_DTYPE_ENUM(name, id, bytes) name,
	SW_DTYPE_LIST(SW_DTYPE_ENUM)
#undef SW_DTYPE_ENUM
		SW_DTYPE_COUNT
};

/** Who enforces a slice. X(name, id). The five a fleet can use come first. */
#define SW_MECHANISM_LIST(X)                 \
	X(SW_EXCLUSIVE, "exclusive")         \
	X(SW_MPS, "mps")                     \
	X(SW_TIMESLICE, "timeslice")         \
	X(SW_HAMI, "hami")                   \
	X(SW_MIG, "mig")                     \
	X(SW_GREEN_CONTEXT, "green-context") \
	X(SW_CPU_QUOTA, "cpu-quota")

enum sw_mechanism {
#define SW_MECHANISM_ENUM(name, id) name,
	SW_MECHANISM_LIST(SW_MECHANISM_ENUM)
#undef SW_MECHANISM_ENUM
		SW_MECHANISM_COUNT
};

#define SW_ARCHITECTURE_LIST(X) \
	X(SW_VOLTA, "volta")    \
	X(SW_TURING, "turing")  \
	X(SW_AMPERE, "ampere")  \
	X(SW_ADA, "ada")        \
	X(SW_HOPPER, "hopper")  \
	X(SW_BLACKWELL, "blackwell")

enum sw_architecture {
#define SW_ARCHITECTURE_ENUM(name, id) name,
	SW_ARCHITECTURE_LIST(SW_ARCHITECTURE_ENUM)
#undef SW_ARCHITECTURE_ENUM
		SW_ARCHITECTURE_COUNT
};

/** One MIG instance profile: how many of the GPU's compute and memory slices it has. */
struct sw_mig_profile {
	char name[24]; /* "1g.10gb" */
	unsigned compute_slices; /* of sw_gpu.mig_compute_slices */
	unsigned memory_slices; /* of sw_gpu.mig_memory_slices */
	double memory_gib; /* what the instance sees */
	unsigned sms;
	unsigned max_instances; /* of this profile on one GPU */
	unsigned
		starts; /* bit i: it may begin at memory slice i; 0: not said, wherever there is room */
};

/** One GPU model of the catalogue; each figure's source stands in its data file. */
struct sw_gpu {
	char id[SW_NAME_MAX]; /* "a100-sxm4-80gb" */
	char name[SW_NAME_MAX]; /* "NVIDIA A100-SXM4-80GB" */
	enum sw_architecture architecture;
	unsigned compute_major, compute_minor;
	unsigned sms;
	unsigned max_threads_per_sm;
	double shared_kib_per_sm;
	double base_clock_mhz, boost_clock_mhz;
	/* Dense, at boost clock, with fp32 accumulation; NAN: not supported. */
	double peak_tflops[SW_DTYPE_COUNT];
	double dram_gib; /* what nvidia-smi and schedulers call the total */
	double visible_gib; /* total a CUDA process is told; sw_gpu_visible_gib() where NAN */
	double dram_gb_s;
	double l2_mib;
	double power_w;
	double pcie_gb_s; /* one direction, host to device */
	unsigned mig_compute_slices, mig_memory_slices; /* 7 and 8 on A100 and Hopper; 0: no MIG */
	size_t n_mig;
	struct sw_mig_profile mig[SW_MIG_PROFILES_MAX];
};

/** X(name, model_type in config.json). */
#define SW_FAMILY_LIST(X)        \
	X(SW_LLAMA, "llama")     \
	X(SW_QWEN2, "qwen2")     \
	X(SW_QWEN3, "qwen3")     \
	X(SW_MISTRAL, "mistral") \
	X(SW_PHI, "phi")         \
	X(SW_PHI3, "phi3")

enum sw_family {
#define SW_FAMILY_ENUM(name, id) name,
	SW_FAMILY_LIST(SW_FAMILY_ENUM)
#undef SW_FAMILY_ENUM
		SW_FAMILY_COUNT
};

/** How the weights of the linear layers are stored. X(name, id, bits without scales). */
#define SW_QUANTIZATION_LIST(X)        \
	X(SW_QUANT_NONE, "none", 16.0) \
	X(SW_QUANT_FP8, "fp8", 8.0)    \
	X(SW_QUANT_INT8, "int8", 8.0)  \
	X(SW_QUANT_INT4, "int4", 4.0)

enum sw_quantization {
#define SW_QUANTIZATION_ENUM(name, id, bits) name,
	SW_QUANTIZATION_LIST(SW_QUANTIZATION_ENUM)
#undef SW_QUANTIZATION_ENUM
		SW_QUANTIZATION_COUNT
};

/** The shapes of one decoder-only transformer, from its config.json. */
struct sw_model {
	char id[SW_NAME_MAX];
	enum sw_family family;
	unsigned layers, hidden, intermediate, heads, kv_heads, head_dim, vocab;
	unsigned max_position; /* longest context it was trained for */
	unsigned sliding_window; /* tokens a windowed layer looks back; 0: none that binds */
	unsigned window_layers; /* layers that use it (qwen2, qwen3: the last ones) */
	bool tied_embeddings;
	bool gated_mlp; /* gate and up projections (SiLU) against one up projection (GELU) */
	bool qkv_bias, o_bias, mlp_bias, lm_head_bias;
	bool qk_norm;
	bool norm_bias; /* LayerNorm with bias against RMSNorm */
	bool parallel_block; /* attention and MLP from one norm (Phi) */
	enum sw_dtype dtype; /* of the published weights */
	enum sw_quantization quantization; /* of the published weights */
	double weight_bits; /* of a linear layer's element with its scales; 16: not quantised */
};

/** A slice of a GPU: what one engine is given. */
struct sw_slice {
	enum sw_mechanism mechanism;
	double share; /* (0, 1] of the compute; ignored under timeslice, 1 under exclusive */
	double memory_gib; /* what the engine may see; NAN: all that the mechanism shows it */
};

/** X(name, id in files). Which inference server runs the model. */
#define SW_ENGINE_LIST(X)                  \
	X(SW_VLLM, "vllm")                 \
	X(SW_SGLANG, "sglang")             \
	X(SW_TENSORRT_LLM, "tensorrt-llm") \
	X(SW_LLAMA_CPP, "llama.cpp")

enum sw_engine_kind {
#define SW_ENGINE_ENUM(name, id) name,
	SW_ENGINE_LIST(SW_ENGINE_ENUM)
#undef SW_ENGINE_ENUM
		SW_ENGINE_COUNT
};

/** Bits of sw_engine.given: which settings the user wrote; the others hold the engine's default once resolved. */
enum sw_engine_key {
	SW_KEY_NAME = 1 << 0,
	SW_KEY_MAX_MODEL_LEN = 1 << 1,
	SW_KEY_MAX_NUM_SEQS = 1 << 2,
	SW_KEY_MAX_NUM_BATCHED_TOKENS = 1 << 3,
	SW_KEY_CUDA_GRAPHS = 1 << 4,
	SW_KEY_DTYPE = 1 << 5,
	SW_KEY_QUANTIZATION = 1 << 6,
	SW_KEY_KV_CACHE_DTYPE = 1 << 7,
	SW_KEY_PREFIX_CACHING = 1 << 8,
	SW_KEY_GPU_MEMORY_UTILIZATION = 1 << 9,
	SW_KEY_KV_CACHE_TOKENS = 1 << 10,
	SW_KEY_CORES = 1 << 11,
	SW_KEY_VERSION = 1 << 12
};

/** One running inference server's settings. */
struct sw_engine {
	unsigned given; /* sw_engine_key bits */
	enum sw_engine_kind kind;
	char version[24];
	unsigned max_model_len, max_num_seqs, max_num_batched_tokens;
	bool cuda_graphs, prefix_caching;
	enum sw_dtype dtype, kv_cache_dtype;
	enum sw_quantization quantization;
	double gpu_memory_utilization;
	double kv_cache_tokens; /* NAN: what memory gives */
	double cores; /* host cores; NAN: as many as it wants */
};

/** X(name, id in keys). The statistics of a latency that limits and predictions speak of. */
#define SW_STATISTIC_LIST(X) \
	X(SW_MEAN, "mean")   \
	X(SW_P50, "p50")     \
	X(SW_P95, "p95")     \
	X(SW_P99, "p99")

enum sw_statistic {
#define SW_STATISTIC_ENUM(name, id) name,
	SW_STATISTIC_LIST(SW_STATISTIC_ENUM)
#undef SW_STATISTIC_ENUM
		SW_STATISTIC_COUNT
};

/** X(name, id in keys). TTFT: to the first token; TPOT: per output token after the first, per request. */
#define SW_METRIC_LIST(X)  \
	X(SW_TTFT, "ttft") \
	X(SW_TPOT, "tpot")

enum sw_metric {
#define SW_METRIC_ENUM(name, id) name,
	SW_METRIC_LIST(SW_METRIC_ENUM)
#undef SW_METRIC_ENUM
		SW_METRIC_COUNT
};

/** Prompt or output lengths. p95 NAN: every request has `mean` tokens; else lognormal, the smaller sigma. */
struct sw_length {
	double mean;
	double p95;
};

/** Arrivals and lengths of a trace, in the order of time; owned by the mix or problem that read it. */
struct sw_trace {
	char *path;
	size_t n;
	double *arrival_s; /* from the first arrival */
	double *prompt_tokens;
	double *output_tokens;
};

/** What arrives at an engine. Exactly one of `rate` and `concurrency` is known. */
struct sw_load {
	double rate; /* requests per second, open loop */
	double concurrency; /* requests in flight, closed loop */
	struct sw_length prompt_tokens, output_tokens; /* of the trace where there is one */
	double prefix_hit_ratio; /* [0, 1) of the prompt tokens found in the prefix cache */
	double burstiness; /* coefficient of variation of the gaps between arrivals; 1: Poisson */
	const struct sw_trace *trace; /* borrowed; NULL: lengths as above */
	bool trace_once; /* played once as it is, not rescaled to `rate` */
	double trace_stretch; /* seconds played per second of the trace, for all replicas together */
};

/** Limits: bound[metric][statistic] in ms; NAN where there is none. */
struct sw_slo {
	double bound_ms[SW_METRIC_COUNT][SW_STATISTIC_COUNT];
};

/** One engine in a mix. */
struct sw_tenant {
	char name[SW_NAME_MAX];
	struct sw_model model;
	struct sw_engine engine; /* resolved; `given` says which settings the user wrote */
	struct sw_slice slice;
	struct sw_load load;
	struct sw_slo slo;
	unsigned
		max_in_flight; /* requests that a gateway lets into the engine at once, the others wait in front of it; 0: all */
	double start_s; /* simulations: the engine is started then, beside those that serve; 0: it serves from the beginning */
};

#ifdef __cplusplus
}
#endif

#endif
