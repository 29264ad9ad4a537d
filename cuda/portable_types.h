/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file portable_types.h
 * The one type that kernels, C and C++ have in common.
 */
#ifndef SLICEWISE_CUDA_PORTABLE_TYPES_H
#define SLICEWISE_CUDA_PORTABLE_TYPES_H

#include <stdint.h>

/** bfloat16 as its bits: the upper half of a float. */
struct bf16 {
	uint16_t bits;
};

#endif
