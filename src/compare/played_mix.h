/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file played_mix.h
 * One GPU of a plan, simulated in one world under one kind of load: how late its engines' requests were.
 */
#ifndef SLICEWISE_COMPARE_PLAYED_MIX_H
#define SLICEWISE_COMPARE_PLAYED_MIX_H

#include "compare/planned.h"
#include "slicewise/simulate.h"

/** Arrivals in place of those that the workloads have; one of the two, or neither. Engines in a closed loop keep theirs. */
struct sw__other_load {
	const struct sw_trace *trace; /* NULL: none. Workloads that have a trace keep it */
	double burstiness; /* NAN: none */
};

struct sw__play_ask {
	const struct sw_problem *problem;
	const struct sw__planned_gpu *gpu;
	const struct sw__other_load *other; /* NULL: loads as they are */
	uint64_t seed, world;
	unsigned seeds; /* repetitions */
	double duration_s; /* of each */
};

/** Of each engine, over all repetitions; NAN without limits. */
struct sw__played {
	double late[SW_TENANTS_MAX], excess[SW_TENANTS_MAX];
	double events;
};

/** The same ask gives the same numbers. Errors as sw_simulate(). */
enum sw_status sw__play_mix(const struct sw__play_ask *ask, struct sw__played *out,
			    struct sw_error *err);

#endif
