/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file parvagpu_recheck.h
 * A plan of a scenario against ParvaGPU's own files and NVIDIA's list of placements: nothing of the planner's is used.
 */
#ifndef SLICEWISE_BENCH_PARVAGPU_RECHECK_H
#define SLICEWISE_BENCH_PARVAGPU_RECHECK_H

#include "parvagpu/parvagpu_scenario.h"
#include "slicewise/plan.h"

/** Whether the plan serves scenario s; else stderr says what is wrong. */
bool parvagpu_plan_holds(const struct parvagpu_data *data, int s, const struct sw_problem *problem,
			 const struct sw_plan *plan);

#endif
