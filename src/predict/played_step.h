/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file played_step.h
 * What one step of a played engine asks for: README-played.md, "A step".
 */
#ifndef SLICEWISE_PREDICT_PLAYED_STEP_H
#define SLICEWISE_PREDICT_PLAYED_STEP_H

#include <stdint.h>

#include "predict/fit_coefficients.h"
#include "serving/scheduler.h"
#include "step/calibration.h"
#include "step/step_time.h"

/** What the step at hand asks for. */
struct sw__played_step {
	double gpu_ms, rest_ms,
		host_ms; /* on the GPU (of a host: on a core); after each of its pieces but the last; at the end */
	double tail_ms; /* of gpu_ms, what is a last piece by itself: sampling, where launching one by one cuts the step up */
	double dram_bound; /* part of the GPU time that waits for DRAM */
	double compute_bound; /* ... for tensor cores */
	double traffic_part; /* part of the GPU time in which it reads at all */
	double dram; /* demand then, of the GPU's bandwidth */
	double tensor; /* of the GPU's peak, on average */
	double blocks; /* that a limiter sees; 0 from CUDA graphs */
	double launches_per_ms;
	unsigned pieces;
};

/* Steps that were asked for: engines make the same ones over and over, but for contexts that grow by a token. */
enum { SW__STEP_MEMORY = 512 };

/** Which step it is. */
struct sw__step_key {
	double n_decode, n_prefill, prefill_tokens; /* exactly; 0, 0: none */
	uint64_t decode_kv, prefill_kv; /* to one part in a hundred */
};

struct sw__remembered_step {
	struct sw__step_key key;
	struct sw__played_step step;
};

/** What a step takes by the calibration, whatever a fit says. */
struct sw__calibrated_step {
	double gemm_ms, attention_ms, other_ms, sampling_ms, host_ms; /* as sw_step_time has them */
	double graphs_host_ms; /* host_ms, were it launched as a graph */
	double dram_gb, tflop;
};

/** Those that an engine's steps took, to be shared by all plays of one mix, one after the other. Begins as zeros. */
struct sw__known_steps {
	struct sw__known_step {
		struct sw__step_key key;
		struct sw__calibrated_step takes;
	} at[SW__STEP_MEMORY];
	struct sw__known_products *products;
};

/** `n` of them, empty; sw__known_steps_free() them. NULL: out of memory. */
struct sw__known_steps *sw__known_steps_make(size_t n);
void sw__known_steps_free(struct sw__known_steps *known, size_t n);

/** What all steps of an engine have in common. Borrows its arguments. */
struct sw__played_steps {
	const sw_calibration *calibration;
	const struct sw_engine *engine;
	const struct sw__shared_values *shared;
	const struct sw__model_values *model;
	struct sw__step_setting setting;
	struct sw__model_ops ops;
	bool on_host; /* CPU cores in place of a GPU */
	double sms; /* of the GPU's, that the slice's kernels fill */
	double tflops; /* peak of the slice */
	double blocks_per_tile; /* thread blocks of the products for each 128 tokens begun */
	struct sw__known_steps *known; /* of this engine on this slice; NULL: none are shared */
	struct sw__remembered_step memory[SW__STEP_MEMORY];
};

/** `known` may be NULL. */
void sw__played_steps_of(const sw_calibration *calibration, const struct sw_tenant *tenant,
			 const struct sw__shared_values *shared,
			 const struct sw__model_values *model, struct sw__known_steps *known,
			 struct sw__played_steps *out);

/** Of the scheduler's step `parts`, which is not empty. */
void sw__played_step_of(struct sw__played_steps *steps, const struct sw__step *parts,
			struct sw__played_step *out);

#endif
