// SPDX-License-Identifier: Apache-2.0
/* NVML as drivers since R550 have it. */
#include "fake_nvml_parts.h"

const char *nvmlErrorString(int code);
const char *nvmlErrorString(int code)
{
	switch (code) {
	case NOT_SUPPORTED:
		return "Not Supported";
	case 9:
		return "Driver Not Loaded";
	case 15:
		return "GPU is lost";
	default:
		return "Unknown Error";
	}
}

EXPORT(nvmlInit_v2, void)
{
	return start();
}

EXPORT(nvmlDeviceGetCount_v2, unsigned *n)
{
	return count(n);
}

EXPORT(nvmlDeviceGetHandleByIndex_v2, unsigned index, void **device)
{
	return by_index(index, device);
}

struct pci {
	char legacy[16];
	unsigned domain, bus, device, device_id, subsystem_id;
	char bus_id[32];
};

EXPORT(nvmlDeviceGetPciInfo_v3, void *device, struct pci *out)
{
	strcpy(out->legacy, "0000:18:00.0");
	strcpy(out->bus_id, "00000000:18:00.0");
	return refuse(device, FAKE_PCI);
}

EXPORT(nvmlDeviceGetMigMode, void *device, unsigned *current, unsigned *pending)
{
	*current = fake_nvml.mig;
	*pending = 1;
	return refuse(device, FAKE_MIG);
}

struct attributes {
	unsigned multiprocessors, engines[5], slices[2];
	unsigned long long memory_mib;
};

EXPORT(nvmlDeviceGetAttributes_v2, void *device, struct attributes *out)
{
	memset(out, 0, sizeof(*out));
	out->multiprocessors = fake_nvml.sms;
	if (!fake_nvml.sms)
		return NOT_SUPPORTED;
	return refuse(device, FAKE_ATTRIBUTES);
}

EXPORT(nvmlDeviceGetEnforcedPowerLimit, void *device, unsigned *milliwatts)
{
	*milliwatts = 700000;
	return refuse(device, FAKE_POWER_LIMIT);
}

struct temperature {
	unsigned version;
	int sensor, celsius;
};

EXPORT(nvmlDeviceGetTemperatureV, void *device, struct temperature *out)
{
	if (out->version != (12 | 1 << 24) || out->sensor != 0)
		return INVALID;
	out->celsius = 62;
	return refuse(device, FAKE_TEMPERATURE_V);
}

struct memory_v2 {
	unsigned version;
	unsigned long long total, reserved, free, used;
};

EXPORT(nvmlDeviceGetMemoryInfo_v2, void *device, struct memory_v2 *out)
{
	if (out->version != (40 | 2 << 24))
		return INVALID;
	out->total = 80ULL << 30;
	out->reserved = 1ULL << 30;
	out->used = 20ULL << 30;
	out->free = out->total - out->used - out->reserved;
	return refuse(device, FAKE_MEMORY_V2);
}

EXPORT(nvmlDeviceGetCurrentClocksEventReasons, void *device, unsigned long long *reasons)
{
	*reasons = fake_nvml.reasons;
	return refuse(device, FAKE_REASONS);
}

struct use {
	unsigned pid;
	unsigned long long time_us;
	unsigned sm, memory, encoder, decoder;
};

EXPORT(nvmlDeviceGetProcessUtilization, void *device, struct use *out, unsigned *n,
       unsigned long long last_seen_us)
{
	unsigned room = *n;

	fake_nvml.last_seen_us = last_seen_us;
	*n = fake_nvml.n_uses;
	if (refuse(device, FAKE_PROCESS_UTILIZATION))
		return refuse(device, FAKE_PROCESS_UTILIZATION);
	if (!*n)
		return NOT_FOUND;
	if (*n > room)
		return TOO_SMALL;
	for (unsigned i = 0; i < *n; i++)
		out[i] = (struct use){fake_nvml.uses[i].pid,
				      fake_nvml.uses[i].time_us,
				      fake_nvml.uses[i].sm,
				      7,
				      0,
				      0};
	return OK;
}

EXPORT(nvmlDeviceGetComputeRunningProcesses_v3, void *device, unsigned *n, void *infos)
{
	int code = refuse(device, FAKE_COMPUTE);

	return code ? code
		    : list(fake_nvml.compute, fake_nvml.n_compute, fake_nvml.stride, n, infos);
}

EXPORT(nvmlDeviceGetMPSComputeRunningProcesses_v3, void *device, unsigned *n, void *infos)
{
	int code = refuse(device, FAKE_MPS);

	return code ? code : list(fake_nvml.mps, fake_nvml.n_mps, fake_nvml.stride, n, infos);
}
