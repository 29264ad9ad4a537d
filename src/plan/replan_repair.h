/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file replan_repair.h
 * From a running plan to one that holds every limit, with what costs least at every step.
 */
#ifndef SLICEWISE_PLAN_REPLAN_REPAIR_H
#define SLICEWISE_PLAN_REPLAN_REPAIR_H

#include "plan/slots.h"

/** Fill empty slots with the running engines and repair what does not hold. What finds no place is in the pool. */
enum sw_status sw__repair(struct sw__slots *slots, struct sw_error *err);

/** Engines of the pool that run and break a limit go on as they are where nobody else suffers: better than none. */
enum sw_status sw__leave_running(struct sw__slots *slots, struct sw_error *err);

#endif
