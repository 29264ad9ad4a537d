/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file ceilings.h
 * Kernels that do one thing as fast as a GPU can, for device_cuda_ceilings(). `stream` is a cudaStream_t.
 */
#ifndef SLICEWISE_CUDA_CEILINGS_H
#define SLICEWISE_CUDA_CEILINGS_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Read `bytes` (multiples of 16) on `sms` SMs; *sink is written hardly ever, so that nobody leaves the reading out. */
void ceilings_read(const void *from, uint64_t bytes, uint32_t sms, uint32_t *sink, void *stream);

/** Nothing. */
void ceilings_nothing(void *stream);

/** seen[i] = 1 for every SM i below n that runs one of `blocks` blocks, each of which fills an SM for a while. */
void ceilings_census(uint32_t *seen, uint32_t n, uint32_t blocks, void *stream);

#ifdef __cplusplus
}
#endif

#endif
