// SPDX-License-Identifier: Apache-2.0
/* Where MIG instances lie: by memory slices, as the driver's list of possible placements says it. */
#include <string.h>

#include "slicewise/catalog.h"

/*
 * A GPU of the catalogue has 8 memory slices and takes some dozens of looks. Beyond this many, which only a file made on purpose
 * asks for, nothing is known to fit.
 */
enum { INSTANCES_MAX = 32, LOOKS_MAX = 100000 };

/* Instances on their way to a place: the largest first, equal ones beside each other. */
struct arranging {
	const struct sw_gpu *gpu;
	const struct sw_mig_profile *const *profiles;
	size_t n, order[INSTANCES_MAX];
	unsigned starts[INSTANCES_MAX], looks;
};

static unsigned long slices(unsigned start, const struct sw_mig_profile *profile)
{
	enum { BITS = 8 * sizeof(unsigned long) };

	/* More than any GPU has; then there is no place for it. */
	if (profile->memory_slices >= BITS || start >= BITS)
		return ~0UL;
	return ((1UL << profile->memory_slices) - 1) << start;
}

static bool may_begin(const struct sw_gpu *gpu, const struct sw_mig_profile *profile, unsigned at)
{
	return at + profile->memory_slices <= gpu->mig_memory_slices &&
	       (profile->starts == 0 || (profile->starts & 1U << at));
}

static bool goes_before(const struct sw_mig_profile *a, const struct sw_mig_profile *b)
{
	if (a->memory_slices != b->memory_slices)
		return a->memory_slices > b->memory_slices;
	if (a->compute_slices != b->compute_slices)
		return a->compute_slices > b->compute_slices;
	return a < b;
}

static void sort_instances(struct arranging *a)
{
	for (size_t i = 0; i < a->n; i++) {
		size_t at = i;

		for (; at > 0 && goes_before(a->profiles[i], a->profiles[a->order[at - 1]]); at--)
			a->order[at] = a->order[at - 1];
		a->order[at] = i;
	}
}

static bool enough(const struct sw_gpu *gpu, const struct sw_mig_profile *const *profiles, size_t n)
{
	unsigned compute = 0, memory = 0, instances[SW_MIG_PROFILES_MAX] = {0};

	for (size_t i = 0; i < n; i++) {
		compute += profiles[i]->compute_slices;
		memory += profiles[i]->memory_slices;
		if (++instances[profiles[i] - gpu->mig] > profiles[i]->max_instances)
			return false;
	}
	return compute <= gpu->mig_compute_slices && memory <= gpu->mig_memory_slices;
}

/* Of equal instances the earlier begins lower: another order is the same arrangement. At most INSTANCES_MAX deep. */
static bool place(struct arranging *a, size_t i, unsigned long taken)
{
	const struct sw_mig_profile *profile;
	unsigned at = 0;

	if (i == a->n)
		return true;
	profile = a->profiles[a->order[i]];
	if (i > 0 && a->profiles[a->order[i - 1]] == profile)
		at = a->starts[a->order[i - 1]] + profile->memory_slices;
	for (; at < a->gpu->mig_memory_slices && a->looks < LOOKS_MAX; at++) {
		a->looks++;
		if (!may_begin(a->gpu, profile, at) || (taken & slices(at, profile)))
			continue;
		a->starts[a->order[i]] = at;
		if (place(a, i + 1, taken | slices(at, profile)))
			return true;
	}
	return false;
}

bool sw_gpu_mig_arrange(const struct sw_gpu *gpu, const struct sw_mig_profile *const *profiles,
			size_t n, unsigned *starts)
{
	struct arranging a = {.gpu = gpu, .profiles = profiles, .n = n};

	if (n > INSTANCES_MAX || !enough(gpu, profiles, n))
		return false;
	sort_instances(&a);
	if (!place(&a, 0, 0))
		return false;
	(void)memcpy(starts, a.starts, n * sizeof(*starts));
	return true;
}
