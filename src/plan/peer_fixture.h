/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file peer_fixture.h
 * For tests of strategies: engines of which the needed share is known, plans of the fake problem, and their shares.
 */
#ifndef SLICEWISE_PLAN_PEER_FIXTURE_H
#define SLICEWISE_PLAN_PEER_FIXTURE_H

#include "check.h"
#include "plan/fake_oracle.h"
#include "plan/planner.h"

static struct sw_error err;

/* SMs of which every percent is another number of pairs. */
enum { PEER_SMS = 200 };

/** An engine that needs `share` of a GPU of speed 1 so that its TPOT is within `part` of its limit, without bounds. */
static inline void peer_add(double share, double push, double part)
{
	static const double base_ms = 5, slack = 1.0001;

	(void)fake_add_workload((struct fake_workload){base_ms, 1e-9, push, 1}, 1,
				base_ms / pow(share, 0.7) / part * slack);
}

static inline struct sw_plan *peer_solve(const char *strategy, enum sw_status expected)
{
	struct sw_plan *plan = NULL;

	CHECK_INT(sw__plan_solve(&fake_problem, &fake_oracle, strategy, &plan, &err), expected);
	CHECK_INT(fake_prepared, 0);
	CHECK(plan);
	return plan;
}

/** The GPU that an engine is on; n_gpus where it has none. */
static inline size_t peer_gpu_of(const struct sw_plan *plan, size_t workload)
{
	for (size_t i = 0; i < plan->n_gpus; i++) {
		for (size_t k = 0; k < plan->gpus[i].n; k++) {
			if (plan->gpus[i].tenants[k].workload == workload)
				return i;
		}
	}
	return plan->n_gpus;
}

static inline double peer_share_of(const struct sw_plan *plan, size_t workload)
{
	size_t gpu = peer_gpu_of(plan, workload);

	for (size_t k = 0; gpu < plan->n_gpus && k < plan->gpus[gpu].n; k++) {
		if (plan->gpus[gpu].tenants[k].workload == workload)
			return plan->gpus[gpu].tenants[k].share;
	}
	return 0;
}

#endif
