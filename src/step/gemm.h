/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file gemm.h
 * Time, DRAM traffic and operations of one matrix product C[m,n] = A[m,k] B[k,n] on a GPU or on a part of its SMs. A is
 * the activations (m tokens), B the weights.
 *
 * Invariants: pure and without allocation; finite and positive for every finite m, n, k >= 1; SMs, bandwidth and L2 of
 * the device above 0. Sizes are doubles, so that a mean over steps may be asked for. A product that a library splits
 * along k from some size on is faster there than just below, so time may fall where a size grows.
 * README-gemm.md has the method.
 */
#ifndef SLICEWISE_STEP_GEMM_H
#define SLICEWISE_STEP_GEMM_H

#include "step/gemm_habits.h"
#include "step/kernel.h"

/* X(field, unit, meaning). The one source of the fields, their names in data/calibration and their documentation.
 * A CTA computes one tile of C; "k" is an element of the inner dimension. */
#define SW__GEMM_CAL_LIST(X)                                                                       \
	X(launch_us, "us", "launch and what does not depend on the work")                          \
	X(tensor_efficiency, "1", "datasheet tensor peak that large tiles come near to")           \
	X(tile_half, "flop/byte",                                                                  \
	  "intensity rows*columns/(rows+columns) of a tile at half of that")                       \
	X(k_cycles, "cycles/k", "latency of a CTA's loop over k, whatever its tile")               \
	X(lone_cta, "1", "further latency, in units of the tile's time at tensor peak")            \
	X(pipeline_k, "k", "k loaded before the first product: memory time that nothing hides")    \
	X(vector_latency, "1", "latency of the matrix-vector kernel (m = 1) over the others'")     \
	X(tile_cycles, "cycles", "start and end of a CTA")                                         \
	X(epilogue_cycles, "cycles", "writing a tile of 16384 elements of C")                      \
	X(wave_rigidity, "0 to 1", "1: a partial last wave takes a whole one's time; 0: its part") \
	X(l2_efficiency, "1", "L2 bandwidth over 64 bytes a cycle and SM")                         \
	X(l2_reach, "1", "part of L2 that keeps tensors from product to product")                  \
	X(dram_efficiency, "1", "datasheet DRAM bandwidth reached")                                \
	X(write_cost, "1", "time of a byte written to DRAM over that of one read")                 \
	X(write_exposed, "1", "part of that time which no computing hides")                        \
	X(bandwidth_knee, "share", "share of SMs at which DRAM bandwidth bends; large: linear")    \
	X(split_k, "k", "k from which a split along k is used")                                    \
	X(split_aspect, "k/n", "and how much longer than n it has to be, for few rows")            \
	X(split_area, "elements", "of C, from which that k grows, with the fourth root")           \
	X(split_rows, "m", "above which a C of at most 64 columns waits for k of 8192")            \
	X(split_spread, "1", "how gradually, relative to that k")                                  \
	X(split_volume, "m*n*k", "least product that is split, unless k is above 8192")            \
	X(split_fill, "CTAs/SM", "CTAs that splitting aims at")                                    \
	X(split_us, "us", "cost of a split")                                                       \
	X(split_part_cycles, "cycles", "cost of each part")                                        \
	X(split_traffic, "1",                                                                      \
	  "adding the parts: 8 bytes an element and part at 32 bytes/cycle/SM")                    \
	X(throttle, "1", "slowdown of tensor work that lasts, by the power limit")                 \
	X(throttle_us, "us", "duration of half of that slowdown")

struct sw__gemm_cal {
#define SW__GEMM_CAL_FIELD(field, unit, meaning) double field;
	SW__GEMM_CAL_LIST(SW__GEMM_CAL_FIELD)
#undef SW__GEMM_CAL_FIELD
	double habits[SW__HABITS]; /* gemm_habits.h */
};

/* How many weights in turn the benchmark behind the measured rows went through (NVIDIA aiconfigurator,
 * collector/vllm/collect_gemm.py). */
#define SW__GEMM_BENCHMARK_SETS 6

/* weight_sets: how many different B's of this size are used in turn before this one comes again. An engine passes
 * through all its layers: INFINITY, weights come from DRAM. A benchmark that repeats few products finds small ones in
 * L2. */
struct sw__gemm_shape {
	double m;
	double n;
	double k;
	double weight_sets;
};

/* What a product costs: time, what its parts would take alone (they overlap: us is not their sum), and what it asks of
 * DRAM and of the tensor cores (padding left out). */
struct sw__gemm_cost {
	double us;
	double tensor_us;
	double l2_us;
	double dram_us;
	double dram_gb;
	double tflop;
};

struct sw__gemm_cost sw__gemm(const struct sw__gemm_cal *cal, const struct sw__device *dev,
			      const struct sw__gemm_shape *shape);

/** Time alone of a product in an engine, with weights from DRAM. */
double sw__gemm_us(const struct sw__gemm_cal *cal, const struct sw__device *dev, double m, double n,
		   double k);

#endif
