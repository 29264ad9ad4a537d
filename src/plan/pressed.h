/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file pressed.h
 * What an engine needs at least on a GPU whose engines press so much on each other: README.md, "The bound by pressure".
 */
#ifndef SLICEWISE_PLAN_PRESSED_H
#define SLICEWISE_PLAN_PRESSED_H

#include "plan/kind_prices.h"
#include "plan/sizing.h"

/* GPUs by how much all of their engines press on it: from one edge to the next, the last one without end. */
enum { SW__PRESSURES = 24 };

/** The edge at which bin `i` begins; INFINITY for SW__PRESSURES. */
double sw__pressure_edge(size_t i);

/** A size from bin to bin, upwards: the level that it needs never falls. */
struct sw__pressed_walk {
	struct sw__size *size;
	size_t level; /* where it holds in the last bin that was looked at; in the beginning alone */
	double pressure; /* its own, there */
	bool holds; /* false: in no later bin either */
};

/** Of a size that is possible, before its first bin. */
struct sw__pressed_walk sw__pressed_begin(struct sw__size *size);

/** Looks at a bin that is above the last one. SW_NO_MEMORY. */
enum sw_status sw__pressed_look(struct sw__sizing *sizing, struct sw__pressed_walk *walk,
				size_t bin, struct sw__parts *out, struct sw_error *err);

/** What it takes in a bin that is above the last one at the least, without a look. */
struct sw__parts sw__pressed_floor(const struct sw__sizing *sizing,
				   const struct sw__pressed_walk *walk);

/**
 * Of a size that is possible: the least parts of a GPU that all of its replicas together take, on GPUs of each bin; INFINITY where
 * the limits do not hold there with any slice. Looked at are the first `looked` bins; in those after them no less is taken.
 * SW_NO_MEMORY.
 */
enum sw_status sw__pressed_parts(struct sw__sizing *sizing, struct sw__size *size, size_t looked,
				 struct sw__parts out[SW__PRESSURES], struct sw_error *err);

#endif
