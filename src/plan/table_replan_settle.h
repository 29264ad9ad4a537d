/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file table_replan_settle.h
 * A covering beside engines that run, as a plan: GPU ids, replica numbers and places of what goes on stay.
 */
#ifndef SLICEWISE_PLAN_TABLE_REPLAN_SETTLE_H
#define SLICEWISE_PLAN_TABLE_REPLAN_SETTLE_H

#include "plan/table_replan_keep.h"

/**
 * Put the tables into `plan`, which has the language models' engines: those that go on where they run, the others on slices beside
 * them and on new GPUs. Sets `met`, `replicas` and the rate of each; GPUs come by fleet entry, then in the order of the running plan,
 * new ones last. *all: whatever the covering serves has all its places. SW_NO_MEMORY.
 */
enum sw_status sw__tables_settle(const struct sw__keep *keep, const struct sw__covered *covered,
				 struct sw_plan *plan, bool *all, struct sw_error *err);

#endif
