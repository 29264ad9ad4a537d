/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file portable.h
 * What the kernels are written in: CUDA where nvcc compiles them, and C++ on a CPU where a test does.
 *
 * On a CPU every thread of a block is a fiber, and whatever threads do together (barriers, shuffles, matrix fragments) is
 * done by the letter of the PTX manual (emulation.h). So the same kernels run under a debugger and the sanitizers on machines without
 * a GPU: slowly, and enough for a model of a few layers.
 */
#ifndef SLICEWISE_CUDA_PORTABLE_H
#define SLICEWISE_CUDA_PORTABLE_H

#include <stdint.h>

#include "portable_types.h"

/* Two neighbours in one register: the lower half is the first. */
struct fragment_a {
	uint32_t r[4];
};
struct fragment_b {
	uint32_t r[2];
};
struct fragment_c {
	float r[4];
};

#ifdef __CUDACC__

#define KERNEL                      __global__ void
#define DEVICE                      static __device__ __forceinline__
#define SHARED_BYTES(name)          extern __shared__ __align__(16) unsigned char name[]
#define SHARED_ARRAY(type, name, n) __shared__ type name[n]
#define LAUNCH(kernel, grid, threads, shared, stream, ...) \
	kernel<<<(grid), (threads), (shared), (cudaStream_t)(stream)>>>(__VA_ARGS__)

/* Of a kernel whose threads have nothing to do with each other. */
#define LAUNCH_APART LAUNCH

DEVICE void block_barrier(void)
{
	__syncthreads();
}

DEVICE float shuffle_xor(float x, int mask)
{
	return __shfl_xor_sync(0xffffffffu, x, mask);
}

DEVICE float bits_to_float(uint32_t bits)
{
	return __uint_as_float(bits);
}

DEVICE uint32_t pack_bf16(float first, float second)
{
	uint32_t packed;

	asm("cvt.rn.bf16x2.f32 %0, %1, %2;" : "=r"(packed) : "f"(second), "f"(first));
	return packed;
}

/* 16 bytes from global to shared memory, in the background; zeroes where `there` is false. */
DEVICE void copy16_async(void *shared, const void *global, bool there)
{
	uint32_t to = (uint32_t)__cvta_generic_to_shared(shared);
	int bytes = there ? 16 : 0;

	asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;" ::"r"(to), "l"(global),
		     "r"(bytes)
		     : "memory");
}

DEVICE void copies_commit(void)
{
	asm volatile("cp.async.commit_group;" ::: "memory");
}

/* Until all but the last `pending` groups are there. */
template <int pending> DEVICE void copies_wait(void)
{
	asm volatile("cp.async.wait_group %0;" ::"n"(pending) : "memory");
}

/* Four 8 x 8 matrices; lane i points to row i % 8 of matrix i / 8. */
DEVICE void load_matrices(uint32_t r[4], const void *row)
{
	uint32_t from = (uint32_t)__cvta_generic_to_shared(row);

	asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0,%1,%2,%3}, [%4];"
		     : "=r"(r[0]), "=r"(r[1]), "=r"(r[2]), "=r"(r[3])
		     : "r"(from)
		     : "memory");
}

DEVICE void load_matrices_transposed(uint32_t r[4], const void *row)
{
	uint32_t from = (uint32_t)__cvta_generic_to_shared(row);

	asm volatile("ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {%0,%1,%2,%3}, [%4];"
		     : "=r"(r[0]), "=r"(r[1]), "=r"(r[2]), "=r"(r[3])
		     : "r"(from)
		     : "memory");
}

/* c += a b with a 16 x 16, b 16 x 8, by one warp. */
DEVICE void multiply_add(struct fragment_c *c, const struct fragment_a *a, uint32_t b0, uint32_t b1)
{
	asm volatile("mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0,%1,%2,%3}, "
		     "{%4,%5,%6,%7}, {%8,%9}, {%0,%1,%2,%3};"
		     : "+f"(c->r[0]), "+f"(c->r[1]), "+f"(c->r[2]), "+f"(c->r[3])
		     : "r"(a->r[0]), "r"(a->r[1]), "r"(a->r[2]), "r"(a->r[3]), "r"(b0), "r"(b1));
}

DEVICE float fast_exp2(float x)
{
	return exp2f(x);
}

DEVICE uint32_t thread_id(void)
{
	return threadIdx.x;
}

DEVICE uint32_t block_threads(void)
{
	return blockDim.x;
}

DEVICE uint32_t block_x(void)
{
	return blockIdx.x;
}

DEVICE uint32_t block_y(void)
{
	return blockIdx.y;
}

DEVICE uint32_t block_z(void)
{
	return blockIdx.z;
}

#else
#include "emulation.h"
#endif

DEVICE float bf16_to_float(struct bf16 x)
{
	return bits_to_float((uint32_t)x.bits << 16);
}

DEVICE float low_half(uint32_t packed)
{
	return bits_to_float(packed << 16);
}

DEVICE float high_half(uint32_t packed)
{
	return bits_to_float(packed & 0xffff0000u);
}

DEVICE struct bf16 float_to_bf16(float x)
{
	struct bf16 y = {(uint16_t)pack_bf16(x, 0)};

	return y;
}

#endif
