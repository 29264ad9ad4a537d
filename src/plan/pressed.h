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

/**
 * Of a size that is possible: the least parts of a GPU that all of its replicas together take, on GPUs of each bin; INFINITY where
 * the limits do not hold there with any slice. Looked at are the first `looked` bins; in those after them no less is taken.
 * SW_NO_MEMORY.
 */
enum sw_status sw__pressed_parts(struct sw__sizing *sizing, struct sw__size *size, size_t looked,
				 struct sw__parts out[SW__PRESSURES], struct sw_error *err);

#endif
