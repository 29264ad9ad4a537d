/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file hami_layout.h
 * Where things stand in HAMi's shared region, layout by layout. Inside src/sharing only.
 */
#ifndef SLICEWISE_SHARING_HAMI_LAYOUT_H
#define SLICEWISE_SHARING_HAMI_LAYOUT_H

#include "sharing/hami_region.h"

enum { SW__HAMI_MAGIC = 19920718, SW__HAMI_ABSENT = 0 };

/** Offsets in bytes; those of a slot count from its own beginning. */
struct sw__hami_offsets {
	uint32_t major, minor; /* both 0 where the layout has no version fields */
	size_t size_min, size_max; /* of the file */
	size_t device_num, uuids, limit, sm_limit, slots, slot_bytes;
	size_t proc_num, utilization_switch, recent_kernel, priority;
	size_t last_kernel_time; /* SW__HAMI_ABSENT */
	size_t used, used_bytes,
		used_total; /* in a slot: the array, its stride, the total in an element */
	size_t monitor_used;
	size_t util, util_bytes, util_sm;
	size_t status, sequence; /* SW__HAMI_ABSENT */
};

const struct sw__hami_offsets *sw__hami_offsets(enum sw__hami_layout layout);

/** The layout of a file of `size` bytes that begins with `head`. SW_BAD_INPUT says what was found. */
enum sw_status sw__hami_layout_of(const unsigned char head[12], size_t size, const char *name,
				  enum sw__hami_layout *out, struct sw_error *err);

/** A file that is one, for reading or writing, links not followed. SW_IO. */
enum sw_status sw__hami_open(const char *path, int flags, int *out, size_t *size,
			     struct sw_error *err);

/** Read from the beginning; how much was there: the file may shrink meanwhile. */
size_t sw__hami_read_whole(int file, unsigned char *out, size_t size);

uint32_t sw__hami_u32(const unsigned char *at);
uint64_t sw__hami_u64(const unsigned char *at);
void sw__hami_put_u32(unsigned char *at, uint32_t value);
void sw__hami_put_u64(unsigned char *at, uint64_t value);

#endif
