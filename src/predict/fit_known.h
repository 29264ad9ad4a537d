/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file fit_known.h
 * A fit as predictions use it: coefficients with their doubt, bounds, and the range that was measured. src/fit makes it, fit.json
 * (docs/formats/fit.md) keeps it.
 */
#ifndef SLICEWISE_PREDICT_FIT_KNOWN_H
#define SLICEWISE_PREDICT_FIT_KNOWN_H

#include "predict/fit_coefficients.h"
#include "slicewise/predict.h"

/** A coefficient as measured: `doubt` is the standard deviation of its logarithm. */
struct sw__known {
	double value, doubt;
};

/** A quantity of which runs had something between `low` and `high`. */
struct sw__seen {
	double low, high;
};

/* X(name, unit, what it is). What says how far a mix lies from those measured. */
#define SW__RANGE_LIST(X)                                     \
	X(engines, "engines", "engines on the GPU")           \
	X(share, "1", "share of an engine")                   \
	X(running, "sequences", "sequences that run")         \
	X(prompt_tokens, "tokens", "mean tokens of a prompt") \
	X(output_tokens, "tokens", "mean tokens of an answer")

enum sw__range {
#define SW__RANGE_ENUM(name, unit, meaning) SW__RANGE_##name,
	SW__RANGE_LIST(SW__RANGE_ENUM)
#undef SW__RANGE_ENUM
		SW__RANGE_COUNT
};

extern const char *const sw__range_names[SW__RANGE_COUNT];

/** One quantity's bounds: in units of its difficulty (predict_mix.c), how far above and below 95 % of what was held out lay. */
struct sw__bound {
	double upper, lower;
};

/** Engines of one mechanism that are predicted about as well as each other: whom a launch limiter holds, and all others. */
enum sw__bound_kind { SW__BOUND_FREE, SW__BOUND_HELD, SW__BOUND_KINDS };

enum sw__bound_kind sw__bound_kind(const struct sw_tenant *tenant);

/** A GPU under a mechanism; without a GPU's name: any GPU that has no group of its own. */
struct sw__fit_group {
	char gpu[SW_NAME_MAX];
	enum sw_mechanism mechanism;
	unsigned runs, mixes;
	struct sw__known shared[SW__SHARED_COUNT];
	struct sw__bound bound[SW__BOUND_KINDS][SW_METRIC_COUNT]
			      [SW_STATISTIC_COUNT]; /* of sw_predict_mix() */
	struct sw__bound quick_bound[SW__BOUND_KINDS][SW_METRIC_COUNT]
				    [SW_STATISTIC_COUNT]; /* of sw_predict() */
	unsigned bound_rows; /* engines that the bounds stand on */
	struct sw__seen range[SW__RANGE_COUNT];
};

/** A model on a GPU; without a model's name, those that were not measured there. */
struct sw__fit_model {
	char gpu[SW_NAME_MAX], model[SW_NAME_MAX];
	unsigned runs;
	struct sw__known at[SW__MODEL_COUNT];
};

struct sw_fit {
	char origin[256]; /* in words */
	unsigned runs, mixes;
	size_t n_groups, n_models;
	struct sw__fit_group *groups;
	struct sw__fit_model
		*models; /* measured ones in the order of their names, then the rest's */
};

/** The group of a GPU under a mechanism, or that of any GPU; NULL: never measured. */
const struct sw__fit_group *sw__fit_group(const struct sw_fit *fit, const char *gpu,
					  enum sw_mechanism mechanism);

/** A model there, or what is known of all others; NULL: nothing at all. */
const struct sw__fit_model *sw__fit_model(const struct sw_fit *fit, const char *gpu,
					  const char *model);

/** What a mix is played with: as fitted, or as it is without any measurement. */
struct sw__shared_values sw__fit_shared(const struct sw__fit_group *group);
struct sw__model_values sw__fit_values(const struct sw__fit_model *model);

#endif
