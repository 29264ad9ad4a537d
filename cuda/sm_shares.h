/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file sm_shares.h
 * How many of a GPU's units of SMs each engine gets.
 */
#ifndef SLICEWISE_CUDA_SM_SHARES_H
#define SLICEWISE_CUDA_SM_SHARES_H

#include <stddef.h>
#include <stdint.h>

#include "slicewise/status.h"

/** A GPU of `sms` SMs that can be cut into `units` pieces of `unit` SMs. */
struct sm_units {
	uint32_t sms, unit, units;
};

/**
 * units[i]: what engine i gets for the wanted[i] SMs. First the whole units that fit into the wish; then units that are left
 * go to those that miss more than half of one, the one that misses most first. So a wish is met to within a unit, and
 * wishes for all of a GPU fit although some of its SMs belong to no unit.
 *
 * SW_BAD_INPUT: a wish below one unit. SW_INFEASIBLE: more than there is.
 */
enum sw_status sm_shares(const struct sm_units *gpu, const uint32_t *wanted, size_t n,
			 uint32_t *units, struct sw_error *err);

#endif
