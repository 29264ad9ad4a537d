/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file plan_views.h
 * A plan on paper.
 */
#ifndef SLICEWISE_CLI_PLAN_VIEWS_H
#define SLICEWISE_CLI_PLAN_VIEWS_H

#include <stdio.h>

#include "slicewise/slicewise.h"
#include "style.h"

/** What a plan costs, who sits where, and what became of every workload; with `explain` why nothing is elsewhere. */
void plan_print(const struct sw_problem *problem, const struct sw_plan *plan, bool explain,
		const struct style *style, FILE *out);

/** One row per engine. */
void plan_csv(const struct sw_problem *problem, const struct sw_plan *plan, FILE *out);

/** What changes of the plan that runs, and why. */
void changes_print(const struct sw_plan *plan, const struct style *style, FILE *out);

/** One row per change. */
void changes_csv(const struct sw_plan *plan, FILE *out);

/** The engines' command lines, a comment above each. */
enum sw_status plan_commands(const struct sw_problem *problem, const struct sw_plan *plan,
			     const struct style *style, FILE *out, struct sw_error *err);

/** "chat", or "chat/1" where the workload has several replicas. free(). */
char *engine_label(const struct sw_problem *problem, const struct sw_plan *plan,
		   const struct sw_placement *placement);

#endif
