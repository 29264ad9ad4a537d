/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file slot_choose.h
 * How the engines of one GPU are set so that all limits hold and the least is started anew.
 */
#ifndef SLICEWISE_PLAN_SLOT_CHOOSE_H
#define SLICEWISE_PLAN_SLOT_CHOOSE_H

#include "plan/slots.h"

/**
 * Choose settings and levels for the engines of `slot`: its set, its price and how many changes that is. *fits false: they do not go
 * together. What was asked before is remembered. SW_NO_MEMORY only.
 */
enum sw_status sw__slot_choose(struct sw__slots *slots, struct sw__slot *slot, bool *fits,
			       struct sw_error *err);

#endif
