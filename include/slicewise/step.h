/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file step.h
 * The time of one engine step alone on a slice of a GPU: docs in src/step/README.md.
 *
 *     sw_calibration_open(&gpu, NULL, &calibration, &err);
 *     sw_step_time(calibration, &model, &engine, &slice, &work, &time, &err);
 *     sw_calibration_free(calibration);
 */
#ifndef SLICEWISE_STEP_H
#define SLICEWISE_STEP_H

#include "slicewise/types.h"

#ifdef __cplusplus
extern "C" {
#endif

/** What is known of how fast one GPU runs an engine's kernels: coefficients, where they come from, and their doubt. */
typedef struct sw_calibration sw_calibration;

/** How a calibration came to be; `doubt` is the standard deviation of log(measured / predicted) to reckon with. */
struct sw_calibration_info {
	char id[SW_NAME_MAX]; /* of the calibration file, such as "a100-sxm4-80gb" */
	bool measured; /* fitted on this GPU model's own rows, against carried over from `id` by datasheet */
	double prefill_doubt, decode_doubt; /* of a whole step */
	char basis[512]; /* in words: what it was fitted on, or why this neighbour was chosen */
};

/**
 * The calibration for a GPU: its own shipped one, else that of the nearest measured architecture scaled by the
 * datasheet, with wider doubt. `path` (may be NULL) names a calibration file to use instead of the shipped ones.
 * SW_OK: *out is the caller's, release it with sw_calibration_free().
 */
SW_API enum sw_status sw_calibration_open(const struct sw_gpu *gpu, const char *path,
					  sw_calibration **out, struct sw_error *err);

/** Release it; NULL is fine. */
SW_API void sw_calibration_free(sw_calibration *calibration);

/** What it rests on; borrowed from the calibration. */
SW_API const struct sw_calibration_info *sw_calibration_describe(const sw_calibration *calibration);

/**
 * Make `engine` (resolved) the one that this calibration's whole-step rows were measured with, unless its version or its
 * CUDA graphs were given: on an A100 vLLM 0.2, eager, float16. `step` and rows of steps mean that engine; predictions of
 * loads and plans mean the current one. No effect where the calibration has no such rows.
 */
SW_API void sw_calibration_step_engine(const sw_calibration *calibration, struct sw_engine *engine);

/** What one step works on; sums over the sequences of the step. */
struct sw_step_work {
	double n_decode; /* sequences that get one more token */
	double decode_kv_tokens; /* sum of their contexts */
	double n_prefill; /* prompts with a chunk in this step */
	double prefill_tokens; /* sum of the chunks */
	double prefill_kv_tokens; /* sum over prompts of the context before the chunk */
};

/** Milliseconds by origin; they add up to total_ms. */
struct sw_step_time {
	double total_ms;
	double gemm_ms; /* projections and MLP of all layers, lm_head */
	double attention_ms;
	double other_ms; /* norms, rope, activation, residuals, embedding */
	double sampling_ms;
	double host_ms; /* the GPU waits for the engine's CPU part */
	double low_ms, high_ms; /* one-sided 95 % bounds of total_ms from the calibration's doubt */
	double dram_gb; /* read and written */
	double tflop; /* tensor operations, 10^12 */
	const char *
		binds; /* "dram", "compute", "latency" or "host": what most of the time goes to; static */
};

/**
 * Time of one step of `model` under `engine` (resolved, see sw_engine_resolve()) on `slice`, nothing else running.
 *
 * Under mps and mig the share is a part of the SMs (rounded down to whole SMs, at least one); under timeslice and
 * exclusive the whole GPU; under hami the whole GPU while the limiter lets it run, stretched by its duty when it binds.
 * SW_BAD_INPUT: an empty or negative step, or a slice the mechanism cannot give.
 */
SW_API enum sw_status sw_step_time(const sw_calibration *calibration, const struct sw_model *model,
				   const struct sw_engine *engine, const struct sw_slice *slice,
				   const struct sw_step_work *work, struct sw_step_time *out,
				   struct sw_error *err);

/**
 * GPU time of a single GEMM C[m,n] = A[m,k] B[k,n] on the whole GPU, ms, as benchmarks time it: over and over with a few
 * weights, so that small ones come from L2. Attention likewise.
 */
SW_API double sw_gemm_ms(const sw_calibration *calibration, enum sw_dtype dtype, double m, double n,
			 double k);

/**
 * GPU time of one layer's attention on the whole GPU, ms: `batch` sequences, each with `input_len` new tokens after
 * `kv_len_before`; input_len 1 is decode.
 */
SW_API double sw_attention_ms(const sw_calibration *calibration, enum sw_dtype dtype, double batch,
			      double input_len, double heads, double kv_heads, double head_dim,
			      double kv_len_before);

#ifdef __cplusplus
}
#endif

#endif
