/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file table_seats.h
 * Who sits on which slice, so that engines which must be apart are.
 */
#ifndef SLICEWISE_PLAN_TABLE_SEATS_H
#define SLICEWISE_PLAN_TABLE_SEATS_H

#include <stdbool.h>
#include <stddef.h>

/** A slice that was cut. */
struct sw__seat {
	size_t gpu, kind;
	size_t demand; /* whose engine has it; SIZE_MAX: nobody's */
};

/**
 * Exchange engines between slices of one kind until no GPU has two engines of a demand for which `spread` is true. `seats` are in the
 * order of their GPUs. False: none was found within a number of tries that grows with n; the seats are then as good as they were made.
 * The same seats give the same answer.
 */
bool sw__seats_apart(struct sw__seat *seats, size_t n, const bool *spread);

#endif
