/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file measured_set.h
 * The mixes of one data set with what was measured of them, in folds.
 *
 * A mix is one experiment with all its repeats. Whoever holds out a mix holds out all of it: rows of one mix are never on both sides.
 */
#ifndef SLICEWISE_BENCH_MEASURED_SET_H
#define SLICEWISE_BENCH_MEASURED_SET_H

#include "slicewise/dataset.h"

enum { BENCH_ENGINES_MAX = 4, BENCH_REPEATS_MAX = 4, BENCH_FOLDS = 5 };

/** What is judged. */
enum bench_target { TTFT_MEAN, TPOT_MEAN, TTFT_P95, TPOT_P95, BENCH_TARGETS };

/** "TTFT mean"; "ttft_mean". */
extern const char *const target_names[BENCH_TARGETS];
extern const char *const target_ids[BENCH_TARGETS];

/** What it is of what: ms[target_metric(t)][target_statistic(t)]. */
enum sw_metric target_metric(int target);
enum sw_statistic target_statistic(int target);

/** Its latency, and a prediction's. */
double target_measured(const struct sw_measured *measured, int target);
double target_predicted(const struct sw_prediction *prediction, int target);
double target_bound(const struct sw_prediction *prediction, int target);

struct measured_mix {
	const struct sw_mix *mix;
	const struct sw_run *run; /* `repeats` of them, those that did not fail */
	size_t repeats;
	unsigned fold;
	double mean[BENCH_ENGINES_MAX][BENCH_TARGETS]; /* over repeats; NAN: overload */
};

struct measured_set {
	const char *name; /* "a100 mps" */
	enum sw_mechanism mechanism;
	struct sw_runs runs;
	size_t n, n_models;
	struct measured_mix *at;
};

/**
 * Read the data set `path`. Folds go round mixes of a size, in an order by chance (always the same). False, and a word on stderr: it
 * cannot be read. Release it with measured_set_clear(), also then.
 */
bool measured_set_read(const sw_catalog *catalog, const char *path, const char *name,
		       struct measured_set *out);
void measured_set_clear(struct measured_set *set);

/** The mean of an engine over the first `repeats` of a mix. */
double measured_mean(const struct measured_mix *mix, size_t repeats, size_t engine, int target);

/**
 * What a perfect predictor of this set would be off by: the mean absolute error that chance makes of the mean over a mix's repeats, from
 * how repeats differ. Relative.
 */
double measured_chance(const struct measured_set *set, int target);

#endif
