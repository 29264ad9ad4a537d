/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file kernel.h
 * What one kernel sees of a GPU slice: the datasheet side of every formula in this folder.
 *
 * A calibration holds dimensionless efficiencies and times that belong to an architecture; the device holds what the
 * datasheet and the slice say. So a calibration carries over to another GPU of the architecture, and to a part of a GPU.
 */
#ifndef SLICEWISE_STEP_KERNEL_H
#define SLICEWISE_STEP_KERNEL_H

struct sw__device {
	double sms; /* SMs the kernel may use: a share of gpu_sms under MPS or MIG */
	double gpu_sms; /* SMs of the whole GPU */
	double clock_mhz; /* boost clock */
	double peak_tflops; /* dense tensor peak of the whole GPU at boost, for the operands' dtype */
	double dram_gb_s; /* DRAM bandwidth of the whole GPU, datasheet */
	double l2_mib; /* L2 of the whole GPU */
	double element_bytes; /* of the operands */
};

#endif
