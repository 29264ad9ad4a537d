/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file replan.h
 * Planning again while a plan runs: what must change, what pays for being changed, and nothing else: src/plan/README.md.
 */
#ifndef SLICEWISE_REPLAN_H
#define SLICEWISE_REPLAN_H

#include "slicewise/plan.h"

#ifdef __cplusplus
extern "C" {
#endif

/** What changes cost, and when they are worth it. */
struct sw_replan_options {
	double horizon_hours; /* a saving must have paid for its changes by then */
	double restart_s; /* an engine on the GPU where it ran: its weights are in the host's memory */
	double start_s; /* an engine on another GPU: weights from a disk or the network */
	double open_s; /* a GPU before its first engine can be started */
	double least_saving; /* part of the price of the GPUs that a change is about; below it nothing is changed */
	bool no_gateway; /* nothing in front of engines can hold requests back: no limits on requests in flight */
	double noise; /* part of a load by which it may differ from the running plan's and count as the same */
};

/** The defaults, each explained in src/plan/README.md. */
SW_API struct sw_replan_options sw_replan_defaults(void);

/**
 * The plan for `problem` that is reached from the running one at the least cost: what holds stays as it is, with its GPU ids and
 * replica numbers. `options` NULL: the defaults. Statuses as sw_plan_solve(); (*out)->replanned says what changes.
 *
 * A load that is within options->noise of the running plan's is planned as that; problem->workloads[].load is set to it, so
 * that small steps in one direction are noticed when they add up.
 */
SW_API enum sw_status sw_replan(const sw_catalog *catalog, struct sw_problem *problem,
				const struct sw_plan_mixes *running,
				const struct sw_replan_options *options, struct sw_plan **out,
				struct sw_error *err);

/**
 * The shares of one GPU's engines for loads that move, settings as they are: well below a millisecond a time, for those who look
 * every few seconds. Keeps what it has prepared; not for two threads at once.
 */
typedef struct sw_shares sw_shares;

/**
 * For a GPU of a plan file, with the shares it has there as the first guess; `fit` as sw_problem.fit. SW_OK: *out is the caller's,
 * release it with sw_shares_free(); `gpu` and `fit` must outlive it. SW_BAD_INPUT: see sw_step_time().
 */
SW_API enum sw_status sw_shares_open(const struct sw_planned_gpu *gpu, const sw_fit *fit,
				     sw_shares **out, struct sw_error *err);

/** Release it; NULL is fine. */
SW_API void sw_shares_free(sw_shares *shares);

/**
 * The least shares with which every limit holds by its bound: `load` has a rate, or requests in flight, per tenant of the GPU, in
 * its order; so have `share` and `predicted` (may be NULL). A share that has no effect is as it was. SW_INFEASIBLE: the settings
 * hold the limits with no shares that go together; err names the first engine that is in the way or says how much they need together, and
 * `share` has what each needs at the least. SW_USAGE: a load that is none.
 */
SW_API enum sw_status sw_shares_solve(sw_shares *shares, const double *load, double *share,
				      struct sw_prediction *predicted, struct sw_error *err);

/** "share", "move": the word of files and outputs. Static. */
SW_API const char *sw_change_id(enum sw_change_kind kind);

#ifdef __cplusplus
}
#endif

#endif
