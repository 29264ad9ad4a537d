/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file hami_region.h
 * The file that HAMi's limiter in a container shares with the host: src/sharing/README-hami.md.
 *
 * The file is writable by everybody in the container: nothing in it is believed. Reading copies it out and checks what is
 * returned; a file that is no region, or one of an unknown layout, is refused.
 */
#ifndef SLICEWISE_SHARING_HAMI_REGION_H
#define SLICEWISE_SHARING_HAMI_REGION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "slicewise/status.h"

enum {
	SW__HAMI_DEVICES_MAX = 16,
	SW__HAMI_PROCESSES_MAX = 1024,
	SW__HAMI_UUID_BYTES = 96,
	SW__HAMI_UNLIMITED = 100 /* percent; 0 means the same */
};

/** X(name, version as people call it). Version and size together tell them apart. */
#define SW__HAMI_LAYOUT_LIST(X)                    \
	X(SW__HAMI_V0, "0")                        \
	X(SW__HAMI_V1_1_OF_2_8_0, "1.1 of v2.8.0") \
	X(SW__HAMI_V1_1_OF_2_8_1, "1.1 of v2.8.1") \
	X(SW__HAMI_V1_2, "1.2")

enum sw__hami_layout {
#define SW__HAMI_LAYOUT_ENUM(name, words) name,
	SW__HAMI_LAYOUT_LIST(SW__HAMI_LAYOUT_ENUM)
#undef SW__HAMI_LAYOUT_ENUM
		SW__HAMI_LAYOUT_COUNT
};

/** "1.2"; static. */
const char *sw__hami_layout_name(enum sw__hami_layout layout);

struct sw__hami_device {
	char uuid[SW__HAMI_UUID_BYTES]; /* plain characters, ended; "" where there is none */
	uint64_t memory_limit_bytes; /* 0: none */
	unsigned sm_limit_percent; /* 0 to 100; 0 and 100: none */
	uint64_t memory_used_bytes; /* summed over the processes, UINT64_MAX at most */
	unsigned sm_util_percent; /* summed, 100 at most */
};

/** What a region says, checked. */
struct sw__hami_region {
	enum sw__hami_layout layout;
	size_t n_devices;
	struct sw__hami_device devices[SW__HAMI_DEVICES_MAX];
	size_t n_processes; /* slots with a pid */
	int utilization_switch, recent_kernel, priority;
	uint64_t last_kernel_time_s; /* since 1970; 0 where the layout has none */
};

/**
 * Read the region at `path`. SW_IO: it cannot be opened or is not a regular file; SW_BAD_INPUT: it is no region, its layout
 * is not known, or what it says cannot be. Links are not followed.
 */
enum sw_status sw__hami_region_read(const char *path, struct sw__hami_region *out,
				    struct sw_error *err);

/** The same of `size` bytes called `name` in messages. */
enum sw_status sw__hami_region_parse(const unsigned char *bytes, size_t size, const char *name,
				     struct sw__hami_region *out, struct sw_error *err);

/**
 * The limit of the SMs of device number `device`, read alone: for polling. 0 and 100 mean none. SW_IO, SW_BAD_INPUT as above, and where there is no
 * such device.
 */
enum sw_status sw__hami_region_sm_limit(const char *path, size_t device, unsigned *out,
					struct sw_error *err);

/** What a new region begins with: one device. */
struct sw__hami_start {
	const char *uuid;
	uint64_t memory_limit_bytes;
	unsigned sm_limit_percent;
};

/**
 * Make a region of version 1.2 as HAMi-core v2.10 does, writable by everybody, all at once: nobody sees a part of it. A file that
 * is there already is replaced. SW_IO.
 */
enum sw_status sw__hami_region_create(const char *path, const struct sw__hami_start *start,
				      struct sw_error *err);

/**
 * Write the limit of the SMs of device number `device` (below n_devices) by one aligned store of 8 bytes, whatever the layout.
 * Processes that run already do not look at it (HAMi-core from v2.8.1 on). SW_IO, SW_BAD_INPUT.
 */
enum sw_status sw__hami_region_set_sm_limit(const char *path, size_t device, unsigned percent,
					    struct sw_error *err);

/** What a process and HAMi's watcher write while an engine runs. */
struct sw__hami_activity {
	int pid;
	uint64_t context_bytes, data_bytes;
	unsigned sm_util_percent;
	uint64_t last_kernel_time_s; /* 0: leave it */
};

/** Fill the first process slot of a region of version 1.2, device 0. SW_IO, SW_BAD_INPUT: another layout. */
enum sw_status sw__hami_region_report(const char *path, const struct sw__hami_activity *activity,
				      struct sw_error *err);

#endif
