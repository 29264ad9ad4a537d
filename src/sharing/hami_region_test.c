// SPDX-License-Identifier: Apache-2.0
#include "sharing/hami_region.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "check.h"

/* Offsets as HAMi's sources have them, written again by hand: the table under test must agree. */
struct by_hand {
	enum sw__hami_layout layout;
	unsigned major, minor;
	size_t size, device_num, uuids, limit, sm_limit, slot, used_total, util_sm, proc_num,
		util_switch;
	size_t last_kernel_time;
};

static const struct by_hand known[] = {
	{SW__HAMI_V0, 0, 0, 1197897, 48, 56, 1592, 1720, 1848, 8 + 32, 776 + 16, 1197880, 1197884,
	 0},
	{SW__HAMI_V1_1_OF_2_8_0, 1, 1, 2008953, 56, 64, 1600, 1728, 1856, 8 + 32, 1160 + 16,
	 2008896, 2008900, 2008912},
	{SW__HAMI_V1_1_OF_2_8_1, 1, 1, 2008985, 88, 96, 1632, 1760, 1888, 8 + 32, 1160 + 16,
	 2008928, 2008932, 2008944},
	{SW__HAMI_V1_2, 1, 2, 2008953, 56, 64, 1600, 1728, 1856, 8 + 32, 1160 + 16, 2008896,
	 2008900, 2008912},
};

enum { KNOWN = sizeof(known) / sizeof(known[0]) };

static void put(unsigned char *at, uint64_t value, int bytes)
{
	for (int i = 0; i < bytes; i++)
		at[i] = (unsigned char)(value >> 8 * i);
}

static unsigned char *make(const struct by_hand *k)
{
	unsigned char *b = calloc(1, k->size);

	put(b, 19920718, 4);
	put(b + 4, k->major, k->major ? 4 : 0);
	put(b + 8, k->minor, k->major ? 4 : 0);
	put(b + k->device_num, 2, 8);
	memcpy(b + k->uuids, "GPU-one", sizeof("GPU-one"));
	memcpy(b + k->uuids + 96, "GPU-two", sizeof("GPU-two"));
	put(b + k->limit + 8, 3ULL << 30, 8);
	put(b + k->sm_limit, 30, 8);
	put(b + k->sm_limit + 8, 0, 8);
	put(b + k->slot, 4711, 4);
	put(b + k->slot + k->used_total, 1ULL << 30, 8);
	put(b + k->slot + k->util_sm, 25, 8);
	put(b + k->proc_num, 1, 4);
	put(b + k->util_switch, 1, 4);
	if (k->last_kernel_time)
		put(b + k->last_kernel_time, 1700000000, 8);
	return b;
}

static enum sw_status parse(const unsigned char *bytes, size_t size, struct sw_error *err)
{
	struct sw__hami_region region;

	return sw__hami_region_parse(bytes, size, "region", &region, err);
}

TEST(every_layout_is_told_apart_and_read)
{
	for (int i = 0; i < KNOWN; i++) {
		unsigned char *b = make(&known[i]);
		struct sw__hami_region r;

		CHECK_INT(sw__hami_region_parse(b, known[i].size, "r", &r, NULL), SW_OK);
		CHECK_INT(r.layout, known[i].layout);
		CHECK_INT(r.n_devices, 2);
		CHECK_STR(r.devices[0].uuid, "GPU-one");
		CHECK_STR(r.devices[1].uuid, "GPU-two");
		CHECK_INT(r.devices[0].sm_limit_percent, 30);
		CHECK_INT(r.devices[1].sm_limit_percent, 0);
		CHECK_INT(r.devices[1].memory_limit_bytes, 3LL << 30);
		CHECK_INT(r.devices[0].memory_used_bytes, 1LL << 30);
		CHECK_INT(r.devices[0].sm_util_percent, 25);
		CHECK_INT(r.devices[1].sm_util_percent, 0);
		CHECK_INT(r.n_processes, 1);
		CHECK_INT(r.utilization_switch, 1);
		CHECK_INT(r.last_kernel_time_s, known[i].last_kernel_time ? 1700000000 : 0);
		free(b);
	}
}

TEST(sizes_and_versions_that_no_release_made_are_refused)
{
	const struct by_hand *k = &known[3];
	unsigned char *b = make(k);
	struct sw_error err;

	CHECK_INT(parse(b, 0, &err), SW_BAD_INPUT);
	CHECK_INT(parse(b, 11, &err), SW_BAD_INPUT);
	CHECK_INT(parse(b, 1197895, &err), SW_BAD_INPUT);
	CHECK(strstr(err.message, "unknown layout: 1197895 bytes, version 1.2"));
	put(b + 8, 3, 4);
	CHECK_INT(parse(b, k->size, &err), SW_BAD_INPUT);
	put(b + 8, 2, 4);
	put(b + 4, 2, 4);
	CHECK_INT(parse(b, k->size, &err), SW_BAD_INPUT);
	put(b, 0, 4);
	CHECK_INT(parse(b, k->size, &err), SW_BAD_INPUT);
	CHECK(strstr(err.message, "not initialised yet"));
	free(b);
}

TEST(hostile_fields_are_refused_or_bounded)
{
	const struct by_hand *k = &known[3];
	unsigned char *b = make(k);
	struct sw__hami_region r;
	struct sw_error err;

	put(b + k->device_num, 17, 8);
	CHECK_INT(parse(b, k->size, &err), SW_BAD_INPUT);
	put(b + k->device_num, UINT64_MAX, 8);
	CHECK_INT(parse(b, k->size, &err), SW_BAD_INPUT);
	put(b + k->device_num, 2, 8);
	put(b + k->sm_limit, 101, 8);
	CHECK_INT(parse(b, k->size, &err), SW_BAD_INPUT);
	put(b + k->sm_limit, 30, 8);
	put(b + k->proc_num, UINT64_MAX, 4);
	CHECK_INT(parse(b, k->size, &err), SW_BAD_INPUT);
	put(b + k->proc_num, 1, 4);
	memset(b + k->uuids, 'x', 96);
	CHECK_INT(parse(b, k->size, &err), SW_BAD_INPUT);
	memcpy(b + k->uuids, "a\x1b[2J", sizeof("a\x1b[2J"));
	CHECK_INT(parse(b, k->size, &err), SW_BAD_INPUT);
	memcpy(b + k->uuids, "GPU-x", sizeof("GPU-x"));
	put(b + k->slot + 1960, 1, 4);
	put(b + k->slot + k->used_total, UINT64_MAX, 8);
	put(b + k->slot + 1960 + k->used_total, UINT64_MAX, 8);
	put(b + k->slot + k->util_sm, UINT64_MAX, 8);
	put(b + k->slot + 1960 + k->util_sm, UINT64_MAX, 8);
	CHECK_INT(sw__hami_region_parse(b, k->size, "r", &r, &err), SW_OK);
	CHECK(r.devices[0].memory_used_bytes == UINT64_MAX);
	CHECK_INT(r.devices[0].sm_util_percent, 100);
	CHECK_INT(r.n_processes, 2);
	free(b);
}

static char folder[] = "/tmp/slicewise-hami-XXXXXX";

static const char *file(const char *name)
{
	static char path[sizeof(folder) + 64];

	(void)snprintf(path, sizeof(path), "%s/%s", folder, name);
	return path;
}

static const struct sw__hami_start start = {"GPU-0000", 5ULL << 30, 40};

TEST(a_new_region_reads_back_and_everybody_may_write_it)
{
	struct sw__hami_region r;
	struct stat status;
	struct sw_error err;

	CHECK(mkdtemp(folder));
	CHECK_INT(sw__hami_region_create(file("new"), &start, &err), SW_OK);
	CHECK_INT(sw__hami_region_read(file("new"), &r, &err), SW_OK);
	CHECK_INT(r.layout, SW__HAMI_V1_2);
	CHECK_INT(r.n_devices, 1);
	CHECK_STR(r.devices[0].uuid, "GPU-0000");
	CHECK_INT(r.devices[0].memory_limit_bytes, 5LL << 30);
	CHECK_INT(r.devices[0].sm_limit_percent, 40);
	CHECK_INT(r.utilization_switch, 1);
	CHECK_INT(r.n_processes, 0);
	CHECK_INT(stat(file("new"), &status), 0);
	CHECK_INT(status.st_size, 2008953);
	CHECK_INT(status.st_mode & 0777, 0666);
}

TEST(one_limit_is_written_and_nothing_else)
{
	struct sw_text before = {0}, after = {0};
	struct sw_error err;
	unsigned percent = 0;
	size_t differ = 0;

	for (int i = 0; i < KNOWN; i++) {
		unsigned char *b = make(&known[i]);
		struct sw__hami_region r;

		CHECK_INT(sw_file_write(file("r"), (const char *)b, known[i].size, &err), SW_OK);
		CHECK_INT(sw__hami_region_set_sm_limit(file("r"), 1, 55, &err), SW_OK);
		CHECK_INT(sw__hami_region_read(file("r"), &r, &err), SW_OK);
		CHECK_INT(r.devices[0].sm_limit_percent, 30);
		CHECK_INT(r.devices[1].sm_limit_percent, 55);
		CHECK_INT(sw__hami_region_sm_limit(file("r"), 1, &percent, &err), SW_OK);
		CHECK_INT(percent, 55);
		CHECK_INT(sw__hami_region_sm_limit(file("r"), 2, &percent, &err), SW_BAD_INPUT);
		free(b);
	}
	CHECK_INT(sw_file_read(file("new"), 4 << 20, &before, &err), SW_OK);
	CHECK_INT(sw__hami_region_set_sm_limit(file("new"), 0, 41, &err), SW_OK);
	CHECK_INT(sw_file_read(file("new"), 4 << 20, &after, &err), SW_OK);
	CHECK_INT(before.size, after.size);
	for (size_t i = 0; i < before.size && i < after.size; i++)
		differ += before.data[i] != after.data[i];
	CHECK_INT(differ, 1);
	CHECK_INT(sw__hami_region_set_sm_limit(file("new"), 0, 101, &err), SW_BAD_INPUT);
	CHECK_INT(sw__hami_region_set_sm_limit(file("new"), 16, 50, &err), SW_BAD_INPUT);
	sw_text_free(&before);
	sw_text_free(&after);
}

TEST(an_engines_activity_is_what_a_monitor_reads)
{
	struct sw__hami_activity activity = {77, 1ULL << 29, 4ULL << 30, 63, 1700000001};
	struct sw__hami_region r;
	struct sw_text bytes = {0};
	struct sw_error err;

	CHECK_INT(sw__hami_region_report(file("new"), &activity, &err), SW_OK);
	CHECK_INT(sw__hami_region_report(file("new"), &activity, &err), SW_OK);
	CHECK_INT(sw__hami_region_read(file("new"), &r, &err), SW_OK);
	CHECK_INT(r.n_processes, 1);
	CHECK_INT(r.devices[0].sm_util_percent, 63);
	CHECK_INT(r.devices[0].memory_used_bytes, (4LL << 30) + (1LL << 29));
	CHECK_INT(r.recent_kernel, 2);
	CHECK_INT(r.last_kernel_time_s, 1700000001);
	CHECK_INT(sw_file_read(file("new"), 4 << 20, &bytes, &err), SW_OK);
	CHECK_INT(bytes.data[1856 + 1936], 4); /* the sequence: two writes, even again */
	sw_text_free(&bytes);
}

TEST(what_is_not_a_file_is_refused)
{
	struct sw__hami_region r;
	struct sw_error err;

	CHECK_INT(sw__hami_region_read(file("none"), &r, &err), SW_IO);
	CHECK_INT(sw__hami_region_read(folder, &r, &err), SW_IO);
	CHECK_INT(mkfifo(file("fifo"), 0600), 0);
	CHECK_INT(sw__hami_region_read(file("fifo"), &r, &err), SW_IO);
	CHECK_INT(symlink("new", file("link")), 0);
	CHECK_INT(sw__hami_region_read(file("link"), &r, &err), SW_IO);
	CHECK_INT(sw__hami_region_set_sm_limit(file("link"), 0, 50, &err), SW_IO);
	CHECK_INT(sw_file_write(file("empty"), "", 0, &err), SW_OK);
	CHECK_INT(sw__hami_region_read(file("empty"), &r, &err), SW_BAD_INPUT);
	CHECK_INT(sw__hami_region_set_sm_limit(file("empty"), 0, 50, &err), SW_BAD_INPUT);
}

TEST(the_folder_goes)
{
	static const char *const names[] = {"new", "r", "fifo", "link", "empty"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		CHECK_INT(unlink(file(names[i])), 0);
	CHECK_INT(rmdir(folder), 0);
}

TEST_MAIN()
