/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file targets.h
 * What a comparison was to reach, held against what it reached.
 */
#ifndef SLICEWISE_BENCH_COMPARE_TARGETS_H
#define SLICEWISE_BENCH_COMPARE_TARGETS_H

#include "common/figures.h"
#include "slicewise/compare.h"

/** Lateness, and what slicewise takes as a part of what others take, of those that are not later. */
void targets_of_case(struct figures *figures, const char *name,
		     const struct sw_comparison *comparison);

/** That slicewise is never dearer than a GPU for everyone. */
void targets_of_curve(struct figures *figures, const char *name, const struct sw_load_curve *curve);

#endif
