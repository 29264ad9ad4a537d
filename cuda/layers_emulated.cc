// SPDX-License-Identifier: Apache-2.0
/* The kernels of layers.cu for a CPU. */
#include "layers.cu"
