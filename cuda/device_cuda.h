/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file device_cuda.h
 * A device that is an NVIDIA GPU, or a part of one.
 *
 * Nothing of CUDA need be there when the program starts: the runtime is linked statically and looks for the driver when a device
 * is opened; cuBLASLt is loaded then. Devices of one GPU share its memory.
 */
#ifndef SLICEWISE_CUDA_DEVICE_CUDA_H
#define SLICEWISE_CUDA_DEVICE_CUDA_H

#include "device.h"

#ifdef __cplusplus
extern "C" {
#endif

struct device_cuda_ask {
	int gpu; /* as CUDA counts them */
	const char *
		cublas; /* path of libcublasLt.so; NULL: where the system looks, then where CUDA installs it */
};

/** Whether the GPU is there and fit; it becomes this thread's. SW_IO: no GPU or no driver answers. */
enum sw_status device_cuda_select(int gpu, struct sw_error *err);

enum { DEVICE_CUDA_UUID = 37 };

/** Which GPU that is, as "00010203-0405-0607-0809-0a0b0c0d0e0f". It makes no context: the driver does not count this process as there. */
enum sw_status device_cuda_uuid(int gpu, char out[DEVICE_CUDA_UUID], struct sw_error *err);

/** All of a GPU. SW_IO: there is none, or no driver, or no cuBLASLt. SW_OK: *out is the caller's, in this thread. */
enum sw_status device_cuda_open(const struct device_cuda_ask *ask, struct device **out,
				struct sw_error *err);

/**
 * One GPU for n engines, each with SMs of its own (green contexts): out[i] runs on about sms[i] of them and on no others.
 *
 * SMs are handed out in the units of the GPU (8 on an H100, 4 on an A100): as sm_shares() says; out[i]->info.sms is what it
 * became. Some SMs of a GPU belong to no unit and stay idle. The devices work in threads of their own: each calls
 * device_cuda_enter() first.
 *
 * SW_BAD_INPUT: a share below the unit. SW_INFEASIBLE: more than there is, or a driver without green contexts.
 */
enum sw_status device_cuda_partition(const struct device_cuda_ask *ask, const uint32_t *sms,
				     size_t n, struct device **out, struct sw_error *err);

/** From now on this thread works on `device`, and no other thread does. */
enum sw_status device_cuda_enter(struct device *device, struct sw_error *err);

/** What a device can do at most, measured: medians of several runs. */
struct device_ceilings {
	double copy_gbps; /* device to device, read plus written */
	double read_gbps;
	double bf16_tflops; /* a product of 8192 x 8192 matrices, as multiply() runs it */
	double launch_us; /* of an empty kernel, one behind the other */
	double node_us; /* the same in a graph */
};

/** SW_INFEASIBLE: less than 0.5 GiB of memory are free. Takes seconds. */
enum sw_status device_cuda_ceilings(struct device *device, struct device_ceilings *out,
				    struct sw_error *err);

enum { DEVICE_CUDA_SMS_MAX = 512 };

/** seen[i] = 1: kernels of this device ran on SM i; with `graph`, kernels of a graph. */
enum sw_status device_cuda_census(struct device *device, bool graph,
				  uint32_t seen[DEVICE_CUDA_SMS_MAX], struct sw_error *err);

#ifdef __cplusplus
}
#endif

#endif
