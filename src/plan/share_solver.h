/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file share_solver.h
 * sw_shares_solve() with any oracle: the real one, or a test's own.
 */
#ifndef SLICEWISE_PLAN_SHARE_SOLVER_H
#define SLICEWISE_PLAN_SHARE_SOLVER_H

#include "plan/levels.h"
#include "plan/oracle.h"
#include "slicewise/replan.h"

struct sw__shares_engine {
	struct sw_tenant tenant; /* settled; its load as it was asked for last */
	bool share_matters;
	size_t least; /* level: smaller MIG instances have too little memory */
	size_t level; /* of the last answer: the first guess of the next */
	sw_prepared *prepared[SW__LEVELS_MAX];
	double prepared_for[SW__LEVELS_MAX]; /* rates */
};

/** One GPU; engine k is workload k of fleet entry 0 to the oracle. */
struct sw__shares_gpu {
	const struct sw__oracle *oracle;
	const struct sw_fleet_entry *entry; /* borrowed */
	struct sw__levels levels;
	size_t n;
	struct sw__shares_engine engine[SW_TENANTS_MAX];
	size_t looks; /* predictions of the whole GPU so far */
};

/** `gpu` has oracle, entry, n and the engines' tenants, and becomes ready; the slices' shares are the first guess. */
void sw__shares_start(struct sw__shares_gpu *gpu);

/** Give back what was prepared. */
void sw__shares_stop(struct sw__shares_gpu *gpu);

enum sw_status sw__shares_solve(struct sw__shares_gpu *gpu, const double *load, double *share,
				struct sw_prediction *predicted, struct sw_error *err);

#endif
