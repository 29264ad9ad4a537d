/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file gemm_habits.h
 * A library's habits: how far its products take longer than gemm.c's formula by their shape alone, as a smooth relative
 * deviation over m, n and k. It holds what kernels do that no tile of gemm.c stands for.
 *
 * Invariants: pure; within +-SW__HABIT_BOUND whatever the table says; continuous; constant below the smallest m of the
 * grid, and fading to 0 outside what was measured. README-gemm.md has the method.
 */
#ifndef SLICEWISE_STEP_GEMM_HABITS_H
#define SLICEWISE_STEP_GEMM_HABITS_H

#include <stddef.h>

enum {
	SW__HABITS_M = 4,
	SW__HABITS_N = 4,
	SW__HABITS_K = 5,
	SW__HABITS = SW__HABITS_M * SW__HABITS_N * SW__HABITS_K,
	SW__HABIT_CORNERS = 8
};

/* Largest deviation, relative: a guard against files, and against a corner that few rows speak for. */
#define SW__HABIT_BOUND 0.3

/* The grid's corners around a shape and what each counts; they add up to 1 within what was measured. */
struct sw__habit_weights {
	size_t at[SW__HABIT_CORNERS];
	double weight[SW__HABIT_CORNERS];
};

struct sw__habit_weights sw__habit_weights(double m, double n, double k);

/** Relative deviation of the product m, n, k >= 1 by a table of SW__HABITS numbers. */
double sw__habit(const double *table, double m, double n, double k);

#endif
