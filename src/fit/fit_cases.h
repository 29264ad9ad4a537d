/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file fit_cases.h
 * What a fit looks at: every mix that was measured, with all its repeats, and what is predicted of it.
 */
#ifndef SLICEWISE_FIT_FIT_CASES_H
#define SLICEWISE_FIT_FIT_CASES_H

#include "fit/fit_vector.h"
#include "slicewise/fit.h"

/** Logarithms of latencies; NAN: not known. */
struct sw__logs {
	double at[SW_METRIC_COUNT][SW_STATISTIC_COUNT];
};

/** An engine of a case. */
struct sw__case_engine {
	size_t model; /* in the vector */
	struct sw__logs *measured; /* of each repeat */
	double mean
		[SW_METRIC_COUNT]; /* over repeats, of the means (of the medians where these are all there is); NAN: not known */
	enum sw_statistic statistic[SW_METRIC_COUNT]; /* which it is of */
	struct sw__logs played, quick; /* with the coefficients at hand */
	struct sw__logs unfitted; /* played as without measurement */
	double steepness[SW_METRIC_COUNT][SW_STATISTIC_COUNT]; /* what doubt makes of them */
	double difficulty[SW_METRIC_COUNT][SW_STATISTIC_COUNT];
	double quick_difficulty[SW_METRIC_COUNT][SW_STATISTIC_COUNT];
	double running;
	bool overload; /* predicted */
	double chance[SW_METRIC_COUNT]; /* of the means, that the play showed: relative */
	double chance_at[SW_METRIC_COUNT][SW_STATISTIC_COUNT]; /* of each */
	double *slope
		[SW_METRIC_COUNT]; /* d log latency / d entry, one for each of the case's entries */
};

/** A mix. */
struct sw__case {
	const struct sw_mix *mix; /* borrowed from its first run */
	const char *experiment; /* borrowed */
	size_t gpu, group; /* in the vector; */
	size_t repeats;
	double span_ms; /* that it is played for, always the same; 0: not yet known */
	size_t n_entries;
	size_t *entry; /* of the vector, that it depends on */
	struct sw__case_engine *engine; /* mix->n */
	struct sw__known_steps *known; /* of the engines, for all their plays */
};

struct sw__cases {
	size_t n;
	struct sw__case *at;
	struct sw__vector vector;
	size_t failed, overloaded, unpredictable;
};

void sw__cases_clear(struct sw__cases *cases);

/**
 * A copy to be predicted with other coefficients; what was measured stays the original's. SW_OK: release it with sw__case_clear_copy(),
 * also after SW_NO_MEMORY.
 */
enum sw_status sw__case_copy(const struct sw__case *c, struct sw__case *out, struct sw_error *err);
void sw__case_clear_copy(struct sw__case *copy);

/** Of the runs, which must live as long. SW_BAD_INPUT: none can be used, or an experiment that is two. */
enum sw_status sw__cases_make(const struct sw_runs *runs, struct sw__cases *out,
			      struct sw_error *err);

#endif
