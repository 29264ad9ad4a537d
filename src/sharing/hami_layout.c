// SPDX-License-Identifier: Apache-2.0
#include "sharing/hami_layout.h"

#include <string.h>

#include "base/error.h"

/*
 * Version 1.1 is two layouts: HAMi v2.8.1 put a second semaphore (32 bytes) after the first and everything behind it moved;
 * v2.8.0 had not, and 1.2 has it at the end, where 1.1 had spare bytes. HAMi-core makes files one byte longer than the structure.
 */
enum {
	V0_BYTES = 1197896,
	V1_BYTES = 2008952,
	V1_SHIFTED_BYTES = 2008984,
	SHIFT = 32,
	SLOT_BYTES = 1960
};

#define SLOT_OF_V1                                                               \
	.slot_bytes = SLOT_BYTES, .used = 8, .used_bytes = 64, .used_total = 32, \
	.monitor_used = 1032, .util = 1160, .util_bytes = 48, .util_sm = 16, .status = 1928

#define V1(shift)                                                                           \
	.device_num = 56 + (shift), .uuids = 64 + (shift), .limit = 1600 + (shift),         \
	.sm_limit = 1728 + (shift), .slots = 1856 + (shift), .proc_num = 2008896 + (shift), \
	.utilization_switch = 2008900 + (shift), .recent_kernel = 2008904 + (shift),        \
	.priority = 2008908 + (shift), .last_kernel_time = 2008912 + (shift)

static const struct sw__hami_offsets layouts[SW__HAMI_LAYOUT_COUNT] = {
	[SW__HAMI_V0] = {.size_min = V0_BYTES,
			 .size_max = V1_BYTES - 1,
			 .device_num = 48,
			 .uuids = 56,
			 .limit = 1592,
			 .sm_limit = 1720,
			 .slots = 1848,
			 .slot_bytes = 1168,
			 .proc_num = 1197880,
			 .utilization_switch = 1197884,
			 .recent_kernel = 1197888,
			 .priority = 1197892,
			 .used = 8,
			 .used_bytes = 40,
			 .used_total = 32,
			 .monitor_used = 648,
			 .util = 776,
			 .util_bytes = 24,
			 .util_sm = 16,
			 .status = 1160},
	[SW__HAMI_V1_1_OF_2_8_0] = {.major = 1,
				    .minor = 1,
				    .size_min = V1_BYTES,
				    .size_max = V1_BYTES + 1,
				    V1(0),
				    SLOT_OF_V1},
	[SW__HAMI_V1_1_OF_2_8_1] = {.major = 1,
				    .minor = 1,
				    .size_min = V1_SHIFTED_BYTES,
				    .size_max = V1_SHIFTED_BYTES + 1,
				    V1(SHIFT),
				    SLOT_OF_V1},
	[SW__HAMI_V1_2] = {.major = 1,
			   .minor = 2,
			   .size_min = V1_BYTES,
			   .size_max = V1_BYTES + 1,
			   V1(0),
			   SLOT_OF_V1,
			   .sequence = 1936},
};

static const char *const names[] = {
#define NAME(name, words) [name] = (words),
	SW__HAMI_LAYOUT_LIST(NAME)
#undef NAME
};

const char *sw__hami_layout_name(enum sw__hami_layout layout)
{
	return names[layout];
}

const struct sw__hami_offsets *sw__hami_offsets(enum sw__hami_layout layout)
{
	return &layouts[layout];
}

/* The file is little-endian whoever reads it. */
uint32_t sw__hami_u32(const unsigned char *at)
{
	return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 |
	       (uint32_t)at[3] << 24;
}

uint64_t sw__hami_u64(const unsigned char *at)
{
	return sw__hami_u32(at) | (uint64_t)sw__hami_u32(at + 4) << 32;
}

void sw__hami_put_u32(unsigned char *at, uint32_t value)
{
	for (int i = 0; i < 4; i++)
		at[i] = (unsigned char)(value >> 8 * i);
}

void sw__hami_put_u64(unsigned char *at, uint64_t value)
{
	sw__hami_put_u32(at, (uint32_t)value);
	sw__hami_put_u32(at + 4, (uint32_t)(value >> 32));
}

enum sw_status sw__hami_layout_of(const unsigned char head[12], size_t size, const char *name,
				  enum sw__hami_layout *out, struct sw_error *err)
{
	uint32_t magic = sw__hami_u32(head), major = sw__hami_u32(head + 4),
		 minor = sw__hami_u32(head + 8);

	if (magic != SW__HAMI_MAGIC)
		return sw_fail(err, SW_BAD_INPUT,
			       "%s: not a HAMi region: begins with %u, expected %d%s", name, magic,
			       SW__HAMI_MAGIC, magic ? "" : " (not initialised yet?)");
	for (int i = 0; i < SW__HAMI_LAYOUT_COUNT; i++) {
		const struct sw__hami_offsets *l = &layouts[i];
		bool versions_fit = !l->major || (l->major == major && l->minor == minor);

		if (size >= l->size_min && size <= l->size_max && versions_fit) {
			*out = (enum sw__hami_layout)i;
			return SW_OK;
		}
	}
	return sw_fail(err, SW_BAD_INPUT,
		       "%s: a HAMi region of an unknown layout: %zu bytes, version %u.%u", name,
		       size, major, minor);
}
