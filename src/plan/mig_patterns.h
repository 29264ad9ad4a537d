/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file mig_patterns.h
 * The ways of cutting a GPU that leave no room for another instance: README-tables.md.
 */
#ifndef SLICEWISE_PLAN_MIG_PATTERNS_H
#define SLICEWISE_PLAN_MIG_PATTERNS_H

#include "plan/mig_beside.h"
#include "slicewise/plan.h"

/** How many instances of each profile, in the GPU's order. */
struct sw__mig_pattern {
	unsigned char count[SW_MIG_PROFILES_MAX];
};

struct sw__mig_patterns {
	size_t n;
	struct sw__mig_pattern *pattern;
	bool complete; /* else there are more than are believed, and those here are some */
};

/**
 * Every way in which no other instance fits beside `there` (n_there profiles of `gpu` that are on it) and the pattern, and no more than
 * `most` instances in all. Every legal list of instances is part of one of them. *out is the caller's, free(out->pattern).
 * SW_NO_MEMORY.
 */
enum sw_status sw__mig_patterns_of(const struct sw_gpu *gpu,
				   const struct sw_mig_profile *const *there, size_t n_there,
				   size_t most, struct sw__mig_patterns *out, struct sw_error *err);

/** The same beside instances that stay where they are. */
enum sw_status sw__mig_patterns_beside(const struct sw_gpu *gpu, const struct sw__mig_place *there,
				       size_t n_there, size_t most, struct sw__mig_patterns *out,
				       struct sw_error *err);

#endif
