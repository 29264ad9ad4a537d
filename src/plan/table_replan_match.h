/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file table_replan_match.h
 * A covering from nothing in terms of what runs: which of its GPUs is which, and which of its engines runs already.
 */
#ifndef SLICEWISE_PLAN_TABLE_REPLAN_MATCH_H
#define SLICEWISE_PLAN_TABLE_REPLAN_MATCH_H

#include "plan/table_replan_keep.h"

/**
 * `covered` is of `cover`, that of `plan`. GPUs are paired by what goes on where it is, most first. *fits false: beside what stays where
 * it is there is no way to cut like that; *keep and *out are empty then. SW_OK: release *keep and *out. SW_NO_MEMORY.
 */
enum sw_status sw__keep_match(const struct sw__table_board *board, const struct sw_plan *plan,
			      const struct sw_replan_options *options,
			      const struct sw__table_cover *cover,
			      const struct sw__covered *covered, struct sw__keep *keep,
			      struct sw__covered *out, bool *fits, struct sw_error *err);

#endif
