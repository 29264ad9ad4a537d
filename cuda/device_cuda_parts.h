/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file device_cuda_parts.h
 * What the files of the CUDA device have in common.
 */
#ifndef SLICEWISE_CUDA_DEVICE_CUDA_PARTS_H
#define SLICEWISE_CUDA_DEVICE_CUDA_PARTS_H

#include <cuda_runtime_api.h>

#include "device_cuda.h"
#include "products.h"

/* Some of a GPU's SMs, and how work gets onto them alone (device_partition.c). */
struct share;

struct cuda_device {
	struct device device;
	int gpu;
	cudaStream_t stream;
	cudaEvent_t mark[DEVICE_MARKS];
	products *products;
	struct share *share; /* NULL: all of the GPU */
};

/* SW_IO: what went wrong while `doing`. The runtime forgets the error: it is told once. */
enum sw_status device_cuda_failed(struct sw_error *err, cudaError_t error, const char *doing);

/* A device on a share, which it owns from now on, also where this fails; NULL: on all of the GPU. */
enum sw_status device_cuda_open_on(const struct device_cuda_ask *ask, struct share *share,
				   struct device **out, struct sw_error *err);

enum sw_status share_enter(const struct share *share, struct sw_error *err);
uint32_t share_sms(const struct share *share);
cudaStream_t share_stream(const struct share *share); /* lives as long as the share */
void share_free(struct share *share);

#endif
