/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file sample_ring.h
 * The last samples, in memory that is asked for once: the sampling thread never allocates. Not locked.
 */
#ifndef SLICEWISE_OBSERVE_SAMPLE_RING_H
#define SLICEWISE_OBSERVE_SAMPLE_RING_H

#include "base/error.h"
#include "slicewise/observe.h"

struct sw__ring {
	size_t capacity, per_sample; /* samples; processes kept of each */
	struct sw_device_sample *samples;
	struct sw_device_process *processes; /* capacity * per_sample */
	size_t n, next; /* how many are held, where the next one goes */
	unsigned long long overwritten;
};

/** The memory is touched only as samples come. SW_NO_MEMORY. */
enum sw_status sw__ring_init(struct sw__ring *ring, size_t capacity, size_t per_sample,
			     struct sw_error *err);
void sw__ring_clear(struct sw__ring *ring);

/** Take a copy; `processes` has sample->n_processes, at most per_sample. */
void sw__ring_push(struct sw__ring *ring, const struct sw_device_sample *sample,
		   const struct sw_device_process *processes);

/** Copy what lies in [from_s, to_s) into a series of its own. SW_NO_MEMORY. */
enum sw_status sw__ring_copy(const struct sw__ring *ring, double from_s, double to_s,
			     struct sw_series **out, struct sw_error *err);

#endif
