/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file score.h
 * What became of the workloads of a plan: its GPUs' figures together, world by world.
 */
#ifndef SLICEWISE_COMPARE_SCORE_H
#define SLICEWISE_COMPARE_SCORE_H

#include "compare/contender.h"

/** A workload in one world: its replicas by their load. NAN: without limits, or a measured table. */
struct sw__fate {
	double late, excess;
};

/**
 * Of every workload, into fates[problem->n_workloads]. All GPUs of the candidate must have been played. The status of the first
 * that could not be is returned.
 */
enum sw_status sw__fates_of(const struct sw_problem *problem, const struct sw__book *book,
			    const struct sw__candidate *candidate, unsigned load, unsigned world,
			    struct sw__fate *fates);

/** The worst of each, of workloads that have limits. NAN: none has. */
struct sw__fate sw__worst_fate(const struct sw__fate *fates, size_t n);

/**
 * Lateness over all worlds, of the worst workload and (NULL: not wanted) of each: workloads[w].replicas is left alone.
 * All NAN where a simulation failed. SW_NO_MEMORY only.
 */
enum sw_status sw__score(const struct sw_problem *problem, const struct sw__book *book,
			 const struct sw__candidate *candidate, unsigned load,
			 struct sw_compared_lateness *out, struct sw_compared_workload *workloads,
			 struct sw_error *err);

#endif
