/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file fake_nvml.h
 * What a test may turn in a library that pretends to be NVML. The library exports one of these as `fake_nvml`.
 */
#ifndef SLICEWISE_TESTS_FAKE_NVML_H
#define SLICEWISE_TESTS_FAKE_NVML_H

#include <stddef.h>

/* The questions, to give each an answer of its own. */
enum fake_question {
	FAKE_NAME,
	FAKE_UUID,
	FAKE_PCI,
	FAKE_MIG,
	FAKE_ATTRIBUTES,
	FAKE_UTILIZATION,
	FAKE_CLOCK,
	FAKE_POWER,
	FAKE_POWER_LIMIT,
	FAKE_TEMPERATURE_V,
	FAKE_TEMPERATURE,
	FAKE_MEMORY_V2,
	FAKE_MEMORY,
	FAKE_REASONS,
	FAKE_PROCESS_UTILIZATION,
	FAKE_COMPUTE,
	FAKE_MPS,
	FAKE_QUESTIONS
};

enum { FAKE_PROCESSES_MAX = 600 };

struct fake_process {
	unsigned pid;
	unsigned long long bytes;
};

struct fake_use {
	unsigned pid, sm;
	unsigned long long time_us;
};

struct fake_nvml {
	int init_code, count_code;
	unsigned running; /* nvmlInit without nvmlShutdown */
	unsigned devices;
	char driver[80];
	int code[FAKE_QUESTIONS]; /* NVML's return codes; 0 answers */
	unsigned sm_percent, memory_percent;
	unsigned long long reasons;
	unsigned mig, sms;
	size_t stride; /* of the newest process lists */
	unsigned n_compute, n_mps, n_uses;
	struct fake_process compute[FAKE_PROCESSES_MAX], mps[FAKE_PROCESSES_MAX];
	struct fake_use uses[FAKE_PROCESSES_MAX];
	_Atomic unsigned long long
		last_seen_us; /* what nvmlDeviceGetProcessUtilization() was asked for */
};

#endif
