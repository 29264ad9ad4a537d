/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file products.h
 * Products of bf16 matrices by cuBLASLt, which is loaded when the first device is opened: the program starts without it.
 */
#ifndef SLICEWISE_CUDA_PRODUCTS_H
#define SLICEWISE_CUDA_PRODUCTS_H

#include <cuda_runtime_api.h>

#include "device.h"

typedef struct products products;

/**
 * For the GPU of this thread. `path`: libcublasLt.so, or NULL for the usual names. `sms`: kernels are chosen for so many SMs;
 * 0: for all. Takes 32 MiB of the GPU. SW_IO: no cuBLASLt, or none that works here.
 */
enum sw_status products_new(const char *path, uint32_t sms, products **out, struct sw_error *err);
void products_free(products *p);

/** Queue one; pointers are multiples of 16. Allocates nothing on the GPU, so that a graph may be captured around it. */
enum sw_status products_queue(products *p, const struct device_product *product,
			      cudaStream_t stream, struct sw_error *err);

#endif
