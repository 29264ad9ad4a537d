/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file emulation.h
 * A block of CUDA threads on a CPU: portable.h's words for compilers that are not nvcc.
 *
 * Blocks run one after the other, a block's threads as fibers in turns. A thread runs until it needs the others: barriers and
 * whatever a warp does together let them catch up first. A thread that returns early counts as having passed every
 * barrier, as on sm_70 and later. Not thread-safe: one grid at a time.
 */
#ifndef SLICEWISE_CUDA_EMULATION_H
#define SLICEWISE_CUDA_EMULATION_H

#include <functional>
#include <math.h>
#include <string.h>

#define KERNEL                      static void
#define DEVICE                      static inline
#define SHARED_BYTES(name)          unsigned char *name = emulation_shared()
#define SHARED_ARRAY(type, name, n) static type name[n]
#define LAUNCH(kernel, grid, threads, shared, stream, ...) \
	EMULATE(true, kernel, grid, threads, shared, stream, __VA_ARGS__)
#define LAUNCH_APART(kernel, grid, threads, shared, stream, ...) \
	EMULATE(false, kernel, grid, threads, shared, stream, __VA_ARGS__)
#define EMULATE(together, kernel, grid, threads, shared, stream, ...)  \
	do {                                                           \
		(void)(stream);                                        \
		emulation_run((together), (grid), (threads), (shared), \
			      [=]() { kernel(__VA_ARGS__); });         \
	} while (0)

struct dim3 {
	uint32_t x, y, z;

	dim3(uint32_t x_ = 1, uint32_t y_ = 1, uint32_t z_ = 1) : x(x_), y(y_), z(z_)
	{
	}
};

struct emulation_place {
	uint32_t thread, threads, x, y, z;
};

/** Run every block of a grid. Threads that have nothing to do with each other (not `together`) need no fibers. */
void emulation_run(bool together, dim3 grid, uint32_t threads, size_t shared_bytes,
		   const std::function<void(void)> &kernel);

/** Where the running thread is. */
const struct emulation_place *emulation_here(void);

/** The block's dynamic shared memory. */
unsigned char *emulation_shared(void);

void emulation_block_barrier(void);

/** Every lane of a warp gives 32 bytes and gets those of all 32 lanes, in their order. */
const unsigned char (*emulation_exchange(const void *mine, size_t bytes))[32];

DEVICE void block_barrier(void)
{
	emulation_block_barrier();
}

DEVICE uint32_t thread_id(void)
{
	return emulation_here()->thread;
}

DEVICE uint32_t block_threads(void)
{
	return emulation_here()->threads;
}

DEVICE uint32_t block_x(void)
{
	return emulation_here()->x;
}

DEVICE uint32_t block_y(void)
{
	return emulation_here()->y;
}

DEVICE uint32_t block_z(void)
{
	return emulation_here()->z;
}

DEVICE float bits_to_float(uint32_t bits)
{
	float x;

	memcpy(&x, &bits, sizeof(x));
	return x;
}

/* Round to nearest, ties to even; NAN stays one. */
DEVICE uint32_t emulation_round(float x)
{
	uint32_t bits;

	memcpy(&bits, &x, sizeof(bits));
	if (x != x)
		return 0x7fff;
	return (bits + 0x7fff + ((bits >> 16) & 1)) >> 16;
}

DEVICE uint32_t pack_bf16(float first, float second)
{
	return emulation_round(first) | emulation_round(second) << 16;
}

DEVICE float fast_exp2(float x)
{
	return exp2f(x);
}

DEVICE float shuffle_xor(float x, int mask)
{
	const unsigned char(*lanes)[32] = emulation_exchange(&x, sizeof(x));
	float other;

	memcpy(&other, lanes[(thread_id() % 32) ^ (uint32_t)mask], sizeof(other));
	return other;
}

DEVICE void copy16_async(void *shared, const void *global, bool there)
{
	if (there)
		memcpy(shared, global, 16);
	else
		memset(shared, 0, 16);
}

DEVICE void copies_commit(void)
{
}

template <int pending> DEVICE void copies_wait(void)
{
}

/* PTX ISA, ldmatrix: of matrix j lane i gets elements 2 (i % 4) and the next of row i / 4. */
DEVICE void load_matrices(uint32_t r[4], const void *row)
{
	const unsigned char(*lanes)[32] = emulation_exchange(&row, sizeof(row));
	uint32_t lane = thread_id() % 32;

	for (uint32_t j = 0; j < 4; j++) {
		const unsigned char *from;

		memcpy(&from, lanes[8 * j + lane / 4], sizeof(from));
		memcpy(&r[j], from + 4 * (lane % 4), 4);
	}
}

/* The same with .trans: elements of rows 2 (i % 4) and the next, column i / 4. */
DEVICE void load_matrices_transposed(uint32_t r[4], const void *row)
{
	const unsigned char(*lanes)[32] = emulation_exchange(&row, sizeof(row));
	uint32_t lane = thread_id() % 32;

	for (uint32_t j = 0; j < 4; j++) {
		uint16_t half[2];

		for (uint32_t k = 0; k < 2; k++) {
			const unsigned char *from;

			memcpy(&from, lanes[8 * j + 2 * (lane % 4) + k], sizeof(from));
			memcpy(&half[k], from + 2 * (lane / 4), 2);
		}
		memcpy(&r[j], half, 4);
	}
}

DEVICE float emulation_half(uint32_t packed, uint32_t high)
{
	return bits_to_float(high ? packed & 0xffff0000u : packed << 16);
}

/* PTX ISA, mma.m16n8k16 for .bf16: where the elements of A, B and C lie. */
DEVICE float emulation_a(const unsigned char (*lanes)[32], uint32_t row, uint32_t k)
{
	uint32_t reg = (row >= 8) + 2 * (k >= 8), packed;

	memcpy(&packed, lanes[(row % 8) * 4 + (k % 8) / 2] + 4 * reg, 4);
	return emulation_half(packed, k % 2);
}

DEVICE float emulation_b(const unsigned char (*lanes)[32], uint32_t k, uint32_t column)
{
	uint32_t reg = k >= 8, packed;

	memcpy(&packed, lanes[column * 4 + (k % 8) / 2] + 16 + 4 * reg, 4);
	return emulation_half(packed, k % 2);
}

DEVICE void multiply_add(struct fragment_c *c, const struct fragment_a *a, uint32_t b0, uint32_t b1)
{
	uint32_t mine[6] = {a->r[0], a->r[1], a->r[2], a->r[3], b0, b1};
	const unsigned char(*lanes)[32] = emulation_exchange(mine, sizeof(mine));
	uint32_t lane = thread_id() % 32;

	for (uint32_t i = 0; i < 4; i++) {
		uint32_t row = lane / 4 + 8 * (i / 2), column = 2 * (lane % 4) + i % 2;
		float sum = c->r[i];

		for (uint32_t k = 0; k < 16; k++)
			sum += emulation_a(lanes, row, k) * emulation_b(lanes, k, column);
		c->r[i] = sum;
	}
}

#endif
