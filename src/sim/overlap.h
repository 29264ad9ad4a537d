/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file overlap.h
 * How fast kernels run that are on the GPU at the same moment: SMs, DRAM, L2, power. README.md, "Kernels that overlap".
 *
 * A kernel here is a stretch of one engine's step that lasts milliseconds alone on its slice. Its rate is the part of that
 * speed that its neighbours leave it.
 */
#ifndef SLICEWISE_SIM_OVERLAP_H
#define SLICEWISE_SIM_OVERLAP_H

#include <stdbool.h>
#include <stddef.h>

#include "sim/constants.h"

/** What a kernel takes while it runs alone on its slice, as fractions of the whole GPU. */
struct sw__sim_kernel {
	double sms; /* SMs it fills */
	double tensor; /* of the dense peak */
	double dram; /* of the datasheet's bandwidth */
	double compute; /* of the peak of the SMs it may use: 1 would be bound by nothing else */
	double traffic; /* of the bandwidth that its slice can ask for, likewise */
	double launches_per_ms; /* kernels that the host launches one by one */
	double wait_alone, clock_alone; /* sw__sim_kernel_know(); 0: worked out each time */
};

/** Work out what does not depend on neighbours, for kernels that are asked about often. */
void sw__sim_kernel_know(const struct sw__sim_constants *constants, struct sw__sim_kernel *kernel);

/** What all of them take of the GPU at the moment. */
struct sw__sim_use {
	double sms, dram; /* fractions */
	double power; /* of the limit */
	double clock; /* of boost */
};

/**
 * rate[i] in (0, 1] of kernel i, n at most SW_TENANTS_MAX. `isolated`: each has SMs and DRAM of its own (MIG), and only
 * power is common.
 */
void sw__sim_overlap(const struct sw__sim_constants *constants,
		     const struct sw__sim_kernel *const *kernels, size_t n, bool isolated,
		     double *rate, struct sw__sim_use *use);

#endif
