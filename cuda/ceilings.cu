// SPDX-License-Identifier: Apache-2.0
#include "ceilings.h"

#include "portable.h"

/* 2048 threads fill an SM of Ampere and Hopper. Loads in flight per thread: enough that latency does not count. */
enum { READ_THREADS = 256, READ_BLOCKS_PER_SM = 8, READ_LOADS = 4, CENSUS_THREADS = 1024 };

/* What a block of the census stays for, so that others must go elsewhere. */
#define CENSUS_CYCLES 100000ll

KERNEL read_kernel(const uint4 *from, uint64_t n, uint32_t *sink)
{
	uint64_t stride = (uint64_t)gridDim.x * blockDim.x, i;
	uint32_t mixed = 0;

	for (i = (uint64_t)blockIdx.x * blockDim.x + threadIdx.x; i + (READ_LOADS - 1) * stride < n;
	     i += READ_LOADS * stride) {
		uint4 x[READ_LOADS];

#pragma unroll
		for (int k = 0; k < READ_LOADS; k++)
			x[k] = __ldcs(from + i + k * stride);
#pragma unroll
		for (int k = 0; k < READ_LOADS; k++)
			mixed ^= x[k].x ^ x[k].y ^ x[k].z ^ x[k].w;
	}
	for (; i < n; i += stride)
		mixed ^= from[i].x;
	if (mixed == 0x5eed5eedu)
		*sink = mixed;
}

extern "C" void ceilings_read(const void *from, uint64_t bytes, uint32_t sms, uint32_t *sink,
			      void *stream)
{
	LAUNCH(read_kernel, READ_BLOCKS_PER_SM * sms, READ_THREADS, 0, stream, (const uint4 *)from,
	       bytes / sizeof(uint4), sink);
}

KERNEL nothing_kernel(void)
{
}

extern "C" void ceilings_nothing(void *stream)
{
	LAUNCH(nothing_kernel, 1, 32, 0, stream);
}

KERNEL census_kernel(uint32_t *seen, uint32_t n)
{
	long long start = clock64();
	uint32_t sm;

	asm volatile("mov.u32 %0, %%smid;" : "=r"(sm));
	if (thread_id() == 0 && sm < n)
		seen[sm] = 1;
	while (clock64() - start < CENSUS_CYCLES)
		;
}

extern "C" void ceilings_census(uint32_t *seen, uint32_t n, uint32_t blocks, void *stream)
{
	LAUNCH(census_kernel, blocks, CENSUS_THREADS, 0, stream, seen, n);
}
