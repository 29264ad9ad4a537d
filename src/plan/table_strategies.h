/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file table_strategies.h
 * How each strategy plans measured workloads. `exclusive` gives each engine a GPU, `parvagpu` plans as its paper; tables have no neighbours
 * to be wrong about, so all others share the search of mig_cover.h, and `exact` looks longer.
 */
#ifndef SLICEWISE_PLAN_TABLE_STRATEGIES_H
#define SLICEWISE_PLAN_TABLE_STRATEGIES_H

#include "slicewise/plan.h"

/**
 * Plan the tables of `problem` into `plan`, which has the engines of the language models. *bound_per_hour is below what serving the
 * tables that are served costs beside these; 0 where nothing is known. SW_NO_MEMORY, SW_INTERNAL.
 */
enum sw_status sw__tables_plan(const struct sw_problem *problem, const char *strategy,
			       struct sw_plan *plan, double *bound_per_hour, struct sw_error *err);

/** The same bound for the tables that `plan` serves, on an empty fleet. */
enum sw_status sw__tables_bound(const struct sw_problem *problem, const struct sw_plan *plan,
				double *bound_per_hour, struct sw_error *err);

/** One GPU per engine; NAN where that is impossible. */
struct sw__alone {
	double gpus, per_hour;
};
enum sw_status sw__tables_alone(const struct sw_problem *problem, struct sw__alone *out,
				struct sw_error *err);

#endif
