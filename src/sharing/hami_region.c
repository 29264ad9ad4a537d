// SPDX-License-Identifier: Apache-2.0
#include "sharing/hami_region.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "sharing/hami_layout.h"

/* Larger than any layout: what is larger is none, and is not read. */
enum { FILE_BYTES_MAX = 4 << 20, HEAD_BYTES = 12 };

/* All before the process slots, whatever the layout. */
enum { FRONT_BYTES = 1888 };

struct view {
	const unsigned char *bytes;
	const struct sw__hami_offsets *at;
	const char *name;
};

static enum sw_status read_uuid(const struct view *view, size_t device, char *out,
				struct sw_error *err)
{
	const char *uuid =
		(const char *)view->bytes + view->at->uuids + device * SW__HAMI_UUID_BYTES;
	size_t size = strnlen(uuid, SW__HAMI_UUID_BYTES);

	for (size_t i = 0; i < size; i++) {
		if (uuid[i] <= ' ' || uuid[i] > '~')
			size = SW__HAMI_UUID_BYTES;
	}
	if (size == SW__HAMI_UUID_BYTES)
		return sw_fail(err, SW_BAD_INPUT, "%s: the UUID of device %zu is none", view->name,
			       device);
	memcpy(out, uuid, size);
	out[size] = '\0';
	return SW_OK;
}

static uint64_t sum_saturated(uint64_t a, uint64_t b)
{
	return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

static const unsigned char *slot(const struct view *view, size_t i)
{
	return view->bytes + view->at->slots + i * view->at->slot_bytes;
}

/* Slots of the dead may lie between those of the living: all are looked at, as HAMi's monitor does. */
static void sum_processes(const struct view *view, struct sw__hami_region *out)
{
	for (size_t i = 0; i < SW__HAMI_PROCESSES_MAX; i++) {
		const unsigned char *process = slot(view, i);

		if (!sw__hami_u32(process))
			continue;
		out->n_processes++;
		for (size_t d = 0; d < out->n_devices; d++) {
			struct sw__hami_device *device = &out->devices[d];
			uint64_t used =
				sw__hami_u64(process + view->at->used + d * view->at->used_bytes +
					     view->at->used_total);
			uint64_t sm = sw__hami_u64(process + view->at->util +
						   d * view->at->util_bytes + view->at->util_sm);

			device->memory_used_bytes = sum_saturated(device->memory_used_bytes, used);
			sm = sum_saturated(sm, device->sm_util_percent);
			device->sm_util_percent = sm > 100 ? 100 : (unsigned)sm;
		}
	}
}

static enum sw_status read_sm_limit(const struct view *view, size_t d, unsigned *out,
				    struct sw_error *err)
{
	uint64_t sm_limit = sw__hami_u64(view->bytes + view->at->sm_limit + 8 * d);

	if (sm_limit > SW__HAMI_UNLIMITED)
		return sw_fail(err, SW_BAD_INPUT,
			       "%s: sm_limit of device %zu: found %llu, expected a percentage",
			       view->name, d, (unsigned long long)sm_limit);
	*out = (unsigned)sm_limit;
	return SW_OK;
}

static enum sw_status read_device(const struct view *view, size_t d, struct sw__hami_device *out,
				  struct sw_error *err)
{
	enum sw_status st = read_sm_limit(view, d, &out->sm_limit_percent, err);

	if (st != SW_OK)
		return st;
	out->memory_limit_bytes = sw__hami_u64(view->bytes + view->at->limit + 8 * d);
	return read_uuid(view, d, out->uuid, err);
}

static enum sw_status read_devices(const struct view *view, struct sw__hami_region *out,
				   struct sw_error *err)
{
	uint64_t n = sw__hami_u64(view->bytes + view->at->device_num);
	enum sw_status st = SW_OK;

	if (n > SW__HAMI_DEVICES_MAX)
		return sw_fail(err, SW_BAD_INPUT, "%s: found %llu devices, expected at most %d",
			       view->name, (unsigned long long)n, SW__HAMI_DEVICES_MAX);
	out->n_devices = (size_t)n;
	for (size_t d = 0; d < out->n_devices && st == SW_OK; d++)
		st = read_device(view, d, &out->devices[d], err);
	return st;
}

static enum sw_status parse(const struct view *view, struct sw__hami_region *out,
			    struct sw_error *err)
{
	int32_t proc_num = (int32_t)sw__hami_u32(view->bytes + view->at->proc_num);
	enum sw_status st = read_devices(view, out, err);

	if (st != SW_OK)
		return st;
	if (proc_num < 0 || proc_num > SW__HAMI_PROCESSES_MAX)
		return sw_fail(err, SW_BAD_INPUT, "%s: found %d processes, expected 0 to %d",
			       view->name, proc_num, SW__HAMI_PROCESSES_MAX);
	out->utilization_switch = (int)sw__hami_u32(view->bytes + view->at->utilization_switch);
	out->recent_kernel = (int)sw__hami_u32(view->bytes + view->at->recent_kernel);
	out->priority = (int)sw__hami_u32(view->bytes + view->at->priority);
	if (view->at->last_kernel_time)
		out->last_kernel_time_s = sw__hami_u64(view->bytes + view->at->last_kernel_time);
	sum_processes(view, out);
	return SW_OK;
}

enum sw_status sw__hami_region_parse(const unsigned char *bytes, size_t size, const char *name,
				     struct sw__hami_region *out, struct sw_error *err)
{
	struct view view = {.bytes = bytes, .name = name};
	enum sw_status st;

	memset(out, 0, sizeof(*out));
	if (size < HEAD_BYTES)
		return sw_fail(err, SW_BAD_INPUT, "%s: not a HAMi region: %zu bytes", name, size);
	st = sw__hami_layout_of(bytes, size, name, &out->layout, err);
	if (st != SW_OK)
		return st;
	view.at = sw__hami_offsets(out->layout);
	st = parse(&view, out, err);
	if (st != SW_OK)
		memset(out, 0, sizeof(*out));
	return st;
}

/* A container may put a FIFO, a device or a link to somewhere else in the file's place. */
enum sw_status sw__hami_open(const char *path, int flags, int *out, size_t *size,
			     struct sw_error *err)
{
	struct stat status;
	int file = open(path, flags | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

	if (file < 0)
		return sw_fail(err, SW_IO, "%s: cannot open: %s", path, strerror(errno));
	if (fstat(file, &status) != 0 || !S_ISREG(status.st_mode)) {
		(void)close(file);
		return sw_fail(err, SW_IO, "%s: not a regular file", path);
	}
	*size = (size_t)status.st_size;
	*out = file;
	return SW_OK;
}

size_t sw__hami_read_whole(int file, unsigned char *out, size_t size)
{
	size_t done = 0;

	while (done < size) {
		ssize_t n = pread(file, out + done, size - done, (off_t)done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		done += (size_t)n;
	}
	return done;
}

enum sw_status sw__hami_region_read(const char *path, struct sw__hami_region *out,
				    struct sw_error *err)
{
	unsigned char *bytes;
	enum sw_status st;
	size_t size;
	int file;

	memset(out, 0, sizeof(*out));
	st = sw__hami_open(path, O_RDONLY, &file, &size, err);
	if (st != SW_OK)
		return st;
	bytes = size && size <= FILE_BYTES_MAX ? malloc(size) : NULL;
	if (bytes) {
		size = sw__hami_read_whole(file, bytes, size);
		st = sw__hami_region_parse(bytes, size, path, out, err);
	} else if (size && size <= FILE_BYTES_MAX) {
		st = sw_fail(err, SW_NO_MEMORY, "%s: out of memory", path);
	} else {
		st = sw_fail(err, SW_BAD_INPUT, "%s: not a HAMi region: %zu bytes", path, size);
	}
	free(bytes);
	(void)close(file);
	return st;
}

static enum sw_status read_limit_of(int file, size_t size, const char *path, size_t device,
				    unsigned *out, struct sw_error *err)
{
	unsigned char front[FRONT_BYTES];
	struct view view = {.bytes = front, .name = path};
	enum sw__hami_layout layout;
	enum sw_status st;

	if (sw__hami_read_whole(file, front, sizeof(front)) < sizeof(front))
		return sw_fail(err, SW_BAD_INPUT, "%s: not a HAMi region: %zu bytes", path, size);
	st = sw__hami_layout_of(front, size, path, &layout, err);
	if (st != SW_OK)
		return st;
	view.at = sw__hami_offsets(layout);
	if (device >= SW__HAMI_DEVICES_MAX || device >= sw__hami_u64(front + view.at->device_num))
		return sw_fail(err, SW_BAD_INPUT, "%s: no device %zu", path, device);
	return read_sm_limit(&view, device, out, err);
}

enum sw_status sw__hami_region_sm_limit(const char *path, size_t device, unsigned *out,
					struct sw_error *err)
{
	enum sw_status st;
	size_t size;
	int file;

	st = sw__hami_open(path, O_RDONLY, &file, &size, err);
	if (st != SW_OK)
		return st;
	st = read_limit_of(file, size, path, device, out, err);
	(void)close(file);
	return st;
}
