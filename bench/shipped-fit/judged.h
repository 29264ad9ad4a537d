/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file judged.h
 * Predictions of simulated runs beside what was simulated: errors, and whether bounds hold as often as they say.
 */
#ifndef SLICEWISE_BENCH_JUDGED_H
#define SLICEWISE_BENCH_JUDGED_H

#include <stdbool.h>
#include <stdio.h>

#include "slicewise/fit.h"

/** An engine of a run. */
struct judged {
	enum sw_mechanism mechanism;
	size_t mix, n; /* which one, and its engines */
	bool sustained; /* none of them was measured to be overloaded */
	struct sw_measured measured;
	bool held; /* by a launch limiter */
	struct sw_prediction predicted, quick; /* quick: of the closed form */
};

/** Predict all runs; rows are the caller's to free(). */
enum sw_status judge(const struct sw_runs *runs, const sw_fit *fit, struct judged **rows, size_t *n,
		     struct sw_error *err);

/** Mixes in which an engine was overloaded; engines of the others that are said to be. */
size_t judged_overloaded(const struct judged *rows, size_t n);
size_t judged_falsely(const struct judged *rows, size_t n);

/** Errors by mechanism, of mixes without overload, beside their limits. */
void judged_errors(const struct judged *rows, size_t n, FILE *out);

/** Coverage by mechanism, with the two-sided binomial test at 1 %; `quick`: of the closed form. */
void judged_coverage(const struct judged *rows, size_t n, bool quick, FILE *out);

#endif
