/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file turns.h
 * Whose turn it is on a GPU whose contexts never run at once: README.md, "Turns".
 */
#ifndef SLICEWISE_SIM_TURNS_H
#define SLICEWISE_SIM_TURNS_H

#include <stdbool.h>
#include <stddef.h>

enum { SW__NOBODY = -1 };

/** Begin with sw__turns_start(). */
struct sw__turns {
	double slice_s, switch_s;
	int owner; /* whose kernels may run; SW__NOBODY */
	int last; /* whose context is on the GPU; SW__NOBODY at first */
	double from_s; /* the owner's kernels run from then on */
	double until_s; /* from then on others are due */
};

void sw__turns_start(struct sw__turns *turns, double slice_s, double switch_s);

/**
 * Who runs from now_s on, given who has a kernel. A turn ends when its owner has none, or when it has lasted a slice and
 * another has one; the next in order follows. Returns whether the context changed: caches are another's.
 */
bool sw__turns_settle(struct sw__turns *turns, const bool *ready, size_t n, double now_s);

/** When sw__turns_settle() might decide otherwise although nobody's kernels change: INFINITY if not. */
double sw__turns_next_s(const struct sw__turns *turns, const bool *ready, size_t n, double now_s);

#endif
