/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file trial.h
 * One trial: everybody learns from some runs of a set and predicts mixes that were held out.
 */
#ifndef SLICEWISE_BENCH_TRIAL_H
#define SLICEWISE_BENCH_TRIAL_H

#include "predict/played.h"
#include "predictor/measured_set.h"
#include "slicewise/fit.h"

/* X(name, word, what it is). Those that stand first are ours. */
#define CONTENDER_LIST(X)                                                                      \
	X(OURS, "slicewise", "our predictor, its coefficients fitted to the training runs")    \
	X(UNFITTED, "unfitted", "our predictor without any measurement")                       \
	X(CONSTANT, "constant", "alone, times the mean slowdown of mixes of as many engines")  \
	X(GPU_LETS, "gpu-lets", "alone, times a linear form of utilisations")                  \
	X(IGNITER, "iGniter", "alone, times launches, cache and power beside neighbours")      \
	X(BOOSTED, "XGBoost", "trees on shapes, shares, loads, settings, sums of neighbours'") \
	X(BOOSTED_OURS, "XGBoost+unfitted", "the same, correcting our unfitted prediction")

enum contender {
#define CONTENDER_ENUM(name, word, what) name,
	CONTENDER_LIST(CONTENDER_ENUM)
#undef CONTENDER_ENUM
		CONTENDERS
};

extern const char *const contender_names[CONTENDERS], *const contender_whats[CONTENDERS];

/** What somebody says of one engine, ms. `bound`: ours alone, of one run. */
struct estimate {
	double at[BENCH_TARGETS], bound[BENCH_TARGETS];
};

/** An engine alone on its slice under its load, as our fit predicts it, and what that says of the resources it asks for. */
struct alone_figures {
	double ms[BENCH_TARGETS];
	double busy; /* part of the time the GPU works on it */
	double dram, compute; /* of what the datasheet gives, means over time */
	double launches_per_ms; /* kernels that the host launches, while it runs */
};

struct trial {
	const struct measured_set *set;
	size_t *repeats; /* of each mix of the set, to learn from: 0 none */
	bool *held; /* mixes to predict */
	const struct estimate (*unfitted)[BENCH_ENGINES_MAX]; /* of each mix; borrowed */
	bool bounded; /* bounds are wanted too, for which everything is played twice, and longer */
	/* Found: */
	size_t runs; /* learned from */
	struct alone_figures (
		*alone)[BENCH_ENGINES_MAX]; /* of each mix that is learned from or held */
	struct estimate (*said[CONTENDERS])[BENCH_ENGINES_MAX]; /* of each mix that is held */
};

/** Room for a trial, nothing learned or held yet. False: out of memory. Release it with trial_clear(), also then. */
bool trial_make(const struct measured_set *set,
		const struct estimate (*unfitted)[BENCH_ENGINES_MAX], struct trial *out);
void trial_clear(struct trial *trial);

/** Let everybody learn and predict. False, and a word on stderr: our fit cannot be made. */
bool trial_run(struct trial *trial);

/**
 * Our predictions of all mixes for which `wanted` (NULL: all), with `fit` (may be NULL). `bounded`: as sw_predict_mix() does; otherwise
 * its play alone, of half as many requests and without bounds.
 */
void predict_mixes(const struct measured_set *set, const sw_fit *fit, const bool *wanted,
		   bool bounded, struct estimate (*out)[BENCH_ENGINES_MAX]);

/** NAN under overload. */
double played_ms(const struct sw__played *played, int target);

/** Each engine of a mix as if it had its slice alone. */
void figure_mixes(const struct trial *trial, const sw_fit *fit,
		  struct alone_figures (*out)[BENCH_ENGINES_MAX]);

/** Fill in said[] of CONSTANT, GPU_LETS and IGNITER; of the two that boost trees, where the library is there. */
void trial_forms(struct trial *trial);
void trial_boosted(struct trial *trial);

/** Whether there is an XGBoost. */
bool boosting_is_here(void);

#endif
