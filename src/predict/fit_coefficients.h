/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file fit_coefficients.h
 * What a fit knows of a GPU, a mechanism and a model that no datasheet says: README-played.md, "Coefficients".
 *
 * Of the GPU and the mechanism: what neighbours do to each other. Of a model: by how much its steps differ from the calibration.
 * Each has a name, a value without any measurement, how far it may lie from that, and what it means.
 */
#ifndef SLICEWISE_PREDICT_FIT_COEFFICIENTS_H
#define SLICEWISE_PREDICT_FIT_COEFFICIENTS_H

#include <stddef.h>

/* X(name, unit, value, spread, lowest, highest, what it means, origin). `spread` is the standard deviation of the logarithm. */
#define SW__SHARED_COEFFICIENT_LIST(X)                                                           \
	X(frontend_ms, "ms", 4, 0.5, 0, 200,                                                     \
	  "from the socket to the scheduler, tokenising included", "1 to 12 ms in reports")      \
	X(dram_together, "1", 0.80, 0.12, 0.4, 1,                                                \
	  "part of the datasheet's bandwidth that several engines reach together",               \
	  "two Qwen3-4B under MPS on an A100-40GB")                                              \
	X(sm_overlap, "1", 0.05, 0.7, 0, 1,                                                      \
	  "part of the neighbours' SMs that a cap lets land on one's own",                       \
	  "an assumption: a cap is no reservation")                                              \
	X(launch_wait_us, "us", 7, 0.5, 0, 100,                                                  \
	  "what a launch waits beside another client of MPS", "pairs of CNNs on a V100")         \
	X(slice_ms, "ms", 2, 0.5, 0.2, 50, "a turn while others wait",                           \
	  "the driver's default time slice")                                                     \
	X(switch_ms, "ms", 0.25, 0.4, 0, 5, "between two turns",                                 \
	  "about a tenth of a slice in time-sliced pairs")                                       \
	X(eager_bursts, "1", 4, 0.3, 1, 64, "pieces that launching one by one cuts a step into", \
	  "an assumption")                                                                       \
	X(limiter_grain, "1", 1, 0.4, 0.1, 10,                                                   \
	  "thread blocks of a step over those of 128 x 128 tiles", "an assumption")              \
	X(look_back_ms, "ms", 960, 0.06, 120, 2000,                                              \
	  "how far back HAMi's limiter looks at what the GPU did",                               \
	  "HAMi-core asks NVML for a second, and looks every 120 ms")                            \
	X(cold_caches, "1", 0.4, 0.7, 0, 5,                                                      \
	  "more CPU time of what reads weights, where an engine has next to nothing of a core",  \
	  "a model of 14 MB at 0.3 of a core: caches are cold after each rest")                  \
	X(reread, "1", 0.8, 0.7, 0, 3,                                                           \
	  "part of reading weights that each further sequence of a step costs a core again",     \
	  "llama.cpp: 0.6 for four sequences of a model of 82 MB, 1.1 of one of 14 MB")

#define SW__MODEL_COEFFICIENT_LIST(X)                                                    \
	X(prefill, "1", 1, 0.08, 0.02, 50, "GPU time of prompts over the calibration's", \
	  "the calibration's own doubt")                                                 \
	X(decode, "1", 1, 0.06, 0.02, 50, "GPU time of decodes over the calibration's",  \
	  "the calibration's own doubt")                                                 \
	X(host, "1", 1, 0.25, 0.02, 50, "CPU time of a step over the calibration's",     \
	  "engine versions and machines differ by a third")

enum sw__shared_coefficient {
#define SW__SHARED_ENUM(name, ...) SW__SHARED_##name,
	SW__SHARED_COEFFICIENT_LIST(SW__SHARED_ENUM)
#undef SW__SHARED_ENUM
		SW__SHARED_COUNT
};

enum sw__model_coefficient {
#define SW__MODEL_ENUM(name, ...) SW__MODEL_##name,
	SW__MODEL_COEFFICIENT_LIST(SW__MODEL_ENUM)
#undef SW__MODEL_ENUM
		SW__MODEL_COUNT
};

struct sw__fit_coefficient {
	const char *name, *unit;
	double value, spread, lowest, highest;
	const char *meaning, *origin;
};

extern const struct sw__fit_coefficient sw__shared_coefficients[SW__SHARED_COUNT];
extern const struct sw__fit_coefficient sw__model_coefficients[SW__MODEL_COUNT];

/** All of one mix's: of the GPU under its mechanism, and of each tenant's model. */
struct sw__shared_values {
	double at[SW__SHARED_COUNT];
};

struct sw__model_values {
	double at[SW__MODEL_COUNT];
};

/** Without any measurement. */
struct sw__shared_values sw__shared_unmeasured(void);
struct sw__model_values sw__model_unmeasured(void);

#endif
