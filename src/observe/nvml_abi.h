/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file nvml_abi.h
 * What we need of NVML's binary interface, in our own words: codes, layouts, the functions and the names they had.
 *
 * Origin: NVIDIA's NVML API reference (R515 to R590). Layouts are those of LP64 Linux and are asserted below.
 */
#ifndef SLICEWISE_OBSERVE_NVML_ABI_H
#define SLICEWISE_OBSERVE_NVML_ABI_H

#include <stddef.h>

/* Return codes that change what we do; the rest is only named to the user. */
enum {
	SW__NVML_SUCCESS = 0,
	SW__NVML_INVALID_ARGUMENT = 2,
	SW__NVML_NOT_SUPPORTED = 3,
	SW__NVML_NOT_FOUND = 6,
	SW__NVML_INSUFFICIENT_SIZE = 7,
	SW__NVML_FUNCTION_NOT_FOUND = 13
};

enum { SW__NVML_CLOCK_SM = 1, SW__NVML_CLOCK_MEMORY = 2 };
enum { SW__NVML_TEMPERATURE_GPU = 0 };

/* A number that the driver does not have. */
#define SW__NVML_NOT_AVAILABLE (~0ULL)

/* Structures with a version field carry their size in the low bytes and the version in the high one. */
#define SW__NVML_VERSION(type, version) ((unsigned)(sizeof(type) | (version) << 24u))

struct sw__nvml_utilization {
	unsigned gpu, memory; /* percent of the driver's period */
};

struct sw__nvml_memory {
	unsigned long long total, free, used; /* bytes */
};

struct sw__nvml_memory_v2 {
	unsigned version;
	unsigned long long total, reserved, free, used;
};

struct sw__nvml_temperature {
	unsigned version;
	int sensor;
	int temperature; /* degrees Celsius */
};

struct sw__nvml_pci {
	char bus_id_legacy[16];
	unsigned domain, bus, device, device_id, subsystem_id;
	char bus_id[32];
};

struct sw__nvml_attributes {
	unsigned sms, copy_engines, decoders, encoders, jpegs, ofas, gpu_slices, compute_slices;
	unsigned long long memory_mib;
};

/* The beginning that every version of the process structure shares; they differ in what follows, so in their size. */
struct sw__nvml_process {
	unsigned pid;
	unsigned long long used_bytes;
};

enum {
	SW__NVML_PROCESS_V1 = 16,
	SW__NVML_PROCESS_V2 = 24, /* and v3: with the two MIG instance ids */
	SW__NVML_PROCESS_535 = 32, /* v3 of the drivers 535.43 to 535.86: with protected memory */
	SW__NVML_PROCESS_LARGEST = SW__NVML_PROCESS_535
};

struct sw__nvml_process_utilization {
	unsigned pid;
	unsigned long long time_us; /* microseconds since 1970, as CLOCK_REALTIME */
	unsigned sm, memory, encoder, decoder; /* percent */
};

_Static_assert(sizeof(struct sw__nvml_memory_v2) == 40, "layout");
_Static_assert(sizeof(struct sw__nvml_temperature) == 12, "layout");
_Static_assert(sizeof(struct sw__nvml_pci) == 68, "layout");
_Static_assert(sizeof(struct sw__nvml_attributes) == 40, "layout");
_Static_assert(sizeof(struct sw__nvml_process) == SW__NVML_PROCESS_V1, "layout");
_Static_assert(sizeof(struct sw__nvml_process_utilization) == 32, "layout");

typedef void *sw__nvml_device;
typedef int sw__nvml_processes(sw__nvml_device device, unsigned *count, void *infos);

/**
 * X(member, result, parameters, newest name, older name). A NULL name ends the search; a member may end up NULL. Names with
 * another layout are members of their own.
 */
#define SW__NVML_SYMBOL_LIST(X)                                                                   \
	X(init, int, (void), "nvmlInit_v2", "nvmlInit")                                           \
	X(shutdown, int, (void), "nvmlShutdown", NULL)                                            \
	X(count, int, (unsigned *), "nvmlDeviceGetCount_v2", "nvmlDeviceGetCount")                \
	X(by_index, int, (unsigned, sw__nvml_device *), "nvmlDeviceGetHandleByIndex_v2",          \
	  "nvmlDeviceGetHandleByIndex")                                                           \
	X(by_uuid, int, (const char *, sw__nvml_device *), "nvmlDeviceGetHandleByUUID", NULL)     \
	X(error_string, const char *, (int), "nvmlErrorString", NULL)                             \
	X(driver_version, int, (char *, unsigned), "nvmlSystemGetDriverVersion", NULL)            \
	X(name, int, (sw__nvml_device, char *, unsigned), "nvmlDeviceGetName", NULL)              \
	X(uuid, int, (sw__nvml_device, char *, unsigned), "nvmlDeviceGetUUID", NULL)              \
	X(pci, int, (sw__nvml_device, struct sw__nvml_pci *), "nvmlDeviceGetPciInfo_v3", NULL)    \
	X(mig_mode, int, (sw__nvml_device, unsigned *, unsigned *), "nvmlDeviceGetMigMode", NULL) \
	X(attributes, int, (sw__nvml_device, struct sw__nvml_attributes *),                       \
	  "nvmlDeviceGetAttributes_v2", NULL)                                                     \
	X(utilization, int, (sw__nvml_device, struct sw__nvml_utilization *),                     \
	  "nvmlDeviceGetUtilizationRates", NULL)                                                  \
	X(clock, int, (sw__nvml_device, int, unsigned *), "nvmlDeviceGetClockInfo", NULL)         \
	X(power_mw, int, (sw__nvml_device, unsigned *), "nvmlDeviceGetPowerUsage", NULL)          \
	X(power_limit_mw, int, (sw__nvml_device, unsigned *), "nvmlDeviceGetEnforcedPowerLimit",  \
	  "nvmlDeviceGetPowerManagementLimit")                                                    \
	X(temperature_v, int, (sw__nvml_device, struct sw__nvml_temperature *),                   \
	  "nvmlDeviceGetTemperatureV", NULL)                                                      \
	X(temperature, int, (sw__nvml_device, int, unsigned *), "nvmlDeviceGetTemperature", NULL) \
	X(memory_v2, int, (sw__nvml_device, struct sw__nvml_memory_v2 *),                         \
	  "nvmlDeviceGetMemoryInfo_v2", NULL)                                                     \
	X(memory, int, (sw__nvml_device, struct sw__nvml_memory *), "nvmlDeviceGetMemoryInfo",    \
	  NULL)                                                                                   \
	X(clock_reasons, int, (sw__nvml_device, unsigned long long *),                            \
	  "nvmlDeviceGetCurrentClocksEventReasons", "nvmlDeviceGetCurrentClocksThrottleReasons")  \
	X(process_utilization, int,                                                               \
	  (sw__nvml_device, struct sw__nvml_process_utilization *, unsigned *,                    \
	   unsigned long long),                                                                   \
	  "nvmlDeviceGetProcessUtilization", NULL)                                                \
	X(compute_v3, int, (sw__nvml_device, unsigned *, void *),                                 \
	  "nvmlDeviceGetComputeRunningProcesses_v3", NULL)                                        \
	X(compute_v2, int, (sw__nvml_device, unsigned *, void *),                                 \
	  "nvmlDeviceGetComputeRunningProcesses_v2", NULL)                                        \
	X(compute_v1, int, (sw__nvml_device, unsigned *, void *),                                 \
	  "nvmlDeviceGetComputeRunningProcesses", NULL)                                           \
	X(mps_v3, int, (sw__nvml_device, unsigned *, void *),                                     \
	  "nvmlDeviceGetMPSComputeRunningProcesses_v3", NULL)                                     \
	X(mps_v2, int, (sw__nvml_device, unsigned *, void *),                                     \
	  "nvmlDeviceGetMPSComputeRunningProcesses_v2", NULL)                                     \
	X(mps_v1, int, (sw__nvml_device, unsigned *, void *),                                     \
	  "nvmlDeviceGetMPSComputeRunningProcesses", NULL)

/** The functions that this driver has; NULL where it has none. */
struct sw__nvml_symbols {
#define SW__NVML_MEMBER(member, result, parameters, newest, older) result(*member) parameters;
	SW__NVML_SYMBOL_LIST(SW__NVML_MEMBER)
#undef SW__NVML_MEMBER
};

#endif
