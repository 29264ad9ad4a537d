/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file table_replan_changes.h
 * What a plan with measured tables changes of the one that runs, by GPU ids and replica numbers alone.
 */
#ifndef SLICEWISE_PLAN_TABLE_REPLAN_CHANGES_H
#define SLICEWISE_PLAN_TABLE_REPLAN_CHANGES_H

#include "plan/table_replan_board.h"

/**
 * plan->replanned: the language models' changes that it has already (NULL: it has none), the tables', and the GPUs that are opened and
 * closed for either. SW_NO_MEMORY only.
 */
enum sw_status sw__tables_changes(const struct sw__table_board *board,
				  const struct sw_plan_mixes *running,
				  const struct sw_replan_options *options, struct sw_plan *plan,
				  struct sw_error *err);

#endif
