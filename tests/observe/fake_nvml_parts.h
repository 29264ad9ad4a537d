/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file fake_nvml_parts.h
 * What the present and the old pretended NVML share. The layouts are written from NVIDIA's reference once more, not taken
 * from src/observe, so that a mistake there shows.
 */
#ifndef SLICEWISE_TESTS_FAKE_NVML_PARTS_H
#define SLICEWISE_TESTS_FAKE_NVML_PARTS_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fake_nvml.h"

/* A definition with its prototype; these have no header. */
#define EXPORT(name, ...)      \
	int name(__VA_ARGS__); \
	int name(__VA_ARGS__)

enum { OK = 0, INVALID = 2, NOT_SUPPORTED = 3, NOT_FOUND = 6, TOO_SMALL = 7 };

extern struct fake_nvml fake_nvml;
struct fake_nvml fake_nvml = {
	.devices = 2, .driver = "550.54.15", .sm_percent = 87, .memory_percent = 41, .stride = 24};

/* The devices are addresses within this. */
static char places[8];

static int refuse(const void *device, enum fake_question question)
{
	if ((const char *)device < places || (const char *)device >= places + fake_nvml.devices)
		return INVALID;
	return fake_nvml.code[question];
}

/* For programs, which cannot reach the levers: FAKE_NVML_REASONS, and FAKE_NVML_PID of one process with 893 MiB. */
static void obey_environment(void)
{
	const char *reasons = getenv("FAKE_NVML_REASONS"), *pid = getenv("FAKE_NVML_PID");

	if (reasons)
		fake_nvml.reasons = strtoull(reasons, NULL, 0);
	if (!pid)
		return;
	fake_nvml.n_compute = 1;
	fake_nvml.compute[0] =
		(struct fake_process){(unsigned)strtoul(pid, NULL, 10), 893ULL << 20};
}

static int start(void)
{
	obey_environment();
	if (fake_nvml.init_code == OK)
		fake_nvml.running++;
	return fake_nvml.init_code;
}

static int count(unsigned *n)
{
	*n = fake_nvml.devices;
	return fake_nvml.count_code;
}

static int by_index(unsigned index, void **device)
{
	if (index >= fake_nvml.devices)
		return INVALID;
	*device = places + index;
	return OK;
}

static int copy(const char *from, char *to, unsigned length)
{
	if (strlen(from) >= length)
		return TOO_SMALL;
	strcpy(to, from);
	return OK;
}

/* Processes as the driver writes them: pid, padding, bytes, and what follows is up to the version. */
static int list(const struct fake_process *from, unsigned n, size_t stride, unsigned *room,
		char *infos)
{
	unsigned had = *room;

	*room = n;
	if (n > had)
		return TOO_SMALL;
	for (unsigned i = 0; i < n; i++) {
		memset(infos + i * stride, 0xff, stride);
		memcpy(infos + i * stride, &from[i].pid, 4);
		memcpy(infos + i * stride + 8, &from[i].bytes, 8);
	}
	return OK;
}

EXPORT(nvmlShutdown, void)
{
	fake_nvml.running--;
	return OK;
}

EXPORT(nvmlDeviceGetHandleByUUID, const char *uuid, void **device)
{
	char known[96];

	for (unsigned i = 0; i < fake_nvml.devices; i++) {
		(void)snprintf(known, sizeof(known), "GPU-00000000-0000-0000-0000-%012u", i);
		if (strcmp(uuid, known) == 0)
			return by_index(i, device);
	}
	return NOT_FOUND;
}

EXPORT(nvmlSystemGetDriverVersion, char *version, unsigned length)
{
	return copy(fake_nvml.driver, version, length);
}

EXPORT(nvmlDeviceGetName, void *device, char *name, unsigned length)
{
	int code = refuse(device, FAKE_NAME);

	return code ? code : copy("NVIDIA H100 80GB HBM3", name, length);
}

EXPORT(nvmlDeviceGetUUID, void *device, char *uuid, unsigned length)
{
	int code = refuse(device, FAKE_UUID);

	return code ? code : copy("GPU-00000000-0000-0000-0000-000000000000", uuid, length);
}

struct utilization {
	unsigned gpu, memory;
};

EXPORT(nvmlDeviceGetUtilizationRates, void *device, struct utilization *out)
{
	out->gpu = fake_nvml.sm_percent;
	out->memory = fake_nvml.memory_percent;
	return refuse(device, FAKE_UTILIZATION);
}

/* 0 graphics, 1 SM, 2 memory, 3 video. */
EXPORT(nvmlDeviceGetClockInfo, void *device, int type, unsigned *mhz)
{
	static const unsigned clocks[] = {111, 1755, 2619, 333};

	if (type < 0 || type > 3)
		return INVALID;
	*mhz = clocks[type];
	return refuse(device, FAKE_CLOCK);
}

EXPORT(nvmlDeviceGetPowerUsage, void *device, unsigned *milliwatts)
{
	*milliwatts = 512300;
	return refuse(device, FAKE_POWER);
}

EXPORT(nvmlDeviceGetTemperature, void *device, int sensor, unsigned *celsius)
{
	*celsius = 61;
	return sensor ? INVALID : refuse(device, FAKE_TEMPERATURE);
}

struct memory {
	unsigned long long total, free, used;
};

EXPORT(nvmlDeviceGetMemoryInfo, void *device, struct memory *out)
{
	out->total = 80ULL << 30;
	out->used = 21ULL << 30;
	out->free = out->total - out->used;
	return refuse(device, FAKE_MEMORY);
}

#endif
