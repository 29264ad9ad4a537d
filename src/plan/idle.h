/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file idle.h
 * What an engine with nearly nothing to do and all of the GPU's memory holds: what it cannot, no number of replicas can.
 */
#ifndef SLICEWISE_PLAN_IDLE_H
#define SLICEWISE_PLAN_IDLE_H

#include "plan/sizing.h"

/** Whether it holds the limits of `workload` on fleet entry `fleet` at `level`. SW_NO_MEMORY only. */
enum sw_status sw__idle_meets(struct sw__sizing *sizing, size_t workload, size_t fleet,
			      size_t level, bool *meets, struct sw_error *err);

#endif
