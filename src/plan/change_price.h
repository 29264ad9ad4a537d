/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file change_price.h
 * What a change of a running plan costs, in the currency of the GPUs' hours.
 *
 * An engine that starts takes its part of a GPU and serves nobody: that time is what is paid for. A move pays for the start; the
 * engine that is left goes on until then. Stopping and closing are free, and so is what only a gateway is told.
 */
#ifndef SLICEWISE_PLAN_CHANGE_PRICE_H
#define SLICEWISE_PLAN_CHANGE_PRICE_H

#include "slicewise/replan.h"

/** Another limit of what a gateway lets in at once: it holds from the next request on, and the engine goes on. */
double sw__price_of_limit(void);

/** An engine with `share` started anew where it ran. */
double sw__price_of_restart(const struct sw_replan_options *options,
			    const struct sw_fleet_entry *entry, double share);

/** An engine with `share` started on a GPU where it did not run. */
double sw__price_of_start(const struct sw_replan_options *options,
			  const struct sw_fleet_entry *entry, double share);

/** A GPU that was not in use. */
double sw__price_of_opening(const struct sw_replan_options *options,
			    const struct sw_fleet_entry *entry);

#endif
