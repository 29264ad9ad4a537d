// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <fcntl.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "sharing/hami_layout.h"

enum {
	REGION_BYTES = 2008953, /* HAMi-core seeks to the structure's size and writes one byte */
	SM_INIT_FLAG_AT = 12,
	SEM_AT = 24,
	SEM_POSTINIT_AT = 2008920,
	SEM_BYTES = 32,
	SLOT_BYTES = 1960,
	STATUS_RUNNING = 1,
	KERNEL_WAS_JUST_LAUNCHED = 2, /* what HAMi-core writes; its monitor counts down */
	EVERYBODY_WRITES = 0666,
	HEAD_BYTES = 12
};

static void put_semaphore(unsigned char *at)
{
	sem_t semaphore;

	memset(&semaphore, 0, sizeof(semaphore));
	(void)sem_init(&semaphore, 1, 1);
	memcpy(at, &semaphore, sizeof(semaphore) < SEM_BYTES ? sizeof(semaphore) : SEM_BYTES);
	(void)sem_destroy(&semaphore);
}

static void fill(unsigned char *region, const struct sw__hami_start *start)
{
	const struct sw__hami_offsets *at = sw__hami_offsets(SW__HAMI_V1_2);

	sw__hami_put_u32(region, SW__HAMI_MAGIC);
	sw__hami_put_u32(region + 4, at->major);
	sw__hami_put_u32(region + 8, at->minor);
	sw__hami_put_u32(region + SM_INIT_FLAG_AT, 1);
	put_semaphore(region + SEM_AT);
	put_semaphore(region + SEM_POSTINIT_AT);
	sw__hami_put_u64(region + at->device_num, 1);
	memcpy(region + at->uuids, start->uuid, strnlen(start->uuid, SW__HAMI_UUID_BYTES - 1));
	sw__hami_put_u64(region + at->limit, start->memory_limit_bytes);
	/* The environment's one number goes to every device, there or not. */
	for (size_t d = 0; d < SW__HAMI_DEVICES_MAX; d++)
		sw__hami_put_u64(region + at->sm_limit + 8 * d, start->sm_limit_percent);
	sw__hami_put_u32(region + at->utilization_switch, 1);
	sw__hami_put_u32(region + at->recent_kernel, KERNEL_WAS_JUST_LAUNCHED);
	sw__hami_put_u32(region + at->priority, 1);
}

enum sw_status sw__hami_region_create(const char *path, const struct sw__hami_start *start,
				      struct sw_error *err)
{
	unsigned char *region = calloc(1, REGION_BYTES);
	enum sw_status st;

	if (!region)
		return sw_fail(err, SW_NO_MEMORY, "%s: out of memory", path);
	fill(region, start);
	st = sw_file_write(path, (const char *)region, REGION_BYTES, err);
	free(region);
	if (st == SW_OK && chmod(path, EVERYBODY_WRITES) != 0)
		st = sw_fail(err, SW_IO, "%s: cannot let everybody write: %s", path,
			     strerror(errno));
	return st;
}

/* Open for writing what was found to be a region. */
static enum sw_status open_region(const char *path, int *file, enum sw__hami_layout *layout,
				  struct sw_error *err)
{
	unsigned char head[HEAD_BYTES];
	size_t size;
	enum sw_status st = sw__hami_open(path, O_RDWR, file, &size, err);

	if (st != SW_OK)
		return st;
	if (sw__hami_read_whole(*file, head, sizeof(head)) < sizeof(head))
		st = sw_fail(err, SW_BAD_INPUT, "%s: not a HAMi region: %zu bytes", path, size);
	else
		st = sw__hami_layout_of(head, size, path, layout, err);
	if (st != SW_OK)
		(void)close(*file);
	return st;
}

/*
 * write() promises no whole eight bytes to those who map the file; a store into a mapping does. Should the file be cut short
 * between the look at its size and the store, the store is a SIGBUS: the moment is short, and a container that does it
 * to the host's view of its own limit gains nothing.
 */
static enum sw_status store_limit(int file, const char *path, size_t offset, uint64_t percent,
				  struct sw_error *err)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE), start = offset / page * page;
	char *mapped = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_SHARED, file, (off_t)start);

	if (mapped == MAP_FAILED)
		return sw_fail(err, SW_IO, "%s: cannot map: %s", path, strerror(errno));
	atomic_store((_Atomic uint64_t *)(void *)(mapped + (offset - start)), percent);
	(void)munmap(mapped, page);
	return SW_OK;
}

enum sw_status sw__hami_region_set_sm_limit(const char *path, size_t device, unsigned percent,
					    struct sw_error *err)
{
	enum sw__hami_layout layout;
	enum sw_status st;
	int file;

	if (device >= SW__HAMI_DEVICES_MAX || percent > SW__HAMI_UNLIMITED)
		return sw_fail(err, SW_BAD_INPUT, "%s: %u %% for device %zu cannot be", path,
			       percent, device);
	st = open_region(path, &file, &layout, err);
	if (st != SW_OK)
		return st;
	st = store_limit(file, path, sw__hami_offsets(layout)->sm_limit + 8 * device, percent, err);
	(void)close(file);
	return st;
}

static void fill_slot(unsigned char *slot, const struct sw__hami_activity *activity)
{
	const struct sw__hami_offsets *at = sw__hami_offsets(SW__HAMI_V1_2);
	uint64_t total = activity->context_bytes + activity->data_bytes;

	sw__hami_put_u32(slot, (uint32_t)activity->pid);
	sw__hami_put_u32(slot + 4, (uint32_t)activity->pid);
	sw__hami_put_u64(slot + at->used, activity->context_bytes);
	sw__hami_put_u64(slot + at->used + 16, activity->data_bytes);
	sw__hami_put_u64(slot + at->used + at->used_total, total);
	sw__hami_put_u64(slot + at->monitor_used, total);
	sw__hami_put_u64(slot + at->util + at->util_sm, activity->sm_util_percent);
	sw__hami_put_u32(slot + at->status, STATUS_RUNNING);
}

static bool put(int file, size_t offset, const unsigned char *bytes, size_t size)
{
	return pwrite(file, bytes, size, (off_t)offset) == (ssize_t)size;
}

static bool put_counts(int file, uint64_t last_kernel_time_s)
{
	const struct sw__hami_offsets *at = sw__hami_offsets(SW__HAMI_V1_2);
	unsigned char bytes[8];
	bool done;

	sw__hami_put_u32(bytes, 1);
	done = put(file, at->proc_num, bytes, 4);
	if (!last_kernel_time_s)
		return done;
	sw__hami_put_u32(bytes, KERNEL_WAS_JUST_LAUNCHED);
	done = done && put(file, at->recent_kernel, bytes, 4);
	sw__hami_put_u64(bytes, last_kernel_time_s);
	return done && put(file, at->last_kernel_time, bytes, 8);
}

/* Readers take a slot whose sequence is even and the same before and after. */
static bool put_slot(int file, unsigned char *slot)
{
	const struct sw__hami_offsets *at = sw__hami_offsets(SW__HAMI_V1_2);
	unsigned char sequence[8] = {0};
	uint64_t before;

	if (pread(file, sequence, sizeof(sequence), (off_t)(at->slots + at->sequence)) < 0)
		return false;
	before = sw__hami_u64(sequence) & ~(uint64_t)1;
	sw__hami_put_u64(sequence, before + 1);
	if (!put(file, at->slots + at->sequence, sequence, sizeof(sequence)))
		return false;
	sw__hami_put_u64(slot + at->sequence, before + 1);
	if (!put(file, at->slots, slot, SLOT_BYTES))
		return false;
	sw__hami_put_u64(sequence, before + 2);
	return put(file, at->slots + at->sequence, sequence, sizeof(sequence));
}

enum sw_status sw__hami_region_report(const char *path, const struct sw__hami_activity *activity,
				      struct sw_error *err)
{
	unsigned char slot[SLOT_BYTES] = {0};
	enum sw__hami_layout layout;
	enum sw_status st;
	int file;

	st = open_region(path, &file, &layout, err);
	if (st != SW_OK)
		return st;
	fill_slot(slot, activity);
	if (layout != SW__HAMI_V1_2)
		st = sw_fail(err, SW_BAD_INPUT, "%s: found layout %s, expected 1.2", path,
			     sw__hami_layout_name(layout));
	else if (!put_slot(file, slot) || !put_counts(file, activity->last_kernel_time_s))
		st = sw_fail(err, SW_IO, "%s: cannot write: %s", path, strerror(errno));
	(void)close(file);
	return st;
}
