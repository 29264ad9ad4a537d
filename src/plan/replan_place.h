/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file replan_place.h
 * A place for an engine in a plan that runs: where hours and changes within the horizon cost least.
 */
#ifndef SLICEWISE_PLAN_REPLAN_PLACE_H
#define SLICEWISE_PLAN_REPLAN_PLACE_H

#include "plan/slots.h"

/** Which GPUs may be put into use for it. */
enum { SW__OPEN_NO_KIND = -2, SW__OPEN_ANY_KIND = -1 };

/**
 * Put an engine on the slot where that is cheapest; `except` (SW__NONE: none) is not looked at. `open`: a fleet entry, or one of
 * the above. *placed false: nothing takes it, nothing is changed. SW_NO_MEMORY only.
 */
enum sw_status sw__place_want(struct sw__slots *slots, const struct sw__want *want, long open,
			      size_t except, bool *placed, struct sw_error *err);

/**
 * Place the engines of the pool from number `from` on, the larger first; what finds no place stays there. `all`: it is all or
 * nothing, so the first that finds none ends it.
 */
enum sw_status sw__place_pool(struct sw__slots *slots, size_t from, bool all, long open,
			      size_t except, struct sw_error *err);

/** The largest part of a GPU's compute or memory that an engine of a workload takes anywhere; 0 where it can run nowhere. */
enum sw_status sw__want_footprint(struct sw__slots *slots, const struct sw__want *want, double *out,
				  struct sw_error *err);

#endif
