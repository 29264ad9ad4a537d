// SPDX-License-Identifier: Apache-2.0
#include "plan/mig_beside.h"

#include <string.h>

#include "slicewise/plan.h"

/* As many as sw_gpu_mig_arrange() believes. */
enum { INSTANCES_MAX = 32, LOOKS_MAX = 100000, SLICES_MAX = 8 * sizeof(unsigned long) - 1 };

struct laying {
	const struct sw_gpu *gpu;
	const struct sw_mig_profile *const *profiles;
	size_t n, order[INSTANCES_MAX];
	unsigned starts[INSTANCES_MAX], looks;
	unsigned compute, instances[SW_MIG_PROFILES_MAX];
};

/* Whether it may begin at `start` beside what is taken. */
static bool lies(const struct sw_gpu *gpu, const struct sw_mig_profile *profile, unsigned start,
		 unsigned long *taken)
{
	unsigned long slices;

	if (start > SLICES_MAX || profile->memory_slices > SLICES_MAX - start ||
	    start + profile->memory_slices > gpu->mig_memory_slices ||
	    (profile->starts && !(profile->starts >> start & 1U)))
		return false;
	slices = ((1UL << profile->memory_slices) - 1) << start;
	if (*taken & slices)
		return false;
	*taken |= slices;
	return true;
}

/* False: the GPU has no more compute slices, or no more of this profile. */
static bool count(struct laying *l, const struct sw_mig_profile *profile)
{
	l->compute += profile->compute_slices;
	return ++l->instances[profile - l->gpu->mig] <= profile->max_instances &&
	       l->compute <= l->gpu->mig_compute_slices;
}

/* The largest first, equal ones beside each other. */
static bool goes_before(const struct sw_mig_profile *a, const struct sw_mig_profile *b)
{
	if (a->memory_slices != b->memory_slices)
		return a->memory_slices > b->memory_slices;
	return a < b;
}

static void sort(struct laying *l)
{
	for (size_t i = 0; i < l->n; i++) {
		size_t at = i;

		for (; at > 0 && goes_before(l->profiles[i], l->profiles[l->order[at - 1]]); at--)
			l->order[at] = l->order[at - 1];
		l->order[at] = i;
	}
}

/* Of equal instances the earlier begins lower. At most INSTANCES_MAX deep. */
static bool lay(struct laying *l, size_t i, unsigned long taken)
{
	const struct sw_mig_profile *profile;
	unsigned at = 0;

	if (i == l->n)
		return true;
	profile = l->profiles[l->order[i]];
	if (i > 0 && l->profiles[l->order[i - 1]] == profile)
		at = l->starts[l->order[i - 1]] + profile->memory_slices;
	for (; at < l->gpu->mig_memory_slices && l->looks < LOOKS_MAX; at++) {
		unsigned long then = taken;

		l->looks++;
		l->starts[l->order[i]] = at;
		if (lies(l->gpu, profile, at, &then) && lay(l, i + 1, then))
			return true;
	}
	return false;
}

bool sw__mig_beside(const struct sw_gpu *gpu, const struct sw__mig_place *there, size_t n_there,
		    const struct sw_mig_profile *const *profiles, size_t n, unsigned *starts)
{
	struct laying l = {.gpu = gpu, .profiles = profiles, .n = n};
	unsigned long taken = 0;

	if (n > INSTANCES_MAX)
		return false;
	for (size_t i = 0; i < n_there; i++)
		if (!count(&l, there[i].profile) ||
		    !lies(gpu, there[i].profile, there[i].start, &taken))
			return false;
	for (size_t i = 0; i < n; i++)
		if (!count(&l, profiles[i]))
			return false;
	sort(&l);
	if (!lay(&l, 0, taken))
		return false;
	if (n)
		(void)memcpy(starts, l.starts, n * sizeof(*starts));
	return true;
}
