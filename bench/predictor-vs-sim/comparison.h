/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file comparison.h
 * One mix predicted and simulated: a row for each of its engines.
 */
#ifndef SLICEWISE_BENCH_COMPARISON_H
#define SLICEWISE_BENCH_COMPARISON_H

#include <stdio.h>

#include "predictor-vs-sim/random_mix.h"
#include "slicewise/simulate.h"

struct comparison {
	unsigned index;
	enum sw_mechanism mechanism;
	size_t n, engine; /* of the mix; number in it */
	double load, duration_s;
	bool open;
	char gpu[SW_NAME_MAX];
	struct sw_tenant tenant; /* its trace is none */
	struct sw_prediction predicted;
	struct sw_simulated_tenant simulated;
};

/** The same ones in both. */
bool comparison_overload_predicted(const struct comparison *c);
bool comparison_overload_simulated(const struct comparison *c);

/** Whether its latencies can be held against each other: nobody says overload, and enough requests were counted. */
bool comparison_counts(const struct comparison *c);

/** predicted / simulated - 1. */
double comparison_error(const struct comparison *c, int metric, int statistic);

/** Into rows[n of the mix]. */
enum sw_status compare_mix(const struct random_mix *mix, struct comparison *rows,
			   struct sw_error *err);

/** The columns of comparison_csv(). */
extern const char comparison_columns[];
void comparison_csv(const struct comparison *c, FILE *out);

/** One line: what it is, what was predicted, what was simulated. */
void comparison_words(const struct comparison *c, char *out, size_t size);

#endif
