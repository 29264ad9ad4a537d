// SPDX-License-Identifier: Apache-2.0
/* The kernels of paged_attention.cu for a CPU. */
#include "paged_attention.cu"
