/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file judged_rows.h
 * Every engine of every mix that was held out, with what everybody said of it.
 */
#ifndef SLICEWISE_BENCH_JUDGED_ROWS_H
#define SLICEWISE_BENCH_JUDGED_ROWS_H

#include "math/error_summary.h"
#include "predictor/trial.h"

/** In which kind of trial a mix was held out. */
enum stage {
	STAGE_FOLDS, /* one fold of all mixes, the others learned from */
	STAGE_LARGER, /* three and four engines, one and two learned from */
	STAGE_CURVE /* a fold, from few runs */
};

struct judged_row {
	const struct measured_set *set;
	size_t mix, engine;
	enum stage stage;
	int level; /* runs per model that were learned from, as asked for; 0: all */
	double runs_per_model; /* as it came to be */
	struct estimate said[CONTENDERS];
};

struct judged_rows {
	size_t n, room;
	struct judged_row *at;
};

/** Which rows. Zeroes, but for the mechanism: -1 is any. */
struct judged_filter {
	enum stage stage;
	int level;
	const struct measured_set *set;
	int mechanism;
	size_t size; /* engines of the mix */
};

void judged_clear(struct judged_rows *rows);

/** Add what a trial held out. False: out of memory. */
bool judged_add(struct judged_rows *rows, const struct trial *trial, enum stage stage, int level);

bool judged_passes(const struct judged_row *row, const struct judged_filter *filter);

/** Whether there are any of a stage. */
bool judged_has(const struct judged_rows *rows, enum stage stage);

/** The mean over repeats that was measured. */
double judged_measured(const struct judged_row *row, int target);

/** Errors of one contender; rows that were, or that it says are, overloaded are left out. rows 0: there are none. */
struct sw__error_summary judged_errors(const struct judged_rows *rows,
				       const struct judged_filter *filter, int contender,
				       int target);

/** The same beside every single run in place of the means. */
struct sw__error_summary judged_single_errors(const struct judged_rows *rows,
					      const struct judged_filter *filter, int contender,
					      int target);

/** How our upper bounds hold one engine of the first run of each mix. */
struct judged_coverage {
	double runs, above; /* measured above their bound */
	double chance; /* of so few or so many, were it 5 %: two-sided, binomial */
	double width; /* median of bound / predicted - 1 */
};

struct judged_coverage judged_coverage(const struct judged_rows *rows,
				       const struct judged_filter *filter, int target);

#endif
