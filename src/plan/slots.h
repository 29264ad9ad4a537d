/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file slots.h
 * A plan while it is changed: GPUs that keep who they are, the engines wanted on each, and what the changes cost.
 *
 * Every way that is tried begins with sw__slots_begin() and is kept or taken back as a whole.
 */
#ifndef SLICEWISE_PLAN_SLOTS_H
#define SLICEWISE_PLAN_SLOTS_H

#include "plan/hold.h"
#include "plan/kept.h"

/** An engine that is wanted somewhere. */
struct sw__want {
	size_t workload;
	size_t engine; /* the running engine that it is; SW__NONE: one more */
};

/** A GPU. */
struct sw__slot {
	size_t fleet;
	size_t running; /* index among the running GPUs; SW__NONE: a new one */
	size_t n; /* 0: it is not in use */
	struct sw__want want[SW__TOGETHER_MAX]; /* by workload, then replica */
	const struct sw__together *set; /* in the same order; borrowed */
	bool broken; /* some limit does not hold as it runs: it is left so, or not looked at yet */
	double price; /* of its changes, once */
	unsigned changes;
};

/** What is minimised, the first difference decides. */
struct sw__worth {
	double lost; /* engines without a place, or on a GPU where a limit is broken */
	double money; /* of the horizon: the GPUs' hours and the changes */
	double gpus, share, changes;
	double per_hour, price; /* what the money is made of */
};

struct sw__slots {
	struct sw__sizing *sizing;
	const struct sw__running *running;
	struct sw__kept *kept;
	struct sw__held *held;
	struct sw__memo *memo;
	const struct sw_replan_options *options;
	size_t n, capacity;
	struct sw__slot *slot;
	unsigned *replicas; /* per workload: into how many its load is divided */
	size_t n_pool, pool_capacity;
	struct sw__want *pool; /* engines without a place */
	struct sw__undo *undo;
};

/** All running GPUs that the fleet has, without engines. sw__slots_close() also after a failure. */
enum sw_status sw__slots_open(struct sw__kept *kept, struct sw__held *held, struct sw__memo *memo,
			      const struct sw_replan_options *options, struct sw__slots *out,
			      struct sw_error *err);
void sw__slots_close(struct sw__slots *slots);

/** Make `to` (of the same problem) equal to `from`; not within a try. */
enum sw_status sw__slots_copy(struct sw__slots *to, const struct sw__slots *from,
			      struct sw_error *err);

/** Begin a try; keep what was done since, or take it back. */
void sw__slots_begin(struct sw__slots *slots);
void sw__slots_commit(struct sw__slots *slots);
void sw__slots_rollback(struct sw__slots *slots);

/**
 * Put these engines on slot i, in place of what is there: settings and levels are chosen so that least is started anew. *fits
 * false: they do not go together there, and the slot is as it was. SW_NO_MEMORY only.
 */
enum sw_status sw__slot_set(struct sw__slots *slots, size_t i, const struct sw__want *want,
			    size_t n, bool *fits, struct sw_error *err);

/** The same just as the running GPU is, whether limits hold or not. Every engine must run there and be allowed to stay. */
enum sw_status sw__slot_leave(struct sw__slots *slots, size_t i, const struct sw__want *want,
			      size_t n, struct sw_error *err);

/** A new slot for a GPU of fleet entry `fleet`; its index. Not in use until engines are put on it. */
enum sw_status sw__slots_add(struct sw__slots *slots, size_t fleet, size_t *i,
			     struct sw_error *err);

/** Divide the load of a workload by another number, where every slot that has engines of it takes that. */
enum sw_status sw__slots_divide(struct sw__slots *slots, size_t workload, unsigned replicas,
				bool *fits, struct sw_error *err);

/** Lay an engine aside, take the last one back. */
enum sw_status sw__pool_put(struct sw__slots *slots, struct sw__want want, struct sw_error *err);
struct sw__want sw__pool_take(struct sw__slots *slots, size_t i);

/** Whether the fleet has another GPU of this kind. */
bool sw__slots_has_another(const struct sw__slots *slots, size_t fleet);

/** What slot i costs within the horizon: its hours and its changes; 0 where it is not in use. */
double sw__slot_money(const struct sw__slots *slots, size_t i);

struct sw__worth sw__slots_worth(const struct sw__slots *slots);

/** Whether a is better than b by more than rounding. */
bool sw__worth_less(const struct sw__worth *a, const struct sw__worth *b);

/** What the gateway of a running engine lets in at once, where gateways may be told; 0: all. */
static inline unsigned sw__runs_limited(const struct sw__slots *slots, size_t engine)
{
	return slots->options->no_gateway ? 0
					  : slots->running->engines[engine].tenant->max_in_flight;
}

#endif
