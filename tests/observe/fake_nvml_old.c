// SPDX-License-Identifier: Apache-2.0
/* NVML as it was before names had versions: no MIG, no MPS list, no words for errors, processes of 16 bytes. */
#include "fake_nvml_parts.h"

EXPORT(nvmlInit, void)
{
	return start();
}

EXPORT(nvmlDeviceGetCount, unsigned *n)
{
	return count(n);
}

EXPORT(nvmlDeviceGetHandleByIndex, unsigned index, void **device)
{
	return by_index(index, device);
}

EXPORT(nvmlDeviceGetPowerManagementLimit, void *device, unsigned *milliwatts)
{
	*milliwatts = 300000;
	return refuse(device, FAKE_POWER_LIMIT);
}

EXPORT(nvmlDeviceGetCurrentClocksThrottleReasons, void *device, unsigned long long *reasons)
{
	*reasons = fake_nvml.reasons;
	return refuse(device, FAKE_REASONS);
}

EXPORT(nvmlDeviceGetComputeRunningProcesses, void *device, unsigned *n, void *infos)
{
	int code = refuse(device, FAKE_COMPUTE);

	return code ? code : list(fake_nvml.compute, fake_nvml.n_compute, 16, n, infos);
}
