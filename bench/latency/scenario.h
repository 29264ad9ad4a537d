/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file scenario.h
 * Random engines under random loads, the same ones on every machine: what the closed form of latency is judged on.
 */
#ifndef SLICEWISE_BENCH_SCENARIO_H
#define SLICEWISE_BENCH_SCENARIO_H

#include "latency/reference.h"

#include <stdint.h>

enum scenario_kind { SCENARIO_POISSON, SCENARIO_BURSTY, SCENARIO_LOOP, SCENARIO_KINDS };

struct scenario {
	enum scenario_kind kind;
	struct sw__step_curve curve;
	struct sw__batching batching;
	struct sw__lengths prompt, output;
	double max_model_len;
	double prefix_hit_ratio;
	double burstiness; /* coefficient of variation of the gaps */
	double load; /* offered rate over the rate that a saturated engine reaches */
	int concurrency;
	double capacity_per_s; /* of the saturated simulator */
	double rate_per_s; /* NAN in a closed loop */
	const struct sw_trace *trace; /* whose pace the rate has, or NULL; borrowed */
	double trace_stretch;
};

struct scenario_truth {
	double ttft[4], tpot[4]; /* mean, p50, p95, p99 over requests, ms */
	double output_tok_s, requests_per_s;
	double running, kv_tokens, utilisation, gpu_busy;
	size_t requests; /* simulated */
	size_t preemptions;
	bool drowning;
};

/** xoshiro-style stream; equal seeds give equal numbers everywhere. */
struct scenario_random {
	uint64_t state;
};

double scenario_uniform(struct scenario_random *random);
double scenario_normal(struct scenario_random *random);
double scenario_gamma(struct scenario_random *random, double shape); /* mean 1 */

/** Engine, lengths and limits of scenario number `index`; load and rate are still to be set. */
void scenario_draw(uint64_t index, struct scenario *out);

/** Saturates the simulator to find the capacity, then sets rate or concurrency for `load` of it. */
bool scenario_set_load(struct scenario *s, double load);

/** Simulates `n` requests. */
bool scenario_run(const struct scenario *s, size_t n, uint64_t seed, struct scenario_truth *out);

/** Replays recorded arrivals, `stretch` times as far apart. */
bool scenario_run_trace(const struct scenario *s, const struct sw_trace *trace, double stretch,
			struct scenario_truth *out);

#endif
