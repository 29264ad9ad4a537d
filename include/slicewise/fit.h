/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file fit.h
 * From measured mixes to a fit: coefficients of GPUs, mechanisms and models with their doubt, and bounds that hold
 * (src/fit/README.md).
 */
#ifndef SLICEWISE_FIT_H
#define SLICEWISE_FIT_H

#include "slicewise/dataset.h"

#ifdef __cplusplus
extern "C" {
#endif

/** How a fit is made. sw_fit_settings_default() has the values; a caller changes what it wants otherwise. */
struct sw_fit_settings {
	unsigned
		rounds; /* Gauss-Newton steps at most; 0: bounds alone, with every doubt as without measurement */
	unsigned folds; /* mixes are held out in so many parts, for the errors and the bounds */
	double requests; /* played of each engine of a mix at most: fewer where means are sure before */
	unsigned threads; /* mixes that are played at once; the result does not depend on it */
	const char *origin; /* what the runs are, in words; may be NULL */
};

SW_API struct sw_fit_settings sw_fit_settings_default(void);

/** Errors of one kind of latency on mixes that were held out. */
struct sw_fit_error {
	double mape, median, p95, bias; /* of (predicted - measured) / measured */
	double above; /* part of the measured that lies above its upper bound (meant to: 0.05) */
	double width; /* median of (upper bound - predicted) / predicted */
};

/** What a fit found of a GPU under a mechanism. */
struct sw_fit_found {
	char gpu[SW_NAME_MAX];
	enum sw_mechanism mechanism;
	size_t runs, mixes, engines; /* engines: rows with latencies */
	struct sw_fit_error held_out[SW_METRIC_COUNT][SW_STATISTIC_COUNT];
	struct sw_fit_error unfitted[SW_METRIC_COUNT]; /* of means, without any fit */
};

/** A word on something that the runs do not say, and what to run next. */
struct sw_fit_advice {
	char *text;
};

struct sw_fit_report {
	size_t n_found;
	struct sw_fit_found *found;
	size_t n_advice;
	struct sw_fit_advice *advice;
	size_t failed, overloaded,
		unpredictable; /* runs, engines, runs that were left out, and why */
};

/** Release what it holds and make it empty; NULL and empty are fine. */
SW_API void sw_fit_report_clear(struct sw_fit_report *report);

/**
 * Fit `runs`. SW_OK: *out is the caller's, release it with sw_fit_free(); `report` (may be NULL) with sw_fit_report_clear().
 * SW_BAD_INPUT: no run can be used, or two runs of one experiment are of different mixes. Deterministic.
 */
SW_API enum sw_status sw_fit_make(const struct sw_runs *runs,
				  const struct sw_fit_settings *settings, sw_fit **out,
				  struct sw_fit_report *report, struct sw_error *err);

/** As text (docs/formats/fit.md): *out is the caller's, to be released with free(). The same fit gives the same bytes. */
SW_API enum sw_status sw_fit_text(const sw_fit *fit, char **out, struct sw_error *err);

/** The same into a file, whole or not at all. SW_IO. */
SW_API enum sw_status sw_fit_save(const sw_fit *fit, const char *path, struct sw_error *err);

/** One coefficient of a fit, for people. All but the numbers is borrowed from the fit, or static. */
struct sw_fit_line {
	const char *gpu;
	const char *subject; /* a mechanism's name, a model's, or "other models" */
	const char *name, *unit, *meaning;
	double value, unmeasured; /* as fitted; without any measurement */
	double low, high; /* 95 % lie between */
	double learned; /* part of the doubt that the runs took away, [0, 1] */
	bool fitted; /* runs under that mechanism can say something of it; else it is as without measurement */
	unsigned runs;
};

/** The i-th of them: coefficients of mechanisms, then of models. False beyond the last. */
SW_API bool sw_fit_line_at(const sw_fit *fit, size_t i, struct sw_fit_line *out);

#ifdef __cplusplus
}
#endif

#endif
