/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file idle.h
 * What an engine with nearly nothing to do and all of the GPU's memory holds: what it cannot, no number of replicas can.
 */
#ifndef SLICEWISE_PLAN_IDLE_H
#define SLICEWISE_PLAN_IDLE_H

#include "plan/sizing.h"

struct sw__idle {
	bool possible; /* it fits the memory and could be predicted */
	bool meets; /* the limits hold */
	struct sw_prediction predicted;
};

/** How it does for `workload` on fleet entry `fleet` at `level`. SW_NO_MEMORY only. */
enum sw_status sw__idle_of(struct sw__sizing *sizing, size_t workload, size_t fleet, size_t level,
			   struct sw__idle *out, struct sw_error *err);

#endif
