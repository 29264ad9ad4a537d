/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file slot_memo.h
 * What became of engines that were put on a GPU before: searches ask the same again and again.
 */
#ifndef SLICEWISE_PLAN_SLOT_MEMO_H
#define SLICEWISE_PLAN_SLOT_MEMO_H

#include "plan/slots.h"

/** A GPU with engines on it, before it is known how they are set. */
struct sw__memo_key {
	size_t fleet, running, n;
	struct sw__want want[SW__TOGETHER_MAX];
	unsigned replicas[SW__TOGETHER_MAX]; /* of each engine's workload */
};

struct sw__memo {
	size_t n, capacity; /* capacity is a power of two */
	struct memo_entry *entry;
};

void sw__memo_close(struct sw__memo *memo);

/** What was remembered: *fits and, where it is true, *slot. False: nothing was. */
bool sw__memo_find(const struct sw__memo *memo, const struct sw__memo_key *key, bool *fits,
		   struct sw__slot *slot);

/** Remember it. SW_NO_MEMORY. */
enum sw_status sw__memo_add(struct sw__memo *memo, const struct sw__memo_key *key, bool fits,
			    const struct sw__slot *slot, struct sw_error *err);

#endif
