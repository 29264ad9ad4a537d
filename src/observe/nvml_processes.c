// SPDX-License-Identifier: Apache-2.0
/* Who is on a device: the driver's two lists made one, with what each process used of the SMs. */
#include <string.h>
#include <time.h>

#include "observe/nvml_library.h"

#define BYTES_PER_MIB 1048576.0

enum {
	/* Far above the 48 clients of an MPS server and the tenants of any plan; a longer list is refused, not cut. */
	PROCESSES_MAX = 256,
	/* How far back a process's utilisation counts, as HAMi's watcher looks. */
	LOOK_BACK_US = 1000000,
	PERCENT_MAX = 100 /* above: garbage that some drivers return (NVIDIA/DCGM issue 83) */
};

struct people {
	size_t n;
	struct sw_device_process row[2 * PROCESSES_MAX];
};

static struct sw_device_process *person(struct people *people, unsigned pid)
{
	struct sw_device_process *row;

	for (size_t i = 0; i < people->n; i++) {
		if (people->row[i].pid == pid)
			return &people->row[i];
	}
	row = &people->row[people->n++];
	*row = (struct sw_device_process){.pid = pid, .sm_percent = NAN, .memory_mib = NAN};
	return row;
}

static void enter(struct people *people, const char *bytes, unsigned kind)
{
	struct sw__nvml_process found;
	struct sw_device_process *row;

	memcpy(&found, bytes, sizeof(found));
	row = person(people, found.pid);
	row->kinds |= kind;
	if (found.used_bytes == SW__NVML_NOT_AVAILABLE)
		return;
	row->memory_mib = (double)found.used_bytes / BYTES_PER_MIB;
	row->known |= SW_PROCESS_KNOWS_MEMORY;
}

/* One of the lists. Room is made for the largest layout, so that a wrong idea of the stride cannot overrun. */
static int enter_list(sw__nvml_processes *list, size_t stride, void *handle, unsigned kind,
		      struct people *people)
{
	_Alignas(8) char bytes[PROCESSES_MAX * SW__NVML_PROCESS_LARGEST];
	unsigned count = PROCESSES_MAX;
	int code = list ? list(handle, &count, bytes) : SW__NVML_FUNCTION_NOT_FOUND;

	if (code != SW__NVML_SUCCESS)
		return code;
	if (count > PROCESSES_MAX)
		return SW__NVML_INSUFFICIENT_SIZE;
	for (unsigned i = 0; i < count; i++)
		enter(people, bytes + i * stride, kind);
	return SW__NVML_SUCCESS;
}

static unsigned long long look_back_us(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_REALTIME, &now);
	return (unsigned long long)now.tv_sec * 1000000u + (unsigned long long)now.tv_nsec / 1000u -
	       LOOK_BACK_US;
}

/* The last second's samples of all processes. */
struct utilization {
	unsigned n;
	struct sw__nvml_process_utilization sample[PROCESSES_MAX];
};

/*
 * The newest valid sample of a process. The driver returns only processes that were busy: while others are in its answer,
 * one that is not was idle. One whose samples are all garbage stays unknown.
 */
static void add_sm(const struct utilization *u, struct sw_device_process *process)
{
	unsigned long long newest = 0;
	double sm_percent = 0;

	for (unsigned i = 0; i < u->n; i++) {
		const struct sw__nvml_process_utilization *sample = &u->sample[i];

		if (sample->pid != process->pid || sample->time_us < newest)
			continue;
		newest = sample->time_us;
		sm_percent = sample->sm <= PERCENT_MAX ? (double)sample->sm : NAN;
	}
	if (isnan(sm_percent))
		return;
	process->sm_percent = sm_percent;
	process->known |= SW_PROCESS_KNOWS_SM;
}

/* An answer without anybody may also mean that the driver has not sampled within the second: it tells nothing. */
static void add_utilization(const struct sw_nvml *nvml, void *handle, struct people *people)
{
	struct utilization u = {.n = PROCESSES_MAX};

	if (!nvml->call.process_utilization ||
	    nvml->call.process_utilization(handle, u.sample, &u.n, look_back_us()) !=
		    SW__NVML_SUCCESS ||
	    u.n == 0 || u.n > PROCESSES_MAX)
		return;
	for (size_t i = 0; i < people->n; i++)
		add_sm(&u, &people->row[i]);
}

enum sw_status sw__nvml_list(void *self, void *handle, struct sw_device_process *out,
			     size_t capacity, size_t *n, struct sw_error *err)
{
	const struct sw_nvml *nvml = self;
	struct people people = {.n = 0};
	char words[160];
	int code = enter_list(nvml->compute, nvml->compute_stride, handle, SW_PROCESS_COMPUTE,
			      &people);

	if (code != SW__NVML_SUCCESS)
		return sw_fail(err, SW_IO, "the GPU's processes cannot be listed: %s",
			       sw__nvml_words(nvml, code, words, sizeof(words)));
	/* Old drivers have no list of MPS clients, and some refuse it: the first list is still right. */
	(void)enter_list(nvml->mps, nvml->mps_stride, handle, SW_PROCESS_MPS, &people);
	if (people.n)
		add_utilization(nvml, handle, &people);
	*n = people.n;
	memcpy(out, people.row, (people.n < capacity ? people.n : capacity) * sizeof(*out));
	return SW_OK;
}
