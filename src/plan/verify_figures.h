/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file verify_figures.h
 * The judge's part that is arithmetic: names, sums and comparisons that a plan states, against what it consists of.
 */
#ifndef SLICEWISE_PLAN_VERIFY_FIGURES_H
#define SLICEWISE_PLAN_VERIFY_FIGURES_H

#include "plan/oracle.h"

/** Whether two numbers are the same but for rounding, or both not known. */
bool sw__same_figure(double a, double b);

/** Whether every number, word and mark of two predictions is the same. */
bool sw__same_prediction(const struct sw_prediction *a, const struct sw_prediction *b);

/** GPUs are called by their kind and a number, "l4/0", no two alike. SW_INTERNAL names what is not, here and below. */
enum sw_status sw__verify_names(const struct sw_problem *problem, const struct sw_plan *plan,
				struct sw_error *err);

/** A workload of which all the load is served and every limit holds, as predicted, is not said to miss them. */
enum sw_status sw__verify_met(const struct sw_problem *problem, const struct sw_plan *plan,
			      struct sw_error *err);

/** Cost, shares, bounds, gap; the comparison with a GPU for every engine as far as it follows from prices. */
enum sw_status sw__verify_totals(const struct sw_problem *problem, const struct sw_plan *plan,
				 struct sw_error *err);

/**
 * What the user wrote about the engine stands, and what neither the user nor the plan chose is the engine's own default on that GPU.
 */
enum sw_status sw__verify_settings(const struct sw_problem *problem,
				   const struct sw__oracle *oracle, const struct sw_plan_gpu *gpu,
				   const struct sw_placement *placement, struct sw_error *err);

#endif
