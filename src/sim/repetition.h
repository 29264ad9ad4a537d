/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file repetition.h
 * One run of a mix with its loads: README.md, "A repetition".
 *
 * Loads are played to duration_s; then time goes on, with the loads, until every request that came before is answered, so that
 * long requests are not missing from the statistics. What is not answered after as long again is given up.
 */
#ifndef SLICEWISE_SIM_REPETITION_H
#define SLICEWISE_SIM_REPETITION_H

#include "sim/lateness.h"
#include "sim/samples.h"
#include "sim/sim.h"
#include "sim/warm_up.h"

struct sw__repetition_ask {
	const struct sw_mix *mix; /* borrowed */
	uint64_t seed, world;
	double host_cores;
	double duration_s;
};

/** A request that came before duration_s; NAN: not answered. */
struct sw__record {
	uint32_t tenant, prompt_tokens, output_tokens, preemptions;
	uint64_t number; /* of the tenant's, in the order of arrival */
	double arrival_s, first_s, last_s;
};

/** An engine at the end of one of SW_MOMENTS intervals. */
struct sw__moment {
	struct sw_sim_engine engine;
	double compute_s, traffic_s;
};

/** An engine at a random moment of such an interval: means over time are made of these. */
struct sw__glance {
	double running, waiting; /* requests */
	double kv_used; /* part of the blocks */
	bool line; /* requests wait in the scheduler */
	/* What keeps the first of them from running, where it is one of these. */
	bool no_seat, no_blocks;
};

/** What one engine did after its warm-up. */
struct sw__repetition_tenant {
	double warm_up_s;
	struct sw__samples latency[SW_METRIC_COUNT]; /* ms, of the requests counted */
	double at[SW_METRIC_COUNT][SW_STATISTIC_COUNT];
	double requests_per_s, output_tokens_per_s; /* ended and made */
	double asked_per_s, asked_tokens_per_s; /* requests that came, tokens they asked for */
	double running, busy, gpu_busy, kv_used; /* means over time */
	/* Part of the time with requests waiting for a seat, for blocks; with kernels that ask most of the one or the other. */
	double seats_full, kv_full;
	double compute, traffic;
	double preemptions, counted, unanswered; /* requests; preemptions of them */
	/* Of the second half: requests that came, and by how many more were there at its end. Of a trace that is played once: all
	 * requests, and the unanswered ones. */
	double arrivals, growth;
	double queued; /* part of the second half with a waiting line */
	struct sw__lateness lateness;
};

struct sw__repetition {
	size_t n; /* engines */
	struct sw__repetition_tenant *tenant;
	size_t n_records;
	struct sw__record *record; /* by arrival, then tenant */
	struct sw__moment *moment; /* SW_MOMENTS + 1 rows of n, the first at 0 */
	struct sw__glance *glance; /* SW_MOMENTS rows of n */
	struct sw_sim_gpu gpu[SW_MOMENTS + 1];
	uint64_t events;
};

/**
 * Run it; what its engines did (`tenant`) is not known before sw__repetition_judge(). SW_OK: release it with
 * sw__repetition_clear(); after a failure nothing is to be released.
 */
enum sw_status sw__repetition_run(const struct sw__repetition_ask *ask, struct sw__repetition *out,
				  struct sw_error *err);

/** Add the TTFTs of every engine, in the order of arrival, to its onset: `onsets` has n elements. SW_NO_MEMORY. */
enum sw_status sw__repetition_onsets(const struct sw__repetition *repetition,
				     struct sw__onset *onsets, struct sw_error *err);

/** Fill in `tenant`, once, after the warm-up that other repetitions' onsets have. SW_NO_MEMORY. */
enum sw_status sw__repetition_judge(const struct sw__repetition_ask *ask,
				    struct sw__repetition *repetition,
				    const struct sw__onset *onsets, struct sw_error *err);
void sw__repetition_clear(struct sw__repetition *repetition);

/** Milliseconds of a record by metric; NAN where there is none. */
void sw__record_latency(const struct sw__record *record, double out[SW_METRIC_COUNT]);

#endif
