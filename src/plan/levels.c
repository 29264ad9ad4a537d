// SPDX-License-Identifier: Apache-2.0
#include "plan/levels.h"

#include "sharing/mechanism.h"

static const double share_rounding = 1e-9; /* shares are decimal fractions */

static void add(struct sw__levels *levels, double share, const struct sw_mig_profile *profile)
{
	levels->level[levels->n++] = (struct sw__level){
		.share = share,
		.memory_gib = profile ? profile->memory_gib : (double)NAN,
		.profile = profile,
	};
}

static void add_percentages(const struct sw_fleet_entry *entry, struct sw__levels *levels)
{
	bool whole_sms = sw__mechanism(entry->mechanism)->share_is_sms;
	double before = 0;

	for (int percent = 1; percent <= SW__LEVELS_MAX; percent++) {
		double share = percent / 100.0;
		double sms = sw__mechanism_sms(entry->mechanism, &entry->gpu, share);

		if (share * entry->gpu.sms < 1 - share_rounding || (whole_sms && sms <= before))
			continue;
		add(levels, share, NULL);
		before = sms;
	}
}

static bool before(const struct sw_mig_profile *a, const struct sw_mig_profile *b)
{
	if (a->compute_slices != b->compute_slices)
		return a->compute_slices < b->compute_slices;
	return a->memory_gib < b->memory_gib;
}

/* Profiles by compute, then memory: an insertion sort of a dozen at most. */
static void add_profiles(const struct sw_gpu *gpu, struct sw__levels *levels)
{
	for (size_t i = 0; i < gpu->n_mig; i++) {
		const struct sw_mig_profile *profile = &gpu->mig[i];
		size_t at = levels->n;

		add(levels, (double)profile->compute_slices / gpu->mig_compute_slices, profile);
		for (; at > 0 && before(profile, levels->level[at - 1].profile); at--) {
			struct sw__level moved = levels->level[at];

			levels->level[at] = levels->level[at - 1];
			levels->level[at - 1] = moved;
		}
	}
}

void sw__levels_of(const struct sw_fleet_entry *entry, struct sw__levels *out)
{
	out->n = 0;
	if (entry->mechanism == SW_MIG)
		add_profiles(&entry->gpu, out);
	else if (sw__mechanism(entry->mechanism)->share_has_effect)
		add_percentages(entry, out);
	if (out->n == 0)
		add(out, 1, NULL);
}

size_t sw__level_for(const struct sw__levels *levels, double share)
{
	size_t i = 0;

	while (i + 1 < levels->n && levels->level[i].share < share - share_rounding)
		i++;
	return i;
}

size_t sw__level_within(const struct sw__levels *levels, double share)
{
	size_t i = levels->n - 1;

	while (i > 0 && levels->level[i].share > share + share_rounding)
		i--;
	return i;
}
