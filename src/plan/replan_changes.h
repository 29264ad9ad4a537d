/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file replan_changes.h
 * What a plan changes of a running one, by GPU ids and replica numbers alone: it knows nothing of the search.
 */
#ifndef SLICEWISE_PLAN_REPLAN_CHANGES_H
#define SLICEWISE_PLAN_REPLAN_CHANGES_H

#include "plan/kept.h"

/** What became of a running engine under the new load, as long as it goes on as it is. */
struct sw__diagnosis {
	bool known; /* it may stay, and was predicted */
	bool missed;
	char words[96]; /* its nearest limit */
};

/** Predict every running GPU as it is; `out` has running->n_engines elements. SW_NO_MEMORY only. */
enum sw_status sw__diagnose(struct sw__kept *kept, struct sw__diagnosis *out, struct sw_error *err);

/** plan->replanned: the changes, what they cost and why. `plan` has none yet. SW_NO_MEMORY only. */
enum sw_status sw__list_changes(const struct sw__running *running,
				const struct sw__diagnosis *diagnosis,
				const struct sw_replan_options *options, struct sw_plan *plan,
				struct sw_error *err);

/** Put changes in the order in which they are listed, and add their prices up. */
void sw__order_changes(struct sw_replanned *replanned);

#endif
