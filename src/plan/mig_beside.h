/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file mig_beside.h
 * MIG instances beside those that run and stay where they are.
 */
#ifndef SLICEWISE_PLAN_MIG_BESIDE_H
#define SLICEWISE_PLAN_MIG_BESIDE_H

#include "slicewise/catalog.h"

/** An instance of a GPU's profile and the memory slice at which it begins. */
struct sw__mig_place {
	const struct sw_mig_profile *profile;
	unsigned start;
};

/**
 * Where `n` instances can lie beside `there`, which stay: starts[i] is that of profiles[i], all borrowed from `gpu`. False: nowhere, or
 * those there cannot lie side by side themselves; `starts` is then as it was. The same instances get the same places.
 */
bool sw__mig_beside(const struct sw_gpu *gpu, const struct sw__mig_place *there, size_t n_there,
		    const struct sw_mig_profile *const *profiles, size_t n, unsigned *starts);

#endif
