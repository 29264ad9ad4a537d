/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file fake_cuda.h
 * As much of CUDA's runtime and driver, and of cuBLASLt, as the device calls: on the CPU, for its test. Products are computed as
 * cuBLASLt's manual has them, kernels are not run. Any call can be made to fail, and what is left over is counted.
 */
#ifndef SLICEWISE_CUDA_FAKE_CUDA_H
#define SLICEWISE_CUDA_FAKE_CUDA_H

#include <stdbool.h>
#include <stdint.h>

/* How SMs are cut: `lost` of them go into no unit. Drivers before 13 do not tell unit and step. */
struct fake_cuda {
	int gpus, driver, major;
	uint32_t sms, unit, step, lost;
	bool tells_unit;
	const char *lacks; /* a function of the driver */
	uint64_t memory;
	bool launch_failed; /* what the next cudaGetLastError() says */
	int fail_at, calls; /* the fail_at-th call from now on fails; 0: none */
	int alive; /* memory, streams, events, graphs, contexts, layouts, ... */
	int cublas_sms; /* the last target a library's handle was given */
	int heuristics; /* asked for so far */
	void *current; /* the driver's context; NULL: the primary one */
};

__attribute__((visibility("default"))) extern struct fake_cuda fake_cuda;

/** Whether this call is the one to fail. */
__attribute__((visibility("default"))) bool fake_cuda_fails(void);

#endif
