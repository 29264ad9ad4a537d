/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file monotonic.h
 * CLOCK_MONOTONIC as a struct sw_clock, and the arithmetic of deadlines.
 */
#ifndef SLICEWISE_OBSERVE_MONOTONIC_H
#define SLICEWISE_OBSERVE_MONOTONIC_H

#include "base/error.h"
#include "slicewise/observe.h"

#define SW__NS_PER_S 1000000000ULL

/** A clock of its own for one sampler; release it with sw__monotonic_free(). SW_NO_MEMORY, SW_IO. */
enum sw_status sw__monotonic_new(struct sw_clock *out, struct sw_error *err);
void sw__monotonic_free(struct sw_clock *clock);

/**
 * The first moment after `now_ns` among deadline_ns + k * interval_ns, k >= 1. Those that are gone are added to *missed. All
 * are counted from one start, so errors of waiting do not add up.
 */
unsigned long long sw__next_deadline(unsigned long long deadline_ns, unsigned long long interval_ns,
				     unsigned long long now_ns, unsigned long long *missed);

#endif
