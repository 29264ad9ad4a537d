// SPDX-License-Identifier: Apache-2.0
/* What an engine is told the GPU's memory is, and the MIG profile behind a slice. */
#include "slicewise/catalog.h"

/*
 * Driver and firmware keep some of what nvidia-smi calls the total: 0.5 to 2.0 % on the GPUs where
 * both figures are known (RTX 4090 1.9, A100-40GB 1.5, L40S 1.3, A100-80GB 0.9, H100 0.5). Taken
 * where the CUDA figure is not known.
 */
static const double visible_fraction = 0.985;

/* Shares are written rounded: 0.43 means 3 of 7 slices, which is 0.4286. */
static const double share_rounding = 0.005;

double sw_gpu_visible_gib(const struct sw_gpu *gpu)
{
	return sw_known(gpu->visible_gib) ? gpu->visible_gib : gpu->dram_gib * visible_fraction;
}

static bool suffices(const struct sw_gpu *gpu, const struct sw_mig_profile *profile, double share,
		     double memory_gib)
{
	double part = (double)profile->compute_slices / gpu->mig_compute_slices;

	return part + share_rounding >= share &&
	       (!sw_known(memory_gib) || profile->memory_gib >= memory_gib);
}

static bool smaller(const struct sw_mig_profile *a, const struct sw_mig_profile *b)
{
	if (a->memory_gib != b->memory_gib)
		return a->memory_gib < b->memory_gib;
	return a->compute_slices < b->compute_slices;
}

const struct sw_mig_profile *sw_gpu_mig_profile(const struct sw_gpu *gpu, double share,
						double memory_gib)
{
	const struct sw_mig_profile *best = NULL;

	for (size_t i = 0; i < gpu->n_mig; i++) {
		const struct sw_mig_profile *profile = &gpu->mig[i];

		if (suffices(gpu, profile, share, memory_gib) && (!best || smaller(profile, best)))
			best = profile;
	}
	return best;
}
