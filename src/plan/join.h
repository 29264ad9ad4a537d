/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file join.h
 * One more engine on a GPU, with CUDA graphs or without where that is open: the ways there are, and the leanest of them.
 */
#ifndef SLICEWISE_PLAN_JOIN_H
#define SLICEWISE_PLAN_JOIN_H

#include "plan/together.h"

/**
 * The set of those who are `there` (NULL: an empty GPU) and one more engine, that fits and gives away least share, then least
 * memory; NULL where none fits. Both ways of the new engine are looked at, beside the others as they are and with all of them
 * alike: shares that bind are worth little beside an engine that takes turns. Where none of that fits, each of the others is
 * switched alone. SW_NO_MEMORY.
 */
enum sw_status sw__join(struct sw__groups *groups, const struct sw__together *there,
			struct sw__size *size, const struct sw__together **out,
			struct sw_error *err);

/**
 * One more neighbour never lets anybody do with less, so what is there already and the least that the new one needs must go
 * together. Most GPUs are ruled out by this without a prediction.
 */
bool sw__no_share_left(const struct sw__sizing *sizing, const struct sw__together *there,
		       const struct sw__size *size);

#endif
