/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file replan_names.h
 * Names that stay: a GPU's id and a replica's number are those of the running plan; new ones take what nobody had.
 */
#ifndef SLICEWISE_PLAN_REPLAN_NAMES_H
#define SLICEWISE_PLAN_REPLAN_NAMES_H

#include "plan/assemble.h"
#include "plan/slots.h"

/**
 * The slots in use as a state, by fleet entry, then in the order of the running plan, new ones last; with their names. `state` is
 * new and is filled; release *listing with sw__listing_free(), also after a failure. SW_NO_MEMORY only.
 */
enum sw_status sw__name_slots(const struct sw__slots *slots, struct sw__state *state,
			      struct sw__listing *listing, struct sw_error *err);
void sw__listing_free(struct sw__listing *listing);

/**
 * Shares without effect: an engine that stays keeps the one it was started with, others divide what is left. The plan's sums follow.
 */
void sw__keep_idle_shares(const struct sw__running *running, struct sw_plan *plan);

#endif
