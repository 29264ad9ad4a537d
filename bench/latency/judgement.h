/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file judgement.h
 * The closed form beside the simulator: one row per engine and load, and the errors over groups of rows.
 */
#ifndef SLICEWISE_BENCH_JUDGEMENT_H
#define SLICEWISE_BENCH_JUDGEMENT_H

#include "latency/scenario.h"

#include <stdio.h>

enum { JUDGED_METRICS = 8 /* TTFT and TPOT: mean, p50, p95, p99 */ };

struct judgement {
	unsigned index;
	struct scenario scenario;
	struct scenario_truth truth;
	struct sw__latency predicted;
	double predicted_max_rate;
	double error
		[JUDGED_METRICS]; /* predicted / simulated - 1; NAN under a predicted overload */
};

/** Simulates and predicts. False if the simulator cannot run it. */
bool judgement_make(unsigned index, double load, size_t requests, struct judgement *out);

/** Prediction of a scenario, its KV limit included. False if its traffic is refused. */
bool judgement_predict(const struct scenario *s, struct sw__latency *latency, double *max_rate);

void judgement_csv_header(FILE *out);
void judgement_csv(const struct judgement *j, FILE *out);

/** Tables of mean absolute errors and biases by kind of engine and load. */
void judgement_summary(const struct judgement *rows, size_t n, FILE *out);

#endif
