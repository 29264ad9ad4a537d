// SPDX-License-Identifier: Apache-2.0
/* Asking a device, whoever answers for it. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/error.h"
#include "observe/sample.h"

enum sw_status sw_device_identify(const struct sw_device *device, struct sw_device_identity *out,
				  struct sw_error *err)
{
	*out = (struct sw_device_identity){.sms = NAN};
	return device->ops->identify(device->self, device->handle, out, err);
}

enum sw_status sw_device_read(const struct sw_device *device, struct sw_device_sample *out,
			      struct sw_error *err)
{
	*out = sw__sample_unknown(NAN);
	return device->ops->read(device->self, device->handle, out, err);
}

static int by_pid(const void *left, const void *right)
{
	unsigned a = ((const struct sw_device_process *)left)->pid;
	unsigned b = ((const struct sw_device_process *)right)->pid;

	return (a > b) - (a < b);
}

enum sw_status sw_device_processes(const struct sw_device *device, struct sw_device_process *out,
				   size_t capacity, size_t *n, struct sw_error *err)
{
	enum sw_status st;

	*n = 0;
	st = device->ops->processes(device->self, device->handle, out, capacity, n, err);
	if (st == SW_OK && *n > 1 && capacity > 1)
		qsort(out, *n < capacity ? *n : capacity, sizeof(*out), by_pid);
	return st;
}

static size_t describe(const struct sw_device_process *process, bool first, char *out,
		       size_t capacity)
{
	char memory[48] = "an unknown amount of memory";
	int n;

	if (process->known & SW_PROCESS_KNOWS_MEMORY)
		(void)snprintf(memory, sizeof(memory), "%.0f MiB", process->memory_mib);
	n = snprintf(out, capacity, "%spid %u%s uses %s", first ? "GPU busy: " : ", ", process->pid,
		     process->kinds & SW_PROCESS_MPS ? " (MPS)" : "", memory);
	return n > 0 ? (size_t)n : 0;
}

bool sw_device_busy(const struct sw_device_process *processes, size_t n, char *out, size_t capacity)
{
	size_t used = 0;

	out[0] = '\0';
	for (size_t i = 0; i < n && used < capacity; i++)
		used += describe(&processes[i], i == 0, out + used, capacity - used);
	return n > 0;
}
